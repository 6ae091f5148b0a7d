/* The JSON line of a message or a denial (logging/json_event). */
#include "tests/unit/filter_fixture.h"

static void
test_events(void **state)
{
	struct fixture f;
	struct buf out = BUF_INIT(4096);
	struct mail_path rcpts[2] = {
		{ .local = STR("b"), .domain = STR("test.example") },
		{ .local = STR("q\"\x1b"), .domain = STR("test.example") },
	};
	int level;
	(void)state;
	fixture_start(&f,
	    "logging/json_event loglevel notice\nbadmailfrom\nrcpt_ok\n"
	    "queue/maildir /m\n",
	    "badmailfrom", "a@bad.example\n");
	assert_int_equal(fixture_mail(&f, "a@bad.example"), FILTER_DENY);
	assert_true(filter_event(f.policy, &f.session, &f.verdict, NULL, false,
	    (struct str)STR_EMPTY, &out, &level));
	assert_int_equal(level, 5);
	assert_string_equal(buf_cstr(&out),
	    "{\"schema\":\"smemail.filter-event/1\",\"verdict\":\"refused\","
	    "\"client\":{\"ip\":\"192.0.2.9\",\"name\":\"Unknown\","
	    "\"relay\":false},\"helo\":\"client.example\",\"tls\":false,"
	    "\"user\":\"\",\"port\":0,\"from\":\"a@bad.example\",\"to\":[],"
	    "\"recipients\":0,\"rcpt\":null,\"plugin\":\"badmailfrom\","
	    "\"text\":\"Your "
	    "envelope sender is in my badmailfrom list\",\"message_id\":\"\","
	    "\"karma\":-1}");
	buf_reset(&out);
	fixture_mail(&f, "");
	f.session.rcpts = rcpts;
	f.session.n_rcpts = 2;
	assert_true(filter_event(f.policy, &f.session, &f.verdict, NULL, true,
	    STR("<1@x>"), &out, &level));
	struct str text = buf_str(&out);
	assert_true(
	    str_find_str(text, STR("\"verdict\":\"queued\"")) < text.len);
	assert_true(str_find_str(text, STR("\"plugin\":null")) < text.len);
	assert_true(
	    str_find_str(text, STR("\"message_id\":\"<1@x>\"")) < text.len);
	/* of a denial the recipient it is about */
	buf_reset(&out);
	assert_true(filter_event(f.policy, &f.session, &f.verdict, &rcpts[0],
	    false, (struct str)STR_EMPTY, &out, &level));
	text = buf_str(&out);
	assert_true(str_find_str(text,
			STR("\"recipients\":2,\"rcpt\":\"b@test.example\"")) <
		    text.len);
	/* hostile bytes stay inside their string */
	assert_true(str_find(text, '\x1b', 0) == text.len);
	buf_clear(&out);
	fixture_free(&f);
}

static void
test_without_the_plugin(void **state)
{
	struct fixture f;
	struct buf out = BUF_INIT(4096);
	int level;
	(void)state;
	fixture_start(&f, "rcpt_ok\nqueue/maildir /m\n", "IP", "0\n");
	assert_false(filter_event(f.policy, &f.session, &f.verdict, NULL, true,
	    STR("<1@x>"), &out, &level));
	buf_clear(&out);
	fixture_free(&f);
}

/* FL-42: a level is set or shifted, and is one of 0 to 7 all the same. */
static void
test_levels(void **state)
{
	static const struct {
		const char *word;
		int level;
	} cases[] = { { "3", 3 }, { "debug", 7 }, { "+2", 3 }, { "-1", 0 },
		{ "-5", 0 }, { "+7", 7 } };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		struct buf out = BUF_INIT(4096);
		char plugins[200];
		int level = -100, terse = -100;
		snprintf(plugins, sizeof(plugins),
		    "logging/json_event loglevel %s\n"
		    "logging/logterse loglevel %s\nrcpt_ok\n"
		    "queue/maildir /m\n",
		    cases[i].word, cases[i].word);
		fixture_start(&f, plugins, "IP", "0\n");
		assert_true(filter_event(f.policy, &f.session, &f.verdict, NULL,
		    true, STR("<1@x>"), &out, &level));
		assert_true(filter_terse(f.policy, &f.session, &f.verdict, true,
		    STR("<1@x>"), &out, &terse));
		assert_int_equal(level, cases[i].level);
		assert_int_equal(terse, cases[i].level);
		buf_clear(&out);
		fixture_free(&f);
	}
}

/* A line that does not fit is no line: half an object helps nobody. */
static void
test_too_long(void **state)
{
	struct fixture f;
	struct buf out = BUF_INIT(100);
	int level;
	(void)state;
	fixture_start(
	    &f, "logging/json_event\nrcpt_ok\nqueue/maildir /m\n", "IP", "0\n");
	assert_false(filter_event(f.policy, &f.session, &f.verdict, NULL, true,
	    STR("<1@x>"), &out, &level));
	buf_clear(&out);
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_without_the_plugin),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_levels),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filter_event", tests, NULL, NULL);
}
