/*
 * Stamps (LG-8), the lines of qpsmtpd (LG-27, LG-30 to LG-32) and of qmail-send
 * (LG-33).
 */
#include "core/maillog/parse.h"

#include "core/base/buf.h"
#include "core/maillog/stamp.h"
#include "core/sys/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void
assert_str(struct str got, const char *want)
{
	if (!str_is(got, want))
		fail_msg("got '%.*s', wanted '%s'", STR_ARG(got), want);
}

struct stamp_case {
	const char *line;
	enum stamp_kind kind;
	int64_t unix_s; /* in Europe/Paris */
	int32_t ns;
	const char *text;
};

static const struct stamp_case stamps[] = {
	{ "@400000005a1d7d9f19c9381c new msg 1", STAMP_TAI64N, 1511882133,
	    432617500, "new msg 1" },
	{ "@400000005a1d7d9f19c9381c", STAMP_TAI64N, 1511882133, 432617500,
	    "" },
	{ "@400000005a1d7d9f19c9381cx", STAMP_NONE, 0, 0,
	    "@400000005a1d7d9f19c9381cx" },
	{ "1054189746.123136 new msg 161214", STAMP_UNIX, 1054189746, 123136000,
	    "new msg 161214" },
	{ "1054189746.12313 five digits", STAMP_NONE, 0, 0,
	    "1054189746.12313 five digits" },
	{ "2017-11-28 16:15:33.432617500 x", STAMP_LOCAL, 1511882133, 432617500,
	    "x" },
	{ "2017-11-28 16:15:33 x", STAMP_LOCAL, 1511882133, 0, "x" },
	{ "2017-11-28_15:15:33.43261 x", STAMP_UTC, 1511882133, 432610000,
	    "x" },
	{ "2017-11-28T15:15:33.43261 x", STAMP_UTC, 1511882133, 432610000,
	    "x" },
	{ "2017-13-28T15:15:33.43261 x", STAMP_NONE, 0, 0,
	    "2017-13-28T15:15:33.43261 x" },
	{ "2017-11-28T25:15:33.43261 x", STAMP_NONE, 0, 0,
	    "2017-11-28T25:15:33.43261 x" },
	/* the newest year that is not more than a day ahead: now is 2017 */
	{ "Nov 28 16:15:33 host qmail: x", STAMP_SYSLOG, 1511882133, 0,
	    "host qmail: x" },
	{ "Nov 30 16:15:33 host x", STAMP_SYSLOG, 1480518933, 0, "host x" },
	{ "Jan  2 00:00:00 host x", STAMP_SYSLOG, 1483311600, 0, "host x" },
	{ "Feb 29 16:15:33 host x", STAMP_SYSLOG, 1456758933, 0, "host x" },
	{ "Feb 30 16:15:33 host x", STAMP_NONE, 0, 0,
	    "Feb 30 16:15:33 host x" },
	{ "2016-02-29_15:15:33.5 x", STAMP_UTC, 1456758933, 500000000, "x" },
	{ "2017-02-29_15:15:33.5 x", STAMP_NONE, 0, 0,
	    "2017-02-29_15:15:33.5 x" },
	{ "2017-11-31 15:15:33.5 x", STAMP_NONE, 0, 0,
	    "2017-11-31 15:15:33.5 x" },
	{ "Nov 29 16:15:40 host x", STAMP_SYSLOG, 1511968540, 0, "host x" },
	{ "Nov 29 16:15:41 host x", STAMP_SYSLOG, 1480432541, 0, "host x" },
	{ "Jan 32 00:00:00 host x", STAMP_NONE, 0, 0,
	    "Jan 32 00:00:00 host x" },
	{ "", STAMP_NONE, 0, 0, "" },
	{ " @400000005a1d7d9f19c9381c x", STAMP_NONE, 0, 0,
	    " @400000005a1d7d9f19c9381c x" },
};

