/* The mail report for people: head, hours, leagues. */
#include "cmd/report_int.h"

#include "cmd/render.h"
#include "core/base/i18n.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	COLUMNS_MAX = STATS_COLUMNS + 3,
	LEAGUE_COLUMNS = 4,
	HOUR_S = 3600,
};

/* Heads as narrow as the figures; those of the model are kept in JSON. */
static const char *const heads[STATS_COLUMNS] = { "Fetch", "WebM", "Mailm",
	"Local", "Relay", "DMARC", "Virus", "RBL", "Exec", "Geoip", "NonC",
	"Load", "Karma", "DelSp", "QuSp", "Ham" };

static const char *
count_text(struct app *app, uint64_t n)
{
	return arena_printf(app->arena, "%llu", (unsigned long long)n);
}

static const char *
percent_text(struct app *app, uint64_t n, uint64_t of)
{
	return arena_printf(app->arena, "%.1f", report_percent(n, of));
}

static const char *
moment(struct app *app, int64_t unix_s)
{
	char text[64] = "-";
	time_t at = (time_t)unix_s;
	struct tm tm;
	if (localtime_r(&at, &tm) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm);
	return arena_cstr(app->arena, str_of(text));
}

static double
mean(int64_t milli, uint64_t n)
{
	return n > 0 ? (double)milli / STATS_MILLI / (double)n : 0;
}

/* LG-56 */
static void
head_show(struct app *app, const struct report *r)
{
	const struct stats_qpsmtpd *q = &r->stats.qpsmtpd;
	double hours = (double)(r->to_s - r->from_s) / HOUR_S;
	render_line(app, "%-10s %s", _("period"),
	    arena_printf(app->arena, _("%s to %s, %.1f hours"),
		moment(app, r->from_s), moment(app, r->to_s), hours));
	render_line(app, "%-10s %s", _("examined"),
	    arena_printf(app->arena,
		_("%llu connections, %.1f an hour; accepted %llu"),
		(unsigned long long)q->verdicts,
		hours > 0 ? (double)q->verdicts / hours : 0,
		(unsigned long long)q->accepted));
	render_line(app, "%-10s %s", _("levels"),
	    r->config.reject_milli > 0
		? arena_printf(app->arena, _("tag %.1f, reject %.1f"),
		      (double)r->config.tag_milli / STATS_MILLI,
		      (double)r->config.reject_milli / STATS_MILLI)
		: arena_printf(app->arena,
		      _("tag %.1f, reject 0: no spam is refused"),
		      (double)r->config.tag_milli / STATS_MILLI));
	render_line(app, "%-10s %s", _("mean score"),
	    arena_printf(app->arena,
		_("ham %.1f, queued spam %.1f, refused spam %.1f"),
		mean(q->ham_milli, q->ham), mean(q->spam_milli, q->spam_queued),
		mean(q->refused_milli, q->spam_refused)));
	render_line(app, "%-10s %s", "DMARC",
	    arena_printf(app->arena,
		_("%llu approved (%.1f%% of ham), %llu reports sent"),
		(unsigned long long)q->dmarc_ok,
		report_percent(q->dmarc_ok, q->ham),
		(unsigned long long)q->dmarc_sent));
	if (r->blacklists[0] != '\0')
		render_line(app, "%-10s %s", _("lists"), r->blacklists);
	if (r->config.compat)
		render_line(app, "%-10s %s", _("counted"),
		    _("as the old report did, with its known faults"));
}

/* The cells of one row of the table by hours. */
static void
hour_cells(struct app *app, const struct report *r, const bool *shown,
    const char *label, const uint64_t n[STATS_COLUMNS], struct str *cells)
{
	size_t at = 0;
	uint64_t total = 0;
	cells[at++] = str_of(label);
	for (size_t i = 0; i < STATS_COLUMNS; i++) {
		if (i >= STATS_SOURCES)
			total += n[i];
		if (shown[i])
			cells[at++] = str_of(count_text(app, n[i]));
	}
	cells[at++] = str_of(count_text(app, total));
	cells[at] = str_of(percent_text(app, total, r->stats.qpsmtpd.verdicts));
}

static void
percent_cells(struct app *app, const struct report *r, const bool *shown,
    const uint64_t n[STATS_COLUMNS], struct str *cells)
{
	size_t at = 0;
	uint64_t total = 0, of = r->stats.qpsmtpd.verdicts;
	cells[at++] = str_of("%");
	for (size_t i = 0; i < STATS_COLUMNS; i++) {
		if (i >= STATS_SOURCES)
			total += n[i];
		if (shown[i])
			cells[at++] = str_of(percent_text(app, n[i], of));
	}
	cells[at++] = str_of(percent_text(app, total, of));
	cells[at] = str_of("");
}

