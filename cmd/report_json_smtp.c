/* What qpsmtpd decided, and its leagues, in JSON (LG-57 to LG-65). */
#include "cmd/report_figures.h"
#include "cmd/report_int.h"

#include <stdio.h>

/* NAME_score, NAME_average */
static void
scores(struct json *j, const char *name, double sum, uint64_t n)
{
	char key[32];
	snprintf(key, sizeof(key), "%s_score", name);
	json_key(j, key);
	json_double(j, sum, FIGURE_DECIMALS);
	snprintf(key, sizeof(key), "%s_average", name);
	json_key(j, key);
	json_double(j, stats_mean(sum, n), FIGURE_DECIMALS);
}

void
report_json_smtp(struct json *j, const struct stats_qpsmtpd *q)
{
	static const char *const domain_counts[] = { "total", "deny",
		"accept" };
	static const char *const recipient_counts[] = { "queued", "rejected",
		"spam" };
	json_key(j, "qpsmtpd");
	json_object_begin(j);
	figure_number(j, "logterse", q->verdicts);
	figure_number(j, "connections", q->connections);
	figure_number(j, "connections_without_verdict", q->without_verdict);
	figure_number(j, "accepted", q->accepted);
	figure_number(j, "ham", q->ham);
	figure_number(j, "spam_queued", q->spam_queued);
	figure_number(j, "spam_deleted", q->spam_refused);
	scores(j, "ham", q->ham_score, q->ham);
	scores(j, "spam", q->spam_score, q->spam_queued);
	scores(j, "deleted", q->refused_score, q->spam_refused);
	figure_number(j, "dmarc_ok", q->dmarc_ok);
	figure_number(j, "dmarc_sent", q->dmarc_sent);
	figure_number(j, "dmarc_sent_empty_recipient", q->dmarc_sent_empty);
	figure_number(j, "recipients_total", q->verdicts);
	figure_counts(j, "by_plugin", &q->rules);
	figure_counts(j, "by_plugin_raw", &q->rules_raw);
	figure_counts(j, "deny_code", &q->deny_codes);
	figure_counts(j, "unrecognised", &q->unknown);
	figure_counts(j, "viruses", &q->viruses);
	figure_counts(j, "blacklists", &q->blacklists);
	figure_counts(j, "countries", &q->countries);
	figure_counts(j, "verdict_by_kind", &q->kinds);
	figure_table(j, "per_domain", &q->domains, domain_counts, TALLY_COUNTS);
	figure_table(j, "per_domain_all_recipients", &q->domains_all,
	    domain_counts, TALLY_COUNTS);
	figure_table(
	    j, "per_recipient", &q->recipients, recipient_counts, TALLY_COUNTS);
	figure_table(j, "per_recipient_first_counted_twice",
	    &q->recipients_compat, recipient_counts, TALLY_COUNTS);
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
		figure_number(j, "count", sorted.rows[i].n[0]);
		json_key(j, "percent");
		json_double(j, report_percent(sorted.rows[i].n[0], of),
		    FIGURE_DECIMALS);
		if (rate_s > 0) {
			json_key(j, "per_day");
			json_double(j,
			    report_a_day(sorted.rows[i].n[0], rate_s),
			    FIGURE_DECIMALS);
		}
		json_object_end(j);
	}
	json_array_end(j);
	tally_clear(&sorted);
}

/* LG-60 */
static void
domain_json(struct json *j, const struct report *r, struct arena *a,
    const struct tally_row *row)
{
	json_key(j, "type");
	json_cstr(j, report_domain_type(r, a, row->key));
	figure_number(j, "total", row->n[STATS_TOTAL]);
	figure_number(j, "deny", row->n[STATS_DENY]);
	figure_number(j, "accept", row->n[STATS_ACCEPT]);
	json_key(j, "accept_percent");
	json_double(j,
	    report_percent(row->n[STATS_ACCEPT], row->n[STATS_TOTAL]),
	    FIGURE_DECIMALS);
}

/* LG-61 */
static void
recipient_json(struct json *j, const struct report *r, struct arena *a,
    const struct tally_row *row)
{
	(void)r;
	(void)a;
	figure_number(j, "queued", row->n[STATS_QUEUED]);
	figure_number(j, "rejected", row->n[STATS_REJECTED]);
	figure_number(j, "spam", row->n[STATS_SPAM]);
	figure_number(j, "total",
	    row->n[STATS_QUEUED] + row->n[STATS_REJECTED] + row->n[STATS_SPAM]);
}

/* Of whom the mail was, in the order of the text. */
struct owners {
	const char *key;
	size_t (*rows)(const struct report *r, struct arena *a,
	    const struct tally_row *const **rows);
	void (*figures)(struct json *j, const struct report *r, struct arena *a,
	    const struct tally_row *row);
};

static const struct owners domains = {
	.key = "domains",
	.rows = report_domain_rows,
	.figures = domain_json,
};

static const struct owners recipients = {
	.key = "recipients",
	.rows = report_recipient_rows,
	.figures = recipient_json,
};

static void
owners_json(struct json *j, const struct owners *of, const struct report *r,
    struct arena *a)
{
	const struct tally_row *const *rows;
	size_t n = of->rows(r, a, &rows);
	json_key(j, of->key);
	json_array_begin(j);
	for (size_t i = 0; i < n; i++) {
		json_object_begin(j);
		json_key(j, "name");
		json_str(j, rows[i]->key);
		of->figures(j, r, a, rows[i]);
		json_object_end(j);
	}
	json_array_end(j);
}

/* What came by SMTP, in a few numbers. */
static void
smtp_json(struct json *j, const struct stats_qpsmtpd *q)
{
	json_key(j, "smtp");
	json_object_begin(j);
	figure_number(j, "connections", q->connections);
	figure_number(j, "without_verdict", q->without_verdict);
	figure_number(j, "examined", q->verdicts);
	figure_number(j, "accepted", q->accepted);
	figure_number(j, "refused", q->verdicts - q->accepted);
	figure_number(j, "refused_for_now", tally_sum(&q->deferred, 0));
	json_object_end(j);
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
		figure_number(j, "count", s->total);
		json_key(j, "since");
		json_int(j, s->since_s);
		json_key(j, "per_day");
		json_double(j, report_a_day(s->total, r->to_s - s->since_s),
		    FIGURE_DECIMALS);
		json_object_end(j);
	}
	json_array_end(j);
}

void
report_json_leagues(struct json *j, const struct report *r, struct arena *a)
{
	const struct stats_qpsmtpd *q = &r->stats.qpsmtpd;
	smtp_json(j, q);
	league_json(j, "codes", &q->codes, q->verdicts, r->to_s - r->from_s);
	league_json(j, "viruses", &q->viruses, tally_sum(&q->viruses, 0), 0);
	league_json(
	    j, "blacklists", &q->blacklists, tally_sum(&q->blacklists, 0), 0);
	league_json(
	    j, "countries", &q->countries, tally_sum(&q->countries, 0), 0);
	league_json(j, "spam_rules", &r->stats.spamd.rules,
	    r->stats.spamd.spam + r->stats.spamd.ham, 0);
	owners_json(j, &domains, r, a);
	owners_json(j, &recipients, r, a);
	json_key(j, "junkmail");
	json_array_begin(j);
	for (size_t i = 0; i < r->n_junk; i++) {
		json_object_begin(j);
		json_key(j, "user");
		json_cstr(j, r->junk[i].user);
		figure_number(j, "messages", r->junk[i].messages);
		json_object_end(j);
	}
	json_array_end(j);
	state_json(j, r);
}