static void
test_stamps(void **state)
{
	(void)state;
	setenv("TZ", "Europe/Paris", 1);
	tzset();
	for (size_t i = 0; i < ARRAY_LEN(stamps); i++) {
		const struct stamp_case *c = &stamps[i];
		struct str line = str_of(c->line);
		struct stamp s = stamp_parse(line, 1511882140);
		if (s.kind != c->kind || s.time.unix_s != c->unix_s)
			fail_msg("'%s': kind %d, %lld", c->line, (int)s.kind,
			    (long long)s.time.unix_s);
		assert_int_equal(s.time.ns, c->ns);
		assert_str(str_sub(line, s.text, line.len), c->text);
	}
}

/* Every line of the recorded logs has the stamp recorded for it. */
struct stamp_file {
	const char *name;
	int tai64n, syslog, unix_time, local, none;
};

static void
test_stamps_of_recorded_lines(void **state)
{
	(void)state;
	static const struct stamp_file files[] = {
		{ "clamd.log", 26, 0, 0, 0, 0 },
		{ "dovecot.log", 5, 36, 0, 0, 0 },
		{ "fetchmail.log", 0, 0, 0, 0, 6 },
		{ "qmail-send-syslog.log", 0, 7, 0, 0, 0 },
		{ "qmail-send-unixtime.log", 0, 0, 15, 0, 0 },
		{ "qmail-send.log", 23, 0, 0, 0, 0 },
		{ "qpsmtpd.log", 3, 0, 0, 1, 0 },
		{ "spamd.log", 27, 2, 0, 0, 2 },
		{ "tcpsvd.log", 14, 0, 0, 0, 3 },
	};
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct buf bytes = BUF_INIT(65536);
		char path[128];
		int count[STAMP_SYSLOG + 1] = { 0 };
		snprintf(
		    path, sizeof(path), "tests/data/logs/%s", files[i].name);
		assert_true(file_read(path, NULL, &bytes, NULL));
		struct str text = buf_str(&bytes), line;
		while (str_next_line(&text, &line))
			count[stamp_parse(line, 1795320000).kind]++;
		assert_int_equal(count[STAMP_TAI64N], files[i].tai64n);
		assert_int_equal(count[STAMP_SYSLOG], files[i].syslog);
		assert_int_equal(count[STAMP_UNIX], files[i].unix_time);
		assert_int_equal(count[STAMP_LOCAL], files[i].local);
		assert_int_equal(count[STAMP_NONE], files[i].none);
		buf_clear(&bytes);
	}
}

struct line_case {
	const char *text;
	enum maillog_kind kind;
	uint32_t pid;
	const char *hook, *plugin, *rest;
};