/* Several days need the date at each hour, one does not. */
static const char *
hour_label(struct app *app, const struct report *r, int64_t hour)
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
	return arena_cstr(app->arena, str_of(text));
}

static void
hours_show(struct app *app, const struct report *r)
{
	struct render_column columns[COLUMNS_MAX] = { { N_("Hour"), false } };
	bool shown[STATS_COLUMNS];
	size_t width = 1;
	int64_t first, last;
	report_hours(r, &first, &last);
	for (size_t i = 0; i < STATS_COLUMNS; i++) {
		shown[i] = report_shows(r, (enum stats_column)i);
		if (shown[i])
			columns[width++] =
			    (struct render_column){ heads[i], true };
	}
	columns[width++] = (struct render_column){ N_("Total"), true };
	columns[width++] = (struct render_column){ "%", true };
	size_t rows = first <= last ? (size_t)(last - first + 1) : 0;
	struct str *cells =
	    ARENA_ARRAY(app->arena, (rows + 2) * width, struct str);
	for (size_t i = 0; i < rows; i++) {
		struct stats_hour empty;
		const struct stats_hour *h =
		    report_hour(r, first + (int64_t)i, &empty);
		hour_cells(app, r, shown, hour_label(app, r, h->hour), h->n,
		    &cells[i * width]);
	}
	uint64_t n[STATS_COLUMNS];
	report_totals(r, n);
	hour_cells(app, r, shown, _("All"), n, &cells[rows * width]);
	percent_cells(app, r, shown, n, &cells[(rows + 1) * width]);
	render_line(app, "%s", "");
	render_table(app, columns, width, cells, rows + 2);
}

/* Largest first; below 'cut' percent rows are left out. */
static void
league_show(struct app *app, const char *title, const struct tally *t,
    uint64_t of, double cut, bool totals,
    const char *(*mark)(const struct report *r, struct str name),
    const struct report *r)
{
	struct render_column columns[LEAGUE_COLUMNS] = { { title, false },
		{ N_("COUNT"), true }, { "%", true }, { "", false } };
	struct tally sorted;
	if (t->len == 0)
		return;
	tally_init(&sorted);
	tally_merge(&sorted, t);
	tally_sort(&sorted, 0);
	struct str *cells = ARENA_ARRAY(
	    app->arena, (sorted.len + 1) * LEAGUE_COLUMNS, struct str);
	size_t n = 0;
	for (size_t i = 0; i < sorted.len; i++) {
		const struct tally_row *row = &sorted.rows[i];
		struct str *c = &cells[n * LEAGUE_COLUMNS];
		if (report_percent(row->n[0], of) < cut)
			continue;
		c[0] = arena_str(app->arena, row->key);
		c[1] = str_of(count_text(app, row->n[0]));
		c[2] = str_of(percent_text(app, row->n[0], of));
		c[3] = str_of(mark != NULL ? mark(r, row->key) : "");
		n++;
	}
	if (totals) {
		struct str *c = &cells[n++ * LEAGUE_COLUMNS];
		c[0] = str_of(_("All"));
		c[1] = str_of(count_text(app, tally_sum(t, 0)));
		c[2] = str_of(percent_text(app, tally_sum(t, 0), of));
		c[3] = str_of("");
	}
	tally_clear(&sorted);
	render_line(app, "%s", "");
	render_table(app, columns, LEAGUE_COLUMNS, cells, n);
}

static const char *
bad_country(const struct report *r, struct str name)
{
	for (size_t i = 0; i < r->n_bad_countries; i++)
		if (str_is_nocase(name, r->bad_countries[i]))
			return "*";
	return "";
}

