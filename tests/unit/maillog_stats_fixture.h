/* What the tests of statistics share: a configuration, lines in, figures out.
 */
#ifndef TESTS_UNIT_MAILLOG_STATS_FIXTURE_H
#define TESTS_UNIT_MAILLOG_STATS_FIXTURE_H

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
static inline void
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

static inline void
count(struct stats *out, const char *service, const char *const *lines)
{
	struct stats_part *p = stats_part_new(&config, service);
	assert_non_null(p);
	stats_init(out);
	feed(p, 1511740800, lines);
	stats_part_merge(out, p);
	stats_end(out);
}

static inline uint64_t
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

#endif
