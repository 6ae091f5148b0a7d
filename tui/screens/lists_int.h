/* What the files of the screen of the lists share. */
#ifndef TUI_SCREENS_LISTS_INT_H
#define TUI_SCREENS_LISTS_INT_H

#include "core/model/lists.h"
#include "tui/screens/screens.h"
#include "tui/widget/field.h"
#include "tui/widget/list.h"
#include "tui/widget/rows.h"

enum {
	LISTS_TEXT_MAX = 1024
};

/* A row on the left: a heading ("refuse", "accept") or a list. */
struct left {
	const struct lists_list *list; /* NULL: a heading */
	bool accepts;
	size_t entries;
};

/* A row on the right. */
struct right {
	const char *text;
	const char *problem;
	char state; /* ' ' stored, '*' drafted, '-' its removal is drafted */
};

struct lists_screen {
	struct screen screen;
	struct arena *arena;
	struct left *left;
	size_t n_left;
	struct list_view list; /* of the left pane */
	struct right *right;
	size_t n_right;
	struct rows rows; /* of the right pane */
	bool in_entries;  /* which pane has the keys */
	struct field field;
	char asked[LISTS_TEXT_MAX]; /* the entry that a question is about */
};

static inline struct lists_screen *
lists_self(struct screen *s)
{
	return (struct lists_screen *)s;
}

/* The list that the cursor of the left pane is on; NULL: none. */
static inline const struct lists_list *
lists_current(const struct lists_screen *l)
{
	return l->n_left > 0 ? l->left[l->list.cur].list : NULL;
}

static inline const struct setting *
lists_setting_of(const struct lists_list *list)
{
	return setting_find(str_of(list->setting));
}

/* Both panes, out of the store and the draft. */
void lists_load_left(struct lists_screen *l, struct tui *ui);
void lists_load_right(struct lists_screen *l, struct tui *ui);
void lists_draw(struct screen *s, struct tui *ui, const struct view *v);
/* The text of a row of the right pane; 'ctx' is the screen. */
const char *lists_row_text(const void *ctx, size_t i);

/* What is typed goes into the draft; the editor stays open when refused. */
void lists_accept(struct lists_screen *l, struct tui *ui);
/* Put the form that the list proposes into the editor. */
void lists_propose(struct lists_screen *l);
/* Draft the removal of the entry that the cursor is on, or take it back. */
void lists_remove_entry(struct lists_screen *l, struct tui *ui);

#endif
