/*
 * The figures of the mail report: origin and end of a verdict, leagues, sums
 * of parts (LG-37 to LG-41, LG-50 to LG-62, LG-68), and the faults of the old
 * report, which only --compat repeats.
 */
#include "core/maillog/stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const char *const domains[] = { "acme.test", "dom1.acme.test" };

static struct stats_config config = {
	.domain = "acme.test",
	.host = "sme",
	.domains = domains,
	.n_domains = 2,
	.tag_milli = 4000,
	.reject_milli = 12000,
};

/* Feed lines of one service, one every second from 'second' on. */
static void
feed(struct stats_part *p, int64_t second, const char *const *lines)
{
	for (size_t i = 0; lines[i] != NULL; i++) {
		struct logline line = {
			.raw = str_of(lines[i]),
			.text = str_of(lines[i]),
			.stamp = { .kind = STAMP_TAI64N,
			    .time = { .unix_s = second + (int64_t)i } },
			.key_ns = (second + (int64_t)i) * 1000000000,
		};
		stats_part_line(p, &line);
	}
}

static void
count(struct stats *out, const char *service, const char *const *lines)
{
	struct stats_part *p = stats_part_new(&config, service);
	assert_non_null(p);
	stats_init(out);
	feed(p, 1511740800, lines);
	stats_part_merge(out, p);
	stats_end(out);
}

static uint64_t
named(struct tally *t, const char *name, size_t which)
{
	for (size_t i = 0; i < t->len; i++)
		if (str_is(t->rows[i].key, name))
			return t->rows[i].n[which];
	return 0;
}

struct verdict_case {
	const char *what;
	/* host is field 2, and so on; a verdict line as in the log */
	const char *fields;
	bool compat;
	const char *kind; /* as counted */
	int source;       /* column of the first group, STATS_COLUMNS: none */
	int end;
};

#define TERSE  "7 (deny) logging::logterse: ` "
#define QUEUED "7 (queue) logging::logterse: ` "

