/* Drawing the dashboard: findings, a chart of the day, facts. */
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "tui/draw.h"
#include "tui/screens/dashboard_int.h"

#include <time.h>

enum {
	STATE_X = 1,
	SUBJECT_W = 18,
	NARROW_SUBJECT_W = 12,
	COUNT_RIGHT = 19,
	CHART_X = 22,
	CHART_LABEL_W = 14,
	RULES_X = 16,
	HEAD_STEP = 3, /* hours between two that are named */
	HOUR_S = 3600,
	SHADES = 4,
};

/* False for what is no time here. */
static bool
local(int64_t unix_s, struct tm *out)
{
	time_t at = (time_t)unix_s;
	return localtime_r(&at, out) != NULL;
}

/* States take the longest word of the language. */
static int
subject_x(void)
{
	static const char *const words[] = { N_("WARN"), N_("FAIL"),
		N_("????") };
	size_t most = 0;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t n = utf8_columns(str_of(_(words[i])));
		most = n > most ? n : most;
	}
	return STATE_X + (int)most + 2;
}

static void
draw_summary(
    struct dashboard *d, struct tui *ui, const struct view *v, int y, size_t i)
{
	const struct dash_measure *m = dash_seen(d);
	(void)i;
	if (m->counts[0] == '\0') {
		draw_last(ui, y, STATE_X, (size_t)v->w - 2, STYLE_NORMAL,
		    str_of(_("looking for what is wrong")));
		return;
	}
	draw_state(
	    ui, y, STATE_X, m->n_findings > 0 ? m->findings[0].state : "ok");
	draw_last(ui, y, subject_x(), (size_t)(v->w - subject_x()), STYLE_HEAD,
	    str_of(m->counts));
	if (v->narrow)
		return;
	const char *when = _("being checked");
	struct tm tm;
	if (m->at_s != 0 && local(m->at_s, &tm))
		when =
		    ui_text(ui, _("checked %02d:%02d"), tm.tm_hour, tm.tm_min);
	draw_right(ui, y, v->w - 1, STYLE_NORMAL, str_of(when));
}

static void
draw_finding(
    struct dashboard *d, struct tui *ui, const struct view *v, int y, size_t i)
{
	const struct dash_finding *f = &dash_seen(d)->findings[i];
	int x = subject_x();
	int w = v->narrow ? NARROW_SUBJECT_W : SUBJECT_W;
	draw_state(ui, y, STATE_X, f->state);
	draw_cell(ui, y, x, (size_t)w, STYLE_NORMAL, str_of(f->label));
	draw_last(ui, y, x + w, (size_t)(v->w - x - w), STYLE_NORMAL,
	    str_of(f->text));
}

static void
draw_more(
    struct dashboard *d, struct tui *ui, const struct view *v, int y, size_t i)
{
	(void)d;
	draw_last(ui, y, STATE_X, (size_t)v->w - 2, STYLE_NORMAL,
	    str_of(ui_text(ui, _("v %zu more"), i)));
}

static int
columns_an_hour(const struct view *v)
{
	return v->w > CHART_X + 2 * STATUS_HOURS ? 2 : 1;
}

static void
draw_chart_head(
    struct dashboard *d, struct tui *ui, const struct view *v, int y, size_t i)
{
	const struct dash_measure *m = dash_seen(d);
	int wide = columns_an_hour(v);
	(void)i;
	term_put(ui->term, y, STATE_X, CHART_X - 2, STYLE_HEAD,
	    str_of(_("Last 24 hours")));
	if (!m->mail_told || !m->mail_known) {
		draw_last(ui, y, CHART_X, (size_t)(v->w - CHART_X),
		    STYLE_NORMAL,
		    str_of(!m->mail_told ? _("the logs are being counted")
					 : ui_text(ui, "%s  %s", _("????"),
					       m->mail_why)));
		return;
	}
	for (int h = 0; h < STATUS_HOURS; h++) {
		struct tm tm;
		if (local((m->first_hour + h) * HOUR_S, &tm) &&
		    tm.tm_hour % HEAD_STEP == 0)
			term_put(ui->term, y, CHART_X + h * wide, 2,
			    STYLE_NORMAL,
			    str_of(ui_text(ui, "%02d", tm.tm_hour)));
	}
}

static uint64_t
count_of(const struct status_hour *h, size_t which)
{
	const uint64_t counts[] = { h->accepted, h->refused, h->deferred };
	return counts[which];
}

