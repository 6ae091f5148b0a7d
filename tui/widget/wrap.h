/* Breaking prose at words into lines of so many columns. */
#ifndef TUI_WIDGET_WRAP_H
#define TUI_WIDGET_WRAP_H

#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The next line of *text: at most 'columns' wide, broken at a blank, a word
 * too long is cut. False at the end.
 */
bool wrap_next(struct str *text, size_t columns, struct str *line);

#endif
