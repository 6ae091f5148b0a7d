/*
 * Plugins that ask the DNS: connection and HELO (FL-45 to FL-55), senders
 * (FL-85, FL-86), lists (FL-98, FL-100 to FL-105).
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
	fixture_free(&f);
	/* nor does a name say anything whose zone does not answer */
	start(&f, "fcrdns\nqueue/maildir /m\n", "IP", "0\n");
	fixture_record(&f, "9.2.0.192.in-addr.arpa", DNS_PTR, "host.example");
	assert_true(
	    dns_fake_fail(f.dns, "host.example", DNS_A, DNS_SERVFAIL));
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
		{ "earlytalker action deny", true, FILTER_DENY,
		    FILTER_DECLINED, 1000 },
		{ "earlytalker action DENYSOFT", true, FILTER_DENY,
		    FILTER_DECLINED, 1000 },
		{ "earlytalker action log reject 1", true, FILTER_DENY,
		    FILTER_DECLINED, 1000 },
		{ "earlytalker action deny reject 0", true, FILTER_DECLINED,
		    FILTER_DECLINED, 1000 },
		{ "earlytalker wait 0", true, FILTER_DENY, FILTER_DECLINED,
		    0 },
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

/* ---- FL-85, FL-86 ---- */

static void
test_resolvable_fromhost(void **state)
{
	static const struct {
		const char *sender;
		enum filter_result result;
		const char *text;
		int karma;
	} cases[] = {
		{ "", FILTER_DECLINED, "", 0 },
		{ "a@[192.0.2.1]", FILTER_DECLINED, "", -1 },
		{ "a@good.test", FILTER_DECLINED, "", 0 },
		{ "a@second.test", FILTER_DECLINED, "", 0 },
		{ "a@onlya.test", FILTER_DECLINED, "", -1 },
		{ "a@only6.test", FILTER_DECLINED, "", -1 },
		{ "a@private.test", FILTER_DENYSOFT,
		    "FQDN required in the envelope sender (#4.1.8)", -2 },
		{ "a@badmx.test", FILTER_DENYSOFT,
		    "FQDN required in the envelope sender (#4.1.8)", -2 },
		{ "a@none.test", FILTER_DENYSOFT,
		    "FQDN required in the envelope sender (#4.1.8)", -2 },
		{ "a@null.test", FILTER_DENY,
		    "FQDN required in the envelope sender (#5.1.8)", -1 },
		{ "a@dead.test", FILTER_DENYSOFT,
		    "Temporary address resolution failure (#4.4.3)", -1 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		start(&f, "resolvable_fromhost\nqueue/maildir /m\n",
		    "invalid_resolvable_fromhost", "10.0.0.0/8\n127.0.0.0/8\n");
		fixture_record(&f, "good.test", DNS_MX, "5 mx.good.test");
		fixture_record(&f, "mx.good.test", DNS_A, "203.0.113.5");
		fixture_record(&f, "second.test", DNS_MX, "5 gone.test");
		fixture_record(&f, "second.test", DNS_MX, "9 mx.good.test");
		fixture_record(&f, "onlya.test", DNS_A, "203.0.113.6");
		fixture_record(&f, "only6.test", DNS_AAAA, "2001:db8::6");
		fixture_record(&f, "private.test", DNS_A, "10.1.2.3");
		fixture_record(&f, "badmx.test", DNS_MX, "5 lo.test");
		fixture_record(&f, "lo.test", DNS_A, "127.0.0.1");
		fixture_record(&f, "null.test", DNS_MX, "0 .");
		assert_true(dns_fake_fail(f.dns, "dead.test", 0, DNS_TIMEOUT));
		assert_int_equal(
		    fixture_mail(&f, cases[i].sender), cases[i].result);
		assert_string_equal(f.verdict.text, cases[i].text);
		assert_int_equal(f.session.karma, cases[i].karma);
		fixture_free(&f);
	}
}

static void
test_resolvable_fromhost_perm_and_off(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, "resolvable_fromhost reject_type perm\nqueue/maildir /m\n",
	    "IP", "0\n");
	assert_int_equal(fixture_mail(&f, "a@none.test"), FILTER_DENY);
	assert_string_equal(
	    f.verdict.text, "FQDN required in the envelope sender (#5.1.8)");
	fixture_free(&f);
	start(&f, "require_resolvable_fromhost\nqueue/maildir /m\n",
	    "require_resolvable_fromhost", "0\n");
	assert_int_equal(fixture_mail(&f, "a@none.test"), FILTER_DECLINED);
	fixture_free(&f);
}

/* ---- FL-100 to FL-103 ---- */

#define LISTED "9.2.0.192."