static const struct line_case lines[] = {
	{ "3266 Accepted connection 1/40 from 192.0.2.1 / mx.test",
	    MAILLOG_ACCEPTED, 3266, "", "",
	    "Accepted connection 1/40 from 192.0.2.1 / mx.test" },
	{ "3266 Connection from mx.test [192.0.2.1]", MAILLOG_CONNECT, 3266, "",
	    "", "Connection from mx.test [192.0.2.1]" },
	{ "3266 dispatching RCPT TO:<a@b>", MAILLOG_COMMAND, 3266, "", "",
	    "dispatching RCPT TO:<a@b>" },
	{ "3266 250 ok", MAILLOG_REPLY, 3266, "", "", "250 ok" },
	{ "3266 2500 ok", MAILLOG_CORE, 3266, "", "", "2500 ok" },
	{ "3266 250 Queued! 15 qp 7 <a@b>", MAILLOG_TAKEN, 3266, "", "",
	    "250 Queued! 15 qp 7 <a@b>" },
	{ "3266 250 Queued! <a@b> (Queue-Id: 4F2A91C3)", MAILLOG_TAKEN, 3266,
	    "", "", "250 Queued! <a@b> (Queue-Id: 4F2A91C3)" },
	{ "3266 250 2.0.0 Ok: queued as 4F2A91C3", MAILLOG_TAKEN, 3266, "", "",
	    "250 2.0.0 Ok: queued as 4F2A91C3" },
	{ "3266 250 Queued! <a@b> (Queue-Id: )", MAILLOG_REPLY, 3266, "", "",
	    "250 Queued! <a@b> (Queue-Id: )" },
	{ "3266 deny mail from <a@b> (x)", MAILLOG_DENY_MAIL, 3266, "", "",
	    "deny mail from <a@b> (x)" },
	{ "3266 denysoft mail from <a@b> (x)", MAILLOG_DENY_MAIL, 3266, "", "",
	    "denysoft mail from <a@b> (x)" },
	{ "3266 spooling message to disk", MAILLOG_SPOOLING, 3266, "", "",
	    "spooling message to disk" },
	{ "3266 Connection Timed Out", MAILLOG_TIMEOUT, 3266, "", "",
	    "Connection Timed Out" },
	{ "1 Too many connections: 40 >= 40.  Waiting one second.",
	    MAILLOG_BUSY, 1, "", "",
	    "Too many connections: 40 >= 40.  Waiting one second." },
	{ "3266 click, disconnecting", MAILLOG_DISCONNECT, 3266, "", "",
	    "click, disconnecting" },
	{ "1 cleaning up after 3266", MAILLOG_CLEANUP, 1, "", "",
	    "cleaning up after 3266" },
	{ "3266 Message too big: size: 9", MAILLOG_TOO_BIG, 3266, "", "",
	    "Message too big: size: 9" },
	{ "3266 auth success cleared naughty", MAILLOG_CORE, 3266, "", "",
	    "auth success cleared naughty" },
	{ "3266 ", MAILLOG_CORE, 3266, "", "", "" },
	{ "3266 (connect) earlytalker: pass", MAILLOG_PLUGIN, 3266, "connect",
	    "earlytalker", "pass" },
	{ "9 (queue) queue::qmail_2dqueue: (for 3266) Queuing to x",
	    MAILLOG_QUEUEING, 9, "queue", "queue::qmail_2dqueue",
	    "(for 3266) Queuing to x" },
	{ "3266 dnsbl plugin (connect): skip", MAILLOG_PLUGIN, 3266, "connect",
	    "dnsbl", "skip" },
	{ "3266 dnsbl plugin: skip", MAILLOG_PLUGIN, 3266, "", "dnsbl",
	    "skip" },
	{ "3266 auth::x plugin: skip", MAILLOG_PLUGIN, 3266, "", "auth::x",
	    "skip" },
	{ "3266 (rcpt) rcpt_ok: ", MAILLOG_PLUGIN, 3266, "rcpt", "rcpt_ok",
	    "" },
	{ "3266 (rcpt) two words: x", MAILLOG_CORE, 3266, "", "",
	    "(rcpt) two words: x" },
	{ "3266 (rcpt", MAILLOG_CORE, 3266, "", "", "(rcpt" },
	{ "3266 dnsbl plugin (connect", MAILLOG_CORE, 3266, "", "",
	    "dnsbl plugin (connect" },
	{ "no pid", MAILLOG_OTHER, 0, "", "", "no pid" },
	{ "123", MAILLOG_OTHER, 0, "", "", "123" },
	{ "12345678901 x", MAILLOG_OTHER, 0, "", "", "12345678901 x" },
	{ "", MAILLOG_OTHER, 0, "", "", "" },
};

static struct maillog_event
parsed(const char *service, const char *text)
{
	struct maillog_event ev;
	maillog_parse(maillog_form_of(str_of(service)), str_of(text), &ev);
	return ev;
}

