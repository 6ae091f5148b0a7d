/* Plugins that look at the message: FL-70 to FL-74, FL-187. */
#include "core/mail/header.h"
#include "tests/unit/filter_fixture.h"

#define QUEUE "queue/maildir /tmp/m\n"

enum {
	NOW = 1583143200 /* 2 Mar 2020 10:00 +0000 */
};

static enum filter_result
ask_message(struct fixture *f, const char *text)
{
	struct mail_header h;
	assert_int_equal(mail_header_parse(str_of(text), f->session.arena, &h),
	    MAIL_HEADER_OK);
	const struct filter_message m = {
		.text = str_of(text),
		.body = h.body,
		.fields = h.fields,
		.n_fields = h.n_fields,
		.now_s = NOW,
	};
	const struct filter_input input = { .message = &m };
	f->session.karma = 0;
	return fixture_ask(f, HOOK_DATA_POST, &input);
}

#define FROM "From: a@out.example\n"
#define DATE "Date: Mon, 02 Mar 2020 10:00:00 +0000\n"

struct header_case {
	const char *text;
	enum filter_result result;
	int karma;
	const char *reply;
};

static void
expect_messages(struct fixture *f, const struct header_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum filter_result r = ask_message(f, cases[i].text);
		if (r != cases[i].result || f->session.karma != cases[i].karma)
			fail_msg("'%s': %d, karma %d", cases[i].text, (int)r,
			    f->session.karma);
		assert_string_equal(f->verdict.text, cases[i].reply);
	}
}

static void
test_headers_required_and_single(void **state)
{
	static const struct header_case cases[] = {
		{ FROM DATE "\nx\n", FILTER_DECLINED, 0, "" },
		{ FROM "\nx\n", FILTER_DENY, -1,
		    "We require a valid Date header" },
		{ "Subject: t\n\nx\n", FILTER_DENY, -2,
		    "We require a valid From header" },
		{ "From:\n" DATE "\nx\n", FILTER_DENY, -1,
		    "We require a valid From header" },
		{ "from: a\nDATE: Mon, 02 Mar 2020 10:00:00 +0000\n\n",
		    FILTER_DECLINED, 0, "" },
		{ FROM FROM DATE "\n", FILTER_DENY, -1,
		    "Only one From header allowed. See RFC 5322, Section "
		    "3.6" },
		{ FROM DATE "Subject: a\nsubject: b\nTo: a\nTo: b\n\n",
		    FILTER_DENY, -2,
		    "Only one To header allowed. See RFC 5322, Section 3.6" },
		{ FROM DATE "Message-ID: <1>\nMessage-Id: <2>\n\n", FILTER_DENY,
		    -1,
		    "Only one Message-Id header allowed. See RFC 5322, "
		    "Section 3.6" },
		{ FROM DATE "Received: a\nReceived: b\nX: 1\nX: 2\n\n",
		    FILTER_DECLINED, 0, "" },
		/* missing is told before doubled */
		{ FROM FROM "\n", FILTER_DENY, -2,
		    "We require a valid Date header" },
		{ "\nFrom: in the body\n", FILTER_DENY, -2,
		    "We require a valid From header" },
		{ "", FILTER_DENY, 0, "You must send some data first" },
	};
	(void)state;
	struct fixture f;
	fixture_start(&f, "headers require From,Date\n" QUEUE, "x", "");
	expect_messages(&f, cases, ARRAY_LEN(cases));
	/* FL-70: immune clients skip it, but for an empty message */
	f.session.relay_client = true;
	assert_int_equal(ask_message(&f, "X: y\n\n"), FILTER_DECLINED);
	assert_int_equal(ask_message(&f, ""), FILTER_DENY);
	fixture_free(&f);
}

