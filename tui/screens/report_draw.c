/* Painting the report screen: head, chart, one table. */
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "tui/draw.h"
#include "tui/screens/report_int.h"

enum {
	FACT_W = 13,
	HEAD_FACTS = 4, /* above the tables; all are behind them */
	HOUR_W = 2,     /* columns of the chart */
	CHART_X = 12,
	SHADES = 4,
	PERCENT = 100,
};

static void
cell_put(struct tui *ui, int y, int x, size_t width, enum term_style style,
    const char *text, bool right)
{
	if (right)
		draw_right(ui, y, x + (int)width - 1, style, str_of(text));
	else
		draw_cell(ui, y, x, width, style, str_of(text));
}

static void
column_widths(const struct report_sheet *s, size_t widths[REPORT_WIDTH_MAX])
{
	for (size_t i = 0; i < s->width; i++) {
		widths[i] = utf8_columns(str_of(s->heads[i])) + 1;
		for (size_t k = 0; k < s->rows.len; k++) {
			size_t w =
			    utf8_columns(str_of(report_sheet_row(s, k)[i])) + 1;
			widths[i] = w > widths[i] ? w : widths[i];
		}
	}
}

/* Columns beside the first that are shown: [first, end). */
struct span {
	size_t first, end;
};

/*
 * Which columns fit: the first and then, from the right, where the sums are,
 * or from the left. A name too long gives way to its figures.
 */
static struct span
columns_fit(const struct report_sheet *s, size_t room, bool from_left,
    size_t widths[REPORT_WIDTH_MAX])
{
	enum {
		NAME_LEAST = 14
	};
	size_t name = widths[0] < NAME_LEAST ? widths[0] : NAME_LEAST;
	size_t used = name;
	struct span c = { s->width, s->width };
	if (from_left)
		c.first = c.end = 1;
	while (from_left && c.end < s->width && used + widths[c.end] <= room)
		used += widths[c.end++];
	while (!from_left && c.first > 1 && used + widths[c.first - 1] <= room)
		used += widths[--c.first];
	if (widths[0] > room - (used - name))
		widths[0] = room - (used - name);
	return c;
}

static void
draw_cells(struct tui *ui, int y, const struct report_sheet *s,
    const char *const *cells, const size_t *widths, struct span shown,
    enum term_style style, enum term_style name_style)
{
	int x = 1;
	for (size_t i = 0; i < s->width; i++) {
		if (i > 0 && (i < shown.first || i >= shown.end))
			continue;
		cell_put(ui, y, x, widths[i], i == 0 ? name_style : style,
		    cells[i], s->right[i]);
		x += (int)widths[i];
	}
}

static void
draw_sheet(struct report_screen *r, struct tui *ui, const struct view *v, int y,
    const struct report_sheet *s)
{
	size_t widths[REPORT_WIDTH_MAX] = { 0 }, at, len;
	column_widths(s, widths);
	struct span shown =
	    columns_fit(s, (size_t)v->w - 1, r->from_left, widths);
	r->left_out = s->width - 1 - (shown.end - shown.first);
	draw_cells(ui, y++, s, s->heads, widths, shown, STYLE_HEAD, STYLE_HEAD);
	int room = v->y + v->h - y;
	int sums = (int)s->totals < room - 1 ? (int)s->totals : 0;
	size_t rows = room > sums ? (size_t)(room - sums) : 0,
	       n = report_sheet_rows(s);
	list_fit(&r->list, rows);
	for (size_t i = r->list.top; i < n && i < r->list.top + rows; i++) {
		bool cur = i == r->list.cur;
		bool hit = line_match_find(
		    &r->match, str_of(report_sheet_row(s, i)[0]), 0, &at, &len);
		if (cur)
			term_put(ui->term, y, 0, 1, STYLE_CURSOR, STR(">"));
		draw_cells(ui, y++, s, report_sheet_row(s, i), widths, shown,
		    STYLE_NORMAL,
		    cur   ? STYLE_CURSOR
		    : hit ? STYLE_HIT
			  : STYLE_NORMAL);
	}
	for (int i = 0; i < sums; i++)
		draw_cells(ui, y++, s, report_sheet_row(s, n + (size_t)i),
		    widths, shown, STYLE_HEAD, STYLE_HEAD);
}

