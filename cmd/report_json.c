/* The mail report for programs (LG-67). */
#include "cmd/report_int.h"

#include "cmd/render.h"

#include <stdio.h>
#include <string.h>

enum {
	DECIMALS = 6,
	PLACES_OF_MILLI = 3,
	CODES_MAX = 4096,
};

static void
number(struct json *j, const char *key, uint64_t n)
{
	json_key(j, key);
	json_int(j, (int64_t)n);
}

static void
milli(struct json *j, const char *key, int64_t n)
{
	json_key(j, key);
	json_double(j, (double)n / STATS_MILLI, DECIMALS);
}

/* NAME_score, NAME_average */
static void
scores(struct json *j, const char *name, double sum, uint64_t n)
{
	char key[32];
	snprintf(key, sizeof(key), "%s_score", name);
	json_key(j, key);
	json_double(j, sum, DECIMALS);
	snprintf(key, sizeof(key), "%s_average", name);
	json_key(j, key);
	json_double(j, stats_mean(sum, n), DECIMALS);
}

static void
key_of(struct json *j, struct str key)
{
	char text[TALLY_KEY_MAX + 1];
	memcpy(text, key.ptr, key.len);
	text[key.len] = '\0';
	json_key(j, text);
}

/* An object of counts, by name. */
static void
counts(struct json *j, const char *key, const struct tally *t)
{
	json_key(j, key);
	json_object_begin(j);
	for (size_t i = 0; i < t->len; i++) {
		key_of(j, t->rows[i].key);
		json_int(j, (int64_t)t->rows[i].n[0]);
	}
	json_object_end(j);
}

/* An object of objects with so many counts each. */
static void
counts_named(struct json *j, const char *key, const struct tally *t,
    const char *const *names, size_t n)
{
	json_key(j, key);
	json_object_begin(j);
	for (size_t i = 0; i < t->len; i++) {
		key_of(j, t->rows[i].key);
		json_object_begin(j);
		for (size_t k = 0; k < n; k++)
			number(j, names[k], t->rows[i].n[k]);
		json_object_end(j);
	}
	json_object_end(j);
}

static void
columns_json(struct json *j, const uint64_t n[STATS_COLUMNS])
{
	json_object_begin(j);
	for (size_t i = 0; i < STATS_COLUMNS; i++)
		number(j, stats_column_name((enum stats_column)i), n[i]);
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
	number(j, "total", total);
	json_key(j, "percent");
	json_double(j, report_percent(total, examined), DECIMALS);
	json_object_end(j);
}

