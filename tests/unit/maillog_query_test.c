/* Conditions on events, and times as people give them. */
#include "core/base/clock.h"
#include "core/maillog/query.h"
#include "core/maillog/when.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TERSE                                                                  \
	"7 (deny) logging::logterse: ` 192.0.2.9\tmx.test\thelo.test\t"        \
	"<Anna@b.test>\t<c@d.test>,<e@f.test>\tcheck_earlytalker\t901\tno\t"   \
	"Yes, score=13.1 required=4.0"
#define SHOWN "refused Anna@b.test -> c@d.test, e@f.test check_earlytalker no"

static void
test_conditions(void **state)
{
	(void)state;
	static const struct {
		const char *word;
		bool text, matches;
	} cases[] = {
		{ "from:anna@", false, true },
		{ "from:bert", false, false },
		{ "!from:bert", false, true },
		{ "to:E@F", false, true },
		{ "ip:192.0.2.9", false, true },
		{ "ip:192.0.2.", false, true },
		{ "ip:192.0.2.0/24", false, true },
		{ "ip:192.0.2.1", false, false },
		{ "ip:10.0.0.0/8", false, false },
		{ "host:mx", false, true },
		{ "helo:HELO", false, true },
		{ "plugin:earlytalker", false, true },
		{ "plugin:check_earlytalker", false, true },
		{ "plugin:ear", false, true },
		{ "plugin:dnsbl", false, false },
		{ "hook:deny", false, true },
		{ "score>13", false, true },
		{ "score>13.1", false, false },
		{ "score>=13.1", false, true },
		{ "score<5", false, false },
		{ "score=13.1", false, true },
		{ "score:>5", false, true },
		{ "pid:7", false, true },
		{ "pid:8", false, false },
		{ "qp:7", false, false },
		{ "kind:logterse", false, true },
		{ "verdict:refused", false, true },
		{ "severity:notice", false, true },
		{ "severity:error", false, false },
		{ "earlytalk", true, true },
		{ "EARLYTALK", true, false },
		{ "/early.*901/", true, true },
		{ "nothing", true, false },
		/* as it is shown */
		{ "refused", true, true },
		{ "Refused", true, false },
		{ "queued", true, false },
		{ "anna@b.test -> c@d", true, true },
		{ "d.test, e@f.test", true, true },
		{ "/refused .*earlytalker no$/", true, true },
	};
	struct maillog_event ev;
	maillog_parse(MAILLOG_FORM_QPSMTPD, STR(TERSE), &ev);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct query q = { NULL, 0 };
		struct err e = ERR_INIT;
		struct str word = str_of(cases[i].word);
		if (!cases[i].text)
			assert_true(query_is_condition(word));
		if (!query_add(&q, word, cases[i].text, &e))
			fail_msg("%s", e.text);
		if (query_matches(&q, STR(TERSE), STR(SHOWN), &ev) !=
		    cases[i].matches)
			fail_msg("'%s'", cases[i].word);
		query_clear(&q);
	}
}