static void
dnsbl(struct fixture *f, const char *arguments, const char *zones)
{
	char lines[200];
	snprintf(lines, sizeof(lines),
	    "dnsbl %s\nnaughty\nrcpt_ok\nqueue/maildir /m\n", arguments);
	start(f, lines, "dnsbl_zones", zones);
	fixture_record(f, LISTED "txt.test", DNS_A, "127.0.0.2");
	fixture_record(f, LISTED "txt.test", DNS_TXT, "see http://x/192.0.2.9");
	fixture_record(f, LISTED "alone.test", DNS_TXT, "text alone");
	fixture_record(f, LISTED "code.test", DNS_A, "127.0.0.4");
	fixture_record(f, LISTED "refuses.test", DNS_A, "127.255.255.254");
	fixture_record(f, LISTED "refuses.test", DNS_TXT, "open resolver");
	fixture_record(f, LISTED "parked.test", DNS_A, "203.0.113.80");
	assert_true(dns_fake_fail(f->dns, LISTED "dead.test", 0, DNS_TIMEOUT));
}

static void
test_dnsbl(void **state)
{
	static const struct {
		const char *zones;
		enum filter_result result;
		const char *text;
	} cases[] = {
		{ "txt.test\n", FILTER_DENY, "see http://x/192.0.2.9" },
		{ "alone.test\n", FILTER_DENY, "text alone" },
		{ "code.test:blocked: %IP% by us, %IP%\n", FILTER_DENY,
		    "blocked: 192.0.2.9 by us, 192.0.2.9" },
		{ "code.test\n", FILTER_DENY,
		    "192.0.2.9 is listed by code.test" },
		/* named in file order, whoever answers first */
		{ "code.test:first\ntxt.test\n", FILTER_DENY, "first" },
		{ "dead.test\nclean.test\ntxt.test\n", FILTER_DENY,
		    "see http://x/192.0.2.9" },
		{ "refuses.test\nparked.test\ndead.test\nclean.test\n",
		    FILTER_DECLINED, "" },
		{ "refuses.test:a\nparked.test:b\n", FILTER_DECLINED, "" },
		{ "not a zone\n", FILTER_DECLINED, "" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		dnsbl(&f, "", cases[i].zones);
		assert_int_equal(
		    fixture_ask(&f, HOOK_CONNECT, NULL), cases[i].result);
		assert_string_equal(f.verdict.text, cases[i].text);
		assert_int_equal(
		    f.session.karma, cases[i].result == FILTER_DENY ? -1 : 0);
		fixture_free(&f);
	}
}

static void
test_dnsbl_allow_and_environment(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, "dnsbl\nqueue/maildir /m\n", "dnsbl_allow", "192.0\n");
	fixture_record(&f, LISTED "txt.test", DNS_A, "127.0.0.2");
	assert_int_equal(fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DECLINED);
	assert_true(fixture_logged(&f, "dnsbl_allow"));
	fixture_free(&f);

	dnsbl(&f, "", "txt.test\n");
	f.session.rblsmtpd = STR("");
	assert_int_equal(fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DECLINED);
	f.session.rblsmtpd = STR("go away");
	assert_int_equal(fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DECLINED);
	fixture_free(&f);

	dnsbl(&f, "reject connect", "txt.test\n");
	f.session.rblsmtpd = STR("go away");
	assert_int_equal(fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DENY);
	assert_string_equal(f.verdict.text, "go away");
	fixture_free(&f);

	/* FL-37: what stands before that text */
	start(&f, "dnsbl reject connect reject_type temp\nqueue/maildir /m\n",
	    "dnsbl_rejectmsg", "Blocked:\n");
	f.session.rblsmtpd = STR("see http://x/%IP%");
	assert_int_equal(fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DENYSOFT);
	assert_string_equal(
	    f.verdict.text, "Blocked: see http://x/192.0.2.9");
	fixture_free(&f);
}

/* The type alone, as lines were written once. */
static void
test_dnsbl_lone_type(void **state)
{
	static const struct {
		const char *arguments;
		enum filter_result result;
	} cases[] = {
		{ "disconnect", FILTER_DENY_DISCONNECT },
		{ "soft", FILTER_DENYSOFT },
		{ "perm", FILTER_DENY },
		{ "nonsense", FILTER_DENY },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		dnsbl(&f, cases[i].arguments, "txt.test\n");
		assert_int_equal(
		    fixture_ask(&f, HOOK_CONNECT, NULL), cases[i].result);
		assert_int_equal(fixture_logged(&f, "has no argument"),
		    i + 1 == ARRAY_LEN(cases));
		fixture_free(&f);
	}
}

/* FL-103: the mark does not count for those who must be reachable. */
static void
test_dnsbl_spares_role_accounts(void **state)
{
	struct fixture f;
	struct filter_path rcpts[2];
	(void)state;
	dnsbl(&f, "reject naughty reject_type disconnect", "txt.test\n");
	assert_int_equal(fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DECLINED);
	assert_int_equal(
	    fixture_rcpt(&f, "joe@test.example"), FILTER_DENY_DISCONNECT);
	assert_string_equal(f.verdict.text, "(dnsbl) see http://x/192.0.2.9");
	assert_int_equal(fixture_rcpt(&f, "Abuse@test.example"), FILTER_OK);
	/* and for nobody else */
	assert_int_equal(
	    fixture_rcpt(&f, "joe@test.example"), FILTER_DENY_DISCONNECT);
	f.session.rcpts = rcpts;
	f.session.n_rcpts = 1;
	rcpts[0] = (struct filter_path){ .local = STR("postmaster") };
	assert_int_equal(
	    fixture_ask(&f, HOOK_DATA_POST, NULL), FILTER_DECLINED);
	f.session.n_rcpts = 2;
	rcpts[1] = (struct filter_path){ .local = STR("joe") };
	assert_int_equal(
	    fixture_ask(&f, HOOK_DATA_POST, NULL), FILTER_DENY_DISCONNECT);
	fixture_free(&f);
}