static void
test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct maillog_event ev = parsed("sqpsmtpd", lines[i].text);
		assert_string_equal(maillog_kind_name(ev.kind),
		    maillog_kind_name(lines[i].kind));
		assert_int_equal(ev.pid, lines[i].pid);
		assert_str(maillog_field(&ev, MAILLOG_F_HOOK), lines[i].hook);
		assert_str(
		    maillog_field(&ev, MAILLOG_F_PLUGIN), lines[i].plugin);
		assert_str(ev.text, lines[i].rest);
	}
	/* the null sender is "<>" in every log */
	struct maillog_event ev =
	    parsed("qmail", "info msg 5: bytes 1 from <> qp 8 uid 400");
	assert_str(maillog_field(&ev, MAILLOG_F_FROM), "<>");
	ev = parsed("maillog",
	    "sme postfix/qmgr[9]: 4F1A2B3C4D: from=<>, size=10, nrcpt=1 "
	    "(queue active)");
	assert_str(maillog_field(&ev, MAILLOG_F_FROM), "<>");
	/* LG-25: a service without a parser keeps its lines */
	ev = parsed("smtp-auth-proxy", "1 (x) y: z");
	assert_int_equal(ev.kind, MAILLOG_OTHER);
	assert_str(ev.text, "1 (x) y: z");
}

struct verdict_case {
	const char *text;
	enum maillog_kind kind;
	enum maillog_verdict verdict;
	const char *ip, *host, *helo, *sender, *first, *rule, *code, *reason;
	const char *score;
};

#define TERSE "1 (deny) logging::logterse: ` "

static const struct verdict_case verdicts[] = {
	{ TERSE "192.0.2.1\tmx.test\thelo\t<a@b.test>\t<c@d.test>,<e@f.test>\t"
		"spamassassin\t901\tspam\tYes, score=13.1 required=4.0",
	    MAILLOG_LOGTERSE, MAILLOG_REFUSED, "192.0.2.1", "mx.test", "helo",
	    "a@b.test", "c@d.test", "spamassassin", "901", "spam", "13.1" },
	{ TERSE "192.0.2.1:2525\tUnknown\t\t\t\tearlytalker\t902\tlater",
	    MAILLOG_LOGTERSE, MAILLOG_DEFERRED, "192.0.2.1", "Unknown", "", "",
	    "", "earlytalker", "902", "later", "" },
	{ TERSE "[2001:db8::1]:25\tmx\th\t<a@b>\t\tdnsbl\t903\tlisted",
	    MAILLOG_LOGTERSE, MAILLOG_REFUSED, "2001:db8::1", "mx", "h", "a@b",
	    "", "dnsbl", "903", "listed", "" },
	/* LG-32: both signs, both words */
	{ TERSE "192.0.2.1\ta\tb\t<c@d>\t<e@f>\tqueued\t\t<m@x>\t"
		"Yes, hits=+13.1 required=4.0",
	    MAILLOG_LOGTERSE, MAILLOG_QUEUED, "192.0.2.1", "a", "b", "c@d",
	    "e@f", "queued", "", "<m@x>", "+13.1" },
	{ TERSE "2001:db8::1\tmx\th\t<>\t<\"a>,\"@d.test>\tqueued\t\t<m@x>\t"
		"No, hits=-2.6 required=4.0",
	    MAILLOG_LOGTERSE, MAILLOG_QUEUED, "2001:db8::1", "mx", "h", "<>",
	    "\"a>,\"@d.test", "queued", "", "<m@x>", "-2.6" },
	{ "1 logging::logterse plugin (deny): ` 192.0.2.1\ta\tb\t<c@d>\t\t"
	  "naughty\t903\t(dnsbl) x\textra\twith tab",
	    MAILLOG_LOGTERSE, MAILLOG_REFUSED, "192.0.2.1", "a", "b", "c@d", "",
	    "naughty", "903", "(dnsbl) x", "" },
	{ "1 logging::logterse plugin: * 192.0.2.1\ta\tb\t<c@d>\t\tloadcheck\t"
	  "904\tbusy",
	    MAILLOG_LOGTERSE, MAILLOG_DEFERRED, "192.0.2.1", "a", "b", "c@d",
	    "", "loadcheck", "904", "busy", "" },
	/* any character marks */
	{ "1 (deny) logging::logterse: \xc2\xa7 192.0.2.1\ta\tb\t<c@d>\t\t"
	  "dnsbl\t901\tno\t",
	    MAILLOG_LOGTERSE, MAILLOG_REFUSED, "192.0.2.1", "a", "b", "c@d", "",
	    "dnsbl", "901", "no", "" },
	/* LG-30: too few fields */
	{ TERSE "192.0.2.1\ta\tb\tdnsbl\t901", MAILLOG_LOGTERSE_SHORT,
	    MAILLOG_REFUSED, "192.0.2.1", "a", "b", "", "", "dnsbl", "901", "",
	    "" },
	{ TERSE "x", MAILLOG_LOGTERSE_SHORT, MAILLOG_NO_VERDICT, "x", "", "",
	    "", "", "unknown", "", "", "" },
	{ TERSE "", MAILLOG_LOGTERSE_SHORT, MAILLOG_NO_VERDICT, "", "", "", "",
	    "", "unknown", "", "", "" },
};

