/* Which rows the dashboard has in a window of this size. */
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "tui/screens/dashboard_int.h"
#include "tui/widget/wrap.h"

enum {
	LABEL_LEAST = 14,   /* in windows that are not narrow */
	CHART_LEAST_H = 16, /* lower bodies have no chart */
	RULES_X = 16,
	LINES_MAX = 2, /* of a text that goes on */
};

static void
add(struct dashboard *d, enum dash_kind kind, size_t i, struct str text)
{
	if (d->list.n == DASH_ROWS_MAX)
		return;
	d->rows[d->list.n++] = (struct dash_row){ kind, i, text };
}

static void
add_findings(struct dashboard *d, bool low)
{
	const struct dash_measure *m = dash_seen(d);
	size_t most = low ? DASH_FINDINGS_FIRST / 2 : DASH_FINDINGS_FIRST;
	if (d->all_findings || m->n_findings <= most + 1)
		most = m->n_findings; /* "1 more" would need the same line */
	add(d, DASH_SUMMARY, 0, (struct str)STR_EMPTY);
	for (size_t i = 0; i < most; i++)
		add(d, DASH_FINDING, i, (struct str)STR_EMPTY);
	if (most < m->n_findings)
		add(d, DASH_MORE, m->n_findings - most, (struct str)STR_EMPTY);
}

/* A text in at most 'most' rows, what does not fit left to the last. */
static void
add_lines(struct dashboard *d, enum dash_kind first, enum dash_kind rest,
    size_t i, struct str text, size_t width, size_t most)
{
	struct str line;
	for (size_t n = 0; n < most; n++) {
		struct str here = text;
		if (!wrap_next(&text, width, &line)) {
			if (n == 0)
				add(d, first, i, text);
			return;
		}
		add(d, n == 0 ? first : rest, i,
		    n + 1 == most ? str_trim(here) : line);
	}
}

static void
add_chart(struct dashboard *d, const struct view *v)
{
	const struct dash_measure *m = dash_seen(d);
	add(d, DASH_BLANK, 0, (struct str)STR_EMPTY);
	add(d, DASH_CHART_HEAD, 0, (struct str)STR_EMPTY);
	for (size_t i = 0; i < 3; i++)
		add(d, DASH_CHART, i, (struct str)STR_EMPTY);
	if (m->rules[0] != '\0')
		add_lines(d, DASH_RULES, DASH_RULES, 0, str_of(m->rules),
		    (size_t)v->w - RULES_X - 1, LINES_MAX);
	add(d, DASH_BLANK, 0, (struct str)STR_EMPTY);
}

/* Labels are never cut. */
static size_t
label_width(const struct dashboard *d, const struct view *v)
{
	size_t most = v->narrow ? 0 : LABEL_LEAST;
	for (size_t i = 0; i < d->n_facts; i++) {
		size_t n = utf8_columns(str_of(d->facts[i].label));
		most = n > most ? n : most;
	}
	return most;
}

static bool
skips(const void *ctx, size_t row)
{
	const struct dashboard *d = ctx;
	enum dash_kind kind = d->rows[row].kind;
	return kind != DASH_FINDING && kind != DASH_MORE && kind != DASH_FACT;
}

/* The row of what the cursor was on. */
static size_t
row_of(const struct dashboard *d, struct dash_row was, size_t otherwise)
{
	for (size_t i = 0; i < d->list.n; i++)
		if (d->rows[i].kind == was.kind && d->rows[i].i == was.i)
			return i;
	return otherwise;
}

void
dash_layout(struct dashboard *d, struct tui *ui, const struct view *v)
{
	bool low = v->h < CHART_LEAST_H;
	bool stays = d->list.n > 0 && d->moved;
	struct dash_row was = { DASH_SUMMARY, 0, STR_EMPTY };
	size_t cur = d->list.cur;
	(void)ui;
	if (stays && cur < d->list.n)
		was = d->rows[cur];
	d->label_w = label_width(d, v) + 2;
	d->list.n = 0;
	d->list.skip = skips;
	d->list.ctx = d;
	add_findings(d, low);
	if (!low && !v->narrow)
		add_chart(d, v);
	for (size_t i = 0; i < d->n_facts; i++)
		add_lines(d, DASH_FACT, DASH_FACT_GOES_ON, i,
		    str_of(dash_fact_text(d, &d->facts[i], v->narrow)),
		    (size_t)v->w - d->label_w - 1, low ? 1 : LINES_MAX);
	list_go(&d->list, stays ? row_of(d, was, cur) : 0);
}