static const struct verdict_case verdicts[] = {
	{ "LG-54.1 a host of ours",
	    QUEUED "192.168.1.9\tpc-1.acme.test\tpc\t<a@acme.test>\t<b@c.test>"
		   "\tqueued\t\t<m@x>\t",
	    false, "local/queued", STATS_LOCAL, STATS_HAM },
	{ "LG-54.1 a name that only looks so",
	    QUEUED
	    "192.0.2.9\tacmeXtest.evil.test\tx\t<a@e.test>\t<b@acme.test>"
	    "\tqueued\t\t<m@x>\t",
	    false, "inbound/queued", STATS_COLUMNS, STATS_HAM },
	{ "quirk 3: the old report takes a part of a name",
	    QUEUED
	    "192.0.2.9\tacme.test.evil.test\tx\t<a@e.test>\t<b@acme.test>"
	    "\tqueued\t\t<m@x>\t",
	    true, "local/queued", STATS_LOCAL, STATS_HAM },
	{ "which we do not",
	    QUEUED
	    "192.0.2.9\tacme.test.evil.test\tx\t<a@e.test>\t<b@acme.test>"
	    "\tqueued\t\t<m@x>\t",
	    false, "inbound/queued", STATS_COLUMNS, STATS_HAM },
	{ "LG-54.2 relay by a private address in HELO",
	    QUEUED "192.0.2.9\tdsl.test\t[192.168.0.7]\t<a@acme.test>\t"
		   "<b@c.test>\tqueued\t\t<m@x>\t",
	    false, "relay/queued", STATS_RELAY, STATS_HAM },
	{ "refused, it is none",
	    TERSE "192.0.2.9\tdsl.test\t[192.168.0.7]\t<a@e.test>\t\trcpt_ok\t"
		  "901\tRelaying denied\tmsg denied before queued",
	    false, "inbound/denied", STATS_COLUMNS, STATS_NON_CONFORMING },
	{ "LG-54.3 webmail by HELO",
	    QUEUED "127.0.0.1\tip6-loopback\t127.0.0.1\t<a@acme.test>\t"
		   "<b@c.test>\tqueued\t\t<m@x>\t",
	    false, "webmail_helo/queued", STATS_WEBMAIL, STATS_HAM },
	{ "quirk 4: a forged HELO is no webmail",
	    TERSE "192.0.2.9\tx.test\t[127.0.0.10]\t\t\thelo\t903\tno\tmsg "
		  "denied before queued",
	    false, "inbound/denied", STATS_COLUMNS, STATS_NON_CONFORMING },
	{ "but was",
	    TERSE "192.0.2.9\tx.test\t[127.0.0.10]\t\t\thelo\t903\tno\tmsg "
		  "denied before queued",
	    true, "webmail_helo/denied", STATS_WEBMAIL, STATS_NON_CONFORMING },
	{ "LG-54.4 webmail",
	    QUEUED "127.0.0.1\tlocalhost\tsme.acme.test\t<a@acme.test>\t"
		   "<b@c.test>\tqueued\t\t<m@x>\t",
	    false, "webmail/queued", STATS_WEBMAIL, STATS_HAM },
	{ "LG-54.4 mailman",
	    QUEUED "127.0.0.1\tlocalhost\tlocalhost\t<n-bounces@acme.test>\t"
		   "<b@c.test>\tqueued\t\t<m@x>\t",
	    false, "mailman/queued", STATS_MAILMAN, STATS_HAM },
	{ "LG-54.4 a DMARC report is in no column of sources",
	    QUEUED "127.0.0.1\tlocalhost\tsme.acme.test\t<p@acme.test>\t"
		   "<dmarc@c.test>\tqueued\t\t<m@x>\t",
	    false, "dmarc_report/queued", STATS_COLUMNS, STATS_HAM },
	{ "quirk 2: an empty recipient is no report",
	    TERSE "192.0.2.9\tlocalhost\tlocalhost\t\t\tearlytalker\t901\tx\t"
		  "msg denied before queued",
	    false, "localhost_spoof/denied", STATS_COLUMNS,
	    STATS_NON_CONFORMING },
	{ "but was",
	    TERSE "192.0.2.9\tlocalhost\tlocalhost\t\t\tearlytalker\t901\tx\t"
		  "msg denied before queued",
	    true, "dmarc_report/denied", STATS_COLUMNS, STATS_NON_CONFORMING },
	{ "LG-54 fetchmail by address",
	    QUEUED "127.0.0.200\tUnknown\tacme.test\t<a@e.test>\t<b@acme.test>"
		   "\tqueued\t\t<m@x>\t",
	    false, "fetchmail/queued", STATS_FETCHMAIL, STATS_HAM },
	{ "LG-54 fetchmail by sender",
	    QUEUED "127.0.0.1\tlocalhost\tlocalhost\t<FETCHMAIL-DAEMON@x>\t"
		   "<b@acme.test>\tqueued\t\t<m@x>\t",
	    false, "fetchmail_sender/queued", STATS_FETCHMAIL, STATS_HAM },
	{ "LG-54 the first that fits: of us, whatever its HELO",
	    QUEUED "192.0.2.9\tAcme.Test\t[192.168.0.7]\t<a@acme.test>\t"
		   "<b@c.test>\tqueued\t\t<m@x>\t",
	    false, "local/queued", STATS_LOCAL, STATS_HAM },
	{ "LG-54.2 from a private address it is no relay",
	    QUEUED "10.1.2.3\tdsl.test\t[192.168.0.7]\t<a@acme.test>\t"
		   "<b@c.test>\tqueued\t\t<m@x>\t",
	    false, "inbound/queued", STATS_COLUMNS, STATS_HAM },
	{ "LG-54.2 172.16 to 172.31 are private",
	    QUEUED "192.0.2.9\tdsl.test\tpc.172.31.0.7.x\t<a@acme.test>\t"
		   "<b@c.test>\tqueued\t\t<m@x>\t",
	    false, "relay/queued", STATS_RELAY, STATS_HAM },
	{ "LG-54.2 and 172.32 is not",
	    QUEUED "192.0.2.9\tdsl.test\t172.32.0.7\t<a@acme.test>\t"
		   "<b@c.test>\tqueued\t\t<m@x>\t",
	    false, "inbound/queued", STATS_COLUMNS, STATS_HAM },
	{ "LG-54.3 before localhost: refused too",
	    TERSE "127.0.0.1\tlocalhost\t127.0.0.1\t<a@acme.test>\t"
		  "<dmarc@c.test>\trcpt_ok\t901\tno\tmsg denied before queued",
	    false, "webmail_helo/denied", STATS_WEBMAIL, STATS_NON_CONFORMING },
	{ "LG-54.3 from a private address it is none",
	    QUEUED "10.0.0.1\tpc.test\t127.0.0.1\t<a@acme.test>\t"
		   "<b@c.test>\tqueued\t\t<m@x>\t",
	    true, "inbound/queued", STATS_COLUMNS, STATS_HAM },
	{ "LG-54.4 the sender decides before the recipient",
	    QUEUED "127.0.0.1\tlocalhost\tlocalhost\t<n-bounces@acme.test>\t"
		   "<dmarc@c.test>\tqueued\t\t<m@x>\t",
	    false, "mailman/queued", STATS_MAILMAN, STATS_HAM },
	{ "LG-54.4 refused on localhost, in no column of sources",
	    TERSE "127.0.0.1\tlocalhost\tx\t<a@acme.test>\t<b@c.test>\t"
		  "rcpt_ok\t901\tno\tmsg denied before queued",
	    false, "localhost_spoof/denied", STATS_COLUMNS,
	    STATS_NON_CONFORMING },
	{ "LG-54.4 refused otherwise it is webmail",
	    TERSE "127.0.0.1\tlocalhost\tx\t<a@acme.test>\t<b@c.test>\t"
		  "spamassassin\t901\tspam\tYes, score=13.1 required=4.0",
	    false, "webmail/denied", STATS_WEBMAIL, STATS_SPAM_REFUSED },
	{ "LG-55 a score that cannot be read is none",
	    QUEUED "192.0.2.9\tx.test\tx\t<a@e.test>\t<b@acme.test>\tqueued\t\t"
		   "<m@x>\tYes, score=x required=4.0",
	    false, "inbound/queued", STATS_COLUMNS, STATS_HAM },
	{ "LG-32, LG-55 the older word for a score",
	    QUEUED "192.0.2.9\tx.test\tx\t<a@e.test>\t<b@acme.test>\tqueued\t\t"
		   "<m@x>\tYes, hits=+5.0 required=4.0",
	    false, "inbound/queued", STATS_COLUMNS, STATS_SPAM_QUEUED },
	{ "LG-55 naughty by dnsbl, before helo",
	    TERSE "192.0.2.9\tx\tx\t<a@e>\t\tnaughty\t903\t(dnsbl) helo\t",
	    false, "inbound/denied", STATS_COLUMNS, STATS_RBL },
	{ "LG-55 at the tag level it is spam",
	    QUEUED "192.0.2.9\tx.test\tx\t<a@e.test>\t<b@acme.test>\tqueued\t\t"
		   "<m@x>\tYes, score=4.0 required=4.0 autolearn=no",
	    false, "inbound/queued", STATS_COLUMNS, STATS_SPAM_QUEUED },
	{ "LG-55 below it is not",
	    QUEUED "192.0.2.9\tx.test\tx\t<a@e.test>\t<b@acme.test>\tqueued\t\t"
		   "<m@x>\tNo, score=3.9 required=4.0 autolearn=no",
	    false, "inbound/queued", STATS_COLUMNS, STATS_HAM },
	{ "LG-55 karma is tested before dnsbl",
	    TERSE "192.0.2.9\tx\tx\t<a@e>\t\tnaughty\t903\t(dnsbl) bad karma\t",
	    false, "inbound/denied", STATS_COLUMNS, STATS_KARMA },
	{ "LG-55 naughty by helo",
	    TERSE "192.0.2.9\tx\tx\t<a@e>\t\tnaughty\t903\t(helo) no such\t",
	    false, "inbound/denied", STATS_COLUMNS, STATS_NON_CONFORMING },
	{ "LG-55 tnef2mime is in no column",
	    TERSE "192.0.2.9\tx\tx\t<a@e>\t\ttnef2mime\t901\tx\t", false,
	    "inbound/denied", STATS_COLUMNS, STATS_COLUMNS },
	{ "LG-55 an unknown name does not conform",
	    TERSE "192.0.2.9\tx\tx\t<a@e>\t\tmy_plugin\t901\tx\t", false,
	    "inbound/denied", STATS_COLUMNS, STATS_NON_CONFORMING },
};

