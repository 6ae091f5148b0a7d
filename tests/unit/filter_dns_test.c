/*
 * Plugins that ask the DNS: connection and HELO (FL-45 to FL-55), and what runs
 * that wait for it have in common.
 */
#include "tests/unit/filter_fixture.h"

#include "core/dns/dns.h"

static void
start(struct fixture *f, const char *plugins, const char *name,
    const char *content)
{
	fixture_start(f, plugins, name, content);
	fixture_dns(f);
}

/* ---- FL-46 ---- */

static void
test_fcrdns(void **state)
{
	static const struct {
		const char *ptr, *a;
		int karma;
		const char *iprev;
	} cases[] = {
		{ "host.example", "192.0.2.9", 1, "pass" },
		{ "host.example", "192.0.2.77", 0, "pass" },
		{ "host.example", "192.0.3.9", 0, "fail" },
		{ "host.example", "198.51.100.1", 0, "fail" },
		{ "host.example", NULL, -1, "fail" },
		{ "localhost", NULL, -1, NULL },
		{ "nodot", NULL, -1, NULL },
		{ "under_score.example", "192.0.2.9", -1, NULL },
		{ NULL, NULL, -1, "permerror" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		start(&f, "fcrdns\nqueue/maildir /m\n", "IP", "0\n");
		if (cases[i].ptr != NULL)
			fixture_record(&f, "9.2.0.192.in-addr.arpa", DNS_PTR,
			    cases[i].ptr);
		if (cases[i].a != NULL)
			fixture_record(&f, cases[i].ptr, DNS_A, cases[i].a);
		assert_int_equal(
		    fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DECLINED);
		assert_int_equal(f.session.karma, cases[i].karma);
		if (cases[i].iprev == NULL)
			assert_null(f.session.iprev);
		else
			assert_string_equal(f.session.iprev, cases[i].iprev);
		fixture_free(&f);
	}
}

static void
test_fcrdns_cannot_ask(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, "fcrdns\nqueue/maildir /m\n", "IP", "0\n");
	assert_true(dns_fake_fail(
	    f.dns, "9.2.0.192.in-addr.arpa", DNS_PTR, DNS_SERVFAIL));
	fixture_ask(&f, HOOK_CONNECT, NULL);
	assert_string_equal(f.session.iprev, "temperror");
	assert_int_equal(f.session.karma, 0);
	f.session.client_ip = STR("127.0.0.5");
	fixture_ask(&f, HOOK_CONNECT, NULL);
	assert_int_equal(f.session.karma, 1);
	/* FL-3 */
	f.session.relay_client = true;
	f.session.iprev = NULL;
	fixture_ask(&f, HOOK_CONNECT, NULL);
	assert_int_equal(f.session.karma, 1);
	assert_null(f.session.iprev);
	fixture_free(&f);
	/* nor does a name say anything whose zone does not answer */
	start(&f, "fcrdns\nqueue/maildir /m\n", "IP", "0\n");
	fixture_record(&f, "9.2.0.192.in-addr.arpa", DNS_PTR, "host.example");
	assert_true(dns_fake_fail(f.dns, "host.example", DNS_A, DNS_SERVFAIL));
	fixture_ask(&f, HOOK_CONNECT, NULL);
	assert_string_equal(f.session.iprev, "temperror");
	assert_int_equal(f.session.karma, 0);
	fixture_free(&f);
}

/* ---- FL-45 ---- */

