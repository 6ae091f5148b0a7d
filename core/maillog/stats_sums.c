/* Every sum, so that none is forgotten anywhere. */
#include "core/maillog/stats_int.h"

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
	offsetof(struct stats, dovecot.session_us),
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

void
stats_sums_add(struct stats *to, struct stats *from)
{
	for (size_t i = 0; i < ARRAY_LEN(sums); i++)
		add_sum(to, from, sums[i]);
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