static void
test_verdict_columns(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(verdicts); i++) {
		const struct verdict_case *c = &verdicts[i];
		const char *lines[] = { c->fields, NULL };
		struct stats s;
		config.compat = c->compat;
		count(&s, "qpsmtpd", lines);
		config.compat = false;
		const struct stats_hour *h =
		    VEC_AT(&s.qpsmtpd.hours.rows, const struct stats_hour, 0);
		for (int k = 0; k < STATS_COLUMNS; k++) {
			uint64_t want = k == c->source || k == c->end;
			if (h->n[k] != want)
				fail_msg("%s: column %s", c->what,
				    stats_column_name((enum stats_column)k));
		}
		if (named(&s.qpsmtpd.kinds, c->kind, 0) != 1)
			fail_msg("%s: not %s but %.*s", c->what, c->kind,
			    STR_ARG(s.qpsmtpd.kinds.rows[0].key));
		stats_clear(&s);
	}
}

/* LG-54: fetchmail is tested for itself, and counted in addition. */
static void
test_fetchmail_in_addition(void **state)
{
	static const char *const lines[] = {
		QUEUED "192.168.1.9\tpc-1.acme.test\tpc\t"
		       "<FETCHMAIL-DAEMON@acme.test>\t<b@c.test>\tqueued\t\t"
		       "<m@x>\t",
		QUEUED "127.0.0.200\tpc-1.acme.test\tpc\t<a@acme.test>\t"
		       "<b@c.test>\tqueued\t\t<m@x>\t",
		NULL,
	};
	struct stats s;
	(void)state;
	count(&s, "qpsmtpd", lines);
	const struct stats_hour *h =
	    VEC_AT(&s.qpsmtpd.hours.rows, const struct stats_hour, 0);
	assert_int_equal(h->n[STATS_FETCHMAIL], 2);
	assert_int_equal(h->n[STATS_LOCAL], 2);
	assert_int_equal(h->n[STATS_HAM], 2);
	assert_int_equal(named(&s.qpsmtpd.kinds, "local/queued", 0), 2);
	stats_clear(&s);
}

/* LG-55: every name, its column, and whether it is listed as unknown. */
static void
test_columns_of_names(void **state)
{
	static const struct {
		const char *names; /* separated by commas */
		int column;
		bool unknown;
	} cases[] = {
		{ "spamassassin", STATS_SPAM_REFUSED, false },
		{ "virus::clamav,virus::clamdscan", STATS_VIRUS, false },
		{ "dnsbl,rhsbl,uribl", STATS_RBL, false },
		{ "pattern_filter,virus::pattern_filter", STATS_EXECUTABLE,
		    false },
		{ "check_badcountries", STATS_GEOIP, false },
		{ "loadcheck", STATS_LOAD, false },
		{ "karma", STATS_KARMA, false },
		{ "dmarc", STATS_DMARC, false },
		{ "check_earlytalker,earlytalker,check_relay,check_norelay,"
		  "relay,require_resolvable_fromhost,resolvable_fromhost,"
		  "check_basicheaders,headers,check_badmailfrom,mailfrom,"
		  "check_badrcptto,check_badrcptto_patterns,badrcptto,"
		  "check_spamhelo,helo,check_goodrcptto,"
		  "check_goodrcptto extn,rcpt_ok,check_smtp_forward,"
		  "count_unrecognized_commands,tls,"
		  "auth::auth_cvm_unix_local,sender_permitted_from",
		    STATS_NON_CONFORMING, false },
		{ "tnef2mime", STATS_COLUMNS, false },
		{ "badmailfrom,greylisting,Karma,karma ,my_plugin,dnsbl2",
		    STATS_NON_CONFORMING, true },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str rest = str_of(cases[i].names), name;
		while (rest.ptr != NULL) {
			char text[256];
			const char *const lines[] = { text, NULL };
			struct stats s;
			uint64_t sum = 0;
			name = str_cut(rest, ',', &rest);
			snprintf(text, sizeof(text),
			    TERSE "192.0.2.9\tx\tx\t<a@e>\t\t%.*s\t901\tx\t",
			    STR_ARG(name));
			count(&s, "qpsmtpd", lines);
			const struct stats_hour *h = VEC_AT(
			    &s.qpsmtpd.hours.rows, const struct stats_hour, 0);
			for (int k = STATS_SOURCES; k < STATS_COLUMNS; k++) {
				sum += h->n[k];
				if (h->n[k] != (k == cases[i].column))
					fail_msg("%.*s: column %s",
					    STR_ARG(name),
					    stats_column_name(
						(enum stats_column)k));
			}
			assert_int_equal(s.qpsmtpd.verdicts, 1);
			assert_int_equal(sum, cases[i].column != STATS_COLUMNS);
			if ((s.qpsmtpd.unknown.len > 0) != cases[i].unknown)
				fail_msg("%.*s: unknown?", STR_ARG(name));
			stats_clear(&s);
		}
	}
}

