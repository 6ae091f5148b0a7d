/* Plugins that look at the client, the sender and the recipient. */
#include "tests/unit/filter_fixture.h"

#define QUEUE "queue/maildir /tmp/m\n"

struct decision {
	const char *address;
	enum filter_result result;
	const char *text; /* part of the reply */
};

static void
expect_text(const struct fixture *f, const struct decision *d)
{
	if (d->text != NULL && str_find_str(str_of(f->verdict.text),
				   str_of(d->text)) == strlen(f->verdict.text))
		fail_msg("'%s': reply '%s'", d->address, f->verdict.text);
}

static void
expect_mail(struct fixture *f, const struct decision *d, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum filter_result r = fixture_mail(f, d[i].address);
		if (r != d[i].result)
			fail_msg("'%s': %d", d[i].address, (int)r);
		expect_text(f, &d[i]);
	}
}

static void
expect_rcpt(struct fixture *f, const struct decision *d, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum filter_result r = fixture_rcpt(f, d[i].address);
		if (r != d[i].result)
			fail_msg("'%s': %d", d[i].address, (int)r);
		expect_text(f, &d[i]);
	}
}

/* FL-61 */
static void
test_rcpt_ok(void **state)
{
	(void)state;
	struct fixture f;
	fixture_start(&f, "rcpt_ok\n" QUEUE, "x", "");
	const struct decision cases[] = {
		{ "b@test.example", FILTER_OK, NULL },
		{ "b@TEST.example", FILTER_OK, NULL },
		{ "b@x.sub.test.example", FILTER_OK, NULL },
		{ "b@y.x.sub.test.example", FILTER_OK, NULL },
		{ "b@sub.test.example", FILTER_DENY, "Relaying denied" },
		{ "b@mail.test.example", FILTER_OK, NULL },
		{ "b@nottest.example", FILTER_DENY, "(#5.7.1)" },
		{ "b@example", FILTER_DENY, NULL },
		{ "b%out.example@test.example", FILTER_OK, NULL },
		{ "b@[192.0.2.1]", FILTER_DENY, NULL },
		{ "postmaster", FILTER_OK, NULL },
		{ "PostMaster", FILTER_OK, NULL },
	};
	expect_rcpt(&f, cases, ARRAY_LEN(cases));
	assert_string_equal(f.verdict.plugin, "rcpt_ok");
	const struct filter_input bare = { .rcpt.local = STR("abuse") };
	assert_int_equal(fixture_ask(&f, HOOK_RCPT, &bare), FILTER_OK);
	f.session.sender_whitelisted = true;
	assert_int_equal(fixture_rcpt(&f, "b@nottest.example"), FILTER_DENY);
	f.session.relay_client = true;
	assert_int_equal(fixture_rcpt(&f, "b@nottest.example"), FILTER_OK);
	f.session.relay_client = false;
	/* a whitelisted host may not relay */
	f.session.host_whitelisted = true;
	assert_int_equal(fixture_rcpt(&f, "b@nottest.example"), FILTER_DENY);
	fixture_free(&f);
}

/* FL-61: SME lists the literal of its outside address */
static void
test_rcpt_ok_literal(void **state)
{
	(void)state;
	struct fixture f;
	struct fixture_file files[] = { { "plugins", "rcpt_ok\n" QUEUE },
		{ "rcpthosts", "[192.0.2.1]\n" }, { NULL, NULL } };
	assert_true(fixture_load(&f, files));
	assert_int_equal(fixture_rcpt(&f, "b@[192.0.2.1]"), FILTER_OK);
	assert_int_equal(fixture_rcpt(&f, "b@[192.0.2.2]"), FILTER_DENY);
	fixture_free(&f);
}

/* FL-65, FL-66 */
static void
test_badmailfrom(void **state)
{
	(void)state;
	struct fixture f;
	fixture_start(&f, "badmailfrom\n" QUEUE, "badmailfrom",
	    "# comment\nspam@bad.example\n@worse.example   not from you\n"
	    "^vrp-\\d+@ no such thing\nnobody\n@[192.0.2.7]\n"
	    "joe+tag@x.example\n(broken* pattern\n"
	    /* these too make a line a pattern, that is searched for */
	    "l/r@x.example\n%y@x.example\nb!c@x.example\n");
	const struct decision cases[] = {
		{ "Spam@bad.example", FILTER_DENY, "badmailfrom list" },
		{ "\"spam\"@bad.example", FILTER_DENY, "badmailfrom list" },
		{ "ok@bad.example", FILTER_DECLINED, NULL },
		{ "any@worse.example", FILTER_DENY, "not from you" },
		{ "any@sub.worse.example", FILTER_DECLINED, NULL },
		{ "vrp-12@x.example", FILTER_DENY, "no such thing" },
		{ "a@[192.0.2.7]", FILTER_DENY, NULL },
		{ "", FILTER_DECLINED, NULL },
		{ "good@out.example", FILTER_DECLINED, NULL },
		{ "nobody@out.example", FILTER_DECLINED, NULL },
		/* a plus makes it a pattern */
		{ "joe+tag@x.example", FILTER_DECLINED, NULL },
		{ "joeeetag@x.example", FILTER_DENY, NULL },
		{ "al/r@x.example", FILTER_DENY, NULL },
		{ "x%y@x.example", FILTER_DENY, NULL },
		{ "ab!c@x.example", FILTER_DENY, NULL },
	};
	expect_mail(&f, cases, ARRAY_LEN(cases));
	assert_int_equal(f.session.karma, -9);
	assert_true(fixture_logged(&f, "mail badmailfrom: fail, bad sender"));
	assert_true(
	    fixture_logged(&f, "config/badmailfrom line 5: 'nobody' has no @"));
	assert_true(fixture_logged(
	    &f, "config/badmailfrom line 8: pattern '(broken*' is broken"));
	f.session.relay_client = true;
	assert_int_equal(fixture_mail(&f, "spam@bad.example"), FILTER_DECLINED);
	assert_true(fixture_logged(&f, "badmailfrom: skip, relay client"));
	fixture_free(&f);
}

