/* The mail report for programs (LG-67). */
#include "cmd/report_figures.h"
#include "cmd/report_int.h"

#include "cmd/render.h"

enum {
	PLACES_OF_MILLI = 3
};

static void
columns_json(struct json *j, const uint64_t n[STATS_COLUMNS])
{
	json_object_begin(j);
	for (size_t i = 0; i < STATS_COLUMNS; i++)
		figure_number(j, stats_column_name((enum stats_column)i), n[i]);
	json_object_end(j);
}

static void
hour_json(struct json *j, const struct stats_hour *h, uint64_t examined)
{
	enum {
		HOUR_S = 3600
	};
	uint64_t total = stats_hour_total(h);
	json_object_begin(j);
	json_key(j, "hour");
	json_int(j, h->hour);
	json_key(j, "start");
	json_int(j, h->hour * HOUR_S);
	json_key(j, "counts");
	columns_json(j, h->n);
	figure_number(j, "total", total);
	json_key(j, "percent");
	json_double(j, report_percent(total, examined), FIGURE_DECIMALS);
	json_object_end(j);
}

/* The hours of the period, empty ones too (LG-50). */
static void
hours_json(struct json *j, const struct report *r)
{
	struct stats_hour empty;
	size_t n = report_hours(r);
	json_key(j, "hours");
	json_array_begin(j);
	for (size_t i = 0; i < n; i++)
		hour_json(
		    j, report_hour(r, i, &empty), r->stats.qpsmtpd.verdicts);
	json_array_end(j);
}

static void
percents_json(
    struct json *j, const struct report *r, const uint64_t n[STATS_COLUMNS])
{
	json_object_begin(j);
	for (size_t i = 0; i < STATS_COLUMNS; i++) {
		json_key(j, stats_column_name((enum stats_column)i));
		json_double(j, report_percent(n[i], r->stats.qpsmtpd.verdicts),
		    FIGURE_DECIMALS);
	}
	json_object_end(j);
}

static void
totals_json(struct json *j, const struct report *r)
{
	uint64_t n[STATS_COLUMNS], all = 0;
	report_totals(r, n);
	for (size_t i = STATS_SOURCES; i < STATS_COLUMNS; i++)
		all += n[i];
	json_key(j, "totals");
	json_object_begin(j);
	json_key(j, "counts");
	columns_json(j, n);
	figure_number(j, "total", all);
	json_key(j, "percent");
	percents_json(j, r, n);
	json_object_end(j);
	json_key(j, "percent"); /* where LG-67 has them */
	percents_json(j, r, n);
}

static void
config_json(struct json *j, const struct report *r)
{
	const struct stats_config *c = &r->config;
	json_key(j, "config");
	json_object_begin(j);
	json_key(j, "domain");
	json_cstr(j, c->domain);
	json_key(j, "host");
	json_cstr(j, c->host);
	json_key(j, "local_domains");
	json_array_begin(j);
	for (size_t i = 0; i < c->n_domains; i++)
		json_cstr(j, c->domains[i]);
	json_array_end(j);
	json_key(j, "tag_level");
	json_double(j, (double)c->tag_milli / STATS_MILLI, PLACES_OF_MILLI);
	json_key(j, "reject_level");
	json_double(j, (double)c->reject_milli / STATS_MILLI, PLACES_OF_MILLI);
	json_key(j, "bad_countries");
	json_array_begin(j);
	for (size_t i = 0; i < r->n_bad_countries; i++)
		json_cstr(j, r->bad_countries[i]);
	json_array_end(j);
	json_object_end(j);
}