static void
test_verdicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(verdicts); i++) {
		const struct verdict_case *c = &verdicts[i];
		struct maillog_event ev = parsed("qpsmtpd", c->text);
		struct str first = STR_EMPTY;
		assert_string_equal(
		    maillog_kind_name(ev.kind), maillog_kind_name(c->kind));
		assert_int_equal(ev.verdict, c->verdict);
		assert_str(ev.terse.ip, c->ip);
		assert_str(ev.terse.host, c->host);
		assert_str(ev.terse.helo, c->helo);
		assert_str(ev.terse.sender, c->sender);
		struct str rest = ev.terse.recipients;
		(void)maillog_recipient_next(&rest, &first);
		assert_str(first, c->first);
		assert_str(ev.terse.rule, c->rule);
		assert_str(ev.terse.code_text, c->code);
		assert_str(ev.terse.reason, c->reason);
		assert_str(ev.terse.score, c->score);
	}
	struct str list = STR("<a@b>,<c@d>"), one;
	assert_true(maillog_recipient_next(&list, &one));
	assert_true(maillog_recipient_next(&list, &one));
	assert_str(one, "c@d");
	assert_false(maillog_recipient_next(&list, &one));
}

struct qmail_case {
	const char *text, *kind;
	uint64_t msg, delivery;
	uint32_t qp;
	const char *address, *result, *rest;
	enum maillog_severity severity;
};

