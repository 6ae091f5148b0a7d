/*
 * The mail report as one page that needs nothing else: no script, no font, no
 * picture from anywhere; charts are SVG in the page. Fit for a mail, too.
 */
#include "cmd/report_html.h"
#include "cmd/report_int.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"

#include <time.h>

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
    "table.words td{text-align:left}"
    "td:first-child,th:first-child{text-align:left;min-width:9em;"
    "overflow-wrap:anywhere}"
    "td.share{min-width:160px}td.share i{display:block;height:.7em;"
    "background:#3d7ab8;border-radius:2px}"
    "tr.all td{font-weight:600;border-bottom:0}"
    "@media(max-width:560px){th,td{padding:.2em .3em}"
    "td.share{display:none}}"
    ".wide{overflow-x:auto}svg text{fill:var(--soft);font-size:11px}"
    "ul.key{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:1em;"
    "font-size:.85em;color:var(--soft)}ul.key i{display:inline-block;"
    "width:.8em;height:.8em;border-radius:2px;margin-right:.4em}";

void
html_text(struct buf *out, const char *s)
{
	escape_html(out, str_of(s));
}

void
html_moment(struct buf *out, int64_t unix_s)
{
	char words[32] = "-";
	time_t at = (time_t)unix_s;
	struct tm tm;
	if (localtime_r(&at, &tm) != NULL)
		strftime(words, sizeof(words), "%Y-%m-%d %H:%M", &tm);
	html_text(out, words);
}

static void
fact(struct buf *out, const char *name, const char *value)
{
	buf_add_cstr(out, "<div><b>");
	html_text(out, value);
	buf_add_cstr(out, "</b><span>");
	html_text(out, name);
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

bool
report_html(struct app *app, const struct report *r, struct buf *out)
{
	buf_add_cstr(out,
	    "<!doctype html>\n<html><head><meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
	html_text(out, _("mail report"));
	buf_add_cstr(out, " ");
	html_text(out, app_host(app));
	buf_addf(out, "</title>\n<style>%s</style></head><body>\n<h1>", style);
	html_text(out, _("mail report"));
	buf_add_cstr(out, ": ");
	html_text(out, app_host(app));
	buf_add_cstr(out, "</h1>\n<p class=\"when\">");
	html_moment(out, r->from_s);
	buf_add_cstr(out, " – ");
	html_moment(out, r->to_s);
	buf_add_cstr(out, "</p>\n");
	facts(app, r, out);
	html_chart(r, out);
	html_tables(app, r, out);
	html_services(app, r, out);
	buf_add_cstr(out, "</body></html>\n");
	return !out->failed;
}
