/*
 * Rows of a list screen: those that pass the filters, with a cursor. What is
 * in a row, the screen knows; here are its numbers.
 */
#ifndef TUI_WIDGET_ROWS_H
#define TUI_WIDGET_ROWS_H

#include "core/base/line_filter.h"
#include "core/base/str.h"
#include "tui/widget/list.h"

#include <stdbool.h>
#include <stddef.h>

struct rows {
	struct list_view list; /* over those that are shown */
	struct line_filter filter;
	size_t *index; /* row of the screen for each that is shown */
	size_t room;
};

/* The text a row is filtered by; NULL: it is not shown at all. */
typedef const char *rows_text(const void *ctx, size_t row);

void rows_init(struct rows *r);
void rows_clear(struct rows *r);
/* Show those of 'n' rows that pass. The cursor keeps its place. */
void rows_choose(struct rows *r, size_t n, rows_text *text, const void *ctx);
/* The row under the cursor; false when none is shown. */
bool rows_current(const struct rows *r, size_t *row);
/* As typed after '&': empty clears. False when there is no room for it. */
bool rows_filter(struct rows *r, struct str text);
/*
 * Call 'draw' for each row that fits into 'height' lines from 'y' on, scrolled
 * so that the cursor is seen.
 */
typedef void rows_draw_row(void *ctx, int y, size_t row, bool cursor);
void rows_draw(
    struct rows *r, int y, int height, rows_draw_row *draw, void *ctx);

#endif
