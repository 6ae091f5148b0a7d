/*
 * Plugins that ask the DNS about senders (FL-85, FL-86) and ask lists (FL-98,
 * FL-100 to FL-105).
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
		{ "a@loop6.test", FILTER_DENYSOFT,
		    "FQDN required in the envelope sender (#4.1.8)", -2 },
		{ "a@null.test", FILTER_DENY,
		    "FQDN required in the envelope sender (#5.1.8)", -1 },
		{ "a@dead.test", FILTER_DENYSOFT,
		    "Temporary address resolution failure (#4.4.3)", -1 },
		{ "a@deadmx.test", FILTER_DENYSOFT,
		    "Temporary address resolution failure (#4.4.3)", -2 },
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
		fixture_record(&f, "loop6.test", DNS_AAAA, "::1");
		fixture_record(&f, "null.test", DNS_MX, "0 .");
		fixture_record(&f, "deadmx.test", DNS_MX, "5 dead.test");
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
	/* FL-185: under its old name; FL-3 */
	start(&f, "require_resolvable_fromhost\nqueue/maildir /m\n",
	    "require_resolvable_fromhost", "1\n");
	assert_int_equal(fixture_mail(&f, "a@none.test"), FILTER_DENYSOFT);
	f.session.relay_client = true;
	assert_int_equal(fixture_mail(&f, "a@none.test"), FILTER_DECLINED);
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

/* What is meant to be two zones, or a zone and a remark, is told. */
static void
test_zones_that_are_none(void **state)
{
	static const struct {
		const char *line;
		bool told;
	} cases[] = {
		{ "txt.test\n", false },
		{ "a_b-c.txt.test.:text, with anything # in it\n", false },
		{ "txt.test  # ours\n", true },
		{ "code.test,txt.test\n", true },
		{ "not a zone\n", true },
		{ ":text alone\n", true },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		dnsbl(&f, "", cases[i].line);
		if (fixture_logged(&f, "is no zone that can be asked") !=
		    cases[i].told)
			fail_msg(
			    "'%s': %s", cases[i].line, buf_cstr(&f.logged));
		fixture_free(&f);
	}
}

