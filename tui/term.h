/*
 * The terminal: start and stop, styles, signs, text at a place, bytes of
 * keys, signals. The only file of the project that includes <curses.h> is
 * term.c. All text passes the escaping function here.
 */
#ifndef TUI_TERM_H
#define TUI_TERM_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "tui/input.h"

#include <stdbool.h>
#include <stddef.h>

enum term_style {
	STYLE_NORMAL,
	STYLE_BAR,     /* title and key bar */
	STYLE_CURSOR,  /* the row of the cursor */
	STYLE_WARN,    /* only the word */
	STYLE_FAIL,    /* only the word */
	STYLE_UNKNOWN, /* could not test; only the word */
	STYLE_DRAFT,
	STYLE_HIT, /* found by a search */
	STYLE_EDIT,
	STYLE_HEAD,
	STYLE_COUNT,
};

enum term_sign {
	SIGN_RULE,
	SIGN_DIVIDER,
	SIGN_TOP_LEFT,
	SIGN_TOP_RIGHT,
	SIGN_BOTTOM_LEFT,
	SIGN_BOTTOM_RIGHT,
	SIGN_CUT,
	SIGN_DOT,
	SIGN_SHADE_1,
	SIGN_SHADE_2,
	SIGN_SHADE_3,
	SIGN_SHADE_4,
	SIGN_COUNT,
};

struct terminal;

struct term_options {
	bool color; /* false: --color=never, NO_COLOR */
	bool ascii; /* --ascii */
};

enum {
	TERM_RESIZED = 1 << 0,
	TERM_HUNG_UP = 1 << 1, /* the line is lost, or we are told to end */
};

/*
 * Is there a terminal that can move its cursor? The error says why not and
 * what to use instead.
 */
MUST_USE bool term_usable(struct err *e);
/* Takes the terminal; it is given back by term_stop or a fatal signal. */
MUST_USE bool term_start(
    const struct term_options *o, struct terminal **out, struct err *e);
void term_stop(struct terminal *t); /* NULL allowed */
/* In a forked process: the signals are not the terminal's any more. */
void term_child(void);
/* Ctrl-Z: stop ourselves; returns when continued. */
void term_suspend(struct terminal *t);

int term_lines(const struct terminal *t);
int term_columns(const struct terminal *t);
bool term_is_ascii(const struct terminal *t);
void term_set_ascii(struct terminal *t, bool ascii);
struct str term_sign(const struct terminal *t, enum term_sign sign);

/* Begin an empty screen. */
void term_erase(struct terminal *t);
/*
 * Text at a place, escaped, cut at 'width' columns; returns the columns used.
 * Places outside the screen show nothing.
 */
size_t term_put(struct terminal *t, int y, int x, size_t width,
    enum term_style style, struct str text);
/* The same, filled with blanks to 'width'. */
void term_put_fill(struct terminal *t, int y, int x, size_t width,
    enum term_style style, struct str text);
/* A sign repeated over 'width' columns. */
void term_repeat(struct terminal *t, int y, int x, size_t width,
    enum term_style style, enum term_sign sign);
/* A line of the screen as it was last drawn, in UTF-8, appended. */
void term_read_line(const struct terminal *t, int y, struct buf *out);
/* Where the cursor stands after the next flush; y -1 hides it. */
void term_cursor(struct terminal *t, int y, int x);
/* Send what changed. */
void term_flush(struct terminal *t);
/* Send everything (Ctrl-L). */
void term_redraw(struct terminal *t);

/* Descriptors to poll: keys, and a byte for each signal. */
int term_key_fd(const struct terminal *t);
int term_signal_fd(const struct terminal *t);
/* Read what keys sent; false at the end of the line. */
bool term_read(struct terminal *t, struct input *in, int64_t now_ms);
/* A decoder fit for this terminal. */
void term_input_init(const struct terminal *t, struct input *in);
/* TERM_... bits since the last call; sizes are updated. */
unsigned term_signals(struct terminal *t);

#endif
