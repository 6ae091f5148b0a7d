/* Dialog boxes. */
#include "tui/widget/box.h"

#include "tui/draw.h"
#include "tui/widget/wrap.h"

#include <string.h>

enum {
	BOX_W = 74, /* with its frame */
	MARGIN = 3,
};

void
box_init(struct box *b, const struct view *v)
{
	size_t w = (size_t)v->w;
	memset(b, 0, sizeof(*b));
	size_t whole = w >= BOX_W + 2 * MARGIN ? BOX_W : w;
	b->width = whole > 4 ? whole - 4 : 1;
}

void
box_line_right(
    struct box *b, enum term_style style, struct str text, struct str right)
{
	if (b->n == BOX_LINES_MAX)
		return;
	b->lines[b->n++] = (struct box_line){ text, right, style };
}

void
box_line(struct box *b, enum term_style style, struct str text)
{
	box_line_right(b, style, text, (struct str)STR_EMPTY);
}

void
box_prose(struct box *b, struct tui *ui, size_t indent, struct str text)
{
	struct str line;
	while (wrap_next(&text, b->width - indent, &line)) {
		const char *whole =
		    ui_text(ui, "%*s%.*s", (int)indent, "", STR_ARG(line));
		box_line(b, STYLE_NORMAL, str_of(whole));
	}
}

/* What is below a box would stand in pieces beside it. */
static void
clear_line(struct tui *ui, const struct view *v, int y)
{
	term_put_fill(ui->term, y, 0, (size_t)v->w, STYLE_NORMAL, STR(""));
}

static void
draw_edge(
    struct box *b, struct tui *ui, const struct view *v, int y, int x, bool top)
{
	size_t inner = b->width + 2;
	clear_line(ui, v, y);
	term_put(ui->term, y, x, 1, STYLE_NORMAL,
	    term_sign(ui->term, top ? SIGN_TOP_LEFT : SIGN_BOTTOM_LEFT));
	term_repeat(ui->term, y, x + 1, inner, STYLE_NORMAL, SIGN_RULE);
	term_put(ui->term, y, x + 1 + (int)inner, 1, STYLE_NORMAL,
	    term_sign(ui->term, top ? SIGN_TOP_RIGHT : SIGN_BOTTOM_RIGHT));
}

void
box_draw(struct box *b, struct tui *ui, const struct view *v, size_t seen)
{
	int x = v->w >= BOX_W + 2 * MARGIN
		    ? (v->w - BOX_W) / 2 + (v->w - BOX_W) % 2 + 1
		    : 0;
	size_t room = v->h > 2 ? (size_t)v->h - 2 : 1;
	size_t shown = b->n < room ? b->n : room;
	int y = v->y + v->h - (int)shown - 2;
	b->first = seen >= shown ? seen - shown + 1 : 0;
	if (y < v->y)
		y = v->y;
	draw_edge(b, ui, v, y, x, true);
	b->y = y + 1;
	b->x = x + 2;
	for (size_t i = 0; i < shown; i++) {
		const struct box_line *l = &b->lines[b->first + i];
		int at = b->y + (int)i;
		clear_line(ui, v, at);
		term_put_fill(ui->term, at, x, b->width + 4, STYLE_NORMAL,
		    term_sign(ui->term, SIGN_DIVIDER));
		draw_last(ui, at, b->x, b->width, l->style, l->text);
		draw_right(
		    ui, at, b->x + (int)b->width - 1, l->style, l->right);
		term_put(ui->term, at, x + (int)b->width + 3, 1, STYLE_NORMAL,
		    term_sign(ui->term, SIGN_DIVIDER));
	}
	draw_edge(b, ui, v, b->y + (int)shown, x, false);
}
