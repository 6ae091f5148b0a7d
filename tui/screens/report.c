/* The mail report of a day: tables by Tab, days by Left and Right (4.19). */
#include "core/base/i18n.h"
#include "core/base/line_match.h"
#include "core/base/utf8.h"
#include "tui/draw.h"
#include "tui/screens/report_int.h"
#include "tui/screens/screens.h"
#include "tui/widget/list.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	HOUR_S = 3600,
	FACT_W = 13,
	HEAD_FACTS = 4, /* above the tables; all are behind them */
	HOUR_W = 2,     /* columns of the chart */
	CHART_X = 12,
	SHADES = 4,
	PERCENT = 100,
};

struct report_screen {
	struct screen screen;
	struct report_job *job;
	int64_t from_s, to_s; /* asked for; 0: as the mailstats record says */
	size_t sheet;
	struct list_view list;
	struct line_match match;
	size_t came_from;
	size_t left_out; /* columns, of the last paint */
	bool chart, told;
	bool from_left; /* the first columns, not the last, are shown */
};

static struct report_screen *
self(struct screen *s)
{
	return (struct report_screen *)s;
}

static const struct report_sheet *
sheet(const struct report_screen *r)
{
	const struct report_job *j = r->job;
	return j != NULL && r->sheet < j->n_sheets ? &j->sheets[r->sheet]
						   : NULL;
}

static size_t
body_rows(const struct report_sheet *s)
{
	return s != NULL && s->rows.len > s->totals ? s->rows.len - s->totals
						    : 0;
}

static const char **
row_at(const struct report_sheet *s, size_t i)
{
	return *VEC_AT(&s->rows, const char **, i);
}

static const char *
sheet_name(enum report_table_kind kind)
{
	static const char *const names[REPORT_TABLES] = {
		[REPORT_HOURS] = N_("hours"),
		[REPORT_CODES] = N_("codes"),
		[REPORT_STATE] = "qplogsumm",
		[REPORT_VIRUSES] = N_("viruses"),
		[REPORT_BLACKLISTS] = N_("blacklists"),
		[REPORT_COUNTRIES] = N_("countries"),
		[REPORT_RULES] = N_("spam rules"),
		[REPORT_DOMAINS] = N_("domains"),
		[REPORT_RECIPIENTS] = N_("addresses"),
		[REPORT_JUNK] = N_("junk folders"),
	};
	return _(names[kind < REPORT_TABLES ? kind : REPORT_HOURS]);
}

enum moment_form {
	MOMENT_WHOLE, /* 2026-03-16 00:00 */
	MOMENT_SHORT, /* 03-17 00:00 */
	MOMENT_DAY,   /* 2026-03-16 */
	MOMENT_HOUR,  /* 08 */
};

static const char *
moment(struct tui *ui, int64_t unix_s, enum moment_form form)
{
	time_t at = (time_t)unix_s;
	struct tm tm;
	if (localtime_r(&at, &tm) == NULL)
		return "-";
	int year = tm.tm_year + 1900, month = tm.tm_mon + 1;
	switch (form) {
	case MOMENT_WHOLE:
		return ui_text(ui, "%04d-%02d-%02d %02d:%02d", year, month,
		    tm.tm_mday, tm.tm_hour, tm.tm_min);
	case MOMENT_SHORT:
		return ui_text(ui, "%02d-%02d %02d:%02d", month, tm.tm_mday,
		    tm.tm_hour, tm.tm_min);
	case MOMENT_DAY:
		return ui_text(ui, "%04d-%02d-%02d", year, month, tm.tm_mday);
	case MOMENT_HOUR:
		break;
	}
	return ui_text(ui, "%02d", tm.tm_hour);
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	const struct report_job *j = self(s)->job;
	buf_add_cstr(out, _("Report"));
	if (j != NULL && j->from_s != 0)
		buf_addf(out, " > %s - %s", moment(ui, j->from_s, MOMENT_WHOLE),
		    moment(ui, j->to_s, MOMENT_SHORT));
}

/* --- counting --- */

static void
begin(struct report_screen *r, struct tui *ui, int64_t from_s, int64_t to_s)
{
	report_job_free(r->job);
	r->from_s = from_s;
	r->to_s = to_s;
	r->told = false;
	r->job = report_job_start(ui, from_s, to_s);
	list_resize(&r->list, 0);
}