/* quirk 5: whoever logged in relays, whatever his HELO says. */
static void
test_authenticated_relay(void **state)
{
	static const char *const lines[] = {
		"9 Connection from dsl.test [192.0.2.9]",
		"9 (auth-plain) auth::auth_cvm_unix_local: pass, anna",
		"9 (queue) logging::logterse: ` 192.0.2.9\tdsl.test\tlaptop\t"
		"<a@acme.test>\t<b@c.test>\tqueued\t\t<m@x>\t",
		NULL,
	};
	struct stats s;
	(void)state;
	count(&s, "qpsmtpd", lines);
	assert_int_equal(named(&s.qpsmtpd.kinds, "relay/queued", 0), 1);
	stats_clear(&s);
	config.compat = true;
	count(&s, "qpsmtpd", lines);
	assert_int_equal(named(&s.qpsmtpd.kinds, "inbound/queued", 0), 1);
	stats_clear(&s);
	config.compat = false;
}

/*
 * The login may stand in an earlier part of the log than the message, and the
 * pid may be another client's by then: wherever the log is parted, the figures
 * are the same.
 */
/* LG-54.4: also those whose address does not say so. */
static void
test_report_addresses(void **state)
{
	static const struct str known[] = { { "a@far.test", 10 },
		{ "ruf@far.test", 12 } };
	static const char *const lines[] = { QUEUED
		"127.0.0.1\tlocalhost\tsme.acme.test\t<p@acme.test>\t"
		"<x@far.test>,<RUF@Far.test>\tqueued\t\t<m@x>\t",
		QUEUED "127.0.0.1\tlocalhost\tsme.acme.test\t<p@acme.test>\t"
		       "<f@far.test>\tqueued\t\t<m@x>\t",
		NULL };
	struct stats s;
	(void)state;
	config.report_addresses = known;
	config.n_report_addresses = ARRAY_LEN(known);
	count(&s, "qpsmtpd", lines);
	config.n_report_addresses = 0;
	assert_int_equal(named(&s.qpsmtpd.kinds, "dmarc_report/queued", 0), 1);
	assert_int_equal(named(&s.qpsmtpd.kinds, "webmail/queued", 0), 1);
	stats_clear(&s);
}

static void
test_relay_across_parts(void **state)
{
	static const char *const lines[] = {
		"9 Connection from dsl.test [192.0.2.9]",
		"9 (auth-plain) auth::auth_cvm_unix_local: pass, anna",
		"8 Connection from far.test [192.0.2.8]",
		"9 (queue) logging::logterse: ` 192.0.2.9\tdsl.test\tlaptop\t"
		"<a@acme.test>\t<b@c.test>\tqueued\t\t<m@x>\t",
		"8 (queue) logging::logterse: ` 192.0.2.8\tfar.test\tfar\t"
		"<a@far.test>\t<b@acme.test>\tqueued\t\t<m@x>\t",
		"9 Connection from other.test [192.0.2.7]",
		"9 (queue) logging::logterse: ` 192.0.2.7\tother.test\tother\t"
		"<a@far.test>\t<b@acme.test>\tqueued\t\t<m@x>\t",
		NULL,
	};
	enum {
		LINES = ARRAY_LEN(lines) - 1
	};
	(void)state;
	for (size_t a = 0; a <= LINES; a++)
		for (size_t b = a; b <= LINES; b++) {
			const size_t cuts[] = { 0, a, b, LINES };
			struct stats s;
			stats_init(&s);
			for (size_t k = 0; k < 3; k++) {
				const char *share[LINES + 1] = { NULL };
				struct stats_part *p =
				    stats_part_new(&config, "qpsmtpd");
				assert_non_null(p);
				memcpy(share, lines + cuts[k],
				    (cuts[k + 1] - cuts[k]) * sizeof(*share));
				feed(p, 1511740800, share);
				stats_part_merge(&s, p);
			}
			stats_end(&s);
			struct tally *kinds = &s.qpsmtpd.kinds;
			assert_int_equal(named(kinds, "relay/queued", 0), 1);
			assert_int_equal(named(kinds, "inbound/queued", 0), 2);
			assert_int_equal(s.qpsmtpd.without_verdict, 0);
			stats_clear(&s);
		}
}

