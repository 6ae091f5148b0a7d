/* The other services of the mail report in JSON (LG-37 to LG-43). */
#include "cmd/report_figures.h"

#include <stdio.h>

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
	figure_number(j, "count", s->n);
	json_key(j, "average");
	json_double(j, stats_mean((double)s->sum / US, s->n), FIGURE_DECIMALS);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		json_key(j, rows[i].key);
		json_double(j, (double)rows[i].us / US, FIGURE_DECIMALS);
	}
	json_object_end(j);
}

static void
results_json(struct json *j, const struct stats_qmail *q)
{
	json_key(j, "result");
	json_object_begin(j);
	for (size_t i = 0; i < STATS_RESULTS; i++)
		figure_number(j, results[i], q->result_all[i]);
	json_object_end(j);
}

/* One channel, under its name. */
static void
channel_results(struct json *j, const struct stats_qmail *q, size_t c)
{
	json_key(j, channels[c]);
	json_object_begin(j);
	for (size_t i = 0; i < STATS_RESULTS; i++)
		if (q->result[c][i] > 0)
			figure_number(j, results[i], q->result[c][i]);
	json_object_end(j);
}

static void
channel_starting(struct json *j, const struct stats_qmail *q, size_t c)
{
	figure_number(j, channels[c], q->starting[c]);
}

static void
channel_seconds(struct json *j, const struct stats_qmail *q, size_t c)
{
	json_key(j, channels[c]);
	json_double(j, (double)q->delivery_ns[c] / NS_PER_S, FIGURE_DECIMALS);
}

static void
channel_times(struct json *j, const struct stats_qmail *q, size_t c)
{
	times(j, channels[c], &q->delivery_us[c]);
}

static void
channel_full(struct json *j, const struct stats_qmail *q, size_t c)
{
	json_key(j, channels[c]);
	json_double(j, stats_full_percent(q, c), FIGURE_DECIMALS);
}

/* An object of what 'one' writes for each channel. */
static void
by_channel(struct json *j, const char *key, const struct stats_qmail *q,
    void (*one)(struct json *j, const struct stats_qmail *q, size_t channel))
{
	json_key(j, key);
	json_object_begin(j);
	for (size_t c = 0; c < STATS_CHANNELS; c++)
		one(j, q, c);
	json_object_end(j);
}

static void
qmail_counts(struct json *j, const struct stats_qmail *q)
{
	const struct {
		const char *key;
		uint64_t n;
	} counts[] = {
		{ "new", q->new },
		{ "info", q->info },
		{ "end", q->end },
		{ "bytes", q->bytes },
		{ "bounce", q->bounce },
		{ "double_bounce", q->double_bounce },
		{ "triple_bounce", q->triple_bounce },
		{ "restarts", q->restarts },
		{ "status_lines", q->status_lines },
		{ "max_local", q->max_local },
		{ "max_remote", q->max_remote },
		{ "inode_reuse", q->reused },
		{ "unfinished", q->unfinished },
	};
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		figure_number(j, counts[i].key, counts[i].n);
}

static void
qmail_json(struct json *j, const struct stats_qmail *q)
{
	json_key(j, "qmail");
	json_object_begin(j);
	qmail_counts(j, q);
	by_channel(j, "starting", q, channel_starting);
	results_json(j, q);
	by_channel(j, "result_by_channel", q, channel_results);
	by_channel(j, "delivery_seconds", q, channel_seconds);
	by_channel(j, "delivery_time", q, channel_times);
	times(j, "queue_time", &q->queue_us);
	json_key(j, "bytes_average");
	json_double(j, stats_mean((double)q->bytes, q->info), FIGURE_DECIMALS);
	by_channel(j, "full_percent", q, channel_full);
	figure_table(
	    j, "senders", &q->senders, sender_counts, ARRAY_LEN(sender_counts));
	figure_counts(j, "by_uid", &q->uids);
	figure_counts(j, "recipients_by_domain", &q->recipient_domains);
	figure_counts(j, "deferral_reasons", &q->deferrals);
	figure_counts(j, "failure_reasons", &q->failures);
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
	    j, stats_mean((double)sum_milli / STATS_MILLI, n), FIGURE_DECIMALS);
	snprintf(key, sizeof(key), "%s_95_percent", name);
	figure_milli(j, key, stats_percentile(all, MOST));
}

static void
spamd_json(struct json *j, const struct stats_spamd *s)
{
	json_key(j, "spamd");
	json_object_begin(j);
	figure_number(j, "connections", s->connections);
	figure_number(j, "processed", s->processed);
	figure_number(j, "spam", s->spam);
	figure_number(j, "ham", s->ham);
	figure_milli(j, "score_sum", s->score_milli);
	spread(j, "score", s->score_milli, s->spam + s->ham, &s->scores);
	figure_milli(j, "scan_seconds", s->seconds_milli);
	spread(j, "seconds", s->seconds_milli, s->spam + s->ham, &s->seconds);
	figure_number(j, "bytes", s->bytes);
	figure_number(j, "timeouts", s->timeouts);
	figure_number(j, "aborted", s->aborted);
	json_key(j, "children");
	json_object_begin(j);
	figure_number(j, "most", s->children_max);
	figure_number(j, "most_busy", s->busy_max);
	figure_number(j, "told", s->states);
	figure_number(j, "none_idle", s->states_full);
	json_object_end(j);
	figure_counts(j, "rules", &s->rules);
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
	figure_number(j, "ok", c->ok);
	figure_number(j, "errors", c->errors);
	figure_number(j, "reloads", c->reloads);
	figure_number(j, "signatures", c->signatures);
	figure_number(j, "selfchecks", c->selfchecks);
	moment(j, "last_selfcheck", c->checked_ns, c->checked_ns != INT64_MIN);
	figure_counts(j, "found", &c->found);
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
	figure_counts(j, "login", &d->logins);
	figure_number(j, "logout", d->logout);
	figure_number(j, "aborted", d->aborted);
	figure_number(j, "auth_failed", d->auth_failed);
	figure_counts(j, "failed_users", &d->failed_users);
	figure_counts(j, "failed_addresses", &d->failed_ips);
	figure_number(j, "userip_limit", d->userip_limit);
	figure_number(j, "process_limit", d->process_limit);
	figure_table(
	    j, "limits", &d->limits, limit_counts, ARRAY_LEN(limit_counts));
	figure_number(j, "bytes_in", d->bytes_in);
	figure_number(j, "bytes_out", d->bytes_out);
	figure_counts(j, "users", &d->users);
	times(j, "session_time", &d->session_us);
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
	figure_number(j, "accepted", t->accepted);
	figure_number(j, "denied_limit", t->denied_limit);
	figure_number(j, "denied_rule", t->denied_rule);
	figure_number(j, "highest", t->highest);
	figure_number(j, "highest_allowed", t->highest_max);
	figure_table(j, "addresses", &t->clients, client_counts, TALLY_COUNTS);
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
	figure_table(j, "accounts", &f->mail, mail_counts, TALLY_COUNTS);
	figure_table(j, "troubles", &f->troubles, trouble_counts, TALLY_COUNTS);
	figure_counts(j, "smtp_codes", &f->codes);
	json_object_end(j);
}

void
report_json_services(struct json *j, const struct stats *s)
{
	qmail_json(j, &s->qmail);
	spamd_json(j, &s->spamd);
	clamd_json(j, &s->clamd);
	dovecot_json(j, &s->dovecot);
	tcpsvd_json(j, &s->tcpsvd);
	fetchmail_json(j, &s->fetchmail);
}