/* the first line decides which text is sent */
static void
test_badmailfrom_order(void **state)
{
	(void)state;
	struct fixture f;
	fixture_start(&f, "badmailfrom\n" QUEUE, "badmailfrom",
	    "^a one\n@x.example two\na@x.example three\n");
	const struct decision cases[] = {
		{ "a@x.example", FILTER_DENY, "one" },
		{ "b@x.example", FILTER_DENY, "two" },
	};
	expect_mail(&f, cases, ARRAY_LEN(cases));
	fixture_free(&f);
	/* the null sender is none that a pattern could be found in */
	fixture_start(&f, "badmailfrom\n" QUEUE, "badmailfrom", "^.*$\n");
	assert_int_equal(fixture_mail(&f, ""), FILTER_DECLINED);
	assert_int_equal(fixture_mail(&f, "a@x.example"), FILTER_DENY);
	fixture_free(&f);
}

/* FL-68 */
static void
test_badrcptto(void **state)
{
	(void)state;
	struct fixture f;
	struct fixture_file files[] = {
		{ "plugins", "badrcptto\nrcpt_ok\n" QUEUE },
		{ "rcpthosts", "test.example\n" },
		{ "badrcptto", "gone@test.example\n@old.test.example\n"
			       "^[^@]*!  no bang path here\n" },
		{ "badrcptto_patterns", "^temp no such luck\nplainword\n" },
		{ NULL, NULL },
	};
	assert_true(fixture_load(&f, files));
	const struct decision cases[] = {
		{ "Gone@test.example", FILTER_DENY,
		    "mail to gone@test.example not accepted here (#5.1.1)" },
		{ "here@test.example", FILTER_OK, NULL },
		{ "x@old.test.example", FILTER_DENY,
		    "mail to @old.test.example not accepted here" },
		{ "b!c@test.example", FILTER_DENY, "no bang path here" },
		{ "temp1@test.example", FILTER_DENY, "no such luck" },
		{ "aplainwordb@test.example", FILTER_DENY, "plainword" },
		{ "postmaster", FILTER_OK, NULL },
	};
	expect_rcpt(&f, cases, ARRAY_LEN(cases));
	assert_int_equal(f.session.karma, -10);
	f.session.host_whitelisted = true;
	assert_int_equal(fixture_rcpt(&f, "gone@test.example"), FILTER_OK);
	fixture_free(&f);
}

/* EF-12: the template's bare name in front of its addresses is no mistake */
static void
test_badrcptto_bare(void **state)
{
	(void)state;
	struct fixture f;
	struct fixture_file files[] = {
		{ "plugins", "badrcptto\nrcpt_ok\n" QUEUE },
		{ "rcpthosts", "test.example\n" },
		{ "badrcptto", "everyone\neveryone@test.example\nlone\n"
			       "lonely@test.example\nlast\n" },
		{ NULL, NULL },
	};
	assert_true(fixture_load(&f, files));
	assert_false(fixture_logged(&f, "'everyone' has no @"));
	assert_true(fixture_logged(
	    &f, "4 - -: config/badrcptto line 3: 'lone' has no @"));
	assert_true(fixture_logged(
	    &f, "4 - -: config/badrcptto line 5: 'last' has no @"));
	assert_int_equal(
	    fixture_rcpt(&f, "everyone@test.example"), FILTER_DENY);
	fixture_free(&f);
}

struct relay_case {
	const char *ip;
	bool relays;
};

