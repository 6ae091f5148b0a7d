/* Rows that pass the filters. */
#include "tui/widget/rows.h"

#include <stdlib.h>

void
rows_init(struct rows *r)
{
	*r = (struct rows){ .index = NULL };
	line_filter_init(&r->filter);
}

void
rows_clear(struct rows *r)
{
	line_filter_clear(&r->filter);
	free(r->index);
	r->index = NULL;
	r->room = 0;
	r->list.n = 0;
}

void
rows_choose(struct rows *r, size_t n, rows_text *text, const void *ctx)
{
	size_t shown = 0;
	if (n > r->room) {
		size_t *more = realloc(r->index, n * sizeof(*more));
		if (more == NULL)
			n = r->room;
		else
			r->index = more;
		r->room = n;
	}
	for (size_t i = 0; i < n; i++) {
		const char *t = text(ctx, i);
		if (t != NULL && line_filter_keeps(&r->filter, str_of(t)))
			r->index[shown++] = i;
	}
	list_resize(&r->list, shown);
}

bool
rows_current(const struct rows *r, size_t *row)
{
	if (r->list.n == 0)
		return false;
	*row = r->index[r->list.cur];
	return true;
}

bool
rows_filter(struct rows *r, struct str text)
{
	if (text.len > 0)
		return line_filter_add(&r->filter, text);
	line_filter_clear(&r->filter);
	return true;
}

void
rows_draw(struct rows *r, int y, int height, rows_draw_row *draw, void *ctx)
{
	list_fit(&r->list, height > 0 ? (size_t)height : 0);
	for (size_t i = r->list.top; i < r->list.n && height > 0; i++, height--)
		draw(ctx, y++, r->index[i], i == r->list.cur);
}
