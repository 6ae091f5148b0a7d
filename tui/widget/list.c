/* Cursor and scrolling. */
#include "tui/widget/list.h"

static bool
skips(const struct list_view *l, size_t row)
{
	return l->skip != NULL && l->skip(l->ctx, row);
}

/* The nearest row at or beyond 'row' that takes the cursor, else as it was. */
static size_t
seek(const struct list_view *l, size_t row, bool down, size_t otherwise)
{
	while (row < l->n && skips(l, row)) {
		if (!down && row == 0)
			return otherwise;
		row = down ? row + 1 : row - 1;
	}
	return row < l->n ? row : otherwise;
}

void
list_go(struct list_view *l, size_t row)
{
	if (l->n == 0) {
		l->cur = l->top = 0;
		return;
	}
	if (row >= l->n)
		row = l->n - 1;
	size_t found = seek(l, row, true, l->n);
	if (found == l->n)
		found = seek(l, row, false, row);
	l->cur = found;
}

void
list_resize(struct list_view *l, size_t n)
{
	l->n = n;
	list_go(l, l->cur);
}

void
list_fit(struct list_view *l, size_t rows)
{
	l->rows = rows;
	if (rows == 0 || l->n == 0)
		return;
	/* headings just above the first row stay in sight */
	size_t above = l->cur;
	while (above > 0 && skips(l, above - 1))
		above--;
	if (l->cur - above >= rows)
		above = l->cur;
	if (above < l->top)
		l->top = above;
	if (l->cur >= l->top + rows)
		l->top = l->cur - rows + 1;
	if (l->top + rows > l->n)
		l->top = l->n > rows ? l->n - rows : 0;
}

bool
list_act(struct list_view *l, enum action action)
{
	size_t page = l->rows > 1 ? l->rows - 1 : 1;
	if (l->n == 0)
		return action >= ACT_UP && action <= ACT_LAST &&
		       action != ACT_TEXT_UP;
	switch ((int)action) {
	case ACT_UP:
		if (l->cur > 0)
			l->cur = seek(l, l->cur - 1, false, l->cur);
		return true;
	case ACT_DOWN:
		l->cur = seek(l, l->cur + 1, true, l->cur);
		return true;
	case ACT_PAGE_UP:
		l->cur =
		    seek(l, l->cur > page ? l->cur - page : 0, true, l->cur);
		return true;
	case ACT_PAGE_DOWN:
		list_go(l, l->cur + page);
		return true;
	case ACT_FIRST:
		list_go(l, 0);
		l->top = 0;
		return true;
	case ACT_LAST:
		list_go(l, l->n - 1);
		return true;
	default:
		return false;
	}
}

size_t
list_count(const struct list_view *l)
{
	size_t count = 0;
	for (size_t i = 0; i < l->n; i++)
		count += !skips(l, i);
	return count;
}

size_t
list_position(const struct list_view *l)
{
	size_t at = 0;
	for (size_t i = 0; i < l->n && i <= l->cur; i++)
		at += !skips(l, i);
	return at;
}