/* All hours of the period, empty ones too (LG-50). */
static void
hours_json(struct json *j, const struct report *r)
{
	int64_t first, last;
	struct stats_hour empty;
	report_hours(r, &first, &last);
	json_key(j, "hours");
	json_array_begin(j);
	for (int64_t hour = first; hour <= last; hour++)
		hour_json(
		    j, report_hour(r, hour, &empty), r->stats.qpsmtpd.verdicts);
	json_array_end(j);
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
	number(j, "total", all);
	json_key(j, "percent");
	json_object_begin(j);
	for (size_t i = 0; i < STATS_COLUMNS; i++) {
		json_key(j, stats_column_name((enum stats_column)i));
		json_double(j, report_percent(n[i], r->stats.qpsmtpd.verdicts),
		    DECIMALS);
	}
	json_object_end(j);
	json_object_end(j);
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
qpsmtpd_json(struct json *j, const struct report *r)
{
	static const char *const domain_counts[] = { "total", "deny",
		"accept" };
	static const char *const recipient_counts[] = { "queued", "rejected",
		"spam" };
	const struct stats_qpsmtpd *q = &r->stats.qpsmtpd;
	json_key(j, "qpsmtpd");
	json_object_begin(j);
	number(j, "logterse", q->verdicts);
	number(j, "connections", q->connections);
	number(j, "connections_without_verdict", q->without_verdict);
	number(j, "accepted", q->accepted);
	number(j, "ham", q->ham);
	number(j, "spam_queued", q->spam_queued);
	number(j, "spam_deleted", q->spam_refused);
	scores(j, "ham", q->ham_score, q->ham);
	scores(j, "spam", q->spam_score, q->spam_queued);
	scores(j, "deleted", q->refused_score, q->spam_refused);
	number(j, "dmarc_ok", q->dmarc_ok);
	number(j, "dmarc_sent", q->dmarc_sent);
	number(j, "dmarc_sent_empty_recipient", q->dmarc_sent_empty);
	number(j, "recipients_total", q->verdicts);
	counts(j, "by_plugin", &q->rules);
	counts(j, "by_plugin_raw", &q->rules_raw);
	counts(j, "deny_code", &q->deny_codes);
	counts(j, "unrecognised", &q->unknown);
	counts(j, "viruses", &q->viruses);
	counts(j, "blacklists", &q->blacklists);
	counts(j, "countries", &q->countries);
	counts(j, "verdict_by_kind", &q->kinds);
	counts_named(j, "per_domain", &q->domains, domain_counts, TALLY_COUNTS);
	counts_named(j, "per_domain_all_recipients", &q->domains_all,
	    domain_counts, TALLY_COUNTS);
	counts_named(
	    j, "per_recipient", &q->recipients, recipient_counts, TALLY_COUNTS);
	counts_named(j, "per_recipient_first_counted_twice",
	    &q->recipients_compat, recipient_counts, TALLY_COUNTS);
	json_object_end(j);
}

static const char *const channels[STATS_CHANNELS] = { "local", "remote" };
static const char *const results[STATS_RESULTS] = { "success", "failure",
	"deferral" };

static const char *const sender_counts[] = { "messages", "bytes" };

/* LG-37, in seconds; percentiles are exact to 3 %. */
static void
times(struct json *j, const char *key, const struct spread *s)
{
	enum {
		US = 1000000
	};
	const struct {
		const char *key;
		uint64_t us;
	} rows[] = {
		{ "least", s->least },
		{ "median", spread_percentile(s, 50) },
		{ "percent_95", spread_percentile(s, 95) },
		{ "most", s->largest },
	};
	json_key(j, key);
	json_object_begin(j);
	number(j, "count", s->n);
	json_key(j, "average");
	json_double(j, stats_mean((double)s->sum / US, s->n), DECIMALS);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		json_key(j, rows[i].key);
		json_double(j, (double)rows[i].us / US, DECIMALS);
	}
	json_object_end(j);
}

static void
results_json(struct json *j, const struct stats_qmail *q)
{
	json_key(j, "result");
	json_object_begin(j);
	for (size_t i = 0; i < STATS_RESULTS; i++)
		number(j, results[i], q->result_all[i]);
	json_object_end(j);
	json_key(j, "result_by_channel");
	json_object_begin(j);
	for (size_t c = 0; c < STATS_CHANNELS; c++) {
		json_key(j, channels[c]);
		json_object_begin(j);
		for (size_t i = 0; i < STATS_RESULTS; i++)
			if (q->result[c][i] > 0)
				number(j, results[i], q->result[c][i]);
		json_object_end(j);
	}
	json_object_end(j);
}