static void
log_json(struct json *j, const struct stats_log *log)
{
	json_key(j, log->service);
	json_object_begin(j);
	figure_number(j, "bytes", log->bytes);
	figure_number(j, "lines", log->lines);
	json_key(j, "files");
	json_array_begin(j);
	for (size_t i = 0; i < log->n_files; i++) {
		json_object_begin(j);
		json_key(j, "name");
		json_cstr(j, log->files[i].name);
		figure_number(j, "bytes", log->files[i].bytes);
		figure_number(j, "lines", log->files[i].lines);
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

/* LG-72: tables that do not have all names, where there are any. */
static void
bounds_json(struct json *j, const struct stats *s)
{
	const char *table;
	uint64_t n;
	size_t i = 0;
	bool any = false;
	while ((table = stats_not_apart(s, &i, &n)) != NULL) {
		if (!any) {
			json_key(j, "not_kept_apart");
			json_object_begin(j);
		}
		any = true;
		figure_number(j, table, n);
	}
	if (any)
		json_object_end(j);
}

/* Sums that stay at the greatest number, where there are any. */
static void
too_large_json(struct json *j, const struct stats *s)
{
	const char *name;
	size_t i = 0;
	bool any = false;
	while ((name = stats_too_large(s, &i)) != NULL) {
		if (!any) {
			json_key(j, "too_large");
			json_array_begin(j);
		}
		any = true;
		json_cstr(j, name);
	}
	if (any)
		json_array_end(j);
}

/* What was read, and what of it no service wrote. */
static void
logs_json(struct json *j, const struct stats *s)
{
	bounds_json(j, s);
	too_large_json(j, s);
	figure_counts(j, "junk_lines", &s->junk);
	json_key(j, "logs");
	json_object_begin(j);
	for (size_t i = 0; i < s->n_logs; i++)
		log_json(j, &s->logs[i]);
	json_object_end(j);
	json_key(j, "unparsed");
	json_object_begin(j);
	for (size_t i = 0; i < s->n_logs; i++) {
		const struct stats_log *log = &s->logs[i];
		json_key(j, log->service);
		json_object_begin(j);
		for (size_t k = 0; k < log->unparsed.len; k++) {
			json_key_str(j, log->unparsed.rows[k].key);
			json_int(j, (int64_t)log->unparsed.rows[k].n[0]);
		}
		figure_number(j, "no known form", log->other);
		json_object_end(j);
	}
	json_object_end(j);
}

static void
program_json(struct json *j, const char *key, struct report_program p)
{
	json_key(j, key);
	json_object_begin(j);
	json_word(j, "version", p.version);
	json_word(j, "from", p.version != NULL ? p.from : NULL);
	json_object_end(j);
}

/* LG-56; what nothing tells is null. */
static void
programs_json(struct json *j, const struct report_programs *p)
{
	json_key(j, "programs");
	json_object_begin(j);
	json_word(j, "smemail", SMEMAIL_VERSION);
	program_json(j, "spamassassin", p->spamassassin);
	program_json(j, "clamav", p->clamav);
	json_word(j, "signatures", p->signatures);
	json_word(j, "signatures_of", p->signatures_of);
	json_object_end(j);
}

void
report_json(struct app *app, const struct report *r, const char *schema)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, schema);
	json_key(&j, "compat");
	json_bool(&j, r->config.compat);
	json_key(&j, "period");
	json_object_begin(&j);
	json_key(&j, "start");
	json_int(&j, r->from_s);
	json_key(&j, "end");
	json_int(&j, r->to_s);
	json_object_end(&j);
	programs_json(&j, &r->programs);
	config_json(&j, r);
	json_key(&j, "columns");
	json_array_begin(&j);
	for (size_t i = 0; i < STATS_COLUMNS; i++)
		json_cstr(&j, stats_column_name((enum stats_column)i));
	json_array_end(&j);
	json_key(&j, "source_columns");
	json_array_begin(&j);
	for (size_t i = 0; i < STATS_SOURCES; i++)
		json_cstr(&j, stats_column_name((enum stats_column)i));
	json_array_end(&j);
	figure_number(&j, "transactions", r->stats.qpsmtpd.connections);
	hours_json(&j, r);
	totals_json(&j, r);
	report_json_smtp(&j, &r->stats.qpsmtpd);
	report_json_services(&j, &r->stats);
	logs_json(&j, &r->stats);
	report_json_leagues(&j, r, app->arena);
	render_json_end(app, &j, &buf);
}
