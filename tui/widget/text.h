/* Lines of text to page through and to search. */
#ifndef TUI_WIDGET_TEXT_H
#define TUI_WIDGET_TEXT_H

#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "core/base/vec.h"
#include "tui/screen.h"
#include "tui/term.h"
#include "core/base/line_match.h"

#include <stdbool.h>
#include <stddef.h>

struct tui;

struct text_line {
	struct str text;
	enum term_style style;
};

struct text_view {
	struct arena *arena;
	struct vec lines; /* struct text_line */
	size_t top, rows; /* first line shown; lines shown at once */
	size_t left;      /* columns scrolled sideways */
	struct line_match match;
	size_t hits, came_from;
};

MUST_USE bool text_init(struct text_view *t);
void text_clear(struct text_view *t);
/* Forget the lines, keep the place. */
void text_reset(struct text_view *t);
/* The text is copied; each LF begins a line. */
void text_add(struct text_view *t, enum term_style style, struct str text);
/*
 * Prose wrapped to 'width', "LABEL" before the first line and as much blank
 * before the others.
 */
void text_prose(struct text_view *t, const char *label, size_t indent,
    size_t width, struct str prose);
bool text_act(struct text_view *t, enum action action);
void text_draw(struct text_view *t, struct tui *ui, const struct view *v);
void text_search(struct text_view *t, struct str text, enum line_event event);
/* "line 1 of 31   v more" */
void text_status(const struct text_view *t, struct buf *out);

#endif