/* A number is that of its service: not any that stands in a line. */
static void
test_numbers(void **state)
{
	static const struct {
		enum maillog_form form;
		const char *text;
		const char *words; /* of 55 that match, of all below */
	} cases[] = {
		{ MAILLOG_FORM_QPSMTPD,
		    "55 Connection from mx.test [192.0.2.1]", "pid" },
		{ MAILLOG_FORM_QPSMTPD, "7 Connection from 55 [192.0.2.55]",
		    "" },
		{ MAILLOG_FORM_QPSMTPD, "1 cleaning up after 55", "pid" },
		{ MAILLOG_FORM_QPSMTPD,
		    "8 (queue) queue::qmail_2dqueue: (for 55) Queuing to q",
		    "pid" },
		{ MAILLOG_FORM_QPSMTPD,
		    "55 (queue) queue::qmail_2dqueue: (for 8) Queuing to q",
		    "qp" },
		{ MAILLOG_FORM_QPSMTPD, "7 250 Queued! 55 qp 55 <55@x>", "qp" },
		{ MAILLOG_FORM_QMAIL, "new msg 55", "msg" },
		{ MAILLOG_FORM_QMAIL,
		    "info msg 55: bytes 1 from <a@b> qp 8 uid 7", "msg" },
		{ MAILLOG_FORM_QMAIL,
		    "info msg 8: bytes 55 from <55@b> qp 55 uid 55", "qp" },
		{ MAILLOG_FORM_QMAIL,
		    "starting delivery 55: msg 8 to local a@55", "delivery" },
		{ MAILLOG_FORM_QMAIL,
		    "starting delivery 8: msg 55 to local a@b", "msg" },
		{ MAILLOG_FORM_QMAIL, "delivery 55: success: 55/", "delivery" },
		{ MAILLOG_FORM_QMAIL, "delivery 8: success: did_55+0+0/", "" },
		{ MAILLOG_FORM_QMAIL, "triple bounce: discarding bounce/55",
		    "msg" },
		{ MAILLOG_FORM_QMAIL, "status: local 55/55 remote 0/20", "" },
		{ MAILLOG_FORM_SPAMD,
		    "[55] info: spamd: connection from l [::1]:9 to port 783, "
		    "fd 5",
		    "pid spamd" },
		{ MAILLOG_FORM_SPAMD,
		    "[8] info: spamd: connection from l [::1]:55 to port 55, "
		    "fd 55",
		    "" },
		{ MAILLOG_FORM_SPAMD, "[55] info: something else",
		    "pid spamd" },
		{ MAILLOG_FORM_CLAMD, "/var/spool/qpsmtpd/15:55:0: OK", "pid" },
		{ MAILLOG_FORM_CLAMD, "/var/spool/qpsmtpd/55:8:55: OK", "" },
		{ MAILLOG_FORM_CLAMD, "fd[55]: OK", "" },
		{ MAILLOG_FORM_DOVECOT,
		    "imap-login: Info: Login: user=<a>, method=PLAIN, "
		    "rip=192.0.2.1, lip=192.0.2.9, mpid=55, session=<a>",
		    "pid" },
		{ MAILLOG_FORM_DOVECOT,
		    "imap(a)<55><s>: Info: Logged out in=1 out=1", "pid" },
		{ MAILLOG_FORM_DOVECOT,
		    "imap(55)<8><s>: Info: Logged out in=55 out=1", "" },
		{ MAILLOG_FORM_DOVECOT,
		    "tcpsvd: info: concurrency 55 192.0.2.1 2/2", "pid" },
		{ MAILLOG_FORM_DOVECOT,
		    "tcpsvd: info: concurrency 8 192.0.2.1 55/55", "" },
	};
	static const char *const keys[] = { "pid", "qp", "msg", "delivery",
		"spamd" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct maillog_event ev;
		char got[64] = "";
		maillog_parse(cases[i].form, str_of(cases[i].text), &ev);
		for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
			struct query q = { NULL, 0 };
			char word[32];
			size_t n = strlen(got);
			snprintf(word, sizeof(word), "%s:55", keys[k]);
			assert_true(query_is_condition(str_of(word)));
			assert_true(query_add(&q, str_of(word), false, NULL));
			if (query_matches(
				&q, str_of(cases[i].text), STR(""), &ev))
				snprintf(got + n, sizeof(got) - n, "%s%s",
				    n > 0 ? " " : "", keys[k]);
			query_clear(&q);
		}
		if (strcmp(got, cases[i].words) != 0)
			fail_msg("'%s': %s", cases[i].text, got);
	}
}

static void
test_refused(void **state)
{
	(void)state;
	static const char *const words[] = { "qp:x", "score>much", "ip:300.1",
		"kind:none", "verdict:maybe", "severity:high",
		"from:", "result:odd" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct query q = { NULL, 0 };
		struct err e = ERR_INIT;
		assert_false(query_add(&q, str_of(words[i]), false, &e));
		assert_int_equal(e.code, ERR_USAGE);
		query_clear(&q);
	}
	assert_false(query_is_condition(STR("qpsmtpd")));
	assert_false(query_is_condition(STR("from")));
	assert_false(query_is_condition(STR("from>x")));
}

static void
test_needle(void **state)
{
	(void)state;
	struct query q = { NULL, 0 };
	struct str needle;
	bool exact;
	assert_false(query_needle(&q, &needle, &exact));
	assert_true(query_add(&q, STR("score>5"), false, NULL));
	assert_true(query_add(&q, STR("!from:x"), false, NULL));
	assert_false(query_needle(&q, &needle, &exact));
	assert_true(query_add(&q, STR("from:anna@b"), false, NULL));
	assert_true(query_add(&q, STR("Ab"), true, NULL));
	assert_true(query_needle(&q, &needle, &exact));
	assert_true(str_is(needle, "anna@b"));
	assert_false(exact);
	query_clear(&q);
}

