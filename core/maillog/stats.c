/* Sums of figures, and joining what parts of a log leave open. */
#include "core/maillog/stats.h"

#include "core/maillog/stats_int.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct stats_state {
	struct {
		const char *service;
		struct stats_ends ends;
	} * logs;
	size_t n;
};

const char *
stats_column_name(enum stats_column c)
{
	static const char *const names[STATS_COLUMNS] = { "Fetchmail",
		"WebMail", "Mailman", "Local", "Relay", "DMARC-Rej.", "Virus",
		"RBL/DNS", "Execut.", "Geoip.", "Non.Conf.", "Rej.Load",
		"Karma", "Del.Spam", "Qued.Spam?", "Ham" };
	return names[c];
}

/* Every table of the sums, so that none is forgotten anywhere. */
static const size_t tables[] = {
#define TABLE(member) offsetof(struct stats, member)
	TABLE(qpsmtpd.rules),
	TABLE(qpsmtpd.rules_raw),
	TABLE(qpsmtpd.codes),
	TABLE(qpsmtpd.deny_codes),
	TABLE(qpsmtpd.unknown),
	TABLE(qpsmtpd.viruses),
	TABLE(qpsmtpd.blacklists),
	TABLE(qpsmtpd.countries),
	TABLE(qpsmtpd.domains),
	TABLE(qpsmtpd.domains_all),
	TABLE(qpsmtpd.recipients),
	TABLE(qpsmtpd.recipients_compat),
	TABLE(qpsmtpd.kinds),
	TABLE(qmail.senders),
	TABLE(qmail.uids),
	TABLE(qmail.recipient_domains),
	TABLE(qmail.deferrals),
	TABLE(qmail.failures),
	TABLE(spamd.rules),
	TABLE(spamd.scores),
	TABLE(spamd.seconds),
	TABLE(clamd.found),
	TABLE(dovecot.logins),
	TABLE(dovecot.users),
	TABLE(dovecot.failed_users),
	TABLE(dovecot.failed_ips),
	TABLE(dovecot.limits),
	TABLE(tcpsvd.clients),
	TABLE(fetchmail.mail),
	TABLE(fetchmail.troubles),
	TABLE(fetchmail.codes),
	TABLE(junk),
#undef TABLE
};

static struct tally *
table_of(struct stats *s, size_t i)
{
	return (struct tally *)(void *)((char *)s + tables[i]);
}

/* Every sum of 64 bits. */
static const size_t sums[] = {
#define SUM(member) offsetof(struct stats, member)
	SUM(qpsmtpd.verdicts),
	SUM(qpsmtpd.connections),
	SUM(qpsmtpd.without_verdict),
	SUM(qpsmtpd.accepted),
	SUM(qpsmtpd.ham),
	SUM(qpsmtpd.spam_queued),
	SUM(qpsmtpd.spam_refused),
	SUM(qpsmtpd.dmarc_ok),
	SUM(qpsmtpd.dmarc_sent),
	SUM(qpsmtpd.dmarc_sent_empty),
	SUM(qmail.new),
	SUM(qmail.info),
	SUM(qmail.end),
	SUM(qmail.bytes),
	SUM(qmail.bounce),
	SUM(qmail.double_bounce),
	SUM(qmail.triple_bounce),
	SUM(qmail.starting[STATS_TO_LOCAL]),
	SUM(qmail.starting[STATS_TO_REMOTE]),
	SUM(qmail.result[STATS_TO_LOCAL][0]),
	SUM(qmail.result[STATS_TO_LOCAL][1]),
	SUM(qmail.result[STATS_TO_LOCAL][2]),
	SUM(qmail.result[STATS_TO_REMOTE][0]),
	SUM(qmail.result[STATS_TO_REMOTE][1]),
	SUM(qmail.result[STATS_TO_REMOTE][2]),
	SUM(qmail.result_all[0]),
	SUM(qmail.result_all[1]),
	SUM(qmail.result_all[2]),
	SUM(qmail.status_lines),
	SUM(qmail.restarts),
	SUM(qmail.reused),
	SUM(qmail.unfinished),
	SUM(qmail.delivery_ns[STATS_TO_LOCAL]),
	SUM(qmail.delivery_ns[STATS_TO_REMOTE]),
	SUM(qmail.status_ns),
	SUM(qmail.full_ns[STATS_TO_LOCAL]),
	SUM(qmail.full_ns[STATS_TO_REMOTE]),
	SUM(spamd.connections),
	SUM(spamd.processed),
	SUM(spamd.spam),
	SUM(spamd.ham),
	SUM(spamd.bytes),
	SUM(spamd.timeouts),
	SUM(spamd.states),
	SUM(spamd.states_full),
	SUM(spamd.score_milli),
	SUM(spamd.seconds_milli),
	SUM(clamd.ok),
	SUM(clamd.errors),
	SUM(clamd.reloads),
	SUM(clamd.selfchecks),
	SUM(dovecot.logout),
	SUM(dovecot.aborted),
	SUM(dovecot.auth_failed),
	SUM(dovecot.userip_limit),
	SUM(dovecot.process_limit),
	SUM(dovecot.bytes_in),
	SUM(dovecot.bytes_out),
	SUM(tcpsvd.accepted),
	SUM(tcpsvd.denied_limit),
	SUM(tcpsvd.denied_rule),
#undef SUM
};