/* Reversed labels: "com.example.www" keeps what belongs together. */
static int
by_labels(const void *a, const void *b)
{
	struct str x = (*(const struct tally_row *const *)a)->key;
	struct str y = (*(const struct tally_row *const *)b)->key;
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
domain_type(struct app *app, const struct report *r, struct str name)
{
	for (size_t i = 0; i < r->config.n_backup; i++)
		if (str_is_nocase(name, r->config.backup[i]))
			return arena_printf(app->arena, "mxbackup-%zu", i + 1);
	if (str_is(name, "Internal"))
		return "local";
	return str_is(name, "Outgoing") || str_is(name, "Others") ? "other"
								  : "local";
}

static void
domain_cells(struct app *app, struct str name, const char *type,
    const uint64_t n[TALLY_COUNTS], struct str *c)
{
	c[0] = name;
	c[1] = str_of(type);
	c[2] = str_of(count_text(app, n[STATS_TOTAL]));
	c[3] = str_of(count_text(app, n[STATS_DENY]));
	c[4] = str_of("0"); /* XferErr: nothing in the logs tells it */
	c[5] = str_of(count_text(app, n[STATS_ACCEPT]));
	c[6] = str_of(arena_printf(app->arena, "%.2f",
	    report_percent(n[STATS_ACCEPT], n[STATS_TOTAL])));
}

/* LG-60 */
static void
domains_show(struct app *app, const struct report *r)
{
	enum {
		WIDTH = 7
	};
	static const struct render_column columns[WIDTH] = {
		{ N_("DOMAIN"), false },
		{ N_("TYPE"), false },
		{ N_("TOTAL"), true },
		{ N_("DENY"), true },
		{ "XFERERR", true },
		{ N_("ACCEPT"), true },
		{ "%", true },
	};
	const struct tally *t = &r->stats.qpsmtpd.domains;
	const struct tally_row **rows =
	    ARENA_ARRAY(app->arena, t->len + 1, const struct tally_row *);
	struct str *cells =
	    ARENA_ARRAY(app->arena, (t->len + 1) * WIDTH, struct str);
	uint64_t all[TALLY_COUNTS];
	for (size_t i = 0; i < t->len; i++)
		rows[i] = &t->rows[i];
	if (t->len == 0)
		return;
	qsort(rows, t->len, sizeof(*rows), by_labels);
	for (size_t i = 0; i < t->len; i++)
		domain_cells(app, arena_str(app->arena, rows[i]->key),
		    domain_type(app, r, rows[i]->key), rows[i]->n,
		    &cells[i * WIDTH]);
	for (size_t i = 0; i < TALLY_COUNTS; i++)
		all[i] = tally_sum(t, i);
	domain_cells(app, str_of(_("All")), "", all, &cells[t->len * WIDTH]);
	render_line(app, "%s", "");
	render_table(app, columns, WIDTH, cells, t->len + 1);
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
recipients_show(struct app *app, const struct report *r)
{
	enum {
		WIDTH = 5
	};
	static const struct render_column columns[WIDTH] = {
		{ N_("ADDRESS"), false },
		{ N_("QUEUED"), true },
		{ N_("REJECTED"), true },
		{ N_("SPAM"), true },
		{ N_("TOTAL"), true },
	};
	const struct tally *t = r->config.compat
				    ? &r->stats.qpsmtpd.recipients_compat
				    : &r->stats.qpsmtpd.recipients;
	const struct tally_row **rows =
	    ARENA_ARRAY(app->arena, t->len + 1, const struct tally_row *);
	struct str *cells = ARENA_ARRAY(app->arena, t->len * WIDTH, struct str);
	if (t->len == 0)
		return;
	for (size_t i = 0; i < t->len; i++)
		rows[i] = &t->rows[i];
	qsort(rows, t->len, sizeof(*rows), by_all_counts);
	for (size_t i = 0; i < t->len; i++) {
		struct str *c = &cells[i * WIDTH];
		const uint64_t *n = rows[i]->n;
		c[0] = arena_str(app->arena, rows[i]->key);
		for (size_t k = 0; k < TALLY_COUNTS; k++)
			c[1 + k] = str_of(count_text(app, n[k]));
		c[4] = str_of(count_text(app, n[0] + n[1] + n[2]));
	}
	render_line(app, "%s", "");
	render_table(app, columns, WIDTH, cells, t->len);
}

/* LG-63 */
static void
junk_show(struct app *app, const struct report *r)
{
	enum {
		WIDTH = 2
	};
	static const struct render_column columns[WIDTH] = {
		{ N_("JUNK FOLDER OF"), false },
		{ N_("MESSAGES"), true },
	};
	struct str *cells =
	    ARENA_ARRAY(app->arena, r->n_junk * WIDTH, struct str);
	if (r->n_junk == 0 || !r->choice.junkmail)
		return;
	for (size_t i = 0; i < r->n_junk; i++) {
		cells[i * WIDTH] = str_of(r->junk[i].user);
		cells[i * WIDTH + 1] =
		    str_of(count_text(app, r->junk[i].messages));
	}
	render_line(app, "%s", "");
	render_table(app, columns, WIDTH, cells, r->n_junk);
}

/* The queue, the scanners, the mailboxes: a line each. */
static void
services_show(struct app *app, const struct stats *s)
{
	const struct stats_qmail *q = &s->qmail;
	render_line(app, "%s", "");
	if (q->new > 0)
		render_line(app, "%-10s %s", "qmail",
		    arena_printf(app->arena,
			_("%llu messages, %llu delivered, %llu deferred, %llu "
			  "failed, %llu bounces, %llu unfinished"),
			(unsigned long long)q->new,
			(unsigned long long)q->result_all[0],
			(unsigned long long)q->result_all[2],
			(unsigned long long)q->result_all[1],
			(unsigned long long)q->bounce,
			(unsigned long long)q->unfinished));
	if (s->spamd.connections > 0)
		render_line(app, "%-10s %s", "spamd",
		    arena_printf(app->arena,
			_("%llu scanned, %llu spam, %llu ham, %.1f s each"),
			(unsigned long long)s->spamd.processed,
			(unsigned long long)s->spamd.spam,
			(unsigned long long)s->spamd.ham,
			mean(s->spamd.seconds_milli,
			    s->spamd.spam + s->spamd.ham)));
	if (s->clamd.ok + s->clamd.reloads + s->clamd.found.len > 0)
		render_line(app, "%-10s %s", "clamd",
		    arena_printf(app->arena,
			_("%llu clean, %llu found, %llu errors, %llu reloads"),
			(unsigned long long)s->clamd.ok,
			(unsigned long long)tally_sum(&s->clamd.found, 0),
			(unsigned long long)s->clamd.errors,
			(unsigned long long)s->clamd.reloads));
	if (s->dovecot.logins.len > 0 || s->dovecot.auth_failed > 0)
		render_line(app, "%-10s %s", "dovecot",
		    arena_printf(app->arena,
			_("%llu logins of %zu users, %llu failed, limits "
			  "reached %llu times"),
			(unsigned long long)tally_sum(&s->dovecot.logins, 0),
			s->dovecot.users.len,
			(unsigned long long)s->dovecot.auth_failed,
			(unsigned long long)(s->dovecot.userip_limit +
					     s->dovecot.process_limit)));
}

/* What was read but not understood must not go by in silence. */
static void
unread_show(struct app *app, const struct stats *s)
{
	for (size_t i = 0; i < s->n_logs; i++) {
		const struct stats_log *log = &s->logs[i];
		uint64_t junk = tally_sum(&log->unparsed, 0);
		if (junk + log->other > 0)
			render_note(app,
			    _("%s: %llu lines of no known form, %llu that no "
			      "service wrote"),
			    log->service, (unsigned long long)log->other,
			    (unsigned long long)junk);
		if (log->killed > 0)
			render_note(app,
			    _("%s: %zu files were left by a writer that was "
			      "killed"),
			    log->service, log->killed);
	}
}

void
report_text(struct app *app, const struct report *r)
{
	const struct stats_qpsmtpd *q = &r->stats.qpsmtpd;
	const struct report_choice *c = &r->choice;
	uint64_t scanned = r->stats.spamd.spam + r->stats.spamd.ham;
	head_show(app, r);
	if (q->verdicts > 0)
		hours_show(app, r);
	else
		render_note(
		    app, _("no connection was examined in this period"));
	if (c->codes)
		league_show(app, N_("CODE"), &q->codes, q->verdicts, 0,
		    c->totals, NULL, r);
	league_show(app, N_("VIRUS"), &q->viruses, tally_sum(&q->viruses, 0), 0,
	    c->totals, NULL, r);
	league_show(app, N_("BLACKLIST"), &q->blacklists,
	    tally_sum(&q->blacklists, 0), 0, c->totals, NULL, r);
	if (c->geoip)
		league_show(app, N_("COUNTRY"), &q->countries,
		    tally_sum(&q->countries, 0), c->geoip_cut, c->totals,
		    bad_country, r);
	if (c->rules)
		league_show(app, N_("SPAM RULE"), &r->stats.spamd.rules,
		    scanned, c->rules_cut, false, NULL, r);
	domains_show(app, r);
	recipients_show(app, r);
	junk_show(app, r);
	services_show(app, &r->stats);
	unread_show(app, &r->stats);
}
