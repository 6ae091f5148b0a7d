/* The tables of the mail report: hours, leagues, domains, addresses. */
#include "core/model/report_int.h"

#include "core/base/i18n.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	COLUMNS_MAX = STATS_COLUMNS + 3,
	LEAGUE_COLUMNS = 4,
	HOUR_S = 3600,
};

struct maker {
	const struct report *r;
	struct arena *a;
	struct report_table *out;
	size_t n;
};

/* "Rbl": "RBL" is the name of an area, which has a translation. */
/* Heads as narrow as the figures; those of the model are kept in JSON. */
static const char *const heads[STATS_COLUMNS] = { "Fetch", "WebM", "Mailm",
	"Local", "Relay", "DMARC", "Virus", "Rbl", "Exec", "Geoip", "NonC",
	"Load", "Karma", "DelSp", "QuSp", "Ham" };

static const char *
count_text(struct arena *a, uint64_t n)
{
	return arena_printf(a, "%llu", (unsigned long long)n);
}

static const char *
percent_text(struct arena *a, uint64_t n, uint64_t of)
{
	return arena_printf(a, "%.1f", report_percent(n, of));
}

static void
table_add(struct maker *m, enum report_table_kind kind,
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
			cells[at++] = str_of(count_text(a, n[i]));
	}
	cells[at++] = str_of(count_text(a, total));
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
hours_table(struct maker *m)
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
	table_add(m, REPORT_HOURS, columns, width, cells, rows + 2, 2);
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
	const char *(*mark)(struct maker *m, const struct tally_row *row);
};

/* Largest first. */
static void
league_table(struct maker *m, const struct league *l)
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
		c[1] = str_of(count_text(a, row->n[0]));
		c[2] = str_of(percent_text(a, row->n[0], l->of));
		c[3] = str_of(l->mark != NULL ? l->mark(m, row) : "");
		n++;
	}
	if (l->totals) {
		struct str *c = &cells[n++ * LEAGUE_COLUMNS];
		c[0] = str_of(_("All"));
		c[1] = str_of(count_text(a, tally_sum(t, 0)));
		c[2] = str_of(percent_text(a, tally_sum(t, 0), l->of));
		c[3] = str_of("");
	}
	tally_clear(&sorted);
	table_add(m, l->kind, columns, LEAGUE_COLUMNS, cells, n, l->totals);
}

static const char *
a_day_text(struct arena *a, uint64_t n, int64_t seconds)
{
	return arena_printf(a, "%.1f", report_a_day(n, seconds));
}

/* LG-65 */
static const char *
rate(struct maker *m, const struct tally_row *row)
{
	return a_day_text(m->a, row->n[0], m->r->to_s - m->r->from_s);
}

static const char *
bad_country(struct maker *m, const struct tally_row *row)
{
	const struct report *r = m->r;
	for (size_t i = 0; i < r->n_bad_countries; i++)
		if (str_is_nocase(row->key, r->bad_countries[i]))
			return "*";
	return "";
}

/* Reversed labels: "com.example.www" keeps what belongs together. */
static int
by_labels(const void *va, const void *vb)
{
	struct str x = (*(const struct tally_row *const *)va)->key;
	struct str y = (*(const struct tally_row *const *)vb)->key;
	while (x.len > 0 && y.len > 0) {
		size_t i = x.len, k = y.len;
		while (i > 0 && x.ptr[i - 1] != '.')
			i--;
		while (k > 0 && y.ptr[k - 1] != '.')
			k--;
		int order = str_cmp(str_sub(x, i, x.len), str_sub(y, k, y.len));
		if (order != 0)
			return order;
		x.len = i > 0 ? i - 1 : 0;
		y.len = k > 0 ? k - 1 : 0;
	}
	return x.len < y.len ? -1 : x.len > y.len;
}

static const char *
domain_type(struct arena *a, const struct report *r, struct str name)
{
	for (size_t i = 0; i < r->config.n_backup; i++)
		if (str_is_nocase(name, r->config.backup[i]))
			return arena_printf(a, "mxbackup-%zu", i + 1);
	if (str_is(name, "Internal"))
		return "local";
	return str_is(name, "Outgoing") || str_is(name, "Others") ? "other"
								  : "local";
}

static void
domain_cells(struct arena *a, struct str name, const char *type,
    const uint64_t n[TALLY_COUNTS], struct str *c)
{
	c[0] = name;
	c[1] = str_of(type);
	c[2] = str_of(count_text(a, n[STATS_TOTAL]));
	c[3] = str_of(count_text(a, n[STATS_DENY]));
	c[4] = str_of("0"); /* XferErr: nothing in the logs tells it */
	c[5] = str_of(count_text(a, n[STATS_ACCEPT]));
	c[6] = str_of(arena_printf(
	    a, "%.2f", report_percent(n[STATS_ACCEPT], n[STATS_TOTAL])));
}

