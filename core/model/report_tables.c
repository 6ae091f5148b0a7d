/* The tables of the mail report: hours and junk folders. */
#include "core/model/report_int.h"

#include "core/base/i18n.h"

#include <string.h>
#include <time.h>

enum {
	COLUMNS_MAX = STATS_COLUMNS + 3,
	HOUR_S = 3600,
};

/* "Rbl": "RBL" is the name of an area, which has a translation. */
/* Heads as narrow as the figures; those of the model are kept in JSON. */
static const char *const heads[STATS_COLUMNS] = { "Fetch", "WebM", "Mailm",
	"Local", "Relay", "DMARC", "Virus", "Rbl", "Exec", "Geoip", "NonC",
	"Load", "Karma", "DelSp", "QuSp", "Ham" };

const char *
report_count_text(struct arena *a, uint64_t n)
{
	return arena_printf(a, "%llu", (unsigned long long)n);
}

const char *
report_percent_text(struct arena *a, uint64_t n, uint64_t of)
{
	return arena_printf(a, "%.1f", report_percent(n, of));
}

void
report_table_add(struct report_maker *m, enum report_table_kind kind,
    const struct report_column *columns, size_t width, struct str *cells,
    size_t rows, size_t totals)
{
	struct report_column *own =
	    ARENA_ARRAY(m->a, width, struct report_column);
	memcpy(own, columns, width * sizeof(*own));
	m->out[m->n++] =
	    (struct report_table){ kind, own, width, cells, rows, totals };
}

/* The cells of one row of the table by hours. */
static void
hour_cells(struct arena *a, const struct report *r, const bool *shown,
    const char *label, const uint64_t n[STATS_COLUMNS], struct str *cells)
{
	size_t at = 0;
	uint64_t total = 0;
	cells[at++] = str_of(label);
	for (size_t i = 0; i < STATS_COLUMNS; i++) {
		if (i >= STATS_SOURCES)
			total += n[i];
		if (shown[i])
			cells[at++] = str_of(report_count_text(a, n[i]));
	}
	cells[at++] = str_of(report_count_text(a, total));
	cells[at] =
	    str_of(report_percent_text(a, total, r->stats.qpsmtpd.verdicts));
}

static void
percent_cells(struct arena *a, const struct report *r, const bool *shown,
    const uint64_t n[STATS_COLUMNS], struct str *cells)
{
	size_t at = 0;
	uint64_t total = 0, of = r->stats.qpsmtpd.verdicts;
	cells[at++] = str_of("%");
	for (size_t i = 0; i < STATS_COLUMNS; i++) {
		if (i >= STATS_SOURCES)
			total += n[i];
		if (shown[i])
			cells[at++] = str_of(report_percent_text(a, n[i], of));
	}
	cells[at++] = str_of(report_percent_text(a, total, of));
	cells[at] = str_of("");
}

static bool
local_time(int64_t hour, struct tm *tm)
{
	time_t at = (time_t)(hour * HOUR_S);
	return localtime_r(&at, tm) != NULL;
}

/* Do all rows begin on one day? Then its date says nothing. */
static bool
is_one_day(const struct report *r, size_t rows)
{
	struct stats_hour empty;
	struct tm first, last;
	return rows > 0 &&
	       local_time(report_hour(r, 0, &empty)->hour, &first) &&
	       local_time(report_hour(r, rows - 1, &empty)->hour, &last) &&
	       first.tm_year == last.tm_year && first.tm_yday == last.tm_yday;
}

/*
 * LG-50: where the clock is half an hour off the whole hours of the epoch, or
 * shows an hour again in autumn, two rows can have one label.
 */
static const char *
hour_label(struct arena *a, bool one_day, int64_t hour)
{
	char text[32];
	struct tm tm;
	if (!local_time(hour, &tm) ||
	    strftime(
		text, sizeof(text), one_day ? "%H" : "%Y-%m-%d, %H", &tm) == 0)
		return "-";
	return arena_cstr(a, str_of(text));
}

static void
hours_table(struct report_maker *m)
{
	const struct report *r = m->r;
	struct arena *a = m->a;
	struct report_column columns[COLUMNS_MAX] = { { N_("Hour"), false } };
	bool shown[STATS_COLUMNS];
	size_t width = 1;
	for (size_t i = 0; i < STATS_COLUMNS; i++) {
		shown[i] = report_shows(r, (enum stats_column)i);
		if (shown[i])
			columns[width++] =
			    (struct report_column){ heads[i], true };
	}
	columns[width++] = (struct report_column){ N_("Total"), true };
	columns[width++] = (struct report_column){ "%", true };
	size_t rows = report_hours(r);
	bool one_day = is_one_day(r, rows);
	struct str *cells = ARENA_ARRAY(a, (rows + 2) * width, struct str);
	for (size_t i = 0; i < rows; i++) {
		struct stats_hour empty;
		const struct stats_hour *h = report_hour(r, i, &empty);
		hour_cells(a, r, shown, hour_label(a, one_day, h->hour), h->n,
		    &cells[i * width]);
	}
	uint64_t n[STATS_COLUMNS];
	report_totals(r, n);
	hour_cells(a, r, shown, _("All"), n, &cells[rows * width]);
	percent_cells(a, r, shown, n, &cells[(rows + 1) * width]);
	report_table_add(m, REPORT_HOURS, columns, width, cells, rows + 2, 2);
}

/* LG-63 */
static void
junk_table(struct report_maker *m)
{
	enum {
		WIDTH = 2
	};
	static const struct report_column columns[WIDTH] = {
		{ N_("JUNK FOLDER OF"), false },
		{ N_("MESSAGES"), true },
	};
	const struct report *r = m->r;
	struct arena *a = m->a;
	struct str *cells = ARENA_ARRAY(a, r->n_junk * WIDTH, struct str);
	if (r->n_junk == 0 || !r->choice.junkmail)
		return;
	for (size_t i = 0; i < r->n_junk; i++) {
		cells[i * WIDTH] = str_of(r->junk[i].user);
		cells[i * WIDTH + 1] =
		    str_of(report_count_text(a, r->junk[i].messages));
	}
	report_table_add(m, REPORT_JUNK, columns, WIDTH, cells, r->n_junk, 0);
}

size_t
report_tables(const struct report *r, struct arena *a,
    struct report_table out[REPORT_TABLES])
{
	struct report_maker m = { r, a, out, 0 };
	if (r->stats.qpsmtpd.verdicts > 0)
		hours_table(&m);
	report_league_tables(&m);
	report_domains_table(&m);
	report_recipients_table(&m);
	junk_table(&m);
	return m.n;
}
