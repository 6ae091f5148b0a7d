/* The tables of the mail report: hours, leagues, what was counted before. */
#include "core/model/report_int.h"

#include "core/base/i18n.h"

#include <string.h>
#include <time.h>

enum {
	COLUMNS_MAX = STATS_COLUMNS + 3,
	LEAGUE_COLUMNS = 4,
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

static const char *
percent_text(struct arena *a, uint64_t n, uint64_t of)
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
	cells[at] = str_of(percent_text(a, total, r->stats.qpsmtpd.verdicts));
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
			cells[at++] = str_of(percent_text(a, n[i], of));
	}
	cells[at++] = str_of(percent_text(a, total, of));
	cells[at] = str_of("");
}

/* Several days need the date at each hour, one does not. */
static const char *
hour_label(struct arena *a, const struct report *r, int64_t hour)
{
	enum {
		DAY_S = 24 * HOUR_S
	};
	char text[32] = "-";
	time_t at = (time_t)(hour * HOUR_S);
	struct tm tm;
	if (localtime_r(&at, &tm) == NULL)
		return "-";
	if (r->to_s - r->from_s <= DAY_S)
		strftime(text, sizeof(text), "%H", &tm);
	else
		strftime(text, sizeof(text), "%Y-%m-%d, %H", &tm);
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
	struct str *cells = ARENA_ARRAY(a, (rows + 2) * width, struct str);
	for (size_t i = 0; i < rows; i++) {
		struct stats_hour empty;
		const struct stats_hour *h = report_hour(r, i, &empty);
		hour_cells(a, r, shown, hour_label(a, r, h->hour), h->n,
		    &cells[i * width]);
	}
	uint64_t n[STATS_COLUMNS];
	report_totals(r, n);
	hour_cells(a, r, shown, _("All"), n, &cells[rows * width]);
	percent_cells(a, r, shown, n, &cells[(rows + 1) * width]);
	report_table_add(m, REPORT_HOURS, columns, width, cells, rows + 2, 2);
}

/* A league: names with a count. */
struct league {
	enum report_table_kind kind;
	const char *title;
	const struct tally *tally;
	uint64_t of; /* what 100 % is */
	double cut;  /* rows below so many percent are left out */
	bool totals;
	const char *last; /* head of the last column */
	const char *(*mark)(
	    struct report_maker *m, const struct tally_row *row);
};

/* Largest first. */
static void
league_table(struct report_maker *m, const struct league *l)
{
	const struct tally *t = l->tally;
	struct arena *a = m->a;
	struct report_column columns[LEAGUE_COLUMNS] = { { l->title, false },
		{ N_("COUNT"), true }, { "%", true },
		{ l->last, l->last[0] != '\0' } };
	struct tally sorted;
	if (t->len == 0)
		return;
	tally_init(&sorted);
	tally_merge(&sorted, t);
	tally_sort(&sorted, 0);
	struct str *cells =
	    ARENA_ARRAY(a, (sorted.len + 1) * LEAGUE_COLUMNS, struct str);
	size_t n = 0;
	for (size_t i = 0; i < sorted.len; i++) {
		const struct tally_row *row = &sorted.rows[i];
		struct str *c = &cells[n * LEAGUE_COLUMNS];
		if (report_percent(row->n[0], l->of) < l->cut)
			continue;
		c[0] = arena_str(a, row->key);
		c[1] = str_of(report_count_text(a, row->n[0]));
		c[2] = str_of(percent_text(a, row->n[0], l->of));
		c[3] = str_of(l->mark != NULL ? l->mark(m, row) : "");
		n++;
	}
	if (l->totals) {
		struct str *c = &cells[n++ * LEAGUE_COLUMNS];
		c[0] = str_of(_("All"));
		c[1] = str_of(report_count_text(a, tally_sum(t, 0)));
		c[2] = str_of(percent_text(a, tally_sum(t, 0), l->of));
		c[3] = str_of("");
	}
	tally_clear(&sorted);
	report_table_add(
	    m, l->kind, columns, LEAGUE_COLUMNS, cells, n, l->totals);
}

static const char *
a_day_text(struct arena *a, uint64_t n, int64_t seconds)
{
	return arena_printf(a, "%.1f", report_a_day(n, seconds));
}

/* LG-65 */
static const char *
rate(struct report_maker *m, const struct tally_row *row)
{
	return a_day_text(m->a, row->n[0], m->r->to_s - m->r->from_s);
}

static const char *
bad_country(struct report_maker *m, const struct tally_row *row)
{
	const struct report *r = m->r;
	for (size_t i = 0; i < r->n_bad_countries; i++)
		if (str_is_nocase(row->key, r->bad_countries[i]))
			return "*";
	return "";
}

/* LG-65: what qplogsumm has counted, beyond the period too. */
static void
state_table(struct report_maker *m)
{
	enum {
		WIDTH = 4
	};
	static const struct report_column columns[WIDTH] = {
		{ "QPLOGSUMM", false },
		{ N_("COUNT"), true },
		{ N_("A DAY"), true },
		{ N_("SINCE"), false },
	};
	const struct report *r = m->r;
	struct str *cells = ARENA_ARRAY(m->a, r->n_states * WIDTH, struct str);
	if (r->n_states == 0)
		return;
	for (size_t i = 0; i < r->n_states; i++) {
		const struct report_state *row = &r->states[i];
		struct str *c = &cells[i * WIDTH];
		c[0] = str_of(row->name);
		c[1] = str_of(report_count_text(m->a, row->total));
		c[2] = str_of(
		    a_day_text(m->a, row->total, r->to_s - row->since_s));
		c[3] = str_of(report_moment(m->a, row->since_s));
	}
	report_table_add(
	    m, REPORT_STATE, columns, WIDTH, cells, r->n_states, 0);
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
	const struct stats_qpsmtpd *q = &r->stats.qpsmtpd;
	const struct report_choice *c = &r->choice;
	struct report_maker m = { r, a, out, 0 };
	const struct tally *rules = &r->stats.spamd.rules;
	const struct league leagues[] = {
		{ REPORT_CODES, N_("CODE"), &q->codes, q->verdicts, 0,
		    c->totals, N_("A DAY"), rate },
		{ REPORT_VIRUSES, N_("VIRUS"), &q->viruses,
		    tally_sum(&q->viruses, 0), 0, c->totals, "", NULL },
		{ REPORT_BLACKLISTS, N_("BLACKLIST"), &q->blacklists,
		    tally_sum(&q->blacklists, 0), 0, c->totals, "", NULL },
		{ REPORT_COUNTRIES, N_("COUNTRY"), &q->countries,
		    tally_sum(&q->countries, 0), c->geoip_cut, c->totals, "",
		    bad_country },
		{ REPORT_RULES, N_("SPAM RULE"), rules,
		    r->stats.spamd.spam + r->stats.spamd.ham, c->rules_cut,
		    false, "", NULL },
	};
	if (q->verdicts > 0)
		hours_table(&m);
	for (size_t i = 0; i < ARRAY_LEN(leagues); i++) {
		enum report_table_kind kind = leagues[i].kind;
		if ((kind == REPORT_CODES && !c->codes) ||
		    (kind == REPORT_COUNTRIES && !c->geoip) ||
		    (kind == REPORT_RULES && !c->rules))
			continue;
		league_table(&m, &leagues[i]);
		if (kind == REPORT_CODES)
			state_table(&m);
	}
	report_domains_table(&m);
	report_recipients_table(&m);
	junk_table(&m);
	return m.n;
}