static void
qmail_json(struct json *j, const struct stats_qmail *q)
{
	enum {
		NS = 1000000000
	};
	json_key(j, "qmail");
	json_object_begin(j);
	number(j, "new", q->new);
	number(j, "info", q->info);
	number(j, "end", q->end);
	number(j, "bytes", q->bytes);
	number(j, "bounce", q->bounce);
	number(j, "double_bounce", q->double_bounce);
	number(j, "triple_bounce", q->triple_bounce);
	number(j, "restarts", q->restarts);
	number(j, "status_lines", q->status_lines);
	number(j, "max_local", q->max_local);
	number(j, "max_remote", q->max_remote);
	number(j, "inode_reuse", q->reused);
	number(j, "unfinished", q->unfinished);
	json_key(j, "starting");
	json_object_begin(j);
	for (size_t c = 0; c < STATS_CHANNELS; c++)
		number(j, channels[c], q->starting[c]);
	json_object_end(j);
	results_json(j, q);
	json_key(j, "delivery_seconds");
	json_object_begin(j);
	for (size_t c = 0; c < STATS_CHANNELS; c++) {
		json_key(j, channels[c]);
		json_double(j, (double)q->delivery_ns[c] / NS, DECIMALS);
	}
	json_object_end(j);
	json_key(j, "delivery_time");
	json_object_begin(j);
	for (size_t c = 0; c < STATS_CHANNELS; c++)
		times(j, channels[c], &q->delivery_us[c]);
	json_object_end(j);
	times(j, "queue_time", &q->queue_us);
	json_key(j, "bytes_average");
	json_double(j, stats_mean((double)q->bytes, q->info), DECIMALS);
	json_key(j, "full_percent");
	json_object_begin(j);
	for (size_t c = 0; c < STATS_CHANNELS; c++) {
		json_key(j, channels[c]);
		json_double(j, stats_full_percent(q, c), DECIMALS);
	}
	json_object_end(j);
	counts_named(
	    j, "senders", &q->senders, sender_counts, ARRAY_LEN(sender_counts));
	counts(j, "by_uid", &q->uids);
	counts(j, "recipients_by_domain", &q->recipient_domains);
	counts(j, "deferral_reasons", &q->deferrals);
	counts(j, "failure_reasons", &q->failures);
	json_object_end(j);
}

/* LG-39: the mean, and what 95 % are not above; 0 of none. */
static void
spread(struct json *j, const char *name, int64_t sum_milli, uint64_t n,
    const struct tally *all)
{
	enum {
		MOST = 95 /* percent */
	};
	char key[32];
	snprintf(key, sizeof(key), "%s_average", name);
	json_key(j, key);
	json_double(
	    j, stats_mean((double)sum_milli / STATS_MILLI, n), DECIMALS);
	snprintf(key, sizeof(key), "%s_95_percent", name);
	milli(j, key, stats_percentile(all, MOST));
}

static void
spamd_json(struct json *j, const struct stats_spamd *s)
{
	json_key(j, "spamd");
	json_object_begin(j);
	number(j, "connections", s->connections);
	number(j, "processed", s->processed);
	number(j, "spam", s->spam);
	number(j, "ham", s->ham);
	milli(j, "score_sum", s->score_milli);
	spread(j, "score", s->score_milli, s->spam + s->ham, &s->scores);
	milli(j, "scan_seconds", s->seconds_milli);
	spread(j, "seconds", s->seconds_milli, s->spam + s->ham, &s->seconds);
	number(j, "bytes", s->bytes);
	number(j, "timeouts", s->timeouts);
	json_key(j, "children");
	json_object_begin(j);
	number(j, "most", s->children_max);
	number(j, "most_busy", s->busy_max);
	number(j, "told", s->states);
	number(j, "none_idle", s->states_full);
	json_object_end(j);
	counts(j, "rules", &s->rules);
	json_object_end(j);
}

static void
moment(struct json *j, const char *key, int64_t ns, bool known)
{
	json_key(j, key);
	if (known)
		json_int(j, ns / NS_PER_S);
	else
		json_null(j);
}

