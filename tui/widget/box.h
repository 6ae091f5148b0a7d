/* The box of a dialog: lines of text inside a frame, at the body's bottom. */
#ifndef TUI_WIDGET_BOX_H
#define TUI_WIDGET_BOX_H

#include "core/base/str.h"
#include "tui/app.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	BOX_LINES_MAX = 64
};

struct box_line {
	struct str text;
	struct str right; /* on the right, or empty */
	enum term_style style;
};

/* Lines are collected first, then drawn; texts live until the next paint. */
struct box {
	struct box_line lines[BOX_LINES_MAX];
	size_t n;
	size_t width; /* of the text */
	int y, x;     /* of the first line's text, after box_draw */
	size_t first; /* first line seen: more than fit are scrolled */
};

void box_init(struct box *b, const struct view *v);
/* One line as it is. */
void box_line(struct box *b, enum term_style style, struct str text);
void box_line_right(
    struct box *b, enum term_style style, struct str text, struct str right);
/* Prose, wrapped, 'indent' blanks before each line. */
void box_prose(struct box *b, struct tui *ui, size_t indent, struct str text);
/* 'seen' is a line that must be visible. */
void box_draw(struct box *b, struct tui *ui, const struct view *v, size_t seen);

#endif