/* FL-70: each of these may stand once */
static void
test_headers_single(void **state)
{
	static const char *const names[] = { "Date", "From", "Sender",
		"Reply-To", "To", "Cc", "Bcc", "Message-Id", "In-Reply-To",
		"References", "Subject" };
	(void)state;
	struct fixture f;
	fixture_start(&f, "headers\n" QUEUE, "x", "");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char text[200];
		bool from = strcmp(names[i], "From") == 0;
		snprintf(text, sizeof(text), "%s%s: a\nX: y\n%s: b\n\n",
		    from ? "" : FROM, names[i], names[i]);
		if (ask_message(&f, text) != FILTER_DENY)
			fail_msg("%s", names[i]);
		assert_int_equal(f.session.karma, -1);
		assert_non_null(strstr(f.verdict.text, names[i]));
	}
	fixture_free(&f);
}

#define AT(date) FROM "Date: " date "\n\nx\n"

static void
test_headers_dates(void **state)
{
	static const struct header_case cases[] = {
		{ AT("Mon, 02 Mar 2020 10:00:00 +0000"), FILTER_DECLINED, 0,
		    "" },
		{ AT("Wed, 26 Feb 2020 10:00:00 +0000"), FILTER_DECLINED, 0,
		    "" },
		{ AT("Wed, 26 Feb 2020 09:59:59 +0000"), FILTER_DENY, -1,
		    "The Date header is too far in the past" },
		{ AT("Wed, 26 Feb 2020 09:59:59 -0001"), FILTER_DECLINED, 0,
		    "" },
		{ AT("Wed, 04 Mar 2020 10:00:00 +0000"), FILTER_DECLINED, 0,
		    "" },
		{ AT("Wed, 04 Mar 2020 10:00:01 +0000"), FILTER_DENY, -1,
		    "The Date header is too far in the future" },
		{ AT("whenever"), FILTER_DECLINED, 0, "" },
		{ AT("Mon, 02 Mar 99999999999 10:00:00 +0000"), FILTER_DECLINED,
		    0, "" },
		/* FL-72: the range is told before missing fields */
		{ "Date: Wed, 26 Feb 2020 09:00:00 +0000\n\n", FILTER_DENY, -2,
		    "The Date header is too far in the past" },
	};
	(void)state;
	struct fixture f;
	fixture_start(&f, "headers past 5 future 2\n" QUEUE, "x", "");
	expect_messages(&f, cases, ARRAY_LEN(cases));
	fixture_free(&f);
	/* FL-185 */
	fixture_start(&f, "check_basicheaders 5\n" QUEUE, "x", "");
	static const struct header_case basic[] = {
		{ AT("Wed, 26 Feb 2020 09:59:59 +0000"), FILTER_DENY, -1,
		    "The Date header is too far in the past" },
		{ AT("Sun, 08 Mar 2020 09:59:59 +0000"), FILTER_DENY, -1,
		    "The Date header is too far in the future" },
		{ FROM "\n", FILTER_DENY, -1,
		    "We require a valid Date header" },
	};
	expect_messages(&f, basic, ARRAY_LEN(basic));
	assert_false(fixture_logged(&f, "has no argument"));
	fixture_free(&f);
	fixture_start(&f, "headers 5\n" QUEUE, "x", "");
	assert_true(fixture_logged(&f, "has no argument '5'"));
	fixture_free(&f);
	/* 0 is no limit */
	fixture_start(&f, "headers past 0 future 0\n" QUEUE, "x", "");
	assert_int_equal(
	    ask_message(&f, AT("1 Jan 1970 00:00:00 +0000")), FILTER_DECLINED);
	fixture_free(&f);
}

/* FL-39 to FL-41, FL-71 */
static void
test_headers_reject_types(void **state)
{
	static const struct {
		const char *plugins;
		enum filter_result result;
	} cases[] = {
		{ "headers reject_type temp\n" QUEUE, FILTER_DENYSOFT },
		{ "headers reject_type soft\n" QUEUE, FILTER_DENYSOFT },
		{ "headers reject_type hard\n" QUEUE, FILTER_DENY },
		{ "headers reject_type disconnect\n" QUEUE,
		    FILTER_DENY_DISCONNECT },
		{ "headers reject_type temp_disconnect\n" QUEUE,
		    FILTER_DENYSOFT_DISCONNECT },
		{ "headers reject_type else\n" QUEUE, FILTER_DENY },
		{ "headers reject 0\n" QUEUE, FILTER_DECLINED },
		{ "headers reject 1\n" QUEUE, FILTER_DENY },
		/* a value that looks like a name is none */
		{ "headers require reject reject 0\n" QUEUE, FILTER_DECLINED },
		{ "headers reject naughty\nnaughty\n" QUEUE, FILTER_DENY },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		fixture_start(&f, cases[i].plugins, "x", "");
		if (ask_message(&f, "X: y\n\n") != cases[i].result)
			fail_msg("'%s'", cases[i].plugins);
		/* the naughty mark is not left by a denial */
		if (cases[i].result == FILTER_DENY && i == 2)
			assert_int_equal(f.session.naughty.len, 0);
		fixture_free(&f);
	}
}