/* FL-62 */
static void
test_relay(void **state)
{
	(void)state;
	struct fixture f;
	struct fixture_file files[] = {
		{ "plugins", "relay\nrcpt_ok\n" QUEUE },
		{ "relayclients", "192.0.2.\n198.51.100.7\n10.1.0.0/30\n"
				  "2001:db8:1:\nnonsense\n" },
		{ "morerelayclients", "203.0.113.0/24\n2001:db8:f::/48\n" },
		{ "norelayclients", "192.0.2.66\n192.0.2.128/25\n" },
		{ NULL, NULL },
	};
	static const struct relay_case cases[] = {
		{ "192.0.2.1", true },
		{ "192.0.2.66", false },
		{ "192.0.2.127", true },
		{ "192.0.2.128", false },
		{ "192.0.2.255", false },
		{ "192.0.3.1", false },
		{ "198.51.100.7", true },
		{ "198.51.100.70", false },
		/* [NEW] first and last address of a block belong to it */
		{ "10.1.0.0", true },
		{ "10.1.0.3", true },
		{ "10.1.0.4", false },
		{ "203.0.113.0", true },
		{ "203.0.113.255", true },
		{ "2001:db8:1::9", true },
		{ "2001:db8:10::9", false },
		{ "2001:db8:f:1::", true },
		{ "::1", true },
		{ "127.0.0.1", false },
		{ "::ffff:192.0.2.1", true },
		{ "not an address", false },
	};
	assert_true(fixture_load(&f, files));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		f.session.relay_client = false;
		f.session.client_ip = str_of(cases[i].ip);
		fixture_ask(&f, HOOK_CONNECT, NULL);
		if (f.session.relay_client != cases[i].relays)
			fail_msg("'%s'", cases[i].ip);
	}
	f.session.relay_env = true;
	f.session.relay_client = false;
	f.session.client_ip = STR("198.18.0.1");
	fixture_ask(&f, HOOK_CONNECT, NULL);
	assert_true(f.session.relay_client);
	f.session.client_ip = STR("192.0.2.66");
	fixture_ask(&f, HOOK_CONNECT, NULL);
	assert_false(f.session.relay_client);
	fixture_free(&f);
}

/* FL-62 only, FL-185, FL-186 */
static void
test_relay_only(void **state)
{
	static const char *const lines[] = { "relay only 1\n" QUEUE,
		"relay_only\nrcpt_ok\n" QUEUE,
		"check_relay\ncheck_norelay\nrelay_only\nrcpt_ok\n" QUEUE };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct fixture f;
		fixture_start(&f, lines[i], "relayclients", "192.0.2.\n");
		assert_int_equal(
		    fixture_rcpt(&f, "b@test.example"), FILTER_DENY);
		fixture_ask(&f, HOOK_CONNECT, NULL);
		assert_int_equal(
		    fixture_rcpt(&f, "b@elsewhere.example"), FILTER_OK);
		fixture_free(&f);
	}
	struct fixture f;
	fixture_start(
	    &f, "check_relay\ncheck_norelay\nrcpt_ok\n" QUEUE, "x", "");
	fixture_ask(&f, HOOK_CONNECT, NULL);
	assert_string_equal(
	    buf_cstr(&f.logged), "6 connect check_relay: skip, no match\n");
	fixture_free(&f);
}

/* FL-95 */
static void
test_count_unrecognized_commands(void **state)
{
	(void)state;
	struct fixture f;
	const struct filter_input input = { .word = STR("AAA") };
	fixture_start(&f, "count_unrecognized_commands 2\n" QUEUE, "x", "");
	assert_int_equal(
	    fixture_ask(&f, HOOK_UNRECOGNIZED, &input), FILTER_DECLINED);
	assert_int_equal(
	    fixture_ask(&f, HOOK_UNRECOGNIZED, &input), FILTER_DENY_DISCONNECT);
	assert_non_null(strstr(f.verdict.text, "2 unrecognized commands"));
	fixture_free(&f);
	fixture_start(&f, "count_unrecognized_commands\n" QUEUE, "x", "");
	for (int i = 0; i < 3; i++)
		assert_int_equal(fixture_ask(&f, HOOK_UNRECOGNIZED, &input),
		    FILTER_DECLINED);
	assert_int_equal(
	    fixture_ask(&f, HOOK_UNRECOGNIZED, &input), FILTER_DENY_DISCONNECT);
	fixture_free(&f);
}

/* FL-99: the session puts the brackets on; here is what it costs. */
static void
test_bare_paths_cost_karma(void **state)
{
	struct fixture f;
	(void)state;
	fixture_start(&f,
	    "dont_require_anglebrackets\nrcpt_ok\nqueue/maildir /m\n", "IP",
	    "0\n");
	fixture_mail(&f, "a@b.example");
	assert_int_equal(f.session.karma, 0);
	f.session.bare_path = true;
	fixture_mail(&f, "a@b.example");
	assert_int_equal(fixture_rcpt(&f, "b@test.example"), FILTER_OK);
	assert_int_equal(f.session.karma, -4);
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bare_paths_cost_karma),
		cmocka_unit_test(test_rcpt_ok),
		cmocka_unit_test(test_rcpt_ok_literal),
		cmocka_unit_test(test_badmailfrom),
		cmocka_unit_test(test_badmailfrom_order),
		cmocka_unit_test(test_badrcptto),
		cmocka_unit_test(test_badrcptto_bare),
		cmocka_unit_test(test_relay),
		cmocka_unit_test(test_relay_only),
		cmocka_unit_test(test_count_unrecognized_commands),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filter_plugins", tests, NULL, NULL);
}
