/* Drawing the log: histogram, rows, the line under the cursor in full. */
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "tui/draw.h"
#include "tui/screens/log_int.h"

#include <string.h>
#include <time.h>

enum {
	TIME_X = 1,
	SERVICE_X = 11,
	VERDICT_X = 20,
	LINE_X = 30,
	DETAIL = 4, /* a rule and three lines */
	CHART_X = 13,
	CHART_MAX = 512,
	CHART_STEP = 12, /* columns between two times */
	SHADES = 4,
	NARROW_VERDICT_X = 10,
	NARROW_LINE_X = 19,
	NARROW_DETAIL = 2,
};

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

static const char *
clock_of(struct tui *ui, int64_t unix_s, bool seconds)
{
	time_t at = (time_t)unix_s;
	struct tm tm;
	if (localtime_r(&at, &tm) == NULL)
		return "";
	if (!seconds)
		return ui_text(ui, "%02d:%02d", tm.tm_hour, tm.tm_min);
	return ui_text(ui, "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* Marks what the search found in a text already drawn at 'x'. */
static void
draw_hits(struct log_screen *l, struct tui *ui, int y, int x, size_t width,
    struct str text)
{
	size_t at, len, from = 0;
	while (line_match_find(&l->match, text, from, &at, &len)) {
		size_t before = utf8_columns(str_sub(text, 0, at));
		if (before < width)
			term_put(ui->term, y, x + (int)before, width - before,
			    STYLE_HIT, str_sub(text, at, at + len));
		from = at + len;
	}
}

/* Time, verdict, who and why in 40 columns: who gives way to why. */
static void
draw_narrow(
    struct tui *ui, int y, const struct view *v, const struct log_row *r)
{
	size_t room = (size_t)(v->w - NARROW_LINE_X);
	size_t why = strlen(r->reason);
	if (r->verdict == LOG_VERDICT_NONE) {
		draw_last(ui, y, NARROW_VERDICT_X,
		    (size_t)(v->w - NARROW_VERDICT_X), STYLE_NORMAL,
		    str_of(r->line));
		return;
	}
	draw_state(ui, y, NARROW_VERDICT_X, log_verdict_word(r->verdict));
	size_t who = why + 2 < room / 2 ? room - why - 1 : room / 2;
	size_t used = utf8_columns(str_of(r->who));
	used = used < who ? used : who;
	draw_last(ui, y, NARROW_LINE_X, used, STYLE_NORMAL, str_of(r->who));
	draw_last(ui, y, NARROW_LINE_X + (int)used + 1, room - used - 1,
	    STYLE_NORMAL, str_of(r->reason));
}

static void
draw_row(struct log_screen *l, struct tui *ui, const struct view *v, int y,
    const struct log_row *r, bool cur)
{
	struct str line = log_row_line(r, l->raw);
	int x = l->raw ? TIME_X : LINE_X;
	enum term_style style = cur ? STYLE_CURSOR : STYLE_NORMAL;
	if (cur)
		term_put(ui->term, y, 0, 1, STYLE_CURSOR, STR(">"));
	if (!l->raw && r->timed)
		term_put(ui->term, y, TIME_X, 8, style,
		    str_of(clock_of(ui, r->unix_s, true)));
	if (!l->raw && v->narrow) {
		draw_narrow(ui, y, v, r);
		return;
	}
	if (!l->raw) {
		draw_cell(ui, y, SERVICE_X, VERDICT_X - SERVICE_X, STYLE_NORMAL,
		    str_of(r->service));
		draw_state(ui, y, VERDICT_X, log_verdict_word(r->verdict));
	}
	size_t width = (size_t)(v->w - x);
	draw_last(ui, y, x, width, l->raw ? style : STYLE_NORMAL, line);
	draw_hits(l, ui, y, x, width, line);
}

/* --- histogram: a column is 30 s, the last one is now --- */

static void
count(const struct log_screen *l, enum log_verdict verdict, int64_t now,
    size_t columns, unsigned *counts)
{
	memset(counts, 0, columns * sizeof(*counts));
	for (size_t i = l->rows.len; i > 0; i--) {
		const struct log_row *r =
		    VEC_AT(&l->rows, struct log_row, i - 1);
		int64_t ago = (now - r->unix_s) / LOG_SECONDS_A_COLUMN;
		if (r->verdict != verdict || !r->timed || ago < 0 ||
		    ago >= (int64_t)columns)
			continue;
		counts[columns - 1 - (size_t)ago]++;
	}
}

static void
draw_counts(struct tui *ui, int y, const char *label, const unsigned *counts,
    size_t columns)
{
	unsigned most = 1;
	term_put(ui->term, y, 1, CHART_X - 2, STYLE_NORMAL, str_of(label));
	for (size_t i = 0; i < columns; i++)
		most = counts[i] > most ? counts[i] : most;
	for (size_t i = 0; i < columns; i++) {
		unsigned level =
		    counts[i] == 0 ? 0 : 1 + (counts[i] - 1) * SHADES / most;
		if (level > 0)
			term_put(ui->term, y, CHART_X + (int)i, 1, STYLE_NORMAL,
			    term_sign(ui->term,
				(enum term_sign)(SIGN_SHADE_1 + level - 1)));
	}
}

static int
draw_chart(struct log_screen *l, struct tui *ui, const struct view *v, int y)
{
	unsigned counts[CHART_MAX];
	int64_t now = clock_wall_s(ui->model.clock);
	size_t columns = (size_t)(v->w - CHART_X - 1);
	columns = columns > CHART_MAX ? CHART_MAX : columns;
	columns -= columns % CHART_STEP;
	count(l, LOG_REFUSED, now, columns, counts);
	draw_counts(ui, y, _("refused"), counts, columns);
	count(l, LOG_DEFERRED, now, columns, counts);
	draw_counts(ui, y + 1, _("deferred"), counts, columns);
	for (size_t i = CHART_STEP; i <= columns; i += CHART_STEP)
		draw_right(ui, y + 2, CHART_X + (int)i, STYLE_NORMAL,
		    str_of(clock_of(ui,
			now - (int64_t)(columns - i) * LOG_SECONDS_A_COLUMN,
			false)));
	return 3;
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
	int y = v->y + v->h - DETAIL;
	draw_rule(ui, y++, 0, (size_t)v->w, STR(""));
	if (r == NULL)
		return;
	int used = 0;
	if (r->verdict != LOG_VERDICT_NONE)
		used = draw_prose(
		    ui, y, 1, (size_t)v->w - 2, 1, STYLE_HEAD, str_of(r->line));
	draw_prose(ui, y + used, 1, (size_t)v->w - 2, DETAIL - 1 - used,
	    STYLE_NORMAL, str_of(r->text));
}

static void
draw_narrow_detail(struct log_screen *l, struct tui *ui, const struct view *v)
{
	const struct log_row *r = log_current(l);
	if (r != NULL)
		draw_prose(ui, v->y + v->h - NARROW_DETAIL, 1, (size_t)v->w - 2,
		    NARROW_DETAIL, STYLE_NORMAL, str_of(r->line));
}

void
log_draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct log_screen *l = (struct log_screen *)s;
	int y = v->y;
	if (v->heads && l->histogram && !v->narrow)
		y += draw_chart(l, ui, v, y);
	if (v->heads)
		draw_heads(l, ui, y++);
	int below = v->heads ? DETAIL : NARROW_DETAIL;
	int rows = v->y + v->h - y - below;
	list_fit(&l->list, rows > 0 ? (size_t)rows : 0);
	if (l->shown.len == 0)
		term_put(ui->term, y, 1, (size_t)v->w - 1, STYLE_NORMAL,
		    str_of(l->rows.len == 0
			       ? _("nothing was logged yet")
			       : _("every line is hidden by the filters")));
	for (size_t i = l->list.top; i < l->shown.len && rows > 0; i++, rows--)
		draw_row(l, ui, v, y++, row_at(l, i), i == l->list.cur);
	if (v->heads)
		draw_detail(l, ui, v);
	else
		draw_narrow_detail(l, ui, v);
}
