/*
 * The figures of the mail report: origin and end of a verdict, leagues, sums
 * of parts (LG-37 to LG-41, LG-50 to LG-62, LG-68), and the faults of the old
 * report, which only --compat repeats.
 */
#include "tests/unit/maillog_stats_fixture.h"

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
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