static bool
tick(struct screen *s, struct tui *ui)
{
	struct report_screen *r = self(s);
	if (r->job == NULL || !report_job_tick(r->job))
		return false;
	if (r->job->done && !r->told && r->job->err.code != ERR_NONE)
		ui_error(ui, &r->job->err);
	r->told = r->job->done;
	if (r->sheet >= r->job->n_sheets)
		r->sheet = 0;
	list_resize(&r->list, body_rows(sheet(r)));
	return true;
}

static int
fd(struct screen *s)
{
	return self(s)->job != NULL ? self(s)->job->fd : -1;
}

/* The day 'days' after (before) that in which the period began. */
static void
go_day(struct report_screen *r, struct tui *ui, int days)
{
	const struct report_job *j = r->job;
	if (j == NULL || j->from_s == 0)
		return;
	time_t at = (time_t)j->from_s;
	struct tm tm;
	if (localtime_r(&at, &tm) == NULL)
		return;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday += days;
	tm.tm_isdst = -1;
	struct tm next = tm;
	next.tm_mday++;
	int64_t from = (int64_t)mktime(&tm), to = (int64_t)mktime(&next);
	if (from > clock_wall_s(ui->model.clock))
		ui_say(ui, "%s", _("that day has not begun"));
	else
		begin(r, ui, from, to);
}

/* --- drawing --- */

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
			size_t w = utf8_columns(str_of(row_at(s, k)[i])) + 1;
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
	size_t rows = room > sums ? (size_t)(room - sums) : 0, n = body_rows(s);
	list_fit(&r->list, rows);
	for (size_t i = r->list.top; i < n && i < r->list.top + rows; i++) {
		bool cur = i == r->list.cur;
		bool hit = line_match_find(
		    &r->match, str_of(row_at(s, i)[0]), 0, &at, &len);
		if (cur)
			term_put(ui->term, y, 0, 1, STYLE_CURSOR, STR(">"));
		draw_cells(ui, y++, s, row_at(s, i), widths, shown,
		    STYLE_NORMAL,
		    cur   ? STYLE_CURSOR
		    : hit ? STYLE_HIT
			  : STYLE_NORMAL);
	}
	for (int i = 0; i < sums; i++)
		draw_cells(ui, y++, s, row_at(s, n + (size_t)i), widths, shown,
		    STYLE_HEAD, STYLE_HEAD);
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
			    str_of(moment(ui,
				(r->job->first_hour + (int64_t)i) * HOUR_S,
				MOMENT_HOUR)));
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

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct report_screen *r = self(s);
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
	const struct report_sheet *t = sheet(r);
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

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	struct report_screen *r = self(s);
	const struct report_sheet *t = sheet(r);
	(void)ui;
	if (t == NULL || !r->job->done)
		return;
	size_t n = body_rows(t);
	buf_addf(out, _("%s %zu of %zu"), sheet_name(t->kind),
	    n > 0 ? r->list.cur + 1 : 0, t->all);
	if (t->all > n)
		buf_addf(out, _("   %zu left out"), t->all - n);
	if (r->left_out > 0)
		buf_addf(out,
		    P_("   %zu column left out", "   %zu columns left out",
			r->left_out),
		    r->left_out);
	buf_add_cstr(out, "   Tab:");
	for (size_t i = 1; i < r->job->n_sheets; i++) {
		const struct report_sheet *next =
		    &r->job->sheets[(r->sheet + i) % r->job->n_sheets];
		buf_addf(out, " %s %zu", sheet_name(next->kind), next->all);
	}
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	const struct report_screen *r = self(s);
	buf_add_cstr(out, "smemail report");
	if (r->from_s != 0)
		buf_addf(out, " --day %s", moment(ui, r->from_s, MOMENT_DAY));
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	(void)ui;
	bar_add(b, ACT_OPEN, _("connections"));
	bar_add(b, ACT_NEXT, _("next table"));
	bar_add_key(b, _("Left Right"), _("day"));
	bar_add(b, ACT_HISTOGRAM, _("chart"));
	if (self(s)->left_out > 0)
		bar_add(b, ACT_VIEW, _("columns"));
	bar_add(b, ACT_SEARCH, NULL);
	bar_add(b, ACT_WHY, NULL);
	bar_add(b, ACT_HELP, NULL);
	bar_add(b, ACT_BACK, NULL);
}

