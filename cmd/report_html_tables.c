/* The tables of the report's page: those of the text, with bars. */
#include "cmd/report_html.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/num.h"

enum {
	COUNT_CELL = 1, /* of a league */
	HUNDRED = 100,
};

static const struct {
	const char *title; /* N_() */
	bool bars;         /* a league: its counts are drawn */
	bool folded;       /* long: opened by who wants it */
} kinds[REPORT_TABLES] = {
	[REPORT_HOURS] = { N_("the figures of each hour"), false, true },
	[REPORT_UNKNOWN] = { N_("unknown names"), true, false },
	[REPORT_CODES] = { N_("what decided"), true, false },
	[REPORT_STATE] = { "qplogsumm", false, false },
	[REPORT_VIRUSES] = { N_("viruses"), true, false },
	[REPORT_BLACKLISTS] = { N_("blacklists"), true, false },
	[REPORT_COUNTRIES] = { N_("countries"), true, false },
	[REPORT_RULES] = { N_("rules of SpamAssassin"), true, false },
	[REPORT_DOMAINS] = { N_("domains"), false, false },
	[REPORT_RECIPIENTS] = { N_("addresses"), false, true },
	[REPORT_JUNK] = { N_("junk folders"), false, false },
};

static void
cell(struct buf *out, const char *tag, struct str s)
{
	buf_addf(out, "<%s>", tag);
	escape_html(out, s);
	buf_addf(out, "</%s>", tag);
}

static void
head_row(const struct report_table *t, struct buf *out)
{
	buf_add_cstr(out, "<tr>");
	for (size_t i = 0; i < t->width; i++) {
		const char *head = t->columns[i].head;
		cell(out, "th", str_of(head[0] != '\0' ? _(head) : ""));
	}
	buf_add_cstr(out, "</tr>\n");
}

static uint64_t
count_of(const struct report_table *t, size_t row)
{
	struct str cell = t->cells[row * t->width + COUNT_CELL];
	uint64_t n;
	return num_parse_u64(cell, UINT64_MAX, &n) ? n : 0;
}

static void
bar_cell(const struct report_table *t, size_t row, struct buf *out)
{
	uint64_t most = count_of(t, 0); /* the largest comes first */
	double width =
	    most > 0 ? (double)HUNDRED * (double)count_of(t, row) / (double)most
		     : 0;
	buf_addf(out, "<td class=\"share\"><i style=\"width:%.1f%%\"></i></td>",
	    width);
}

static void
rows(const struct report_table *t, struct buf *out)
{
	for (size_t i = 0; i < t->rows; i++) {
		bool total = i + t->totals >= t->rows;
		buf_add_cstr(out, total ? "<tr class=\"all\">" : "<tr>");
		for (size_t k = 0; k < t->width; k++)
			cell(out, "td", t->cells[i * t->width + k]);
		if (kinds[t->kind].bars && !total)
			bar_cell(t, i, out);
		buf_add_cstr(out, "</tr>\n");
	}
}

static void
table(const struct report_table *t, struct buf *out)
{
	bool folded = kinds[t->kind].folded;
	const char *title = _(kinds[t->kind].title);
	buf_add_cstr(out, folded ? "<details><summary>" : "<h2>");
	html_text(out, title);
	buf_add_cstr(out, folded ? "</summary>" : "</h2>");
	buf_add_cstr(out, "<div class=\"wide\"><table>\n");
	head_row(t, out);
	rows(t, out);
	buf_add_cstr(out, "</table></div>");
	buf_add_cstr(out, folded ? "</details>\n" : "\n");
}

void
html_tables(struct app *app, const struct report *r, struct buf *out)
{
	struct report_table tables[REPORT_TABLES];
	size_t n = report_tables(r, app->arena, tables);
	for (size_t i = 0; i < n; i++)
		table(&tables[i], out);
}

static void
fact_rows(const struct report_fact *facts, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		buf_add_cstr(out, "<tr>");
		cell(out, "td", str_of(facts[i].label));
		cell(out, "td", str_of(facts[i].text));
		buf_add_cstr(out, "</tr>\n");
	}
}

void
html_services(struct app *app, const struct report *r, struct buf *out)
{
	struct report_fact facts[REPORT_FACTS];
	buf_add_cstr(out, "<h2>");
	html_text(out, _("services"));
	buf_add_cstr(out, "</h2><div class=\"wide\"><table class=\"words\">\n");
	fact_rows(facts, report_facts(r, app->arena, facts), out);
	fact_rows(facts, report_service_facts(r, app->arena, facts), out);
	buf_add_cstr(out, "</table></div>\n");
}