/* FL-74 */
static void
test_loop(void **state)
{
	static const struct {
		const char *plugins;
		size_t fields;
		enum filter_result result;
	} cases[] = {
		{ "loop\n" QUEUE, 98, FILTER_DECLINED },
		{ "loop\n" QUEUE, 99, FILTER_DENY },
		{ "loop 10\n" QUEUE, 8, FILTER_DECLINED },
		{ "loop 10\n" QUEUE, 9, FILTER_DENY },
		{ "check_loop 10\n" QUEUE, 9, FILTER_DENY },
		{ "loop 200\n" QUEUE, 150, FILTER_DECLINED },
		/* the limit holds without the plugin */
		{ QUEUE, 98, FILTER_DECLINED },
		{ QUEUE, 99, FILTER_DENY },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		struct buf text = BUF_INIT(64 * 1024);
		for (size_t k = 0; k < cases[i].fields; k++)
			buf_add_cstr(&text,
			    k % 3 == 0 ? "Delivered-To: x\n" : "received: y\n");
		buf_add_cstr(&text, "\nbody\n");
		fixture_start(&f, cases[i].plugins, "x", "");
		f.session.relay_client = true; /* everybody */
		if (ask_message(&f, buf_cstr(&text)) != cases[i].result)
			fail_msg("'%s' %zu", cases[i].plugins, cases[i].fields);
		if (cases[i].result == FILTER_DENY)
			assert_string_equal(
			    f.verdict.text, "Too many hops (#5.4.6)");
		buf_clear(&text);
		fixture_free(&f);
	}
}

/* FL-187 */
static void
test_bogus_bounce(void **state)
{
	static const struct {
		const char *plugins;
		size_t rcpts;
		const char *text;
		enum filter_result result;
	} cases[] = {
		{ "bogus_bounce deny\n" QUEUE, 1, "A: b\n\n", FILTER_DECLINED },
		{ "bogus_bounce deny\n" QUEUE, 2, "A: b\n\n", FILTER_DENY },
		{ "bogus_bounce reject 1\n" QUEUE, 2, "A: b\n\n", FILTER_DENY },
		{ "bogus_bounce denysoft\n" QUEUE, 2, "A: b\n\n",
		    FILTER_DENYSOFT },
		{ "bogus_bounce\n" QUEUE, 2, "A: b\n\n", FILTER_DECLINED },
		{ "bogus_bounce log\n" QUEUE, 2, "A: b\n\n", FILTER_DECLINED },
		{ "check_bogus_bounce deny\n" QUEUE, 1,
		    "Return-Path: <a@b>\n\n", FILTER_DENY },
		{ "bogus_bounce deny\n" QUEUE, 1, "Return-Path: <>\n\n",
		    FILTER_DECLINED },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		fixture_start(&f, cases[i].plugins, "x", "");
		f.session.n_rcpts = cases[i].rcpts;
		f.session.has_sender = true;
		if (ask_message(&f, cases[i].text) != cases[i].result)
			fail_msg("%zu", i);
		f.session.sender =
		    (struct mail_path){ STR("a"), STR("b.example") };
		assert_int_equal(
		    ask_message(&f, cases[i].text), FILTER_DECLINED);
		fixture_free(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers_required_and_single),
		cmocka_unit_test(test_headers_single),
		cmocka_unit_test(test_headers_dates),
		cmocka_unit_test(test_headers_reject_types),
		cmocka_unit_test(test_loop),
		cmocka_unit_test(test_bogus_bounce),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filter_message", tests, NULL, NULL);
}
