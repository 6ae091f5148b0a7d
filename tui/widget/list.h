/* Cursor and scrolling of a list of rows; some rows may not take the cursor. */
#ifndef TUI_WIDGET_LIST_H
#define TUI_WIDGET_LIST_H

#include "tui/keys.h"

#include <stdbool.h>
#include <stddef.h>

struct list_view {
	size_t n, cur, top;
	size_t rows; /* seen at once, of the last paint */
	/* True for headings and the like; NULL: every row takes the cursor. */
	bool (*skip)(const void *ctx, size_t row);
	const void *ctx;
};

/* The number of rows has changed: keep the cursor on a row that takes it. */
void list_resize(struct list_view *l, size_t n);
/* Before a paint of 'rows' lines: scroll so that the cursor is seen. */
void list_fit(struct list_view *l, size_t rows);
/* Moves by a key; false when it is none of the list. */
bool list_act(struct list_view *l, enum action action);
void list_go(struct list_view *l, size_t row);
/* Position among the rows that take the cursor, from 1; 0 when there is none.
 */
size_t list_position(const struct list_view *l);
size_t list_count(const struct list_view *l);

#endif
