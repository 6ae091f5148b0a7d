/* Drawing the log: rows, the line under the cursor in full. */
#include "core/base/compiler.h"
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "tui/draw.h"
#include "tui/screens/log_int.h"
#include "tui/widget/wrap.h"

#include <string.h>

enum {
	TIME_X = 1,
	SERVICE_X = 11,
	VERDICT_X = 20,
	LINE_X = 30,
	DETAIL = 4, /* a rule and three lines */
	NARROW_VERDICT_X = 10,
	NARROW_LINE_X = 19,
	NARROW_DETAIL = 2,
};

/* The text behind its first columns. */
static struct str
after_columns(struct str text, size_t columns)
{
	struct str gone = utf8_prefix(text, columns);
	return str_sub(text, gone.len, text.len);
}

static const struct log_row *
row_at(const struct log_screen *l, size_t i)
{
	size_t at = *VEC_AT(&l->shown, size_t, i);
	return VEC_AT(&l->rows, struct log_row, at);
}

const struct log_row *
log_current(const struct log_screen *l)
{
	if (l->list.cur >= l->shown.len)
		return NULL;
	return row_at(l, l->list.cur);
}

/* Marks bytes [from, to) of a text already drawn, its column 'left' at 'x'. */
static void
draw_hit(struct tui *ui, int y, int x, size_t width, struct str text,
    size_t left, size_t from, size_t to)
{
	size_t first = utf8_columns(str_sub(text, 0, from));
	size_t end = utf8_columns(str_sub(text, 0, to));
	struct str hit = str_sub(text, from, to);
	if (end <= left || first >= left + width)
		return;
	if (first < left) {
		hit = after_columns(hit, left - first);
		first = left;
	}
	term_put(ui->term, y, x + (int)(first - left), width - (first - left),
	    STYLE_HIT, hit);
}

void
log_draw_hits(const struct log_screen *l, struct tui *ui, int y, int x,
    size_t width, struct str text)
{
	size_t at, len, from = 0;
	while (line_match_find(&l->match, text, from, &at, &len)) {
		draw_hit(ui, y, x, width, text, 0, at, at + len);
		from = at + len;
	}
}

/* The same for a row, whose hits may go over several columns. */
static void
draw_row_hits(struct log_screen *l, struct tui *ui, int y, int width,
    const struct log_row *r)
{
	const struct {
		enum log_cell cell;
		int x, end;
		size_t left;
	} columns[] = {
		{ LOG_CELL_TIME, TIME_X, SERVICE_X, 0 },
		{ LOG_CELL_SERVICE, SERVICE_X, VERDICT_X, 0 },
		{ LOG_CELL_VERDICT, VERDICT_X, LINE_X, 0 },
		{ LOG_CELL_LINE, l->raw ? TIME_X : LINE_X, width, l->left },
	};
	struct str line = log_seen_make(&l->seen, r, l->raw);
	size_t at, len, next = 0;
	while (line_match_find(&l->match, line, next, &at, &len)) {
		next = at + len;
		for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
			size_t from = l->seen.cells[columns[i].cell].from;
			size_t to = l->seen.cells[columns[i].cell].to;
			struct str text =
			    log_seen_cell(&l->seen, columns[i].cell);
			if (at >= to || next <= from)
				continue;
			draw_hit(ui, y, columns[i].x,
			    (size_t)(columns[i].end - columns[i].x), text,
			    columns[i].left, at > from ? at - from : 0,
			    (next < to ? next : to) - from);
		}
	}
}

/* Marks what the search finds in prose already drawn. */
static void
draw_prose_hits(const struct log_screen *l, struct tui *ui, int y, size_t width,
    int lines, struct str text)
{
	struct str line;
	for (int i = 0; i < lines && wrap_next(&text, width, &line); i++)
		log_draw_hits(l, ui, y + i, 1, width, line);
}

/* Time, verdict, who and why in 40 columns: who gives way to why. */
static void
draw_narrow(const struct log_screen *l, struct tui *ui, int y,
    const struct view *v, const struct log_row *r)
{
	log_draw_hits(
	    l, ui, y, TIME_X, NARROW_VERDICT_X - TIME_X, str_of(r->clock));
	size_t room = (size_t)(v->w - NARROW_LINE_X);
	size_t why = strlen(r->reason);
	if (r->verdict == LOG_VERDICT_NONE) {
		size_t width = (size_t)(v->w - NARROW_VERDICT_X);
		draw_last(ui, y, NARROW_VERDICT_X, width, STYLE_NORMAL,
		    str_of(r->line));
		log_draw_hits(
		    l, ui, y, NARROW_VERDICT_X, width, str_of(r->line));
		return;
	}
	draw_state(ui, y, NARROW_VERDICT_X, r->state);
	log_draw_hits(l, ui, y, NARROW_VERDICT_X,
	    NARROW_LINE_X - NARROW_VERDICT_X, str_of(_(r->state)));
	size_t who = why + 2 < room / 2 ? room - why - 1 : room / 2;
	size_t used = utf8_columns(str_of(r->who));
	used = used < who ? used : who;
	draw_last(ui, y, NARROW_LINE_X, used, STYLE_NORMAL, str_of(r->who));
	log_draw_hits(l, ui, y, NARROW_LINE_X, used, str_of(r->who));
	draw_last(ui, y, NARROW_LINE_X + (int)used + 1, room - used - 1,
	    STYLE_NORMAL, str_of(r->reason));
	log_draw_hits(l, ui, y, NARROW_LINE_X + (int)used + 1, room - used - 1,
	    str_of(r->reason));
}

