/* helo, policy lenient: FL-50 to FL-52, FL-40, FL-41. */
#include "tests/unit/filter_fixture.h"

#define QUEUE "queue/maildir /tmp/m\n"

struct helo_case {
	const char *ip, *name;
	enum filter_result result;
	const char *text;
};

static void
expect_helo(struct fixture *f, const struct helo_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		f->session.client_ip = str_of(cases[i].ip);
		f->session.helo = str_of(cases[i].name);
		enum filter_result r = fixture_ask(f, HOOK_HELO, NULL);
		if (r != cases[i].result)
			fail_msg("'%s': %d", cases[i].name, (int)r);
		if (cases[i].text != NULL)
			assert_string_equal(f->verdict.text, cases[i].text);
	}
}

static const char badhelo[] = "aol.com\n^evil-\\d\n!\\.\n[broken\n";

static void
test_helo_lenient(void **state)
{
	static const struct helo_case cases[] = {
		{ "192.0.2.9", "fine.example", FILTER_DECLINED, NULL },
		/* FL-51 */
		{ "192.0.2.9", "AOL.com", FILTER_DENY_DISCONNECT,
		    "I do not believe you are AOL.com." },
		{ "192.0.2.9", "mx.aol.com", FILTER_DECLINED, NULL },
		{ "192.0.2.9", "EVIL-7.example", FILTER_DENY_DISCONNECT,
		    "I do not believe you are EVIL-7.example." },
		/* negated: a name without a dot */
		{ "192.0.2.9", "desktop", FILTER_DENY_DISCONNECT, NULL },
		/* FL-52 */
		{ "192.0.2.9", "[192.0.2.9]", FILTER_DECLINED, NULL },
		{ "192.0.2.9", "[192.0.2.8]", FILTER_DENY_DISCONNECT,
		    "Forged IPs not accepted here" },
		{ "192.0.2.9", "[999.0.2.8]", FILTER_DENY_DISCONNECT,
		    "Forged IPs not accepted here" },
		{ "2001:db8::1", "[IPv6:2001:db8:0::1]", FILTER_DENY_DISCONNECT,
		    "I do not believe you are [IPv6:2001:db8:0::1]." },
		{ "192.0.2.9", "192.0.2.9", FILTER_DENY_DISCONNECT,
		    "Plain IP is invalid HELO hostname (RFC 2821)" },
		{ "192.0.2.9", "192.0.2.999", FILTER_DENY_DISCONNECT,
		    "Plain IP is invalid HELO hostname (RFC 2821)" },
	};
	(void)state;
	struct fixture f;
	fixture_start(&f, "helo policy lenient\n" QUEUE, "badhelo", badhelo);
	expect_helo(&f, cases, ARRAY_LEN(cases));
	assert_true(fixture_logged(&f, "config/badhelo line 4: pattern"));
	assert_true(fixture_logged(&f, "helo helo: pass"));
	assert_true(fixture_logged(&f, "helo helo: fail, badhelo"));
	fixture_free(&f);
}

/* FL-51: each of these makes a line a pattern */
static void
test_badhelo_marks(void **state)
{
	static const char *const lines[] = { "a{2}b", "a[a]b", "(aa)b", "^aab",
		"aab$", "aax|aab", "aa*b", "aa+b", "aac?b", "\\waab", "!zzz" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct fixture f;
		fixture_start(&f, "helo\n" QUEUE, "badhelo", lines[i]);
		f.session.helo = str_of(i == 4   ? "xaab"
					: i == 3 ? "aabx"
						 : "xaabx");
		if (fixture_ask(&f, HOOK_HELO, NULL) != FILTER_DENY_DISCONNECT)
			fail_msg("'%s'", lines[i]);
		fixture_free(&f);
	}
}

static void
test_helo_without_badhelo(void **state)
{
	static const struct helo_case cases[] = {
		{ "192.0.2.9", "desktop", FILTER_DECLINED, NULL },
		{ "192.0.2.9", "LocalHost", FILTER_DENY_DISCONNECT,
		    "You are not localhost" },
		{ "127.0.0.5", "localhost", FILTER_DECLINED, NULL },
		{ "::1", "localhost", FILTER_DECLINED, NULL },
		{ "2001:db8::1", "localhost", FILTER_DENY_DISCONNECT, NULL },
		{ "2001:db8::1", "[IPv6:2001:db8:0::1]", FILTER_DECLINED,
		    NULL },
		{ "2001:db8::1", "[IPv6:2001:db8::2]", FILTER_DENY_DISCONNECT,
		    "Forged IPs not accepted here" },
		{ "2001:db8::1", "[IPv6:zz]", FILTER_DENY_DISCONNECT, NULL },
		{ "2001:db8::1", "2001:db8::1", FILTER_DENY_DISCONNECT,
		    "Plain IP is invalid HELO hostname (RFC 2821)" },
		{ "192.0.2.9", "[name]", FILTER_DECLINED, NULL },
		{ "192.0.2.9", "[]", FILTER_DECLINED, NULL },
		{ "192.0.2.9", "a;rm -rf", FILTER_DECLINED, NULL },
	};
	(void)state;
	struct fixture f;
	/* FL-50: the reject_type is always disconnect */
	fixture_start(&f, "helo reject_type temp\n" QUEUE, "x", "");
	expect_helo(&f, cases, ARRAY_LEN(cases));
	f.session.karma = 0;
	f.session.helo = STR("");
	assert_int_equal(fixture_ask(&f, HOOK_HELO, NULL), FILTER_DECLINED);
	assert_int_equal(f.session.karma, -2);
	f.session.relay_client = true;
	f.session.helo = STR("192.0.2.1");
	assert_int_equal(fixture_ask(&f, HOOK_HELO, NULL), FILTER_DECLINED);
	fixture_free(&f);
}

