/* Shared ways to draw: cells, rules, row marks, prose. */
#ifndef TUI_DRAW_H
#define TUI_DRAW_H

#include "core/base/str.h"
#include "tui/app.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * A cell of a table: fits in width - 1 columns as it is, else it is cut to
 * width - 2 with a sign, so that two blanks stand before the next.
 */
void draw_cell(struct tui *ui, int y, int x, size_t width,
    enum term_style style, struct str text);
/* The last cell of a line: may use its whole width. */
void draw_last(struct tui *ui, int y, int x, size_t width,
    enum term_style style, struct str text);
/* Ends at column 'right' (not included). */
void draw_right(
    struct tui *ui, int y, int right, enum term_style style, struct str text);
/* "── Delivery ─────" from 'x' over 'width' columns; empty: a plain rule. */
void draw_rule(struct tui *ui, int y, int x, size_t width, struct str label);
/* Columns 0 to 2 of a row: cursor, state, risk. */
void draw_marks(
    struct tui *ui, int y, int x, bool cursor, char state, bool alarm);
/* "[text being edited]": brackets round a field of so many columns. */
void draw_field(struct tui *ui, int y, int x, size_t width, struct edit *edit);
/*
 * Prose wrapped into at most 'lines' lines, the last one cut with a sign;
 * returns the lines used.
 */
int draw_prose(struct tui *ui, int y, int x, size_t width, int lines,
    enum term_style style, struct str text);
/* Prints "ok", "WARN" and the like, translated, in their colour block. */
size_t draw_state(struct tui *ui, int y, int x, const char *state);

#endif