/* All three on one scale, so that they can be compared. */
static uint64_t
most_of(const struct dash_measure *m)
{
	uint64_t most = 1;
	for (size_t h = 0; h < m->n_hours; h++)
		for (size_t k = 0; k < 3; k++)
			if (count_of(&m->hours[h], k) > most)
				most = count_of(&m->hours[h], k);
	return most;
}

static void
draw_chart(
    struct dashboard *d, struct tui *ui, const struct view *v, int y, size_t i)
{
	static const char *const labels[] = { N_("accepted"), N_("refused"),
		N_("deferred") };
	const struct dash_measure *m = dash_seen(d);
	int wide = columns_an_hour(v);
	uint64_t most = most_of(m);
	term_put(ui->term, y, STATE_X, CHART_LABEL_W, STYLE_NORMAL,
	    str_of(_(labels[i])));
	if (!m->mail_known)
		return;
	draw_right(ui, y, COUNT_RIGHT, STYLE_NORMAL,
	    str_of(
		ui_text(ui, "%llu", (unsigned long long)count_of(&m->sum, i))));
	for (size_t h = 0; h < m->n_hours; h++) {
		uint64_t n = count_of(&m->hours[h], i);
		uint64_t level = n == 0 ? 0 : 1 + (n - 1) * SHADES / most;
		for (int k = 0; k < wide && level > 0; k++)
			term_put(ui->term, y, CHART_X + (int)h * wide + k, 1,
			    STYLE_NORMAL,
			    term_sign(ui->term,
				(enum term_sign)(SIGN_SHADE_1 + level - 1)));
	}
}

static void
draw_rules(
    struct dashboard *d, struct tui *ui, const struct view *v, int y, size_t i)
{
	const struct dash_row *row = &d->rows[i];
	if (i == 0 || row[-1].kind != DASH_RULES)
		term_put(ui->term, y, STATE_X, CHART_LABEL_W, STYLE_NORMAL,
		    str_of(_("refused by")));
	draw_last(
	    ui, y, RULES_X, (size_t)(v->w - RULES_X), STYLE_NORMAL, row->text);
}

static void
draw_fact_text(
    struct dashboard *d, struct tui *ui, const struct view *v, int y, size_t i)
{
	int x = (int)d->label_w;
	draw_last(ui, y, x, (size_t)(v->w - x), STYLE_NORMAL, d->rows[i].text);
}

static void
draw_fact(
    struct dashboard *d, struct tui *ui, const struct view *v, int y, size_t i)
{
	const struct dash_fact *f = &d->facts[d->rows[i].i];
	draw_cell(ui, y, 1, d->label_w - 1,
	    i == d->list.cur ? STYLE_CURSOR : STYLE_HEAD, str_of(f->label));
	draw_fact_text(d, ui, v, y, i);
}

static void
draw_row(
    struct dashboard *d, struct tui *ui, const struct view *v, int y, size_t at)
{
	static void (*const all[])(struct dashboard * d, struct tui * ui,
	    const struct view *v, int y, size_t i) = {
		[DASH_SUMMARY] = draw_summary,
		[DASH_FINDING] = draw_finding,
		[DASH_MORE] = draw_more,
		[DASH_BLANK] = NULL,
		[DASH_CHART_HEAD] = draw_chart_head,
		[DASH_CHART] = draw_chart,
		[DASH_RULES] = draw_rules,
		[DASH_FACT] = draw_fact,
		[DASH_FACT_GOES_ON] = draw_fact_text,
	};
	/* rows that are lines of a text are told by their place */
	enum dash_kind kind = d->rows[at].kind;
	bool by_place = kind == DASH_RULES || kind == DASH_FACT ||
			kind == DASH_FACT_GOES_ON;
	if (all[kind] != NULL)
		all[kind](d, ui, v, y, by_place ? at : d->rows[at].i);
}

void
dash_draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct dashboard *d = (struct dashboard *)s;
	dash_layout(d, ui, v);
	list_fit(&d->list, (size_t)v->h);
	for (size_t i = d->list.top; i < d->list.n; i++) {
		int y = v->y + (int)(i - d->list.top);
		if (y >= v->y + v->h)
			break;
		if (i == d->list.cur)
			term_put(ui->term, y, 0, 1, STYLE_CURSOR, STR(">"));
		draw_row(d, ui, v, y, i);
	}
}
