/*
 * The mail report as one page that needs nothing else: no script, no font, no
 * picture from anywhere; charts are SVG in the page. Fit for a mail, too.
 */
#include "cmd/report_int.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"

#include <stdlib.h>
#include <time.h>

enum {
	HOUR_S = 3600,
	CHART_WIDTH = 960,
	CHART_HEIGHT = 220,
	CHART_LEFT = 48,
	CHART_BOTTOM = 24,
	BARS_MAX = 24 * 31, /* more hours are summed up */
	LEAGUE_MAX = 25,    /* rows; the rest is one row */
	TICKS = 4,
};

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1c2430;--soft:#5c6773;"
    "--line:#d9dee4;--page:#fff;--bar:#e9edf2}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--soft:#9aa5b1;"
    "--line:#39424d;--page:#171b21;--bar:#2a323c}}"
    "body{font:15px/1.45 system-ui,sans-serif;color:var(--ink);"
    "background:var(--page);max-width:1000px;margin:2em auto;padding:0 1em}"
    "h1{font-size:1.5em;margin:0}h2{font-size:1.1em;margin:2em 0 .4em}"
    "p.when{color:var(--soft);margin:.2em 0 1.5em}"
    ".facts{display:flex;flex-wrap:wrap;gap:.8em}"
    ".facts div{border:1px solid var(--line);border-radius:6px;"
    "padding:.5em .9em}.facts b{display:block;font-size:1.4em}"
    ".facts span{color:var(--soft);font-size:.85em}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    "th,td{padding:.2em .6em;text-align:right;"
    "border-bottom:1px solid var(--line)}"
    "th{color:var(--soft);font-weight:600;font-size:.85em}"
    "td:first-child,th:first-child{text-align:left;overflow-wrap:anywhere}"
    "td.share{min-width:160px}td.share i{display:block;height:.7em;"
    "background:#3d7ab8;border-radius:2px}"
    "tr.all td{font-weight:600;border-bottom:0}"
    ".wide{overflow-x:auto}svg text{fill:var(--soft);font-size:11px}"
    "ul.key{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:1em;"
    "font-size:.85em;color:var(--soft)}ul.key i{display:inline-block;"
    "width:.8em;height:.8em;border-radius:2px;margin-right:.4em}";

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

static void
text(struct buf *out, const char *s)
{
	escape_html(out, str_of(s));
}

static void
moment(struct buf *out, int64_t unix_s)
{
	char words[32] = "-";
	time_t at = (time_t)unix_s;
	struct tm tm;
	if (localtime_r(&at, &tm) != NULL)
		strftime(words, sizeof(words), "%Y-%m-%d %H:%M", &tm);
	text(out, words);
}

static void
fact(struct buf *out, const char *name, const char *value)
{
	buf_add_cstr(out, "<div><b>");
	text(out, value);
	buf_add_cstr(out, "</b><span>");
	text(out, name);
	buf_add_cstr(out, "</span></div>\n");
}

static void
facts(struct app *app, const struct report *r, struct buf *out)
{
	const struct stats_qpsmtpd *q = &r->stats.qpsmtpd;
	buf_add_cstr(out, "<div class=\"facts\">\n");
	fact(out, _("connections examined"),
	    arena_printf(app->arena, "%llu", (unsigned long long)q->verdicts));
	fact(out, _("accepted"),
	    arena_printf(app->arena, "%llu (%.1f %%)",
		(unsigned long long)q->accepted,
		report_percent(q->accepted, q->verdicts)));
	fact(out, _("ham"),
	    arena_printf(app->arena, "%llu", (unsigned long long)q->ham));
	fact(out, _("spam, queued"),
	    arena_printf(
		app->arena, "%llu", (unsigned long long)q->spam_queued));
	fact(out, _("spam, refused"),
	    arena_printf(
		app->arena, "%llu", (unsigned long long)q->spam_refused));
	fact(out, _("viruses"),
	    arena_printf(app->arena, "%llu",
		(unsigned long long)tally_sum(&q->viruses, 0)));
	buf_add_cstr(out, "</div>\n");
}

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
bar_sum(const struct report *r, int64_t from, int64_t hours)
{
	struct stats_hour sum = { .hour = from }, empty;
	for (int64_t i = 0; i < hours; i++) {
		const struct stats_hour *h = report_hour(r, from + i, &empty);
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
	moment(out, h->hour * HOUR_S);
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
		text(out, _(layers[i].name));
		buf_add_cstr(out, "</li>");
	}
	buf_add_cstr(out, "</ul>\n");
}

/* Stacked bars, one an hour. */
static void
chart(const struct report *r, struct buf *out)
{
	int64_t first, last;
	uint64_t top = 1;
	report_hours(r, &first, &last);
	if (first > last)
		return;
	int64_t per = (last - first + BARS_MAX) / BARS_MAX;
	int64_t bars = (last - first + per) / per;
	double step = (double)(CHART_WIDTH - CHART_LEFT) / (double)bars;
	for (int64_t i = 0; i < bars; i++) {
		struct stats_hour h = bar_sum(r, first + i * per, per);
		uint64_t n = stats_hour_total(&h);
		top = n > top ? n : top;
	}
	top = round_up(top);
	buf_add_cstr(out, "<h2>");
	text(out, _("by hour"));
	buf_addf(out,
	    "</h2>\n<div class=\"wide\"><svg role=\"img\" viewBox=\"0 0 %d "
	    "%d\" width=\"100%%\">\n",
	    CHART_WIDTH, CHART_HEIGHT + CHART_BOTTOM + 8);
	scale(out, top);
	for (int64_t i = 0; i < bars; i++) {
		struct stats_hour h = bar_sum(r, first + i * per, per);
		double x = CHART_LEFT + step * (double)i;
		bar(out, &h, x + step * 0.1, step * 0.8, top);
		axis_label(out, r, h.hour, x);
	}
	buf_add_cstr(out, "</svg></div>\n");
	key(out);
}

static void
head_cell(struct buf *out, const char *words)
{
	buf_add_cstr(out, "<th>");
	text(out, words);
	buf_add_cstr(out, "</th>");
}

static void
hour_line(struct buf *out, const struct report *r, const uint64_t *n)
{
	uint64_t total = 0;
	for (size_t i = 0; i < STATS_COLUMNS; i++) {
		total += i >= STATS_SOURCES ? n[i] : 0;
		if (report_shows(r, (enum stats_column)i))
			buf_addf(
			    out, "<td>%llu</td>", (unsigned long long)n[i]);
	}
	buf_addf(out, "<td>%llu</td><td>%.1f</td></tr>\n",
	    (unsigned long long)total,
	    report_percent(total, r->stats.qpsmtpd.verdicts));
}

static void
hours_table(const struct report *r, struct buf *out)
{
	int64_t first, last;
	uint64_t n[STATS_COLUMNS];
	report_hours(r, &first, &last);
	buf_add_cstr(out, "<details><summary>");
	text(out, _("the figures of each hour"));
	buf_add_cstr(out, "</summary><div class=\"wide\"><table><tr>");
	head_cell(out, _("Hour"));
	for (size_t i = 0; i < STATS_COLUMNS; i++)
		if (report_shows(r, (enum stats_column)i))
			head_cell(out, stats_column_name((enum stats_column)i));
	head_cell(out, _("Total"));
	head_cell(out, "%");
	buf_add_cstr(out, "</tr>\n");
	for (int64_t hour = first; hour <= last; hour++) {
		struct stats_hour empty;
		buf_add_cstr(out, "<tr><td>");
		moment(out, hour * HOUR_S);
		buf_add_cstr(out, "</td>");
		hour_line(out, r, report_hour(r, hour, &empty)->n);
	}
	report_totals(r, n);
	buf_add_cstr(out, "<tr class=\"all\"><td>");
	text(out, _("All"));
	buf_add_cstr(out, "</td>");
	hour_line(out, r, n);
	buf_add_cstr(out, "</table></div></details>\n");
}

static void
league_row(
    struct buf *out, struct str name, uint64_t n, uint64_t of, uint64_t most)
{
	buf_add_cstr(out, "<tr><td>");
	escape_html(out, name);
	buf_addf(out,
	    "</td><td>%llu</td><td>%.1f</td><td class=\"share\"><i "
	    "style=\"width:%.1f%%\"></i></td></tr>\n",
	    (unsigned long long)n, report_percent(n, of),
	    report_percent(n, most));
}

static void
league(struct buf *out, const char *title, const struct tally *t, size_t which,
    uint64_t of)
{
	struct tally sorted;
	uint64_t rest = 0;
	if (t->len == 0)
		return;
	tally_init(&sorted);
	tally_merge(&sorted, t);
	tally_sort(&sorted, which);
	buf_add_cstr(out, "<h2>");
	text(out, title);
	buf_add_cstr(out, "</h2>\n<table>\n");
	for (size_t i = 0; i < sorted.len; i++) {
		uint64_t n = sorted.rows[i].n[which];
		if (i < LEAGUE_MAX)
			league_row(out, sorted.rows[i].key, n, of,
			    sorted.rows[0].n[which]);
		else
			rest += n;
	}
	if (rest > 0) {
		char words[64];
		struct buf name = BUF_INIT(sizeof(words));
		buf_addf(&name, _("%zu more"), sorted.len - LEAGUE_MAX);
		league_row(
		    out, buf_str(&name), rest, of, sorted.rows[0].n[which]);
		buf_clear(&name);
	}
	buf_add_cstr(out, "</table>\n");
	tally_clear(&sorted);
}

static void
leagues(const struct report *r, struct buf *out)
{
	const struct stats_qpsmtpd *q = &r->stats.qpsmtpd;
	const struct tally *recipients =
	    r->config.compat ? &q->recipients_compat : &q->recipients;
	if (r->choice.codes)
		league(out, _("what decided"), &q->codes, 0, q->verdicts);
	league(out, _("viruses"), &q->viruses, 0, tally_sum(&q->viruses, 0));
	league(out, _("blacklists"), &q->blacklists, 0,
	    tally_sum(&q->blacklists, 0));
	if (r->choice.geoip)
		league(out, _("countries"), &q->countries, 0,
		    tally_sum(&q->countries, 0));
	if (r->choice.rules)
		league(out, _("rules of SpamAssassin"), &r->stats.spamd.rules,
		    0, r->stats.spamd.spam + r->stats.spamd.ham);
	league(out, _("domains"), &q->domains, STATS_TOTAL, q->verdicts);
	league(out, _("addresses, messages queued"), recipients, STATS_QUEUED,
	    tally_sum(recipients, STATS_QUEUED));
}

bool
report_html(struct app *app, const struct report *r, struct buf *out)
{
	buf_add_cstr(out,
	    "<!doctype html>\n<html><head><meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
	text(out, _("mail report"));
	buf_add_cstr(out, " ");
	text(out, app_host(app));
	buf_addf(out, "</title>\n<style>%s</style></head><body>\n<h1>", style);
	text(out, _("mail report"));
	buf_add_cstr(out, ": ");
	text(out, app_host(app));
	buf_add_cstr(out, "</h1>\n<p class=\"when\">");
	moment(out, r->from_s);
	buf_add_cstr(out, " – ");
	moment(out, r->to_s);
	buf_add_cstr(out, "</p>\n");
	facts(app, r, out);
	chart(r, out);
	hours_table(r, out);
	leagues(r, out);
	buf_add_cstr(out, "</body></html>\n");
	return !out->failed;
}