/* FL-40: tolerated; FL-185: check_spamhelo denies without a close */
static void
test_helo_reject(void **state)
{
	(void)state;
	struct fixture f;
	fixture_start(&f, "helo reject 0\n" QUEUE, "badhelo", badhelo);
	f.session.helo = STR("aol.com");
	assert_int_equal(fixture_ask(&f, HOOK_HELO, NULL), FILTER_DECLINED);
	assert_int_equal(f.session.karma, -1);
	assert_true(
	    fixture_logged(&f, "6 helo helo: fail, tolerated, badhelo"));
	fixture_free(&f);

	fixture_start(&f, "check_spamhelo\n" QUEUE, "badhelo", badhelo);
	f.session.helo = STR("aol.com");
	assert_int_equal(fixture_ask(&f, HOOK_HELO, NULL), FILTER_DENY);
	assert_string_equal(f.verdict.plugin, "check_spamhelo");
	f.session.helo = STR("192.0.2.1");
	assert_int_equal(fixture_ask(&f, HOOK_HELO, NULL), FILTER_DECLINED);
	fixture_free(&f);
}

/* FL-41, FL-98: the mark is kept and denied later */
static void
test_helo_reject_naughty(void **state)
{
	(void)state;
	struct fixture f;
	fixture_start(&f, "helo reject naughty\nnaughty\nrcpt_ok\n" QUEUE,
	    "badhelo", badhelo);
	f.session.helo = STR("aol.com");
	assert_int_equal(fixture_ask(&f, HOOK_HELO, NULL), FILTER_DECLINED);
	assert_true(fixture_logged(&f, "helo helo: fail, NAUGHTY"));
	assert_int_equal(fixture_mail(&f, "a@b.example"), FILTER_DECLINED);
	assert_int_equal(
	    fixture_rcpt(&f, "b@test.example"), FILTER_DENY_DISCONNECT);
	assert_string_equal(f.verdict.plugin, "naughty");
	assert_string_equal(
	    f.verdict.text, "(helo) I do not believe you are aol.com.");
	/* a further text is a line of its own */
	f.session.helo = STR("evil-1.example");
	fixture_ask(&f, HOOK_HELO, NULL);
	fixture_rcpt(&f, "b@test.example");
	assert_string_equal(f.verdict.text,
	    "(helo) I do not believe you are aol.com.\n"
	    "(helo) I do not believe you are evil-1.example.");
	/* a login clears the mark */
	filter_session_login(f.policy, &f.session);
	assert_int_equal(fixture_rcpt(&f, "b@test.example"), FILTER_OK);
	assert_int_equal(f.session.naughty_result, 0);
	fixture_free(&f);
}

/*
 * FL-41, FL-98: the type that is written, or that is the plugin's own, is kept,
 * the first of them; without any it is naughty's.
 */
static void
test_naughty_types(void **state)
{
	static const struct {
		const char *lines;
		enum filter_result result;
	} cases[] = {
		{ "badmailfrom reject naughty\n", FILTER_DENY_DISCONNECT },
		{ "badmailfrom reject naughty reject_type nonsense\n",
		    FILTER_DENY_DISCONNECT },
		{ "badmailfrom reject naughty reject_type perm\n",
		    FILTER_DENY },
		{ "badmailfrom reject naughty reject_type soft\n",
		    FILTER_DENYSOFT },
		{ "badmailfrom reject naughty reject_type temp_disconnect\n",
		    FILTER_DENYSOFT_DISCONNECT },
		/* the second is the first to have one */
		{ "badmailfrom reject naughty\n"
		  "badmailfrom:1 reject naughty reject_type hard\n"
		  "badmailfrom:2 reject naughty reject_type soft\n",
		    FILTER_DENY },
		{ "resolvable_fromhost reject naughty\n"
		  "badmailfrom reject naughty reject_type hard\n",
		    FILTER_DENYSOFT },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		char lines[400];
		snprintf(lines, sizeof(lines), "%snaughty reject data\n" QUEUE,
		    cases[i].lines);
		fixture_start(&f, lines, "badmailfrom", "a@b.example\n");
		fixture_mail(&f, "a@b.example");
		if (fixture_ask(&f, HOOK_DATA, NULL) != cases[i].result)
			fail_msg(
			    "'%s': %d", cases[i].lines, (int)f.verdict.result);
		fixture_free(&f);
	}
}

/* marks are bounded, whatever a long session does */
static void
test_naughty_is_bounded(void **state)
{
	(void)state;
	struct fixture f;
	fixture_start(&f, "helo reject naughty\nnaughty reject mail\n" QUEUE,
	    "badhelo", badhelo);
	f.session.helo = STR("evil-1.example.\x1b[31m.example");
	for (int i = 0; i < 1000; i++)
		fixture_ask(&f, HOOK_HELO, NULL);
	assert_true(f.session.naughty.len < FILTER_TEXT_SIZE);
	assert_int_equal(
	    fixture_mail(&f, "a@b.example"), FILTER_DENY_DISCONNECT);
	for (const char *c = f.verdict.text; *c != '\0'; c++)
		assert_true(*c == '\n' || (*c >= ' ' && *c <= '~'));
	/* and always at data_post */
	assert_int_equal(
	    fixture_ask(&f, HOOK_DATA_POST, NULL), FILTER_DENY_DISCONNECT);
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_helo_lenient),
		cmocka_unit_test(test_badhelo_marks),
		cmocka_unit_test(test_helo_without_badhelo),
		cmocka_unit_test(test_helo_reject),
		cmocka_unit_test(test_helo_reject_naughty),
		cmocka_unit_test(test_naughty_types),
		cmocka_unit_test(test_naughty_is_bounded),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filter_helo", tests, NULL, NULL);
}