/* LG-60 */
static void
domains_table(struct maker *m)
{
	enum {
		WIDTH = 7
	};
	static const struct report_column columns[WIDTH] = {
		{ N_("DOMAIN"), false },
		{ N_("TYPE"), false },
		{ N_("TOTAL"), true },
		{ N_("DENY"), true },
		{ "XFERERR", true },
		{ N_("ACCEPT"), true },
		{ "%", true },
	};
	const struct report *r = m->r;
	struct arena *a = m->a;
	const struct tally *t = &r->stats.qpsmtpd.domains;
	const struct tally_row **rows =
	    ARENA_ARRAY(a, t->len + 1, const struct tally_row *);
	struct str *cells = ARENA_ARRAY(a, (t->len + 1) * WIDTH, struct str);
	uint64_t all[TALLY_COUNTS];
	for (size_t i = 0; i < t->len; i++)
		rows[i] = &t->rows[i];
	if (t->len == 0)
		return;
	qsort(rows, t->len, sizeof(*rows), by_labels);
	for (size_t i = 0; i < t->len; i++)
		domain_cells(a, arena_str(a, rows[i]->key),
		    domain_type(a, r, rows[i]->key), rows[i]->n,
		    &cells[i * WIDTH]);
	for (size_t i = 0; i < TALLY_COUNTS; i++)
		all[i] = tally_sum(t, i);
	domain_cells(a, str_of(_("All")), "", all, &cells[t->len * WIDTH]);
	table_add(m, REPORT_DOMAINS, columns, WIDTH, cells, t->len + 1, 1);
}

static int
by_all_counts(const void *a, const void *b)
{
	const struct tally_row *x = *(const struct tally_row *const *)a;
	const struct tally_row *y = *(const struct tally_row *const *)b;
	uint64_t n = x->n[0] + x->n[1] + x->n[2];
	uint64_t m = y->n[0] + y->n[1] + y->n[2];
	return n != m ? (n < m ? 1 : -1) : str_cmp(x->key, y->key);
}

/* LG-61 */
static void
recipients_table(struct maker *m)
{
	enum {
		WIDTH = 5
	};
	static const struct report_column columns[WIDTH] = {
		{ N_("ADDRESS"), false },
		{ N_("QUEUED"), true },
		{ N_("REJECTED"), true },
		{ N_("SPAM"), true },
		{ N_("TOTAL"), true },
	};
	const struct report *r = m->r;
	struct arena *a = m->a;
	const struct tally *t = r->config.compat
				    ? &r->stats.qpsmtpd.recipients_compat
				    : &r->stats.qpsmtpd.recipients;
	const struct tally_row **rows =
	    ARENA_ARRAY(a, t->len + 1, const struct tally_row *);
	struct str *cells = ARENA_ARRAY(a, t->len * WIDTH, struct str);
	if (t->len == 0)
		return;
	for (size_t i = 0; i < t->len; i++)
		rows[i] = &t->rows[i];
	qsort(rows, t->len, sizeof(*rows), by_all_counts);
	for (size_t i = 0; i < t->len; i++) {
		struct str *c = &cells[i * WIDTH];
		const uint64_t *n = rows[i]->n;
		c[0] = arena_str(a, rows[i]->key);
		for (size_t k = 0; k < TALLY_COUNTS; k++)
			c[1 + k] = str_of(count_text(a, n[k]));
		c[4] = str_of(count_text(a, n[0] + n[1] + n[2]));
	}
	table_add(m, REPORT_RECIPIENTS, columns, WIDTH, cells, t->len, 0);
}

/* LG-65: what qplogsumm has counted, beyond the period too. */
static void
state_table(struct maker *m)
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
		c[1] = str_of(count_text(m->a, row->total));
		c[2] = str_of(
		    a_day_text(m->a, row->total, r->to_s - row->since_s));
		c[3] = str_of(report_moment(m->a, row->since_s));
	}
	table_add(m, REPORT_STATE, columns, WIDTH, cells, r->n_states, 0);
}

/* LG-63 */
static void
junk_table(struct maker *m)
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
		    str_of(count_text(a, r->junk[i].messages));
	}
	table_add(m, REPORT_JUNK, columns, WIDTH, cells, r->n_junk, 0);
}

size_t
report_tables(const struct report *r, struct arena *a,
    struct report_table out[REPORT_TABLES])
{
	const struct stats_qpsmtpd *q = &r->stats.qpsmtpd;
	const struct report_choice *c = &r->choice;
	struct maker m = { r, a, out, 0 };
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
	domains_table(&m);
	recipients_table(&m);
	junk_table(&m);
	return m.n;
}
