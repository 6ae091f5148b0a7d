/* The rows of a diagnosis, as a tree where they have a depth. */
#include "tui/screens/tool_int.h"

#include <string.h>

static struct tool_row *
row_at(const struct tool_screen *t, size_t i)
{
	return VEC_AT(&t->rows, struct tool_row, i);
}

struct tool_row *
tool_row_shown(const struct tool_screen *t, size_t n)
{
	return n < t->shown.len ? row_at(t, *VEC_AT(&t->shown, size_t, n))
				: NULL;
}

static size_t
index_of(const struct tool_screen *t, const struct tool_row *r)
{
	return (size_t)(r - row_at(t, 0));
}

size_t
tool_row_below(const struct tool_screen *t, const struct tool_row *r)
{
	size_t from = index_of(t, r) + 1, i = from;
	while (i < t->rows.len && row_at(t, i)->depth > r->depth)
		i++;
	return i - from;
}

void
tool_rows_show(struct tool_screen *t)
{
	size_t i = 0;
	t->shown.len = 0;
	while (i < t->rows.len && vec_push(&t->shown, &i)) {
		const struct tool_row *r = row_at(t, i);
		i += 1 + (r->folded ? tool_row_below(t, r) : 0);
	}
	list_resize(&t->list, t->shown.len);
}

bool
tool_row_fold(struct tool_screen *t, struct tool_row *r, bool fold)
{
	if (r == NULL || tool_row_below(t, r) == 0)
		return false;
	r->folded = fold;
	tool_rows_show(t);
	return true;
}

bool
tool_go_above(struct tool_screen *t)
{
	const struct tool_row *r = tool_row_shown(t, t->list.cur);
	for (size_t n = t->list.cur; r != NULL && n-- > 0;) {
		const struct tool_row *before = tool_row_shown(t, n);
		if (before == NULL || before->depth >= r->depth)
			continue;
		list_go(&t->list, n);
		return true;
	}
	return false;
}

static bool
is_problem(const struct tool_row *r)
{
	static const char *const good[] = { "ok", "info", TOOL_WAITS };
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		if (strcmp(r->state, good[i]) == 0)
			return false;
	}
	return true;
}

/* Unfold all that 'i' is below, and go there. */
static void
reveal(struct tool_screen *t, size_t i)
{
	unsigned depth = row_at(t, i)->depth;
	for (size_t k = i; k-- > 0 && depth > 0;) {
		if (row_at(t, k)->depth >= depth)
			continue;
		row_at(t, k)->folded = false;
		depth = row_at(t, k)->depth;
	}
	tool_rows_show(t);
	for (size_t n = 0; n < t->shown.len; n++) {
		if (*VEC_AT(&t->shown, size_t, n) == i)
			list_go(&t->list, n);
	}
}

bool
tool_go_problem(struct tool_screen *t, bool back)
{
	size_t n = t->rows.len;
	const struct tool_row *cur = tool_row_shown(t, t->list.cur);
	for (size_t k = 1; cur != NULL && k <= n; k++) {
		size_t i = (index_of(t, cur) + (back ? n - k : k)) % n;
		if (!is_problem(row_at(t, i)))
			continue;
		reveal(t, i);
		return true;
	}
	return false;
}