/* A search may skip only lines that have the text in no form. */
static void
test_needle_of_text(void **state)
{
	(void)state;
	static const struct {
		const char *text, *needle;
	} cases[] = {
		{ "anna@b.test", "anna@b.test" },
		{ "refused", NULL },
		{ "fuse", NULL },
		{ "refused anna@", "anna@" },
		{ "a.test, bb.test, c", "bb.test" },
		{ "a.test,", "a.test" },
		{ " -> ", NULL },
		{ "/anna/", NULL },
		{ "does not like recipient", "recipient" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct query q = { NULL, 0 };
		struct str needle = STR_EMPTY;
		bool exact;
		assert_true(query_add(&q, str_of(cases[i].text), true, NULL));
		bool found = query_needle(&q, &needle, &exact);
		if (found != (cases[i].needle != NULL) ||
		    (found && !str_is(needle, cases[i].needle)))
			fail_msg("'%s'", cases[i].text);
		query_clear(&q);
	}
}

static void
test_times(void **state)
{
	(void)state;
	/* Wednesday 2026-03-18 14:30:00 in Paris, winter time */
	const int64_t now = 1773840600;
	static const struct {
		const char *text;
		int64_t before; /* seconds before now */
	} cases[] = {
		{ "now", 0 },
		{ "2 hours ago", 7200 },
		{ "2h", 7200 },
		{ "-2h", 7200 },
		{ "an hour ago", 3600 },
		{ "90 min", 5400 },
		{ "1d 2h", 93600 },
		{ "1 week ago", 604800 },
		{ "il y a 2 heures", 7200 },
		{ "today", 52200 },
		{ "yesterday", 138600 },
		{ "hier", 138600 },
		{ "noon", 9000 },
		{ "monday", 225000 },
		{ "wednesday", 52200 },
		{ "14:00", 1800 },
		{ "14:29:30", 30 },
		{ "15:00", 84600 },
		{ "2026-03-18", 52200 },
		{ "2026-03-18 14:00", 1800 },
		{ "2026-03-18T14:00:00", 1800 },
		{ "2026-03-18_14:00:00", 1800 },
		{ "2026-03-18T13:00:00Z", 1800 },
		{ "2026-03-18T15:00:00+02:00", 1800 },
		{ "2026-03-18T08:00:00-0500", 1800 },
		{ "Mar 18 14:00", 1800 },
		{ "mar 18", 52200 },
		{ "18 Mar", 52200 },
		{ "yesterday 14:05", 87900 },
		{ "Today at 9:05", 19500 },
		{ "hier \xc3\xa0 14h05", 87900 },
		{ "monday 9:00", 192600 },
		{ "wednesday 14:31", 604800 - 60 },
		{ "2:00 pm", 1800 },
		{ "18 Mar 2026 14:00:01", 1799 },
		{ "18 mars 2026 14:00:01", 1799 },
		{ "Mar 18, 2026 14:00", 1800 },
		{ "Wed, 18 Mar 2026 15:00:00 +0200", 1800 },
		{ "18 Mar 2026 13:00 UTC", 1800 },
		{ "2026-03-18 15:00:00 +0200", 1800 },
		{ "18.03.2026 14:00", 1800 },
		{ "19 Mar 2025", 365 * 86400 - 86400 + 52200 },
		{ "20 Mar", 363 * 86400 + 52200 },
		{ "@1773840600", 0 },
		{ "@4000000069baa8e200000000", 0 },
	};
	setenv("TZ", "Europe/Paris", 1);
	tzset();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t ns;
		struct err e = ERR_INIT;
		if (!when_parse(str_of(cases[i].text), now * NS_PER_S, "since",
			&ns, &e))
			fail_msg("%s", e.text);
		if (ns != (now - cases[i].before) * NS_PER_S)
			fail_msg("'%s': %lld before", cases[i].text,
			    (long long)(now - ns / NS_PER_S));
	}
	static const char *const bad[] = { "", "x", "25:99", "2026-13-01",
		"ago", "2 fortnights", "99999999999999 h", "@", "1",
		"2026-03-18 x", "@4000000069baa8e200000000 x", "3 h x", "17",
		"2026", "mar", "31 Jun 2026", "yesterday 25:00", "18 18 Mar",
		"ma 18", "Mar Mar 18", "yesterday 18 Mar", "+0200", "pm",
		"13:00 pm", "14:05 +0200", "today today", "marble 18 12:00" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		int64_t ns;
		struct err e = ERR_INIT;
		if (when_parse(
			str_of(bad[i]), now * NS_PER_S, "since", &ns, &e))
			fail_msg("'%s' is a time", bad[i]);
		assert_int_equal(e.code, ERR_USAGE);
	}
}

/* How exactly a time was told: what why takes for one (LG-44). */
static void
test_spans(void **state)
{
	const int64_t now = 1773840600, s = NS_PER_S;
	const int64_t minute = 60 * s, day = 86400 * s;
	const struct {
		const char *text;
		int64_t exact_ns; /* 0: it is no time */
	} cases[] = {
		{ "@4000000069baa8e200000000", 1 },
		{ "14:05", minute },
		{ "14:05:06", s },
		{ "yesterday 14:05", minute },
		{ "17 Mar 2026 14:08:06", s },
		{ "2026-03-18T14:00:00.25", s },
		{ "yesterday", day },
		{ "2026-03-18", day },
		{ "monday", 0 },
		{ "2h", 0 },
		{ "2 hours ago", 0 },
		{ "now", 0 },
		{ "noon", 0 },
		{ "10", 0 },
		{ "2001:db8::25", 0 },
		{ "::1", 0 },
		{ "may", 0 },
		{ "anna@acme.test", 0 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t from = 0, to = 0;
		bool is_time = when_span(
		    str_of(cases[i].text), now * NS_PER_S, &from, &to);
		if (is_time != (cases[i].exact_ns != 0) ||
		    to - from != cases[i].exact_ns)
			fail_msg("'%s': %lld", cases[i].text,
			    (long long)(to - from));
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spans),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_needle),
		cmocka_unit_test(test_needle_of_text),
		cmocka_unit_test(test_times),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