/* Every largest of something. */
static const size_t maxima[] = {
#define MAXIMUM(member) offsetof(struct stats, member)
	MAXIMUM(qmail.max_local),
	MAXIMUM(qmail.max_remote),
	MAXIMUM(spamd.children_max),
	MAXIMUM(spamd.busy_max),
	MAXIMUM(tcpsvd.highest),
	MAXIMUM(tcpsvd.highest_max),
#undef MAXIMUM
};

/* Every spread of numbers. */
static const size_t spreads[] = {
	offsetof(struct stats, qmail.delivery_us[STATS_TO_LOCAL]),
	offsetof(struct stats, qmail.delivery_us[STATS_TO_REMOTE]),
	offsetof(struct stats, qmail.queue_us),
};

static struct spread *
spread_of(struct stats *s, size_t i)
{
	return (struct spread *)(void *)((char *)s + spreads[i]);
}

static void
take_larger(struct stats *to, const struct stats *from, size_t offset)
{
	uint64_t a, b;
	memcpy(&a, (const char *)to + offset, sizeof(a));
	memcpy(&b, (const char *)from + offset, sizeof(b));
	if (b > a)
		memcpy((char *)to + offset, &b, sizeof(b));
}

static void
take_newer(struct stats_version *to, const struct stats_version *from)
{
	if (from->text[0] != '\0' &&
	    (to->text[0] == '\0' || from->ns >= to->ns))
		*to = *from;
}

static void
add_sum(struct stats *to, const struct stats *from, size_t offset)
{
	uint64_t a, b;
	memcpy(&a, (const char *)to + offset, sizeof(a));
	memcpy(&b, (const char *)from + offset, sizeof(b));
	a += b; /* of signed sums too: the bits are the same */
	memcpy((char *)to + offset, &a, sizeof(a));
}

void
stats_init(struct stats *s)
{
	memset(s, 0, sizeof(*s));
	s->qpsmtpd.hours = (struct vec)VEC_INIT(struct stats_hour);
	s->clamd.finds = (struct vec)VEC_INIT(struct stats_find);
	s->clamd.checked_ns = INT64_MIN;
	s->first_ns = INT64_MAX;
	s->last_ns = s->last_connection_ns = INT64_MIN;
}

void
stats_clear(struct stats *s)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		tally_clear(table_of(s, i));
	vec_clear(&s->qpsmtpd.hours);
	vec_clear(&s->clamd.finds);
	for (size_t i = 0; i < s->n_logs; i++) {
		tally_clear(&s->logs[i].unparsed);
		free(s->logs[i].files);
	}
	free(s->logs);
	for (size_t i = 0; s->state != NULL && i < s->state->n; i++)
		stats_ends_clear(&s->state->logs[i].ends);
	if (s->state != NULL)
		free(s->state->logs);
	free(s->state);
	stats_init(s);
}

struct stats_hour *
stats_hour_at(struct vec *hours, int64_t hour)
{
	/* lines come in order of time: the row is at or near the end */
	for (size_t i = hours->len; i-- > 0;) {
		struct stats_hour *h = VEC_AT(hours, struct stats_hour, i);
		if (h->hour == hour)
			return h;
	}
	struct stats_hour fresh = { .hour = hour };
	if (!vec_push(hours, &fresh))
		return NULL;
	return VEC_AT(hours, struct stats_hour, hours->len - 1);
}

uint64_t
stats_hour_total(const struct stats_hour *h)
{
	uint64_t sum = 0;
	for (size_t i = STATS_SOURCES; i < STATS_COLUMNS; i++)
		sum += h->n[i];
	return sum;
}