static void
test_dnsbl_ipv6(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, "dnsbl\nqueue/maildir /m\n", "dnsbl_zones", "six.test\n");
	fixture_record(&f,
	    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
	    "six.test",
	    DNS_A, "127.0.0.2");
	f.session.client_ip = STR("2001:db8::1");
	assert_int_equal(fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DENY);
	fixture_free(&f);
}

/* ---- FL-104, FL-105 ---- */

static void
test_rhsbl(void **state)
{
	static const struct {
		const char *sender;
		enum filter_result result;
		const char *text;
	} cases[] = {
		{ "", FILTER_DECLINED, "" },
		{ "a@[192.0.2.1]", FILTER_DECLINED, "" },
		{ "a@clean.example", FILTER_DECLINED, "" },
		{ "a@Bad.Example", FILTER_DENY,
		    "Mail from bad.example rejected because it sends spam" },
		{ "a@worse.example", FILTER_DENY,
		    "Mail from worse.example rejected because it is bad" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		start(&f, "rhsbl\nqueue/maildir /m\n", "rhsbl_zones",
		    "names.test\ntext.test   is bad\n");
		fixture_record(
		    &f, "bad.example.names.test", DNS_TXT, "sends spam");
		fixture_record(
		    &f, "worse.example.text.test", DNS_A, "127.0.0.3");
		assert_int_equal(
		    fixture_mail(&f, cases[i].sender), cases[i].result);
		assert_string_equal(f.verdict.text, cases[i].text);
		assert_int_equal(f.session.karma, 0);
		fixture_free(&f);
	}
}

static void
test_rhsbl_disconnects(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, "rhsbl disconnect\nqueue/maildir /m\n", "rhsbl_zones",
	    "names.test\n");
	fixture_record(&f, "bad.example.names.test", DNS_TXT, "sends spam");
	assert_int_equal(
	    fixture_mail(&f, "a@bad.example"), FILTER_DENY_DISCONNECT);
	assert_false(fixture_logged(&f, "has no argument"));
	fixture_free(&f);
}

/* ---- FL-98 ---- */

static void
test_dns_whitelist_soft(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, "dns_whitelist_soft\nrcpt_ok\nqueue/maildir /m\n",
	    "whitelist_zones", "white.test\n");
	assert_int_equal(fixture_rcpt(&f, "joe@test.example"), FILTER_OK);
	assert_false(f.session.host_whitelisted);
	fixture_record(&f, LISTED "white.test", DNS_TXT, "trusted");
	assert_int_equal(fixture_rcpt(&f, "joe@test.example"), FILTER_OK);
	assert_true(f.session.host_whitelisted);
	/* it never gives leave to relay (FL-61) */
	assert_int_equal(fixture_rcpt(&f, "joe@else.example"), FILTER_DENY);
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

static void
test_peer_name(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, "queue/maildir /m\n", "IP", "0\n");
	fixture_record(&f, "9.2.0.192.in-addr.arpa", DNS_PTR, "client.example");
	assert_int_equal(
	    filter_session_name(f.policy, &f.session), FILTER_RUN_WAITS);
	assert_true(filter_fetch(
	    &f.session, f.dns, &clock_system, fixture_settled, &f));
	dns_step(f.dns);
	assert_true(f.settled);
	assert_int_equal(
	    filter_session_name(f.policy, &f.session), FILTER_RUN_OVER);
	assert_true(str_is(f.session.client_name, "client.example"));
	fixture_free(&f);
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
		cmocka_unit_test(test_helo_cannot_ask),
		cmocka_unit_test(test_resolvable_fromhost),
		cmocka_unit_test(test_resolvable_fromhost_perm_and_off),
		cmocka_unit_test(test_dnsbl),
		cmocka_unit_test(test_dnsbl_allow_and_environment),
		cmocka_unit_test(test_dnsbl_lone_type),
		cmocka_unit_test(test_dnsbl_spares_role_accounts),
		cmocka_unit_test(test_dnsbl_ipv6),
		cmocka_unit_test(test_rhsbl),
		cmocka_unit_test(test_rhsbl_disconnects),
		cmocka_unit_test(test_dns_whitelist_soft),
		cmocka_unit_test(test_a_run_is_left),
		cmocka_unit_test(test_time_for_dns_ends),
		cmocka_unit_test(test_peer_name),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filter_dns", tests, NULL, NULL);
}
