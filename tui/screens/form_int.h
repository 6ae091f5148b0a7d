/* Parts of the settings form that its files share. */
#ifndef TUI_SCREENS_FORM_INT_H
#define TUI_SCREENS_FORM_INT_H

#include "tui/screens/screens.h"
#include "tui/widget/edit.h"
#include "core/base/line_filter.h"
#include "tui/widget/list.h"
#include "tui/widget/text.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	FORM_PROBLEM_MAX = 512
};

/* A row of the form: the heading of an area, or a setting. */
struct form_item {
	const char *area;        /* a heading when 'row' is NULL */
	struct catalog_row *row; /* of ui->catalog */
};

enum form_secret {
	FORM_SECRET_FIRST,
	FORM_SECRET_AGAIN, /* typed once, to be repeated */
};

struct form {
	struct screen screen;
	char **areas;
	size_t n_areas;
	struct vec items; /* struct form_item */
	struct list_view list;
	bool set_only;  /* "&set" */
	bool all;       /* "&all": rows whose condition does not hold too */
	bool summaries; /* v */
	size_t hidden;  /* rows left out by 'set_only' */
	struct line_filter filter;

	bool editing;
	struct edit edit;
	enum form_secret secret;
	char *first; /* of a secret typed once */
	char *typed; /* what Esc threw away; u brings it back */
	const struct setting *typed_for;
	char problem[FORM_PROBLEM_MAX]; /* why the typed text is not valid */

	struct text_view detail;             /* right pane */
	const struct catalog_row *detail_of; /* it was made of; NULL: anew */
	int detail_w;
	const struct setting *at; /* under the cursor at the last paint */
};

/* The row under the cursor, NULL when there is none. */
struct catalog_row *form_row(const struct form *f);

/* --- form_edit.c --- */
void form_open(struct form *f, struct tui *ui);
bool form_edit_key(struct form *f, struct tui *ui, const struct input_key *key);
void form_edit_paste(struct form *f, struct tui *ui, struct str text);
void form_step_choice(struct form *f, struct tui *ui, bool forward);
void form_switch(struct form *f, struct tui *ui);
void form_default(struct form *f, struct tui *ui);
/* Reopen what Esc closed; false when there is nothing. */
bool form_retype(struct form *f, struct tui *ui);

/* --- form_draw.c --- */
void form_draw(struct screen *s, struct tui *ui, const struct view *v);
void form_hint(struct screen *s, struct tui *ui, struct buf *out);

/* --- describe.c --- */
void describe_fill(struct text_view *t, struct tui *ui,
    const struct catalog_row *r, size_t width);

#endif