static void
test_earlytalker(void **state)
{
	static const struct {
		const char *line;
		bool spoke;
		enum filter_result connect, mail;
		int64_t waited_ms;
	} cases[] = {
		{ "earlytalker", false, FILTER_DECLINED, FILTER_DECLINED,
		    1000 },
		{ "earlytalker", true, FILTER_DENY, FILTER_DECLINED, 1000 },
		{ "check_earlytalker wait 3", true, FILTER_DENY,
		    FILTER_DECLINED, 3000 },
		{ "earlytalker reject_type temp", true, FILTER_DENYSOFT,
		    FILTER_DECLINED, 1000 },
		{ "earlytalker reject 0", true, FILTER_DECLINED,
		    FILTER_DECLINED, 1000 },
		{ "earlytalker action log", true, FILTER_DECLINED,
		    FILTER_DECLINED, 1000 },
		{ "earlytalker action deny", true, FILTER_DENY, FILTER_DECLINED,
		    1000 },
		{ "earlytalker action DENYSOFT", true, FILTER_DENY,
		    FILTER_DECLINED, 1000 },
		{ "earlytalker action log reject 1", true, FILTER_DENY,
		    FILTER_DECLINED, 1000 },
		{ "earlytalker action deny reject 0", true, FILTER_DECLINED,
		    FILTER_DECLINED, 1000 },
		{ "earlytalker wait 0", true, FILTER_DENY, FILTER_DECLINED, 0 },
		{ "earlytalker defer-reject 1", true, FILTER_DECLINED,
		    FILTER_DENY, 1000 },
		{ "earlytalker check-at DATA", true, FILTER_DECLINED,
		    FILTER_DECLINED, 0 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		char lines[200];
		snprintf(lines, sizeof(lines), "%s\nqueue/maildir /m\n",
		    cases[i].line);
		fixture_start(&f, lines, "IP", "0\n");
		f.session.has_input = cases[i].spoke;
		assert_int_equal(
		    fixture_ask(&f, HOOK_CONNECT, NULL), cases[i].connect);
		assert_int_equal(f.listened_ms, cases[i].waited_ms);
		/* FL-170, tolerated or not */
		assert_int_equal(f.session.karma,
		    cases[i].spoke && i < ARRAY_LEN(cases) - 1 ? -1 : 0);
		assert_int_equal(
		    fixture_mail(&f, "a@b.example"), cases[i].mail);
		fixture_free(&f);
	}
}

static void
test_earlytalker_at_data(void **state)
{
	struct fixture f;
	(void)state;
	fixture_start(&f,
	    "earlytalker check-at CONNECT check-at DATA\nqueue/maildir /m\n",
	    "IP", "0\n");
	assert_int_equal(fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DECLINED);
	assert_int_equal(f.listened_ms, 1000);
	assert_int_equal(fixture_ask(&f, HOOK_DATA, NULL), FILTER_DECLINED);
	/* it has the time to speak there too */
	assert_int_equal(f.listened_ms, 2000);
	f.session.has_input = true;
	assert_int_equal(fixture_ask(&f, HOOK_DATA, NULL), FILTER_DENY);
	/* immune clients are not even waited for */
	f.session.relay_client = true;
	f.listened_ms = 0;
	assert_int_equal(fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DECLINED);
	assert_int_equal(f.listened_ms, 0);
	fixture_free(&f);
}

/* Whoever has no such plugin need not look at the socket. */
static void
test_input_is_wanted_by_earlytalker(void **state)
{
	struct fixture f;
	(void)state;
	fixture_start(&f, "earlytalker\nqueue/maildir /m\n", "IP", "0\n");
	assert_true(filter_wants_input(f.policy, &f.session, HOOK_CONNECT));
	assert_true(filter_wants_input(f.policy, &f.session, HOOK_DATA));
	assert_false(filter_wants_input(f.policy, &f.session, HOOK_MAIL));
	fixture_free(&f);
	fixture_start(&f, "fcrdns\nqueue/maildir /m\n", "IP", "0\n");
	assert_false(filter_wants_input(f.policy, &f.session, HOOK_CONNECT));
	assert_false(filter_wants_input(f.policy, &f.session, HOOK_DATA));
	fixture_free(&f);
}

/* ---- FL-47 ---- */

static void
test_loadcheck(void **state)
{
	struct fixture f;
	(void)state;
	fixture_start(
	    &f, "loadcheck max_load 3\nqueue/maildir /m\n", "IP", "0\n");
	f.session.load = 3.0;
	assert_int_equal(fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DECLINED);
	f.session.load = 3.1;
	f.session.relay_client = true; /* everybody */
	assert_int_equal(fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DENYSOFT);
	assert_string_equal(
	    f.verdict.text, "Server load too high, please try again later.");
	fixture_free(&f);
}

static void
test_loadcheck_argument(void **state)
{
	static const struct {
		const char *arguments;
		double taken, refused;
	} cases[] = {
		{ "", 7.0, 7.01 },
		{ "max_load 0", 7.0, 7.01 },
		{ "max_load 0.5", 0.5, 0.51 },
		{ "max_load 2.25 cache_time 10", 2.25, 2.26 },
		{ "max_load many", 7.0, 7.01 },
		{ "max_load 1.999", 7.0, 7.01 },
		{ "max_load -1", 7.0, 7.01 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		char lines[200];
		snprintf(lines, sizeof(lines),
		    "loadcheck %s\nqueue/maildir /m\n", cases[i].arguments);
		fixture_start(&f, lines, "IP", "0\n");
		f.session.load = cases[i].taken;
		assert_int_equal(
		    fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DECLINED);
		f.session.load = cases[i].refused;
		assert_int_equal(
		    fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DENYSOFT);
		fixture_free(&f);
	}
}

/* ---- FL-53 to FL-55 ---- */

static const struct {
	const char *policy, *name;
	const char *a, *ptr;
	enum filter_result result;
	const char *text;
	int karma;
} helo_cases[] = {
	{ "lenient", "nodot", NULL, NULL, FILTER_DECLINED, "", 0 },
	{ "rfc", "nodot", NULL, NULL, FILTER_DENY_DISCONNECT,
	    "HELO name is not fully qualified. Read RFC 2821", -1 },
	{ "rfc", "a_b.example", NULL, NULL, FILTER_DENY_DISCONNECT,
	    "HELO name contains invalid FQDN characters. Read RFC 1035", -1 },
	{ "rfc", "no.example", NULL, "h.example", FILTER_DENY_DISCONNECT,
	    "HELO hostname does not exist", -1 },
	{ "rfc", "only-mx.example", NULL, "h.example", FILTER_DENY_DISCONNECT,
	    "HELO hostname did not resolve", -1 },
	{ "rfc", "h.example", "203.0.113.1", NULL, FILTER_DENY_DISCONNECT,
	    "no rDNS for 192.0.2.9", -1 },
	{ "rfc", "h.example", "203.0.113.1", "x.other.test", FILTER_DECLINED,
	    "", 0 },
	{ "rfc", "[192.0.2.9]", NULL, "x.other.test", FILTER_DECLINED, "", 0 },
	{ "strict", "[192.0.2.9]", NULL, "x.other.test", FILTER_DENY_DISCONNECT,
	    "RFC 2821 allows an address literal, but we do not", -1 },
	{ "strict", "h.example", "203.0.113.1", "x.other.test",
	    FILTER_DENY_DISCONNECT, "That HELO hostname fails FCrDNS", -1 },
	{ "strict", "h.example", "192.0.2.200", "x.other.test", FILTER_DECLINED,
	    "", 0 },
	{ "strict", "mx.h.example", "203.0.113.1", "MX2.H.Example",
	    FILTER_DECLINED, "", 0 },
	{ "strict", "h.example", "192.0.2.9", "h.example", FILTER_DECLINED, "",
	    1 },
};

static void
test_helo_policies(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(helo_cases); i++) {
		struct fixture f;
		char lines[100];
		snprintf(lines, sizeof(lines),
		    "helo policy %s\nqueue/maildir /m\n", helo_cases[i].policy);
		start(&f, lines, "IP", "0\n");
		fixture_record(&f, "only-mx.example", DNS_MX, "1 mx.example");
		if (helo_cases[i].a != NULL)
			fixture_record(
			    &f, helo_cases[i].name, DNS_A, helo_cases[i].a);
		if (helo_cases[i].ptr != NULL)
			fixture_record(&f, "9.2.0.192.in-addr.arpa", DNS_PTR,
			    helo_cases[i].ptr);
		f.session.helo = str_of(helo_cases[i].name);
		assert_int_equal(
		    fixture_ask(&f, HOOK_HELO, NULL), helo_cases[i].result);
		assert_string_equal(f.verdict.text, helo_cases[i].text);
		assert_int_equal(f.session.karma, helo_cases[i].karma);
		fixture_free(&f);
	}
}

/* FL-52 to FL-54 for a peer with an IPv6 address */
static void
test_helo_ipv6(void **state)
{
	static const struct {
		const char *name, *aaaa;
		enum filter_result result;
		const char *text;
	} cases[] = {
		{ "[ipv6:2001:db8::1]", NULL, FILTER_DECLINED, "" },
		{ "[IPv6:2001:db8::2]", NULL, FILTER_DENY_DISCONNECT,
		    "Forged IPs not accepted here" },
		{ "[ipv6:2001:db8::2]", NULL, FILTER_DENY_DISCONNECT,
		    "Forged IPs not accepted here" },
		{ "h.example", "2001:db8::1", FILTER_DECLINED, "" },
		/* its first 96 bits are near enough */
		{ "h.example", "2001:db8::ffff:1", FILTER_DECLINED, "" },
		{ "h.example", "2001:db8::1:0:1", FILTER_DENY_DISCONNECT,
		    "That HELO hostname fails FCrDNS" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		bool literal = cases[i].aaaa == NULL;
		start(&f,
		    literal ? "helo policy rfc\nqueue/maildir /m\n"
			    : "helo policy strict\nqueue/maildir /m\n",
		    "IP", "0\n");
		if (!literal)
			fixture_record(
			    &f, cases[i].name, DNS_AAAA, cases[i].aaaa);
		fixture_record(&f,
		    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0."
		    "1.0.0.2.ip6.arpa",
		    DNS_PTR, "x.other.test");
		f.session.client_ip = STR("2001:db8::1");
		f.session.helo = str_of(cases[i].name);
		enum filter_result r = fixture_ask(&f, HOOK_HELO, NULL);
		if (r != cases[i].result)
			fail_msg("'%s': %d", cases[i].name, (int)r);
		assert_string_equal(f.verdict.text, cases[i].text);
		fixture_free(&f);
	}
}

/* FL-54: what cannot be asked is no fault of the peer. */
static void
test_helo_cannot_ask(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, "helo policy rfc\nqueue/maildir /m\n", "IP", "0\n");
	dns_fake_default(f.dns, DNS_TIMEOUT);
	f.session.helo = STR("h.example");
	assert_int_equal(fixture_ask(&f, HOOK_HELO, NULL), FILTER_DECLINED);
	assert_true(fixture_logged(&f, "helo: pass"));
	fixture_free(&f);
}

/* ---- runs that wait ---- */

/* Another question ends what waited; its answers find nobody. */
static void
test_a_run_is_left(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, "resolvable_fromhost\nqueue/maildir /m\n", "IP", "0\n");
	fixture_path("a@none.test", MAIL_PATH_SENDER, &f.session.sender);
	assert_int_equal(filter_run(f.policy, &f.session, HOOK_MAIL, NULL,
			     &f.verdict, fixture_log, &f),
	    FILTER_RUN_WAITS);
	assert_int_equal(f.verdict.result, FILTER_DECLINED);
	assert_true(filter_fetch(
	    &f.session, f.dns, &clock_system, fixture_settled, &f));
	assert_int_equal(filter_run(f.policy, &f.session, HOOK_DISCONNECT, NULL,
			     &f.verdict, fixture_log, &f),
	    FILTER_RUN_OVER);
	dns_step(f.dns);
	assert_false(f.settled);
	fixture_free(&f);
}