static void
merge_hours(struct vec *to, const struct vec *from)
{
	for (size_t i = 0; i < from->len; i++) {
		const struct stats_hour *h =
		    VEC_AT(from, const struct stats_hour, i);
		struct stats_hour *mine = stats_hour_at(to, h->hour);
		for (size_t k = 0; mine != NULL && k < STATS_COLUMNS; k++)
			mine->n[k] += h->n[k];
	}
}

static int64_t
smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void
merge_clamd(struct stats_clamd *to, const struct stats_clamd *from)
{
	to->checked_ns = larger(to->checked_ns, from->checked_ns);
	if (from->signatures > 0 && from->signatures_ns >= to->signatures_ns) {
		to->signatures_ns = from->signatures_ns;
		to->signatures = from->signatures;
	}
	for (size_t i = 0;
	     i < from->finds.len && to->finds.len < STATS_FINDS_MAX; i++)
		if (!vec_push(&to->finds,
			VEC_AT(&from->finds, const struct stats_find, i)))
			return;
}

/* The open ends of one log, made at the first part of it. */
static struct stats_ends *
ends_of(struct stats *out, const char *service)
{
	struct stats_state *st = out->state;
	if (st == NULL && (st = out->state = calloc(1, sizeof(*st))) == NULL)
		return NULL;
	for (size_t i = 0; i < st->n; i++)
		if (strcmp(st->logs[i].service, service) == 0)
			return &st->logs[i].ends;
	void *more = realloc(st->logs, (st->n + 1) * sizeof(*st->logs));
	if (more == NULL)
		return NULL;
	st->logs = more;
	memset(&st->logs[st->n], 0, sizeof(*st->logs));
	order_init(&st->logs[st->n].ends.order);
	st->logs[st->n].service = service;
	return &st->logs[st->n++].ends;
}

static bool
ends_failed(const struct stats_ends *ends)
{
	return ends->connections.failed || ends->messages.failed ||
	       ends->deliveries.failed || ends->authenticated.failed ||
	       ends->order.failed;
}

void
stats_part_merge(struct stats *out, struct stats_part *p)
{
	struct stats_ends *ends = ends_of(out, p->service);
	if (ends != NULL)
		stats_qpsmtpd_settle(p, &ends->authenticated);
	stats_verdict_sum(p);
	for (size_t i = 0; i < ARRAY_LEN(sums); i++)
		add_sum(out, &p->sums, sums[i]);
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		tally_merge(table_of(out, i), table_of(&p->sums, i));
	merge_hours(&out->qpsmtpd.hours, &p->sums.qpsmtpd.hours);
	tally_merge(&out->junk, &p->junk);
	for (size_t i = 0; i < ARRAY_LEN(maxima); i++)
		take_larger(out, &p->sums, maxima[i]);
	for (size_t i = 0; i < ARRAY_LEN(spreads); i++)
		spread_merge(spread_of(out, i), spread_of(&p->sums, i));
	merge_clamd(&out->clamd, &p->sums.clamd);
	take_newer(&out->spamd.version, &p->sums.spamd.version);
	take_newer(&out->clamd.version, &p->sums.clamd.version);
	out->first_ns = smaller(out->first_ns, p->sums.first_ns);
	out->last_ns = larger(out->last_ns, p->sums.last_ns);
	out->last_connection_ns =
	    larger(out->last_connection_ns, p->sums.last_connection_ns);
	if (ends == NULL || ends_failed(&p->ends))
		out->failed = true;
	if (ends != NULL) {
		stats_qpsmtpd_join(out, ends, &p->ends);
		stats_qmail_join(out, ends, &p->ends);
	}
	for (size_t i = 0; i < out->n_logs; i++)
		if (strcmp(out->logs[i].service, p->service) == 0) {
			tally_merge(&out->logs[i].unparsed, &p->junk);
			out->logs[i].other += p->other;
		}
	stats_clear(&p->sums);
	tally_clear(&p->junk);
	stats_ends_clear(&p->ends);
	buf_clear(&p->waiting);
	free(p);
}

static int
by_hour(const void *a, const void *b)
{
	const struct stats_hour *x = a, *y = b;
	return x->hour < y->hour ? -1 : x->hour > y->hour;
}

void
stats_end(struct stats *out)
{
	for (size_t i = 0; out->state != NULL && i < out->state->n; i++) {
		stats_qpsmtpd_finish(out, &out->state->logs[i].ends);
		stats_qmail_finish(out, &out->state->logs[i].ends);
		stats_ends_clear(&out->state->logs[i].ends);
	}
	vec_sort(&out->qpsmtpd.hours, by_hour);
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		out->failed = out->failed || table_of(out, i)->failed;
}