/* LG-33: every form; what is not quite one is kept as it is. */
static const struct qmail_case qmail_lines[] = {
	{ "new msg 12", "new", 12, 0, 0, "", "", "new msg 12", MAILLOG_INFO },
	{ "end msg 123456789012345678", "end", 123456789012345678, 0, 0, "", "",
	    "end msg 123456789012345678", MAILLOG_INFO },
	{ "info msg 12: bytes 9 from <a>b@c> qp 7 uid 0", "info", 12, 0, 7,
	    "a>b@c", "", "info msg 12: bytes 9 from <a>b@c> qp 7 uid 0",
	    MAILLOG_INFO },
	{ "info msg 12: bytes 9 from <#@[]> qp 7 uid 0", "info", 12, 0, 7,
	    "#@[]", "", "info msg 12: bytes 9 from <#@[]> qp 7 uid 0",
	    MAILLOG_INFO },
	{ "starting delivery 3: msg 12 to remote a@b", "start", 12, 3, 0, "a@b",
	    "", "starting delivery 3: msg 12 to remote a@b", MAILLOG_INFO },
	{ "delivery 3: success: did_1+0+0/", "delivery", 0, 3, 0, "", "success",
	    "did_1+0+0/", MAILLOG_INFO },
	{ "delivery 3: failure: no/", "delivery", 0, 3, 0, "", "failure", "no/",
	    MAILLOG_WARNING },
	{ "delivery 3: deferral: later/", "delivery", 0, 3, 0, "", "deferral",
	    "later/", MAILLOG_NOTICE },
	{ "delivery 3: report mangled, will defer", "delivery", 0, 3, 0, "",
	    "mangled", "report mangled, will defer", MAILLOG_WARNING },
	{ "bounce msg 12 qp 8", "bounce", 12, 0, 8, "", "",
	    "bounce msg 12 qp 8", MAILLOG_NOTICE },
	{ "triple bounce: discarding bounce/12", "triple-bounce", 12, 0, 0, "",
	    "", "triple bounce: discarding bounce/12", MAILLOG_WARNING },
	{ "warning: unable to stat x", "warning", 0, 0, 0, "", "",
	    "unable to stat x", MAILLOG_WARNING },
	{ "alert: cannot start", "alert", 0, 0, 0, "", "", "cannot start",
	    MAILLOG_SEVERE },
	{ "status: exiting", "exiting", 0, 0, 0, "", "", "status: exiting",
	    MAILLOG_INFO },
	{ "new msg 12 x", "other", 0, 0, 0, "", "", "new msg 12 x",
	    MAILLOG_INFO },
	{ "end msg x", "other", 0, 0, 0, "", "", "end msg x", MAILLOG_INFO },
	{ "delivery 18446744073709551616: success: x", "other", 0, 0, 0, "", "",
	    "delivery 18446744073709551616: success: x", MAILLOG_INFO },
	{ "info msg 12: bytes 9 from <a> qp 4294967296 uid 0", "other", 0, 0, 0,
	    "", "", "info msg 12: bytes 9 from <a> qp 4294967296 uid 0",
	    MAILLOG_INFO },
	{ "number 7: nothing", "other", 0, 0, 0, "", "", "number 7: nothing",
	    MAILLOG_INFO },
};

static void
test_qmail_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(qmail_lines); i++) {
		const struct qmail_case *c = &qmail_lines[i];
		struct maillog_event ev = parsed("qmail", c->text);
		assert_string_equal(maillog_kind_name(ev.kind), c->kind);
		assert_int_equal(ev.severity, c->severity);
		assert_str(ev.text, c->rest);
		assert_string_equal(maillog_result_name(ev.result), c->result);
		assert_int_equal(maillog_msg(&ev), c->msg);
		assert_int_equal(maillog_delivery(&ev), c->delivery);
		assert_int_equal(maillog_qp(&ev), c->qp);
		struct str address = maillog_field(&ev, MAILLOG_F_FROM);
		if (address.len == 0)
			address = maillog_field(&ev, MAILLOG_F_TO);
		assert_str(address, c->address);
	}
	struct maillog_event ev =
	    parsed("qmail", "status: local 1/10 remote 3/20 exitasap");
	assert_int_equal(ev.kind, MAILLOG_QMAIL_STATUS);
	assert_int_equal(ev.status.local, 1);
	assert_int_equal(ev.status.remote_max, 20);
	assert_true(ev.status.exit_asap);
	ev = parsed("qmail", "status: local 1/10 remote 3/20");
	assert_false(ev.status.exit_asap);
}