/* --- keys --- */

static void
go_sheet(struct report_screen *r, size_t by)
{
	if (r->job == NULL || r->job->n_sheets == 0)
		return;
	r->sheet = (r->sheet + by) % r->job->n_sheets;
	r->list.cur = r->list.top = 0;
	list_resize(&r->list, body_rows(sheet(r)));
}

/* The row as a command: the hour's lines, or what an address met. */
static void
open_row(struct report_screen *r, struct tui *ui)
{
	const struct report_sheet *s = sheet(r);
	if (s == NULL || r->list.cur >= body_rows(s))
		return;
	const char *name = row_at(s, r->list.cur)[0];
	int64_t hour = r->job->first_hour + (int64_t)r->list.cur;
	if (s->kind == REPORT_HOURS)
		ui_command(
		    ui, str_of(ui_text(ui,
			    "log show --verdicts --from @%lld --to @%lld",
			    (long long)(hour * HOUR_S),
			    (long long)((hour + 1) * HOUR_S))));
	else if (s->kind == REPORT_RECIPIENTS)
		why_open(ui, WHY_TEXT, name, 0);
	else if (s->kind == REPORT_DOMAINS && strchr(name, '.') != NULL)
		why_open(ui, WHY_TEXT, ui_text(ui, "@%s", name), 0);
	else
		ui_say(ui, "%s", _("nothing more to open here"));
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	struct report_screen *r = self(s);
	switch ((int)action) {
	case ACT_LEFT:
		go_day(r, ui, -1);
		return true;
	case ACT_RIGHT:
		go_day(r, ui, 1);
		return true;
	case ACT_NEXT:
		go_sheet(r, 1);
		return true;
	case ACT_PREVIOUS:
		if (r->job != NULL && r->job->n_sheets > 0)
			go_sheet(r, r->job->n_sheets - 1);
		return true;
	case ACT_VIEW:
		r->from_left = !r->from_left;
		return true;
	case ACT_HISTOGRAM:
		r->chart = !r->chart;
		return true;
	case ACT_OPEN:
	case ACT_WHY:
		open_row(r, ui);
		return true;
	default:
		return list_act(&r->list, action);
	}
}

static void
find(struct report_screen *r, size_t from, bool forward)
{
	const struct report_sheet *s = sheet(r);
	size_t n = body_rows(s), at, len;
	for (size_t k = 0; k < n; k++) {
		size_t i = forward ? (from + k) % n : (from + n - k) % n;
		if (line_match_find(
			&r->match, str_of(row_at(s, i)[0]), 0, &at, &len)) {
			list_go(&r->list, i);
			return;
		}
	}
}

static void
search(struct screen *s, struct tui *ui, struct str text, enum line_event event)
{
	struct report_screen *r = self(s);
	size_t n = body_rows(sheet(r));
	(void)ui;
	if (event == LINE_BEGIN)
		r->came_from = r->list.cur;
	if (event == LINE_CHANGED || event == LINE_CANCELLED) {
		line_match_clear(&r->match);
		list_go(&r->list, r->came_from);
	}
	if (event == LINE_CHANGED) {
		line_match_init(&r->match, text);
		find(r, r->list.cur, true);
	}
	if (n > 0 && event == LINE_NEXT)
		find(r, (r->list.cur + 1) % n, true);
	if (n > 0 && event == LINE_PREVIOUS)
		find(r, (r->list.cur + n - 1) % n, false);
}

static void
report_free(struct screen *s, struct tui *ui)
{
	struct report_screen *r = self(s);
	(void)ui;
	report_job_free(r->job);
	line_match_clear(&r->match);
	free(r);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_LEFT, ACT_RIGHT, ACT_NEXT,
	ACT_PREVIOUS, ACT_HISTOGRAM, ACT_VIEW, ACT_OPEN, ACT_WHY, ACT_NONE };

static const struct screen_class class = {
	.flags = SCREEN_NO_DRAFT,
	.actions = actions,
	.path = path,
	.draw = draw,
	.status = status,
	.twin = twin,
	.bar = bar,
	.act = act,
	.search = search,
	.tick = tick,
	.fd = fd,
	.free = report_free,
};

struct screen *
report_screen_new(struct tui *ui)
{
	struct report_screen *r = calloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	r->screen.class = &class;
	begin(r, ui, 0, 0);
	return &r->screen;
}
