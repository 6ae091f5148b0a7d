/*
 * Fuzzes the counting of lines. The first byte says of which service they are
 * and the second behind which line the log is cut: two parts add up to what is
 * counted of the whole (LG-68), and no sum leaves its range. Then each line's
 * first byte says how much time passed. Exercises core/maillog/stats*.c,
 * core/base/tally.c and core/base/spread.c.
 */
#include "core/maillog/stats.h"

#include "core/base/num.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const services[] = { "qpsmtpd", "qmail", "spamd", "clamd",
	"dovecot", "imaps", "fetchmail", "sqpsmtpd" };

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* Count the lines, a new part beginning behind 'cut' of them. */
static void
count(struct stats *out, const struct stats_config *config, const char *service,
    struct str text, size_t cut)
{
	struct stats_part *p = stats_part_new(config, service);
	int64_t now = (int64_t)1511740800 * NS_PER_S;
	struct str line;
	require(p != NULL);
	stats_init(out);
	for (size_t i = 0; str_next_line(&text, &line); i++) {
		unsigned mark = line.len > 0 ? (unsigned char)line.ptr[0] : 0;
		struct str rest = str_sub(line, 1, line.len);
		if (i == cut) {
			stats_part_merge(out, p);
			p = stats_part_new(config, service);
			require(p != NULL);
		}
		/* the clock may go back as well, or far */
		now += ((int64_t)(mark & 31) - 4) * NS_PER_S *
		       (mark >= 250 ? 1000000 : 1);
		struct logline l = { .raw = rest,
			.text = rest,
			.stamp = { .kind = STAMP_TAI64N,
			    .time = { .unix_s = now / NS_PER_S } },
			.key_ns = now };
		stats_part_line(p, &l);
	}
	stats_part_merge(out, p);
	stats_end(out);
}

/* Of every name as much in both. */
static void
same_table(struct tally *a, struct tally *b)
{
	size_t rows = a->len;
	for (size_t i = 0; i < rows; i++) {
		const struct tally_row *other = tally_row(b, a->rows[i].key);
		require(other != NULL);
		for (size_t k = 0; k < TALLY_COUNTS; k++)
			require(a->rows[i].n[k] == other->n[k] &&
				a->rows[i].n[k] <= NUM_SUM_MAX);
	}
	require(b->len == rows);
}

static void
same_spread(const struct spread *a, const struct spread *b)
{
	require(a->n == b->n && a->sum == b->sum && a->least == b->least &&
		a->largest == b->largest);
}

static void
same_qpsmtpd(struct stats_qpsmtpd *a, struct stats_qpsmtpd *b)
{
	struct tally *tables[][2] = { { &a->rules_raw, &b->rules_raw },
		{ &a->codes, &b->codes }, { &a->deny_codes, &b->deny_codes },
		{ &a->unknown, &b->unknown }, { &a->countries, &b->countries },
		{ &a->domains, &b->domains },
		{ &a->domains_all, &b->domains_all },
		{ &a->recipients, &b->recipients },
		{ &a->recipients_compat, &b->recipients_compat },
		{ &a->kinds, &b->kinds } };
	/* what precedes the sums of scores, and follows them, are counts */
	require(memcmp(a, b, offsetof(struct stats_qpsmtpd, ham_score)) == 0);
	require(a->dmarc_ok == b->dmarc_ok && a->dmarc_sent == b->dmarc_sent);
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		same_table(tables[i][0], tables[i][1]);
	require(a->hours.rows.len == b->hours.rows.len);
	for (size_t i = 0; i < a->hours.rows.len; i++)
		require(memcmp(VEC_AT(&a->hours.rows, struct stats_hour, i),
			    VEC_AT(&b->hours.rows, struct stats_hour, i),
			    sizeof(struct stats_hour)) == 0);
}

static void
same_qmail(struct stats_qmail *a, struct stats_qmail *b)
{
	require(memcmp(a, b, offsetof(struct stats_qmail, delivery_us)) == 0);
	for (size_t i = 0; i < STATS_CHANNELS; i++) {
		same_spread(&a->delivery_us[i], &b->delivery_us[i]);
		require(a->full_ns[i] == b->full_ns[i]);
	}
	same_spread(&a->queue_us, &b->queue_us);
	require(a->status_ns == b->status_ns && a->status_ns >= 0);
	same_table(&a->senders, &b->senders);
	same_table(&a->failures, &b->failures);
}

static void
same_others(struct stats *a, struct stats *b)
{
	require(memcmp(&a->spamd, &b->spamd,
		    offsetof(struct stats_spamd, rules)) == 0);
	same_table(&a->spamd.rules, &b->spamd.rules);
	require(memcmp(&a->clamd, &b->clamd,
		    offsetof(struct stats_clamd, found)) == 0);
	require(a->clamd.checked_ns == b->clamd.checked_ns &&
		a->clamd.finds.len == b->clamd.finds.len);
	require(memcmp(&a->dovecot, &b->dovecot,
		    offsetof(struct stats_dovecot, session_us)) == 0);
	same_spread(&a->dovecot.session_us, &b->dovecot.session_us);
	same_table(&a->dovecot.failed_users, &b->dovecot.failed_users);
	require(memcmp(&a->tcpsvd, &b->tcpsvd,
		    offsetof(struct stats_tcpsvd, clients)) == 0);
	same_table(&a->tcpsvd.clients, &b->tcpsvd.clients);
	same_table(&a->fetchmail.mail, &b->fetchmail.mail);
	same_table(&a->fetchmail.troubles, &b->fetchmail.troubles);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const domains[] = { "acme.test" };
	struct stats_config config = { .domain = "acme.test",
		.host = "sme",
		.domains = domains,
		.n_domains = ARRAY_LEN(domains),
		.tag_milli = 4000 };
	struct stats whole, parts;
	if (size < 2)
		return 0;
	const char *service = services[data[0] % ARRAY_LEN(services)];
	struct str text = str_n((const char *)data + 2, size - 2);
	config.compat = (data[0] & 0x80) != 0;
	count(&whole, &config, service, text, SIZE_MAX);
	count(&parts, &config, service, text, data[1]);
	same_qpsmtpd(&whole.qpsmtpd, &parts.qpsmtpd);
	same_qmail(&whole.qmail, &parts.qmail);
	same_others(&whole, &parts);
	/* the moment of the last connection may be that of its second line,
	   where the cut is behind the first */
	require(
	    whole.first_ns == parts.first_ns && whole.last_ns == parts.last_ns);
	stats_clear(&whole);
	stats_clear(&parts);
	return 0;
}