/* LG-27: the word a plugin's text begins with. */
static void
test_results(void **state)
{
	(void)state;
	static const struct {
		const char *text, *result;
	} cases[] = {
		{ "pass", "pass" },
		{ "pass, octet match", "pass" },
		{ "pass: x in rcpthosts", "pass" },
		{ "passed", "" },
		{ "fail", "fail" },
		{ "fail, tolerated, Spam", "tolerated" },
		{ "fail, NAUGHTY", "naughty" },
		{ "skip, no match", "skip" },
		{ "error: no answer", "error" },
		{ "positive", "positive" },
		{ "negative, x", "negative" },
		{ "GeoIP Country: US", "" },
		{ "", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char line[80];
		snprintf(
		    line, sizeof(line), "7 (rcpt) a::b: %s", cases[i].text);
		struct maillog_event ev = parsed("qpsmtpd", line);
		assert_string_equal(
		    maillog_result_name(ev.result), cases[i].result);
	}
}

/* LG-27: aliases and "_XX" name one plugin. */
static void
test_plugin_names(void **state)
{
	(void)state;
	static const struct {
		const char *written, *name;
		int id;
	} cases[] = {
		{ "queue::qmail_2dqueue", "queue::qmail-queue", 800 },
		{ "queue::smtp_2dforward", "queue::smtp-forward", 803 },
		{ "ident::p0f_3a0", "ident::p0f", 203 },
		{ "check_earlytalker", "earlytalker", 300 },
		{ "require_resolvable_fromhost", "resolvable_fromhost", 504 },
		{ "check_badmailfrom_patterns", "badmailfrom", 500 },
		{ "sender_permitted_from", "sender_permitted_from", 505 },
		{ "count_unrecognized_commands", "unrecognized_commands", 321 },
		{ "check_badcountries", "check_badcountries", 0 },
		{ "dnsbl", "dnsbl", 206 },
		{ "ident::p0f_3a1", "ident::p0f", 203 },
		{ "check_relay", "relay", 207 },
		{ "check_norelay", "relay", 207 },
		{ "relay_only", "relay", 207 },
		{ "check_spamhelo", "helo", 301 },
		{ "noop_counter", "noop", 322 },
		{ "check_badmailfrom", "badmailfrom", 500 },
		{ "check_badrcptto", "badrcptto", 600 },
		{ "check_badrcptto_patterns", "badrcptto", 600 },
		{ "check_bogus_bounce", "bogus_bounce", 608 },
		{ "check_basicheaders", "headers", 700 },
		{ "virus::clamdscan", "virus::clamdscan", 773 },
		{ "virus::uvscan", "virus::uvscan", 778 },
		{ "auth::authdeny", "auth::authdeny", 407 },
		{ "queue::maildir", "queue::maildir", 801 },
		{ "queue::postfix_2dqueue", "queue::postfix-queue", 802 },
		{ "queue::exim_2dbsmtp", "queue::exim-bsmtp", 804 },
		{ "connection_time", "connection_time", 999 },
		{ "auth::auth_cvm_unix_local", "auth::auth_cvm_unix_local",
		    404 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct maillog_plugin *p =
		    maillog_plugin_find(str_of(cases[i].written));
		assert_non_null(p);
		assert_string_equal(p->name, cases[i].name);
		assert_int_equal(p->id, cases[i].id);
	}
	assert_null(maillog_plugin_find(STR("no_such_plugin")));
	assert_null(maillog_plugin_find(STR("")));
}

static void
test_decimals(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int decimals;
		bool ok;
		int64_t value;
	} cases[] = {
		{ "-2.6", 1, true, -26 },
		{ "+13", 1, true, 130 },
		{ "1000.0", 3, true, 1000000 },
		{ "-0.0", 1, true, 0 },
		{ "1.29", 1, true, 12 },
		{ "5.", 2, true, 500 },
		{ "", 1, false, 0 },
		{ "-", 1, false, 0 },
		{ "1.2.3", 1, false, 0 },
		{ "x", 1, false, 0 },
		{ "99999999999999999999", 0, false, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t v = 0;
		assert_int_equal(maillog_decimal(str_of(cases[i].text),
				     cases[i].decimals, &v),
		    cases[i].ok);
		if (cases[i].ok)
			assert_int_equal(v, cases[i].value);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stamps),
		cmocka_unit_test(test_stamps_of_recorded_lines),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_qmail_lines),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_plugin_names),
		cmocka_unit_test(test_decimals),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