static void
draw_row(struct log_screen *l, struct tui *ui, const struct view *v, int y,
    const struct log_row *r, bool cur)
{
	struct str line = after_columns(log_row_line(r, l->raw), l->left);
	int x = l->raw ? TIME_X : LINE_X;
	enum term_style style = cur ? STYLE_CURSOR : STYLE_NORMAL;
	if (cur)
		term_put(ui->term, y, 0, 1, STYLE_CURSOR, STR(">"));
	if (!l->raw)
		term_put(ui->term, y, TIME_X, 8, style, str_of(r->clock));
	if (!l->raw && v->narrow) {
		draw_narrow(l, ui, y, v, r);
		return;
	}
	if (!l->raw) {
		draw_cell(ui, y, SERVICE_X, VERDICT_X - SERVICE_X, STYLE_NORMAL,
		    str_of(r->service));
		draw_state(ui, y, VERDICT_X, r->state);
	}
	size_t width = (size_t)(v->w - x);
	draw_last(ui, y, x, width, l->raw ? style : STYLE_NORMAL, line);
	if (!line_match_is_empty(&l->match))
		draw_row_hits(l, ui, y, v->w, r);
}

static void
draw_heads(struct log_screen *l, struct tui *ui, int y)
{
	const char *dot =
	    ui_text(ui, "%.*s", STR_ARG(term_sign(ui->term, SIGN_DOT)));
	if (l->raw) {
		term_put(
		    ui->term, y, TIME_X, 40, STYLE_HEAD, str_of(_("Raw line")));
		return;
	}
	term_put(ui->term, y, TIME_X, 9, STYLE_HEAD, str_of(_("Time")));
	term_put(ui->term, y, SERVICE_X, 9, STYLE_HEAD, str_of(_("Service")));
	term_put(ui->term, y, VERDICT_X, 9, STYLE_HEAD, str_of(_("Verdict")));
	term_put(ui->term, y, LINE_X, 50, STYLE_HEAD,
	    str_of(
		ui_text(ui, _("Host or sender -> recipient %s reason"), dot)));
}

/* The current line in full, below a rule. */
static void
draw_detail(struct log_screen *l, struct tui *ui, const struct view *v)
{
	const struct log_row *r = log_current(l);
	size_t width = (size_t)v->w - 2;
	int y = v->y + v->h - DETAIL;
	draw_rule(ui, y++, 0, (size_t)v->w, STR(""));
	if (r == NULL)
		return;
	int used = 0;
	if (r->verdict != LOG_VERDICT_NONE)
		used =
		    draw_prose(ui, y, 1, width, 1, STYLE_HEAD, str_of(r->line));
	draw_prose(ui, y + used, 1, width, DETAIL - 1 - used, STYLE_NORMAL,
	    str_of(r->text));
	draw_prose_hits(
	    l, ui, y + used, width, DETAIL - 1 - used, str_of(r->text));
}

static void
draw_narrow_detail(struct log_screen *l, struct tui *ui, const struct view *v)
{
	const struct log_row *r = log_current(l);
	if (r != NULL)
		draw_prose(ui, v->y + v->h - NARROW_DETAIL, 1, (size_t)v->w - 2,
		    NARROW_DETAIL, STYLE_NORMAL, str_of(r->line));
}

static void
draw_pane_heads(struct tui *ui, int y)
{
	term_put(ui->term, y, TIME_X, 9, STYLE_HEAD, str_of(_("Time")));
	term_put(
	    ui->term, y, NARROW_VERDICT_X, 9, STYLE_HEAD, str_of(_("Verdict")));
	term_put(ui->term, y, NARROW_LINE_X, LOG_PANE_LIST_W - NARROW_LINE_X,
	    STYLE_HEAD, str_of(_("Who and why")));
}

/* Rows from line 'y' on, above what stands in the last 'below' lines. */
static void
draw_rows(struct log_screen *l, struct tui *ui, const struct view *v, int y,
    int below)
{
	int rows = v->y + v->h - y - below;
	list_fit(&l->list, rows > 0 ? (size_t)rows : 0);
	if (l->shown.len == 0)
		term_put(ui->term, y, 1, (size_t)v->w - 1, STYLE_NORMAL,
		    str_of(l->rows.len == 0
			       ? _("nothing was logged yet")
			       : _("every line is hidden by the filters")));
	for (size_t i = l->list.top; i < l->shown.len && rows > 0; i++, rows--)
		draw_row(l, ui, v, y++, row_at(l, i), i == l->list.cur);
}

/* Wide windows: the rows as in narrow ones, the current line beside them. */
static void
draw_panes(struct log_screen *l, struct tui *ui, const struct view *v, int y)
{
	struct view list = *v;
	list.w = LOG_PANE_LIST_W;
	list.narrow = true;
	log_pane_draw(l, ui, v, y);
	if (l->raw)
		draw_heads(l, ui, y);
	else
		draw_pane_heads(ui, y);
	draw_rows(l, ui, &list, y + 1, 0);
}

void
log_draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct log_screen *l = (struct log_screen *)s;
	int y = v->y;
	if (v->heads && l->chart != LOG_CHART_NONE && !v->narrow)
		y += log_chart_draw(l, ui, v, y);
	if (v->heads && v->w >= LOG_PANES_W) {
		draw_panes(l, ui, v, y);
		return;
	}
	if (v->heads)
		draw_heads(l, ui, y++);
	draw_rows(l, ui, v, y, v->heads ? DETAIL : NARROW_DETAIL);
	if (v->heads)
		draw_detail(l, ui, v);
	else
		draw_narrow_detail(l, ui, v);
}
