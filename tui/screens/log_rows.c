/* The rows that the log screen keeps, and those of them that it shows. */
#include "tui/screens/log_int.h"

#include <string.h>

/*
 * A filter sees what is shown, and the verdict in the word that commands know:
 * it must hold for --keep and --drop too.
 */
static bool
passes(struct log_screen *l, const struct log_row *r)
{
	if (line_filter_is_empty(&l->filter))
		return true;
	(void)log_seen_make(&l->seen, r, false);
	buf_add_cstr(&l->seen.line, r->state);
	return line_filter_keeps(&l->filter, buf_str(&l->seen.line));
}

static void
show(struct log_screen *l, size_t i)
{
	if (passes(l, VEC_AT(&l->rows, struct log_row, i)) &&
	    !vec_push(&l->shown, &i))
		return;
}

void
log_rows_choose(struct log_screen *l)
{
	size_t at = 0, cur = 0;
	if (l->list.cur < l->shown.len)
		at = *VEC_AT(&l->shown, size_t, l->list.cur);
	l->shown.len = 0;
	for (size_t i = 0; i < l->rows.len; i++) {
		if (i <= at)
			cur = l->shown.len;
		show(l, i);
	}
	list_resize(&l->list, l->shown.len);
	list_go(&l->list, l->following ? l->shown.len : cur);
}

/* Room for new rows: the oldest go. */
static void
make_room(struct log_screen *l)
{
	struct log_row *rows = l->rows.data;
	if (l->rows.len < LOG_ROWS_MAX)
		return;
	for (size_t i = 0; i < LOG_ROWS_DROP; i++)
		log_row_clear(&rows[i]);
	l->rows.len -= LOG_ROWS_DROP;
	memmove(rows, rows + LOG_ROWS_DROP, l->rows.len * sizeof(*rows));
	size_t gone = 0;
	while (gone < l->shown.len &&
	       *VEC_AT(&l->shown, size_t, gone) < LOG_ROWS_DROP)
		gone++;
	size_t cur = l->list.cur > gone ? l->list.cur - gone : 0;
	size_t top = l->list.top > gone ? l->list.top - gone : 0;
	log_rows_choose(l);
	l->list.top = top;
	list_go(&l->list, cur);
}

void
log_take(struct log_screen *l, struct tui *ui, const struct log_event *ev)
{
	struct log_row row;
	const char *dot =
	    ui_text(ui, "%.*s", STR_ARG(term_sign(ui->term, SIGN_DOT)));
	make_room(l);
	if (!log_row_make(&row, ev, dot))
		return;
	if (!vec_push(&l->rows, &row)) {
		log_row_clear(&row);
		return;
	}
	show(l, l->rows.len - 1);
}

const struct log_row *
log_row_shown(const struct log_screen *l, size_t i)
{
	return VEC_AT(&l->rows, struct log_row, *VEC_AT(&l->shown, size_t, i));
}

void
log_rows_clear(struct log_screen *l)
{
	for (size_t i = 0; i < l->rows.len; i++)
		log_row_clear(VEC_AT(&l->rows, struct log_row, i));
	l->rows.len = l->shown.len = 0;
	list_resize(&l->list, 0);
}