/* FL-191: a session has 60 seconds for the DNS in all, or what is set. */
static void
test_time_for_dns_ends(void **state)
{
	static const struct {
		const char *set;
		int64_t used_ms;
		bool asks;
	} cases[] = {
		{ "", 59999, true },
		{ "", 60000, false },
		{ "5\n", 4999, true },
		{ "5\n", 5000, false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		start(&f, "resolvable_fromhost\nqueue/maildir /m\n",
		    "dns_timeout", cases[i].set);
		f.session.dns_ms = cases[i].used_ms;
		enum filter_result r = fixture_mail(&f, "a@none.test");
		assert_int_equal(dns_asked(f.dns) > 0, cases[i].asks);
		if (!cases[i].asks) {
			assert_int_equal(r, FILTER_DENYSOFT);
			assert_string_equal(f.verdict.text,
			    "Temporary address resolution failure (#4.4.3)");
		}
		fixture_free(&f);
	}
}

/* FL-34: a name that no host has is none. */
static void
test_peer_name(void **state)
{
	static const struct {
		const char *records[2];
		const char *name;
	} cases[] = {
		{ { "client.example" }, "client.example" },
		{ { "a_b-c.example" }, "a_b-c.example" },
		{ { "." }, "Unknown" },
		{ { "a\\032[198.51.100.1]\\032b.example" }, "Unknown" },
		{ { "ex\\195\\164mple.example", "second.example" },
		    "second.example" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		start(&f, "queue/maildir /m\n", "IP", "0\n");
		for (size_t k = 0; k < 2 && cases[i].records[k] != NULL; k++)
			fixture_record(&f, "9.2.0.192.in-addr.arpa", DNS_PTR,
			    cases[i].records[k]);
		assert_int_equal(filter_session_name(f.policy, &f.session),
		    FILTER_RUN_WAITS);
		assert_true(filter_fetch(
		    &f.session, f.dns, &clock_system, fixture_settled, &f));
		dns_step(f.dns);
		assert_true(f.settled);
		assert_int_equal(
		    filter_session_name(f.policy, &f.session), FILTER_RUN_OVER);
		if (!str_is(f.session.client_name, cases[i].name))
			fail_msg(
			    "%zu: '%.*s'", i, STR_ARG(f.session.client_name));
		fixture_free(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fcrdns),
		cmocka_unit_test(test_fcrdns_cannot_ask),
		cmocka_unit_test(test_earlytalker),
		cmocka_unit_test(test_earlytalker_at_data),
		cmocka_unit_test(test_input_is_wanted_by_earlytalker),
		cmocka_unit_test(test_loadcheck),
		cmocka_unit_test(test_loadcheck_argument),
		cmocka_unit_test(test_helo_policies),
		cmocka_unit_test(test_helo_ipv6),
		cmocka_unit_test(test_helo_cannot_ask),
		cmocka_unit_test(test_a_run_is_left),
		cmocka_unit_test(test_time_for_dns_ends),
		cmocka_unit_test(test_peer_name),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filter_dns", tests, NULL, NULL);
}