/* LG-57, LG-58, LG-59, LG-62 and quirk 8 */
static void
test_leagues(void **state)
{
	static const char *const lines[] = {
		"1 (connect) check_badcountries: GeoIP Country: DE",
		"1 (data_post_headers) dmarc: pass",
		"1 (data_post) dkim: fail, dmarc: pass is not said here",
		"1 dispatching NOOP dmarc: pass",
		"1 (data_post_headers) dmarc: fail, dmarc: pass it is not",
		TERSE "192.0.2.9\tx\tx\t<a@e>\t\tnaughty\t903\t(dnsbl) "
		      "https://www.spamhaus.org/sbl/query/SBL1\t",
		TERSE "192.0.2.9\tx\tx\t<a@e>\t\tdnsbl\t903\t"
		      "http://10.9.8.7.zen.test?q\t",
		TERSE "192.0.2.9\tx\tx\t<a@e>\t\tvirus::clamdscan\t901\tVirus "
		      "found: Eicar\t",
		TERSE "192.0.2.9\tx\tx\t<a@e>\t\tvirus::clamav\t901\tOdd\t",
		NULL,
	};
	struct stats s;
	(void)state;
	count(&s, "qpsmtpd", lines);
	struct stats_qpsmtpd *q = &s.qpsmtpd;
	assert_int_equal(named(&q->countries, "DE", 0), 1);
	assert_int_equal(q->dmarc_ok, 1);
	assert_int_equal(named(&q->codes, "naughty-dnsbl", 0), 1);
	assert_int_equal(named(&q->rules_raw, "naughty:dnsbl", 0), 1);
	assert_int_equal(named(&q->rules, "naughty", 0), 1);
	assert_int_equal(named(&q->blacklists, "spamhaus.org", 0), 1);
	assert_int_equal(named(&q->blacklists, "zen.test", 0), 1);
	assert_int_equal(named(&q->viruses, "Eicar", 0), 1);
	assert_int_equal(named(&q->viruses, "Odd", 0), 1);
	assert_int_equal(named(&q->deny_codes, "903", 0), 2);
	stats_clear(&s);
	config.compat = true;
	count(&s, "qpsmtpd", lines);
	assert_int_equal(named(&s.qpsmtpd.codes, "naughty-unknown", 0), 1);
	/* quirk 8: anywhere in a line, of whatever it is */
	assert_int_equal(s.qpsmtpd.dmarc_ok, 4);
	stats_clear(&s);
	config.compat = false;
}

