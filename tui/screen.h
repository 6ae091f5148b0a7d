/*
 * A screen is a record of callbacks on a shared frame: title, body, status
 * line, message line, key bar.
 */
#ifndef TUI_SCREEN_H
#define TUI_SCREEN_H

#include "core/base/buf.h"
#include "core/base/str.h"
#include "tui/input.h"
#include "tui/keys.h"

#include <stdbool.h>
#include <stddef.h>

struct tui;
struct screen;

/* Where a body may draw, and how much it should show. */
struct view {
	int y, x, h, w;
	bool heads;  /* column heads fit */
	bool narrow; /* the short forms of 40 columns */
	int help;    /* lines of help below the rows */
};

enum {
	BAR_ITEMS = 16,
	BAR_LABEL = 40
};

/* Entries of the key bar, most useful first. */
struct bar {
	struct {
		char key[16];
		char label[BAR_LABEL]; /* may be empty */
	} items[BAR_ITEMS];
	size_t n;
};

/* What happens to a text typed on the message line. */
enum line_event {
	LINE_BEGIN,
	LINE_CHANGED,
	LINE_ACCEPTED,
	LINE_CANCELLED,
	LINE_NEXT,     /* n: the last search again */
	LINE_PREVIOUS, /* N */
};

enum {
	SCREEN_OVERLAY = 1 << 0, /* drawn over the screen below it */
	SCREEN_RELEASE = 1 << 1, /* the title names the release */
	SCREEN_DATE = 1 << 2,    /* the title has the date */
	SCREEN_DRAFT = 1 << 3,   /* the draft count is shown even when 0 */
	SCREEN_NO_DRAFT = 1 << 4,
};

/* Only path, draw, bar and free are needed by every screen. */
struct screen_class {
	unsigned flags;
	const enum action *actions; /* it handles, ends with ACT_NONE */
	/* "Settings > RBL" */
	void (*path)(struct screen *s, struct tui *ui, struct buf *out);
	/* "FOLLOW" in the title */
	const char *(*note)(struct screen *s, struct tui *ui);
	void (*draw)(struct screen *s, struct tui *ui, const struct view *v);
	void (*status)(struct screen *s, struct tui *ui, struct buf *out);
	/* The command that shows the same. */
	void (*twin)(struct screen *s, struct tui *ui, struct buf *out);
	/* What the shared line of a small window says best. */
	void (*hint)(struct screen *s, struct tui *ui, struct buf *out);
	void (*bar)(struct screen *s, struct tui *ui, struct bar *bar);
	bool (*act)(struct screen *s, struct tui *ui, enum action action);
	/* Keys before the table sees them: open editors, digits in menus. */
	bool (*key)(
	    struct screen *s, struct tui *ui, const struct input_key *key);
	bool (*paste)(struct screen *s, struct tui *ui, struct str text);
	void (*search)(struct screen *s, struct tui *ui, struct str text,
	    enum line_event event);
	/* True when the text is understood. */
	bool (*filter)(struct screen *s, struct tui *ui, struct str text);
	/* To a time as it was typed. */
	void (*jump)(struct screen *s, struct tui *ui, struct str text);
	/* Read everything again; also after the draft has changed. */
	void (*reload)(struct screen *s, struct tui *ui);
	/* Live data: called when fd is readable and twice a second; true when
	   there is something new to draw. */
	bool (*tick)(struct screen *s, struct tui *ui);
	int (*fd)(struct screen *s); /* -1: none */
	void (*free)(struct screen *s, struct tui *ui);
};

/* First member of every screen. */
struct screen {
	const struct screen_class *class;
	struct screen *below;
};

/* The path of an overlay: that of the screen it is drawn over. */
void screen_path_below(struct screen *s, struct tui *ui, struct buf *out);
/* The key of the table with its label, or with another (NULL: as said). */
void bar_add(struct bar *bar, enum action action, const char *label);
/* A key that is not in the table ("1-4"), with its label. */
void bar_add_key(struct bar *bar, const char *key, const char *label);

#endif
