/* The chart of the hours, as SVG. */
#include "cmd/report_html.h"

#include "core/base/i18n.h"

#include <time.h>

enum {
	HOUR_S = 3600,
	CHART_WIDTH = 960,
	CHART_HEIGHT = 220,
	CHART_LEFT = 48,
	CHART_BOTTOM = 24,
	BARS_MAX = 24 * 31, /* more hours are summed up */
	TICKS = 4,
};

/* What the bars are made of, from the bottom; colours apart for everyone. */
static const struct {
	const char *name; /* N_() */
	const char *color;
	enum stats_column columns[6];
	size_t n;
} layers[] = {
	{ N_("ham"), "#2e8b57", { STATS_HAM }, 1 },
	{ N_("spam, queued"), "#e0a526", { STATS_SPAM_QUEUED }, 1 },
	{ N_("spam, refused"), "#c4562f", { STATS_SPAM_REFUSED }, 1 },
	{ N_("blacklists"), "#3d7ab8", { STATS_RBL }, 1 },
	{ N_("viruses and attachments"), "#8e44ad",
	    { STATS_VIRUS, STATS_EXECUTABLE }, 2 },
	{ N_("other refusals"), "#8a949e",
	    { STATS_DMARC, STATS_GEOIP, STATS_NON_CONFORMING, STATS_LOAD,
		STATS_KARMA },
	    5 },
};

static uint64_t
layer_sum(const struct stats_hour *h, size_t layer)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < layers[layer].n; i++)
		sum += h->n[layers[layer].columns[i]];
	return sum;
}

/* Hours of one bar added up. */
static struct stats_hour
bar_sum(const struct report *r, size_t from, size_t n)
{
	struct stats_hour empty, sum = { .hour = 0 };
	sum.hour = report_hour(r, from, &empty)->hour;
	for (size_t i = from; i < from + n && i < report_hours(r); i++) {
		const struct stats_hour *h = report_hour(r, i, &empty);
		for (size_t k = 0; k < STATS_COLUMNS; k++)
			sum.n[k] += h->n[k];
	}
	return sum;
}

/* A round number not below 'n', for the top of the scale. */
static uint64_t
round_up(uint64_t n)
{
	static const uint64_t steps[] = { 1, 2, 4, 8, 10 };
	for (uint64_t ten = 1;; ten *= 10)
		for (size_t i = 0; i < ARRAY_LEN(steps); i++)
			if (steps[i] * ten * TICKS >= n)
				return steps[i] * ten * TICKS;
}

static void
scale(struct buf *out, uint64_t top)
{
	for (uint64_t i = 0; i <= TICKS; i++) {
		double y =
		    CHART_HEIGHT - (double)CHART_HEIGHT * (double)i / TICKS;
		buf_addf(out,
		    "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" "
		    "stroke=\"var(--line)\"/><text x=\"%d\" y=\"%.1f\" "
		    "text-anchor=\"end\">%llu</text>\n",
		    CHART_LEFT, CHART_WIDTH, y + 8, y + 8, CHART_LEFT - 6,
		    y + 12, (unsigned long long)(top / TICKS * i));
	}
}

static void
bar(struct buf *out, const struct stats_hour *h, double x, double width,
    uint64_t top)
{
	double y = CHART_HEIGHT + 8;
	buf_add_cstr(out, "<g><title>");
	html_moment(out, h->hour * HOUR_S);
	buf_addf(
	    out, ": %llu</title>", (unsigned long long)stats_hour_total(h));
	for (size_t i = 0; i < ARRAY_LEN(layers); i++) {
		uint64_t n = layer_sum(h, i);
		double height = (double)CHART_HEIGHT * (double)n / (double)top;
		if (n == 0)
			continue;
		y -= height;
		buf_addf(out,
		    "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
		    "height=\"%.1f\" fill=\"%s\"/>",
		    x, y, width, height, layers[i].color);
	}
	buf_add_cstr(out, "</g>\n");
}

static void
axis_label(struct buf *out, const struct report *r, int64_t hour, double x)
{
	enum {
		DAY_HOURS = 24
	};
	char words[32] = "";
	time_t at = (time_t)(hour * HOUR_S);
	struct tm tm;
	bool one_day = r->to_s - r->from_s <= DAY_HOURS * HOUR_S;
	if (localtime_r(&at, &tm) == NULL ||
	    (one_day ? tm.tm_hour % 3 != 0 : tm.tm_hour != 0))
		return;
	if (one_day)
		strftime(words, sizeof(words), "%H:00", &tm);
	else
		strftime(words, sizeof(words), "%m-%d", &tm);
	buf_addf(out, "<text x=\"%.1f\" y=\"%d\">%s</text>\n", x,
	    CHART_HEIGHT + CHART_BOTTOM, words);
}

static void
key(struct buf *out)
{
	buf_add_cstr(out, "<ul class=\"key\">");
	for (size_t i = 0; i < ARRAY_LEN(layers); i++) {
		buf_addf(out, "<li><i style=\"background:%s\"></i>",
		    layers[i].color);
		html_text(out, _(layers[i].name));
		buf_add_cstr(out, "</li>");
	}
	buf_add_cstr(out, "</ul>\n");
}

void
html_chart(const struct report *r, struct buf *out)
{
	uint64_t top = 1;
	size_t hours = report_hours(r);
	if (hours == 0)
		return;
	size_t per = (hours + BARS_MAX - 1) / BARS_MAX;
	size_t bars = (hours + per - 1) / per;
	double step = (double)(CHART_WIDTH - CHART_LEFT) / (double)bars;
	for (size_t i = 0; i < bars; i++) {
		struct stats_hour h = bar_sum(r, i * per, per);
		uint64_t n = stats_hour_total(&h);
		top = n > top ? n : top;
	}
	top = round_up(top);
	buf_add_cstr(out, "<h2>");
	html_text(out, _("by hour"));
	buf_addf(out,
	    "</h2>\n<div class=\"wide\"><svg role=\"img\" viewBox=\"0 0 %d "
	    "%d\" width=\"100%%\">\n",
	    CHART_WIDTH, CHART_HEIGHT + CHART_BOTTOM + 8);
	scale(out, top);
	for (size_t i = 0; i < bars; i++) {
		struct stats_hour h = bar_sum(r, i * per, per);
		double x = CHART_LEFT + step * (double)i;
		bar(out, &h, x + step * 0.1, step * 0.8, top);
		axis_label(out, r, h.hour, x);
	}
	buf_add_cstr(out, "</svg></div>\n");
	key(out);
}
