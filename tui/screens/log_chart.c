/* Charts above the log: refused and deferred, of 30 s or an hour a column. */
#include "core/base/i18n.h"
#include "tui/draw.h"
#include "tui/screens/log_int.h"

#include <string.h>
#include <time.h>

enum {
	CHART_X = 13,
	CHART_MAX = 512,
	CHART_STEP = 12, /* columns between two times */
	HOUR_STEP = 6,
	HOUR_S = 3600,
	SHADES = 4,
	LINES = 3,
};

void
log_clock(int64_t unix_s, bool seconds, char out[sizeof("23:59:59")])
{
	time_t at = (time_t)unix_s;
	struct tm tm;
	if (localtime_r(&at, &tm) == NULL)
		out[0] = '\0';
	else
		strftime(out, sizeof("23:59:59"),
		    seconds ? "%H:%M:%S" : "%H:%M", &tm);
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
draw_fine(struct log_screen *l, struct tui *ui, const struct view *v, int y)
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
	for (size_t i = CHART_STEP; i <= columns; i += CHART_STEP) {
		char at[sizeof("23:59:59")];
		log_clock(now - (int64_t)(columns - i) * LOG_SECONDS_A_COLUMN,
		    false, at);
		draw_right(
		    ui, y + 2, CHART_X + (int)i, STYLE_NORMAL, str_of(at));
	}
	return 3;
}

/* --- an hour a column, counted by a process of its own --- */

static size_t
chart_columns(int width)
{
	size_t n = width > CHART_X + 1 ? (size_t)(width - CHART_X - 1) : 0;
	return n > CHART_MAX ? CHART_MAX : n;
}

static void
draw_hour_counts(struct log_screen *l, struct tui *ui, int y, const char *label,
    bool refused, size_t columns)
{
	unsigned counts[CHART_MAX] = { 0 };
	const struct report_job *j = l->hours;
	for (size_t i = 0; i < j->n_hours && i < columns; i++)
		counts[i] = (unsigned)(refused ? j->hours[i].refused
					       : j->hours[i].accepted);
	draw_counts(ui, y, label, counts, columns);
}

static int
draw_hours(struct log_screen *l, struct tui *ui, const struct view *v, int y)
{
	const struct report_job *j = l->hours;
	size_t columns = chart_columns(v->w);
	if (j == NULL || !j->done || j->n_hours == 0) {
		term_put(ui->term, y, 1, (size_t)v->w - 2, STYLE_NORMAL,
		    str_of(j == NULL || j->done
			       ? _("no connection was examined in these hours")
			       : _("counting the hours")));
		return LINES;
	}
	draw_hour_counts(l, ui, y, _("refused"), true, columns);
	draw_hour_counts(l, ui, y + 1, _("accepted"), false, columns);
	for (size_t i = 0; i < j->n_hours && i + 1 < columns; i++) {
		int64_t at = (j->first_hour + (int64_t)i) * HOUR_S;
		time_t unix_s = (time_t)at;
		struct tm tm;
		if (localtime_r(&unix_s, &tm) == NULL ||
		    tm.tm_hour % HOUR_STEP != 0)
			continue;
		term_put(ui->term, y + 2, CHART_X + (int)i, 3, STYLE_NORMAL,
		    str_of(ui_text(ui, "%02d", tm.tm_hour)));
	}
	return LINES;
}

void
log_chart_turn(struct log_screen *l, struct tui *ui)
{
	report_job_free(l->hours, ui);
	l->hours = NULL;
	l->chart = (enum log_chart)((l->chart + 1) % LOG_CHARTS);
	if (l->chart != LOG_CHART_HOURS)
		return;
	int64_t now = clock_wall_s(ui->model.clock);
	int64_t n = (int64_t)chart_columns(term_columns(ui->term));
	l->hours = report_job_start(
	    ui, now - now % HOUR_S - (n - 1) * HOUR_S, now + 1);
}

int
log_chart_draw(
    struct log_screen *l, struct tui *ui, const struct view *v, int y)
{
	return l->chart == LOG_CHART_HOURS ? draw_hours(l, ui, v, y)
					   : draw_fine(l, ui, v, y);
}