/* FL-101: the client is 192.0.2.9 */
static void
test_dnsbl_allow(void **state)
{
	static const struct {
		const char *lines;
		bool allows;
	} cases[] = {
		{ "192.0.2.9\n", true },
		{ "192.0.2\n", true },
		{ "192.0.2.\n", true },
		{ "192\n", true },
		{ "198.51.100\n192.0\n", true },
		{ "192.0.2.90\n", false },
		{ "192.0.2.9.1\n", false },
		{ "19\n", false },
		{ "192.0.\n", true },
		{ "0.2.9\n", false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		struct fixture_file files[] = {
			{ "me", "mail.test.example\n" },
			{ "loglevel", "6\n" },
			{ "plugins", "dnsbl reject 1\nqueue/maildir /m\n" },
			{ "dnsbl_zones", "txt.test\n" },
			{ "dnsbl_allow", cases[i].lines },
			{ NULL, NULL },
		};
		assert_true(fixture_load(&f, files));
		assert_true(filter_session_start(f.policy, &f.session));
		fixture_dns(&f);
		fixture_record(&f, LISTED "txt.test", DNS_A, "127.0.0.2");
		enum filter_result r = fixture_ask(&f, HOOK_CONNECT, NULL);
		if (cases[i].allows != (r == FILTER_DECLINED))
			fail_msg("'%s'", cases[i].lines);
		assert_int_equal(cases[i].allows,
		    fixture_logged(&f, "connect dnsbl: skip, dnsbl_allow"));
		fixture_free(&f);
	}
}

/* FL-101 */
static void
test_dnsbl_environment(void **state)
{
	struct fixture f;
	(void)state;
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
	/* set and empty: neither looked up nor denied */
	f.session.rblsmtpd = STR("");
	assert_int_equal(fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DECLINED);
	fixture_free(&f);

	/* FL-37: what stands before that text */
	start(&f, "dnsbl reject connect reject_type temp\nqueue/maildir /m\n",
	    "dnsbl_rejectmsg", "Blocked:\n");
	f.session.rblsmtpd = STR("see http://x/%IP%");
	assert_int_equal(fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DENYSOFT);
	assert_string_equal(f.verdict.text, "Blocked: see http://x/192.0.2.9");
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
	struct mail_path rcpts[2];
	(void)state;
	dnsbl(&f, "reject naughty reject_type disconnect", "txt.test\n");
	assert_int_equal(fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DECLINED);
	assert_int_equal(
	    fixture_rcpt(&f, "joe@test.example"), FILTER_DENY_DISCONNECT);
	assert_string_equal(f.verdict.text, "(dnsbl) see http://x/192.0.2.9");
	static const char *const roles[] = { "Abuse@test.example",
		"postmaster@test.example", "mailer-daemon@test.example",
		"ROOT@test.example", "postmaster" };
	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		assert_int_equal(fixture_rcpt(&f, roles[i]), FILTER_OK);
	/* and for nobody else */
	assert_int_equal(
	    fixture_rcpt(&f, "joe@test.example"), FILTER_DENY_DISCONNECT);
	f.session.rcpts = rcpts;
	f.session.n_rcpts = 1;
	rcpts[0] = (struct mail_path){ .local = STR("postmaster") };
	assert_int_equal(
	    fixture_ask(&f, HOOK_DATA_POST, NULL), FILTER_DECLINED);
	f.session.n_rcpts = 2;
	rcpts[1] = (struct mail_path){ .local = STR("joe") };
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

/* FL-3: relay clients and whitelisted hosts are looked up nowhere */
static void
test_immune_are_not_asked(void **state)
{
	(void)state;
	for (int relays = 0; relays < 2; relays++) {
		struct fixture f;
		struct fixture_file files[] = {
			{ "me", "mail.test.example\n" },
			{ "plugins", "dnsbl\nrhsbl\nqueue/maildir /m\n" },
			{ "dnsbl_zones", "txt.test\n" },
			{ "rhsbl_zones", "names.test\n" },
			{ NULL, NULL },
		};
		assert_true(fixture_load(&f, files));
		fixture_dns(&f);
		f.session.relay_client = relays == 1;
		f.session.host_whitelisted = relays == 0;
		fixture_ask(&f, HOOK_CONNECT, NULL);
		fixture_mail(&f, "a@bad.example");
		assert_int_equal(dns_asked(f.dns), 0);
		f.session.relay_client = f.session.host_whitelisted = false;
		fixture_ask(&f, HOOK_CONNECT, NULL);
		fixture_mail(&f, "a@bad.example");
		assert_int_equal(dns_asked(f.dns), 4); /* A and TXT of each */
		fixture_free(&f);
	}
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
	fixture_free(&f);
	start(&f, "dns_whitelist_soft\nrcpt_ok\nqueue/maildir /m\n",
	    "whitelist_zones", "white.test\n");
	fixture_record(&f, LISTED "white.test", DNS_TXT, "trusted");
	/* behind the first recipient nobody is asked any more */
	f.session.n_rcpts = 1;
	assert_int_equal(fixture_rcpt(&f, "joe@test.example"), FILTER_OK);
	assert_int_equal(dns_asked(f.dns), 0);
	f.session.n_rcpts = 0;
	assert_int_equal(fixture_rcpt(&f, "joe@test.example"), FILTER_OK);
	assert_true(f.session.host_whitelisted);
	/* it never gives leave to relay (FL-61) */
	assert_int_equal(fixture_rcpt(&f, "joe@else.example"), FILTER_DENY);
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resolvable_fromhost),
		cmocka_unit_test(test_resolvable_fromhost_perm_and_off),
		cmocka_unit_test(test_dnsbl),
		cmocka_unit_test(test_zones_that_are_none),
		cmocka_unit_test(test_dnsbl_allow),
		cmocka_unit_test(test_dnsbl_environment),
		cmocka_unit_test(test_dnsbl_lone_type),
		cmocka_unit_test(test_dnsbl_spares_role_accounts),
		cmocka_unit_test(test_dnsbl_ipv6),
		cmocka_unit_test(test_rhsbl),
		cmocka_unit_test(test_rhsbl_disconnects),
		cmocka_unit_test(test_immune_are_not_asked),
		cmocka_unit_test(test_dns_whitelist_soft),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filter_lists", tests, NULL, NULL);
}