/* LG-40 */
static void
clamd_json(struct json *j, const struct stats_clamd *c)
{
	json_key(j, "clamd");
	json_object_begin(j);
	number(j, "ok", c->ok);
	number(j, "errors", c->errors);
	number(j, "reloads", c->reloads);
	number(j, "signatures", c->signatures);
	number(j, "selfchecks", c->selfchecks);
	moment(j, "last_selfcheck", c->checked_ns, c->checked_ns != INT64_MIN);
	counts(j, "found", &c->found);
	json_key(j, "finds");
	json_array_begin(j);
	for (size_t i = 0; i < c->finds.len; i++) {
		const struct stats_find *f =
		    VEC_AT(&c->finds, const struct stats_find, i);
		json_object_begin(j);
		moment(j, "time", f->ns, true);
		json_key(j, "name");
		json_cstr(j, f->name);
		json_key(j, "path");
		json_cstr(j, f->path);
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

/* LG-41 */
static void
dovecot_json(struct json *j, const struct stats_dovecot *d)
{
	static const char *const limit_counts[] = { "per_address", "all" };
	json_key(j, "dovecot");
	json_object_begin(j);
	counts(j, "login", &d->logins);
	number(j, "logout", d->logout);
	number(j, "aborted", d->aborted);
	number(j, "auth_failed", d->auth_failed);
	counts(j, "failed_users", &d->failed_users);
	counts(j, "failed_addresses", &d->failed_ips);
	number(j, "userip_limit", d->userip_limit);
	number(j, "process_limit", d->process_limit);
	counts_named(
	    j, "limits", &d->limits, limit_counts, ARRAY_LEN(limit_counts));
	number(j, "bytes_in", d->bytes_in);
	number(j, "bytes_out", d->bytes_out);
	counts(j, "users", &d->users);
	json_object_end(j);
}

/* LG-42 */
static void
tcpsvd_json(struct json *j, const struct stats_tcpsvd *t)
{
	static const char *const client_counts[] = { "accepted", "limit",
		"rule" };
	json_key(j, "tcpsvd");
	json_object_begin(j);
	number(j, "accepted", t->accepted);
	number(j, "denied_limit", t->denied_limit);
	number(j, "denied_rule", t->denied_rule);
	number(j, "highest", t->highest);
	number(j, "highest_allowed", t->highest_max);
	counts_named(j, "addresses", &t->clients, client_counts, TALLY_COUNTS);
	json_object_end(j);
}

/* LG-43 */
static void
fetchmail_json(struct json *j, const struct stats_fetchmail *f)
{
	static const char *const mail_counts[] = { "polls", "fetched", "kept" };
	static const char *const trouble_counts[] = { "refused_by_smtp",
		"failed_logins", "no_connection" };
	json_key(j, "fetchmail");
	json_object_begin(j);
	counts_named(j, "accounts", &f->mail, mail_counts, TALLY_COUNTS);
	counts_named(j, "troubles", &f->troubles, trouble_counts, TALLY_COUNTS);
	counts(j, "smtp_codes", &f->codes);
	json_object_end(j);
}

static void
log_json(struct json *j, const struct stats_log *log)
{
	json_key(j, log->service);
	json_object_begin(j);
	number(j, "bytes", log->bytes);
	number(j, "lines", log->lines);
	json_key(j, "files");
	json_array_begin(j);
	for (size_t i = 0; i < log->n_files; i++) {
		json_object_begin(j);
		json_key(j, "name");
		json_cstr(j, log->files[i].name);
		number(j, "bytes", log->files[i].bytes);
		number(j, "lines", log->files[i].lines);
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

/* What was read, and what of it no service wrote. */
static void
logs_json(struct json *j, const struct stats *s)
{
	counts(j, "junk_lines", &s->junk);
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
			key_of(j, log->unparsed.rows[k].key);
			json_int(j, (int64_t)log->unparsed.rows[k].n[0]);
		}
		number(j, "no known form", log->other);
		json_object_end(j);
	}
	json_object_end(j);
}

/* The leagues, largest first; shares of 'of', and a rate where asked for. */
static void
league_json(struct json *j, const char *key, const struct tally *t, uint64_t of,
    int64_t rate_s)
{
	struct tally sorted;
	tally_init(&sorted);
	tally_merge(&sorted, t);
	tally_sort(&sorted, 0);
	json_key(j, key);
	json_array_begin(j);
	for (size_t i = 0; i < sorted.len; i++) {
		json_object_begin(j);
		json_key(j, "name");
		json_str(j, sorted.rows[i].key);
		number(j, "count", sorted.rows[i].n[0]);
		json_key(j, "percent");
		json_double(
		    j, report_percent(sorted.rows[i].n[0], of), DECIMALS);
		if (rate_s > 0) {
			json_key(j, "per_day");
			json_double(j,
			    report_a_day(sorted.rows[i].n[0], rate_s),
			    DECIMALS);
		}
		json_object_end(j);
	}
	json_array_end(j);
	tally_clear(&sorted);
}

static void
leagues_json(struct json *j, const struct report *r)
{
	const struct stats_qpsmtpd *q = &r->stats.qpsmtpd;
	league_json(j, "codes", &q->codes, q->verdicts, r->to_s - r->from_s);
	league_json(j, "viruses", &q->viruses, tally_sum(&q->viruses, 0), 0);
	league_json(
	    j, "blacklists", &q->blacklists, tally_sum(&q->blacklists, 0), 0);
	league_json(
	    j, "countries", &q->countries, tally_sum(&q->countries, 0), 0);
	league_json(j, "spam_rules", &r->stats.spamd.rules,
	    r->stats.spamd.spam + r->stats.spamd.ham, 0);
	json_key(j, "junkmail");
	json_array_begin(j);
	for (size_t i = 0; i < r->n_junk; i++) {
		json_object_begin(j);
		json_key(j, "user");
		json_cstr(j, r->junk[i].user);
		number(j, "messages", r->junk[i].messages);
		json_object_end(j);
	}
	json_array_end(j);
}

/* What qplogsumm has counted (LG-65). */
static void
state_json(struct json *j, const struct report *r)
{
	json_key(j, "state");
	json_array_begin(j);
	for (size_t i = 0; i < r->n_states; i++) {
		const struct report_state *s = &r->states[i];
		json_object_begin(j);
		json_key(j, "name");
		json_cstr(j, s->name);
		number(j, "count", s->total);
		json_key(j, "since");
		json_int(j, s->since_s);
		json_key(j, "per_day");
		json_double(
		    j, report_a_day(s->total, r->to_s - s->since_s), DECIMALS);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
text_json(struct json *j, const char *key, const char *text)
{
	json_key(j, key);
	json_cstr(j, text);
}

static void
program_json(struct json *j, const char *key, struct report_program p)
{
	json_key(j, key);
	json_object_begin(j);
	text_json(j, "version", p.version);
	text_json(j, "from", p.version != NULL ? p.from : NULL);
	json_object_end(j);
}

/* LG-56; what nothing tells is null. */
static void
programs_json(struct json *j, const struct report_programs *p)
{
	json_key(j, "programs");
	json_object_begin(j);
	text_json(j, "smemail", SMEMAIL_VERSION);
	program_json(j, "spamassassin", p->spamassassin);
	program_json(j, "clamav", p->clamav);
	text_json(j, "signatures", p->signatures);
	text_json(j, "signatures_of", p->signatures_of);
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
	number(&j, "transactions", r->stats.qpsmtpd.connections);
	hours_json(&j, r);
	totals_json(&j, r);
	qpsmtpd_json(&j, r);
	qmail_json(&j, &r->stats.qmail);
	spamd_json(&j, &r->stats.spamd);
	clamd_json(&j, &r->stats.clamd);
	dovecot_json(&j, &r->stats.dovecot);
	tcpsvd_json(&j, &r->stats.tcpsvd);
	fetchmail_json(&j, &r->stats.fetchmail);
	logs_json(&j, &r->stats);
	leagues_json(&j, r);
	state_json(&j, r);
	render_json_end(app, &j, &buf);
}