/* LG-58, LG-59: names in the text that the client was told. */
static void
test_names_in_reasons(void **state)
{
	static const struct {
		const char *rule, *reason, *name;
	} cases[] = {
		{ "dnsbl", "https://www.spamhaus.org/query/ip/192.0.2.9",
		    "spamhaus.org" },
		{ "dnsbl", "Blocked, see HTTP://Bl.Test?ip=1#x", "Bl.Test" },
		{ "dnsbl", "http://bl.test#x?y", "bl.test" },
		{ "dnsbl", "http://bl.test:8080/x", "bl.test" },
		{ "dnsbl", "listed by zen.test", "listed by zen.test" },
		{ "dnsbl", "http://192.0.2.9.zen.test", "zen.test" },
		{ "dnsbl", "http://a.test/ or http://b.test/", "b.test" },
		{ "rhsbl", "http://dbl.test/q", "dbl.test" },
		{ "uribl", "uribl.test: evil.test", "uribl.test" },
		{ "naughty", "(dnsbl) http://www.bl.test/", "bl.test" },
		{ "naughty", "(karma) http://bl.test/", NULL },
		{ "virus::clamdscan", "Virus found: Eicar-Test", "Eicar-Test" },
		{ "virus::clamav", "a worm", "a worm" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[256];
		const char *const lines[] = { text, NULL };
		struct stats s;
		snprintf(text, sizeof(text),
		    TERSE "192.0.2.9\tx\tx\t<a@e>\t\t%s\t901\t%s\t",
		    cases[i].rule, cases[i].reason);
		count(&s, "qpsmtpd", lines);
		struct tally *t = strncmp(cases[i].rule, "virus", 5) == 0
				      ? &s.qpsmtpd.viruses
				      : &s.qpsmtpd.blacklists;
		if (t->len != (cases[i].name != NULL) ||
		    (t->len > 0 && !str_is(t->rows[0].key, cases[i].name)))
			fail_msg("%s: %.*s", cases[i].reason,
			    t->len > 0 ? (int)t->rows[0].key.len : 0,
			    t->len > 0 ? t->rows[0].key.ptr : "");
		stats_clear(&s);
	}
}

/* LG-37: one trouble with many hosts or messages is one reason. */
static void
test_reasons(void **state)
{
	static const struct {
		const char *text, *reason;
	} cases[] = {
		{ "192.0.2.9_does_not_like_recipient./Remote_host_said:_550_x/",
		    "IP_does_not_like_recipient." },
		{ "Connected_to_10.200.30.4_but_my_name_was_rejected./",
		    "Connected_to_IP_but_my_name_was_rejected." },
		{ "Sorry,_no_mailbox_here_by_that_name._(#5.1.1)/",
		    "Sorry,_no_mailbox_here_by_that_name._(#5.1.1)" },
		{ "Unable_to_lock_4194305.lock_of_99999/x",
		    "Unable_to_lock_#.lock_of_#" },
		{ "timeout_of_1200_s", "timeout_of_1200_s" },
		{ "1.2.3.4.5_and_1.2.3", "IP.5_and_1.2.3" },
		{ "", "" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[256];
		const char *const lines[] = { text, NULL };
		struct stats s;
		snprintf(text, sizeof(text), "delivery 9: failure: %s",
		    cases[i].text);
		count(&s, "qmail", lines);
		if (named(&s.qmail.failures, cases[i].reason, 0) != 1)
			fail_msg("%s: %.*s", cases[i].text,
			    STR_ARG(s.qmail.failures.rows[0].key));
		stats_clear(&s);
	}
}

/* LG-60, LG-61 */
static void
test_domains_and_recipients(void **state)
{
	static const char *const lines[] = {
		QUEUED
		"192.0.2.9\tx\tx\t<a@e>\t<Anna@ACME.test>,<bob@acme.test>"
		"\tqueued\t\t<m@x>\t",
		TERSE
		"192.0.2.9\tx\tx\t<a@e>\t\tcheck_goodrcptto\t901\tinvalid "
		"recipient <No@dom1.acme.test>\t",
		QUEUED "192.168.1.9\tpc.acme.test\tx\t<a@e>\t<x@far.test>\t"
		       "queued\t\t<m@x>\t",
		NULL,
	};
	struct stats s;
	(void)state;
	count(&s, "qpsmtpd", lines);
	struct stats_qpsmtpd *q = &s.qpsmtpd;
	assert_int_equal(named(&q->domains, "acme.test", STATS_ACCEPT), 1);
	assert_int_equal(named(&q->domains, "dom1.acme.test", STATS_DENY), 1);
	assert_int_equal(named(&q->domains, "Outgoing", STATS_TOTAL), 1);
	assert_int_equal(
	    named(&q->recipients, "anna@acme.test", STATS_QUEUED), 1);
	assert_int_equal(
	    named(&q->recipients, "bob@acme.test", STATS_QUEUED), 1);
	assert_int_equal(
	    named(&q->recipients, "no@dom1.acme.test", STATS_REJECTED), 1);
	assert_int_equal(named(&q->recipients, "x@far.test", 0), 0);
	/* quirk 6 */
	assert_int_equal(named(&q->recipients_compat, "anna@acme.test", 0), 2);
	assert_int_equal(named(&q->recipients_compat, "bob@acme.test", 0), 0);
	assert_int_equal(named(&q->domains_all, "acme.test", STATS_TOTAL), 2);
	stats_clear(&s);
}

static const char *const queue_log[] = {
	"status: local 0/20 remote 0/20",
	"new msg 100",
	"info msg 100: bytes 500 from <a@e.test> qp 7 uid 453",
	"starting delivery 1: msg 100 to local alias-localdelivery-b@acme.test",
	"status: local 1/20 remote 0/20",
	"starting delivery 2: msg 100 to remote c@far.test",
	"status: local 1/20 remote 1/1",
	"delivery 1: success: did_0+0+1/",
	"delivery 2: deferral: Connected_to_192.0.2.9_but_greeting_failed./",
	"status: exiting",
	"status: local 0/20 remote 0/20",
	"starting delivery 1: msg 100 to remote c@far.test",
	"delivery 1: failure: Sorry._(#5.1.1)/Giving_up/",
	"bounce msg 100 qp 9",
	"end msg 100",
	"new msg 100",
	"info msg 100: bytes 700 from <#@[]> qp 9 uid 400",
	NULL,
};

/* LG-37, and LG-68: a log cut anywhere adds up to the whole. */
static void
test_queue_in_parts(void **state)
{
	size_t n = 0;
	(void)state;
	while (queue_log[n] != NULL)
		n++;
	for (size_t cut = 0; cut <= n; cut++) {
		const char *first[ARRAY_LEN(queue_log) + 1] = { NULL };
		struct stats s;
		memcpy(first, queue_log, cut * sizeof(*first));
		struct stats_part *a = stats_part_new(&config, "qmail");
		struct stats_part *b = stats_part_new(&config, "qmail");
		feed(a, 1511740800, first);
		feed(b, 1511740800 + (int64_t)cut, queue_log + cut);
		stats_init(&s);
		stats_part_merge(&s, a);
		stats_part_merge(&s, b);
		stats_end(&s);
		const struct stats_qmail *q = &s.qmail;
		/* in the queue from its second line to its last; no other
		   remote delivery would have fitted from the seventh to the
		   eleventh */
		if (q->queue_us.n != 1 || q->queue_us.sum != 13000000 ||
		    q->delivery_us[STATS_TO_LOCAL].largest != 4000000 ||
		    q->delivery_us[STATS_TO_REMOTE].n != 2 ||
		    q->status_ns != 10000000000 ||
		    q->full_ns[STATS_TO_LOCAL] != 0 ||
		    q->full_ns[STATS_TO_REMOTE] != 4000000000)
			fail_msg("times, cut behind line %zu", cut);
		assert_int_equal(
		    named(&s.qmail.senders, "a@e.test", STATS_BYTES), 500);
		assert_int_equal(named(&s.qmail.uids, "453", 0), 1);
		if (q->new != 2 || q->info != 2 || q->end != 1 ||
		    q->reused != 1 || q->unfinished != 1 ||
		    q->double_bounce != 1 || q->restarts != 1 ||
		    q->max_remote != 1 || q->status_lines != 4 ||
		    q->result[STATS_TO_LOCAL][0] != 1 ||
		    q->result[STATS_TO_REMOTE][1] != 1 ||
		    q->result[STATS_TO_REMOTE][2] != 1 ||
		    q->delivery_ns[STATS_TO_LOCAL] != 4000000000 ||
		    q->delivery_ns[STATS_TO_REMOTE] != 4000000000)
			fail_msg("cut behind line %zu", cut);
		assert_int_equal(named(&s.qmail.deferrals,
				     "Connected_to_IP_but_greeting_failed.", 0),
		    1);
		assert_int_equal(
		    named(&s.qmail.recipient_domains, "acme.test", 0), 1);
		stats_clear(&s);
	}
}

/* LG-72: an hour for each verdict, in no order, and names without end. */
static void
test_hostile_names(void **state)
{
	enum {
		LINES = 150000,
		FIRST = 1000000,
		STEP = 7919 /* prime: each hour comes once */
	};
	struct stats s;
	struct stats_part *p = stats_part_new(&config, "qpsmtpd");
	size_t at = 0, tables = 0;
	uint64_t n, hours = 0, named_all = 0, more = 0;
	const char *name;
	(void)state;
	stats_init(&s);
	for (int64_t i = 0; i < LINES; i++) {
		char text[256];
		snprintf(text, sizeof(text),
		    TERSE
		    "192.0.2.9\tx\tx\t<a@e>\t<u%d@d%d.test>\tdnsbl\t903\tx\t",
		    (int)i, (int)i);
		const char *const lines[] = { text, NULL };
		feed(p, (FIRST + i * STEP % LINES) * 3600, lines);
	}
	stats_part_merge(&s, p);
	stats_end(&s);
	const struct stats_qpsmtpd *q = &s.qpsmtpd;
	assert_int_equal(q->verdicts, LINES);
	for (size_t i = 0; i < q->hours.rows.len; i++) {
		const struct stats_hour *h =
		    VEC_AT(&q->hours.rows, const struct stats_hour, i);
		hours += stats_hour_total(h);
		assert_true(i == 0 || h->hour > h[-1].hour);
	}
	assert_int_equal(hours + stats_hour_total(&q->hours.rest), LINES);
	assert_true(q->hours.rows.len > 50000);
	for (size_t i = 0; i < q->recipients.len; i++)
		named_all += q->recipients.rows[i].n[STATS_REJECTED];
	while ((name = stats_not_apart(&s, &at, &n)) != NULL) {
		tables++;
		if (strcmp(name, "qpsmtpd.recipients") == 0)
			more = n;
	}
	assert_int_equal(named_all + more, LINES);
	assert_true(named_all > 10000 && more > 10000);
	/* recipients twice, their domains, hours; the few others are whole */
	assert_int_equal(tables, 4);
	assert_int_equal(tally_sum(&s.qpsmtpd.domains_all, STATS_TOTAL), LINES);
	assert_int_equal(
	    named(&s.qpsmtpd.domains, "Others", STATS_TOTAL), LINES);
	stats_clear(&s);
}

static const char *const mailbox_log[] = {
	/* begun before the log */
	"imap(zoe): Info: Disconnected: Logged out in=1 out=1",
	"imap-login: Info: Login: user=<anna>, method=PLAIN, rip=192.0.2.1, "
	"lip=192.0.2.2, mpid=7, TLS, session=<S1>",
	"imap-login: Info: Login: user=<Anna>, method=PLAIN, rip=192.0.2.1, "
	"lip=192.0.2.2, mpid=8, TLS, session=<S2>",
	"pop3-login: Info: Login: user=<anna>, method=PLAIN, rip=192.0.2.1, "
	"lip=192.0.2.2, mpid=9",
	"imap(anna): Info: Connection closed in=1 out=1",
	"imap(bob): Info: Disconnected: Logged out in=1 out=1",
	"pop3(anna): Info: Disconnected: Logged out top=0/0, retr=0/0",
	"imap-login: Info: Login: user=<carl>, method=PLAIN, rip=192.0.2.1, "
	"lip=192.0.2.2, mpid=10, TLS, session=<S3>",
	"imap(carl)<10><S3>: Info: Disconnected: Logged out in=1 out=1",
	"imap(anna): Info: Disconnected: Logged out in=1 out=1",
	"imap(anna): Info: Disconnected: Logged out in=1 out=1",
	NULL,
};

/* LG-41: sessions by process, and by user where older dovecots name no more;
 * LG-68: however the log is cut. */
static void
test_sessions_in_parts(void **state)
{
	size_t n = ARRAY_LEN(mailbox_log) - 1;
	(void)state;
	for (size_t cut = 0; cut <= n; cut++)
		for (size_t more = cut; more <= n; more++) {
			const size_t ends[] = { 0, cut, more, n };
			struct stats s;
			stats_init(&s);
			for (size_t i = 0; i + 1 < ARRAY_LEN(ends); i++) {
				const char *part[ARRAY_LEN(mailbox_log)] = {
					NULL
				};
				memcpy(part, mailbox_log + ends[i],
				    (ends[i + 1] - ends[i]) * sizeof(*part));
				struct stats_part *p =
				    stats_part_new(&config, "dovecot");
				feed(p, 1511740800 + (int64_t)ends[i], part);
				stats_part_merge(&s, p);
			}
			stats_end(&s);
			/* 2 and 8 of anna's imap, 3 of her pop3, 1 of carl */
			const struct spread *d = &s.dovecot.session_us;
			if (d->n != 4 || d->sum != 14000000 ||
			    d->least != 1000000 || d->largest != 8000000)
				fail_msg("cut behind lines %zu and %zu: %u, %u",
				    cut, more, (unsigned)d->n,
				    (unsigned)d->sum);
			assert_int_equal(s.dovecot.logout, 7);
			stats_clear(&s);
		}
}

static const char *const smtp_log[] = {
	"5 Connection from a.test [192.0.2.1]",
	"6 Connection from b.test [192.0.2.2]",
	"5 (deny) logging::logterse: ` 192.0.2.1\ta\ta\t\t\tkarma\t903\tx\t",
	"5 Connection from c.test [192.0.2.3]",
	"6 click, disconnecting",
	"6 Connection from d.test [192.0.2.4]",
	"6 (deny) logging::logterse: ` 192.0.2.4\td\td\t\t\tkarma\t903\tx\t",
	"6 (deny) logging::logterse: ` 192.0.2.4\td\td\t\t\tkarma\t903\tx\t",
	NULL,
};

/* Pids come again: connections without a verdict, wherever the log is cut. */
static void
test_connections_in_parts(void **state)
{
	size_t n = ARRAY_LEN(smtp_log) - 1;
	(void)state;
	for (size_t cut = 0; cut <= n; cut++) {
		const char *first[ARRAY_LEN(smtp_log) + 1] = { NULL };
		struct stats s;
		memcpy(first, smtp_log, cut * sizeof(*first));
		struct stats_part *a = stats_part_new(&config, "qpsmtpd");
		struct stats_part *b = stats_part_new(&config, "qpsmtpd");
		feed(a, 1511744390, first);
		feed(b, 1511744390 + (int64_t)cut, smtp_log + cut);
		stats_init(&s);
		stats_part_merge(&s, a);
		stats_part_merge(&s, b);
		stats_end(&s);
		if (s.qpsmtpd.connections != 4 ||
		    s.qpsmtpd.without_verdict != 2 || s.qpsmtpd.verdicts != 3)
			fail_msg("cut behind line %zu: %llu without verdict",
			    cut, (unsigned long long)s.qpsmtpd.without_verdict);
		stats_clear(&s);
	}
}

#define SCORED(pid, score)                                                     \
	pid " (queue) logging::logterse: ` 192.0.2.1\ta\ta\t<a@e.test>\t"      \
	    "<b@acme.test>\tqueued\t\t<m@x>\tNo, score=" score " required=4.0"

static const char *const scored_log[] = {
	"5 Accepted connection 0/40 from 192.0.2.1 / a.test",
	"5 Connection from a.test [192.0.2.1]",
	"6 Connection from a.test [192.0.2.1]",
	"7 Connection from a.test [192.0.2.1]",
	SCORED("7", "0.3"),
	SCORED("6", "0.2"),
	SCORED("5", "0.1"),
	NULL,
};

/*
 * LG-56, LG-68: scores are added in the order of their connections, wherever
 * the log is cut: 0.1 + 0.2 + 0.3 is not 0.3 + 0.2 + 0.1.
 */
static void
test_scores_in_order(void **state)
{
	volatile double want = 0.1;
	size_t n = ARRAY_LEN(scored_log) - 1;
	(void)state;
	want += 0.2;
	want += 0.3;
	assert_true(want != 0.6);
	for (size_t cut = 0; cut <= n; cut++) {
		const char *first[ARRAY_LEN(scored_log) + 1] = { NULL };
		struct stats s;
		memcpy(first, scored_log, cut * sizeof(*first));
		struct stats_part *a = stats_part_new(&config, "qpsmtpd");
		struct stats_part *b = stats_part_new(&config, "qpsmtpd");
		feed(a, 1511744390, first);
		feed(b, 1511744390 + (int64_t)cut, scored_log + cut);
		stats_init(&s);
		stats_part_merge(&s, a);
		stats_part_merge(&s, b);
		stats_end(&s);
		if (s.qpsmtpd.ham != 3 || s.qpsmtpd.ham_score != want)
			fail_msg("cut behind line %zu: %.17g", cut,
			    s.qpsmtpd.ham_score);
		/* it began when it was accepted, not when it was named */
		assert_int_equal(
		    s.last_connection_ns, (1511744390 + 3) * 1000000000LL);
		stats_clear(&s);
	}
}

/* More scores than wait at once, all in the order of their connections. */
static void
test_many_scores(void **state)
{
	enum {
		MANY = 40000
	};
	struct stats_part *p = stats_part_new(&config, "qpsmtpd");
	double want = 0;
	struct stats s;
	(void)state;
	for (int i = 0; i < MANY; i++) {
		char text[4][256];
		const char *lines[5] = { text[0], text[1], text[2], text[3] };
		int pid = 2 * i + 1;
		for (int k = 0; k < 2; k++) {
			snprintf(text[k], sizeof(text[k]),
			    "%d Connection from a.test [192.0.2.1]", pid + k);
			snprintf(text[3 - k], sizeof(text[k]),
			    SCORED("%d", "%d.%d"), pid + k, i % 3, 1 + k);
			want += (double)(i % 3 * 10 + 1 + k) / 10;
		}
		feed(p, 1511744390, lines);
	}
	stats_init(&s);
	stats_part_merge(&s, p);
	stats_end(&s);
	assert_int_equal(s.qpsmtpd.ham, 2 * MANY);
	assert_true(s.qpsmtpd.ham_score == want);
	stats_clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdict_columns),
		cmocka_unit_test(test_fetchmail_in_addition),
		cmocka_unit_test(test_columns_of_names),
		cmocka_unit_test(test_authenticated_relay),
		cmocka_unit_test(test_relay_across_parts),
		cmocka_unit_test(test_report_addresses),
		cmocka_unit_test(test_leagues),
		cmocka_unit_test(test_names_in_reasons),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_domains_and_recipients),
		cmocka_unit_test(test_queue_in_parts),
		cmocka_unit_test(test_connections_in_parts),
		cmocka_unit_test(test_sessions_in_parts),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_scores_in_order),
		cmocka_unit_test(test_many_scores),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