static uint64_t
hour_value(const struct report_job *j, size_t hour, bool refused)
{
	return refused ? j->hours[hour].refused : j->hours[hour].accepted;
}

static void
draw_bars(struct report_screen *r, struct tui *ui, const struct view *v, int y,
    const char *label, bool refused)
{
	const struct report_job *j = r->job;
	uint64_t most = 1;
	term_put(ui->term, y, 1, CHART_X - 2, STYLE_HEAD, str_of(label));
	for (size_t i = 0; i < j->n_hours; i++)
		if (hour_value(j, i, refused) > most)
			most = hour_value(j, i, refused);
	for (size_t i = 0; i < j->n_hours; i++) {
		uint64_t n = hour_value(j, i, refused);
		int x = CHART_X + (int)i * HOUR_W;
		if (n > 0 && x + HOUR_W <= v->w)
			term_repeat(ui->term, y, x, HOUR_W, STYLE_NORMAL,
			    (enum term_sign)(
				SIGN_SHADE_1 + (n - 1) * SHADES / most));
	}
}

/* Accepted and refused, a pair of columns each hour; returns the lines. */
static int
draw_chart(struct report_screen *r, struct tui *ui, const struct view *v, int y)
{
	enum {
		STEP = 3,
		LINES = 3
	};
	draw_bars(r, ui, v, y, _("accepted"), false);
	draw_bars(r, ui, v, y + 1, _("refused"), true);
	for (size_t i = 0; i < r->job->n_hours; i += STEP) {
		int x = CHART_X + (int)i * HOUR_W;
		if (x + HOUR_W < v->w)
			term_put(ui->term, y + 2, x, HOUR_W, STYLE_NORMAL,
			    str_of(report_moment_text(ui,
				(r->job->first_hour + (int64_t)i) *
				    REPORT_HOUR_S,
				REPORT_MOMENT_HOUR)));
	}
	return LINES;
}

static int
draw_facts(struct report_screen *r, struct tui *ui, const struct view *v,
    size_t from, size_t most)
{
	int y = v->y;
	const struct report_job *j = r->job;
	for (size_t i = from; i < j->n_facts && i < from + most; i++) {
		draw_cell(ui, y, 1, FACT_W - 1, STYLE_HEAD,
		    str_of(j->facts[i].label));
		draw_last(ui, y++, FACT_W, (size_t)(v->w - FACT_W),
		    STYLE_NORMAL, str_of(j->facts[i].text));
	}
	return y;
}

void
report_draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct report_screen *r = (struct report_screen *)s;
	const struct report_job *j = r->job;
	if (j == NULL)
		return;
	if (!j->done) {
		uint64_t percent = j->all > 0 ? j->read * PERCENT / j->all : 0;
		term_put(ui->term, v->y, 1, (size_t)v->w - 1, STYLE_NORMAL,
		    str_of(ui_text(ui, _("reading the logs: %llu %%"),
			(unsigned long long)percent)));
		return;
	}
	const struct report_sheet *t = report_sheet_now(r);
	/* the period stands in the title */
	int y = v->heads && !v->narrow
		    ? draw_facts(r, ui, v, 1,
			  t != NULL ? HEAD_FACTS - 1 : REPORT_DETAILS)
		    : v->y;
	if (t == NULL) {
		term_put(ui->term, y, 1, (size_t)v->w - 1, STYLE_NORMAL,
		    str_of(j->err.code != ERR_NONE
			       ? j->err.text
			       : _("no connection was examined in this "
				   "period")));
		return;
	}
	if (r->chart && v->heads)
		y += draw_chart(r, ui, v, y);
	draw_sheet(r, ui, v, y, t);
}
