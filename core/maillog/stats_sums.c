/* Every sum, so that none is forgotten anywhere. */
#include "core/maillog/stats_int.h"

#include "core/base/num.h"

/* Every table. */
static const struct {
	const char *name;
	size_t at;
	bool parts; /* its counters add up; else the first has all */
} tables[] = {
#define ROW(member, parts)                                                     \
	{                                                                      \
#member, offsetof(struct stats, member), parts                 \
	}
#define TABLE(member) ROW(member, false)
#define PARTS(member) ROW(member, true)
	TABLE(qpsmtpd.rules),
	TABLE(qpsmtpd.rules_raw),
	TABLE(qpsmtpd.deferred),
	TABLE(qpsmtpd.codes),
	TABLE(qpsmtpd.deny_codes),
	TABLE(qpsmtpd.unknown),
	TABLE(qpsmtpd.viruses),
	TABLE(qpsmtpd.blacklists),
	TABLE(qpsmtpd.countries),
	TABLE(qpsmtpd.domains),
	TABLE(qpsmtpd.domains_all),
	PARTS(qpsmtpd.recipients),
	PARTS(qpsmtpd.recipients_compat),
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
	PARTS(dovecot.limits),
	PARTS(tcpsvd.clients),
	PARTS(fetchmail.mail),
	PARTS(fetchmail.troubles),
	TABLE(fetchmail.codes),
	TABLE(junk),
#undef PARTS
#undef TABLE
#undef ROW
};

static const struct tally *
const_table_of(const struct stats *s, size_t i)
{
	return (
	    const struct tally *)(const void *)((const char *)s + tables[i].at);
}

static struct tally *
table_of(struct stats *s, size_t i)
{
	return (struct tally *)(void *)((char *)s + tables[i].at);
}

/* Every sum of 64 bits; of either sign, none is above NUM_SUM_MAX. */
static const struct {
	const char *name;
	size_t at;
} sums[] = {
#define NAMED(name, member)                                                    \
	{                                                                      \
		name, offsetof(struct stats, member)                           \
	}
#define SUM(member) NAMED(#member, member)
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
	NAMED(
	    "qmail.delivery_seconds.local", qmail.delivery_ns[STATS_TO_LOCAL]),
	NAMED("qmail.delivery_seconds.remote",
	    qmail.delivery_ns[STATS_TO_REMOTE]),
	SUM(qmail.status_ns),
	NAMED("qmail.full_seconds.local", qmail.full_ns[STATS_TO_LOCAL]),
	NAMED("qmail.full_seconds.remote", qmail.full_ns[STATS_TO_REMOTE]),
	SUM(spamd.connections),
	SUM(spamd.processed),
	SUM(spamd.spam),
	SUM(spamd.ham),
	SUM(spamd.bytes),
	SUM(spamd.timeouts),
	SUM(spamd.aborted),
	SUM(spamd.states),
	SUM(spamd.states_full),
	NAMED("spamd.score_sum", spamd.score_milli),
	NAMED("spamd.scan_seconds", spamd.seconds_milli),
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
static const struct {
	const char *name;
	size_t at;
} spreads[] = {
	NAMED("qmail.delivery_time.local", qmail.delivery_us[STATS_TO_LOCAL]),
	NAMED("qmail.delivery_time.remote", qmail.delivery_us[STATS_TO_REMOTE]),
	NAMED("qmail.queue_time", qmail.queue_us),
	NAMED("dovecot.session_time", dovecot.session_us),
#undef NAMED
};

static struct spread *
spread_of(struct stats *s, size_t i)
{
	return (struct spread *)(void *)((char *)s + spreads[i].at);
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

static int64_t
sum_of(const struct stats *s, size_t offset)
{
	int64_t n;
	memcpy(&n, (const char *)s + offset, sizeof(n));
	return n;
}

static void
add_sum(struct stats *to, const struct stats *from, size_t offset)
{
	int64_t n = num_sum(sum_of(to, offset), sum_of(from, offset));
	memcpy((char *)to + offset, &n, sizeof(n));
}

void
stats_sums_init(struct stats *s)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		tally_share(table_of(s, i), &s->names_room);
}

const char *
stats_not_apart(const struct stats *s, size_t *i, uint64_t *n)
{
	for (; *i < ARRAY_LEN(tables); ++*i) {
		const uint64_t *rest = const_table_of(s, *i)->rest.n;
		*n = rest[0] + (tables[*i].parts ? rest[1] + rest[2] : 0);
		if (*n > 0)
			return tables[(*i)++].name;
	}
	*n = stats_hour_total(&s->qpsmtpd.hours.rest);
	return *n > 0 && (*i)++ == ARRAY_LEN(tables) ? "hours" : NULL;
}

static bool
table_is_full(const struct tally *t)
{
	for (size_t k = 0; k < TALLY_COUNTS; k++)
		if (tally_sum(t, k) == NUM_SUM_MAX)
			return true;
	return false;
}

/* The i-th of all sums and tables with numbers, and is it at its end? */
static const char *
nth_sum(const struct stats *s, size_t i, bool *full)
{
	if (i < ARRAY_LEN(sums)) {
		int64_t n = sum_of(s, sums[i].at);
		*full = n == NUM_SUM_MAX || n == -NUM_SUM_MAX;
		return sums[i].name;
	}
	i -= ARRAY_LEN(sums);
	if (i < ARRAY_LEN(spreads)) {
		size_t at = spreads[i].at + offsetof(struct spread, sum);
		*full = sum_of(s, at) == NUM_SUM_MAX;
		return spreads[i].name;
	}
	i -= ARRAY_LEN(spreads);
	if (i >= ARRAY_LEN(tables))
		return NULL;
	*full = table_is_full(const_table_of(s, i));
	return tables[i].name;
}

const char *
stats_too_large(const struct stats *s, size_t *i)
{
	const char *name;
	bool full = false;
	while ((name = nth_sum(s, *i, &full)) != NULL) {
		++*i;
		if (full)
			return name;
	}
	return NULL;
}

void
stats_sums_add(struct stats *to, struct stats *from)
{
	for (size_t i = 0; i < ARRAY_LEN(sums); i++)
		add_sum(to, from, sums[i].at);
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		tally_merge(table_of(to, i), table_of(from, i));
	for (size_t i = 0; i < ARRAY_LEN(maxima); i++)
		take_larger(to, from, maxima[i]);
	for (size_t i = 0; i < ARRAY_LEN(spreads); i++)
		spread_merge(spread_of(to, i), spread_of(from, i));
	take_newer(&to->spamd.version, &from->spamd.version);
	take_newer(&to->clamd.version, &from->clamd.version);
}

void
stats_sums_clear(struct stats *s)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		tally_clear(table_of(s, i));
}

bool
stats_sums_failed(struct stats *s)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		if (table_of(s, i)->failed)
			return true;
	return false;
}
