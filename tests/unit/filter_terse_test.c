/* The line of logging/logterse: FL-175 to FL-178. */
#include "tests/unit/filter_fixture.h"

#define QUEUE "queue/maildir /tmp/m\n"

static void
start(struct fixture *f, const char *plugins)
{
	fixture_start(f, plugins, "badmailfrom",
	    "a@bad.example\nown@bad.example go\taway\n");
	f->session.client_ip = STR("192.0.2.9");
	f->session.client_name = STR("mx.out.example");
	f->session.helo = STR("client.example");
}

static void
expect_terse(struct fixture *f, bool queued, const char *id, const char *line)
{
	struct buf out = BUF_INIT(64 * 1024);
	int level = -1;
	assert_true(filter_terse(f->policy, &f->session, &f->verdict, queued,
	    str_of(id), &out, &level));
	assert_string_equal(buf_cstr(&out), line);
	assert_int_equal(level, 1);
	buf_clear(&out);
}

static void
test_terse_denials(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, "logging/logterse\nbadmailfrom\nrcpt_ok\n" QUEUE);
	fixture_mail(&f, "a@bad.example");
	expect_terse(&f, false, "",
	    "` 192.0.2.9\tmx.out.example\tclient.example\t<a@bad.example>\t\t"
	    "badmailfrom\t901\tYour envelope sender is in my badmailfrom "
	    "list\tmsg denied before queued");
	/* FL-65, FL-175: the line's own text; a tab of it parts no fields */
	fixture_mail(&f, "own@bad.example");
	assert_string_equal(f.verdict.text, "go\taway");
	expect_terse(&f, false, "",
	    "` 192.0.2.9\tmx.out.example\tclient.example\t<own@bad.example>"
	    "\t\tbadmailfrom\t901\tgo_away\tmsg denied before queued");
	/* the refused recipient is not among those taken */
	fixture_mail(&f, "a@out.example");
	const struct mail_path taken[] = {
		{ STR("b"), STR("test.example") },
		{ STR("postmaster"), STR_EMPTY },
	};
	f.session.rcpts = taken;
	f.session.n_rcpts = ARRAY_LEN(taken);
	fixture_rcpt(&f, "x@elsewhere.example");
	f.session.sender = (struct mail_path){ STR_EMPTY, STR_EMPTY };
	expect_terse(&f, false, "",
	    "` 192.0.2.9\tmx.out.example\tclient.example\t<>\t"
	    "<b@test.example>,<postmaster>\trcpt_ok\t901\tRelaying denied "
	    "(#5.7.1)\tmsg denied before queued");
	fixture_free(&f);
}

static void
test_terse_queued(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, "logging/logterse\nrcpt_ok\n" QUEUE);
	fixture_mail(&f, "a@out.example");
	const struct mail_path taken[] = {
		{ STR("b"), STR("test.example") },
	};
	f.session.rcpts = taken;
	f.session.n_rcpts = 1;
	expect_terse(&f, true, "<1@out.example>",
	    "` 192.0.2.9\tmx.out.example\tclient.example\t<a@out.example>\t"
	    "<b@test.example>\tqueued\t\t<1@out.example>\t");
	fixture_free(&f);
}

/* FL-175: the mark; a TAB in a field; nothing raw of a peer's */
static void
test_terse_hostile_fields(void **state)
{
	struct fixture f;
	struct buf out = BUF_INIT(64 * 1024);
	int level;
	(void)state;
	start(&f, "logging/logterse prefix % loglevel 6\n" QUEUE);
	f.session.helo = STR("a\tb\x1b[2J\nc");
	f.session.client_name = STR("");
	f.verdict.result = FILTER_DENY_DISCONNECT;
	f.verdict.plugin = NULL; /* FL-178 */
	memcpy(f.verdict.text, "one\ntwo", sizeof("one\ntwo"));
	assert_true(filter_terse(f.policy, &f.session, &f.verdict, false,
	    (struct str)STR_EMPTY, &out, &level));
	assert_string_equal(buf_cstr(&out),
	    "% 192.0.2.9\t\ta_b\\x1b[2J_c\t\t\tcore\t903\tone_two\t"
	    "msg denied before queued");
	assert_int_equal(level, 6);
	buf_clear(&out);
	fixture_free(&f);
	/* without the plugin there is no line */
	start(&f, QUEUE);
	assert_false(filter_terse(f.policy, &f.session, &f.verdict, false,
	    (struct str)STR_EMPTY, &out, &level));
	fixture_free(&f);
}

static void
test_terse_many_recipients(void **state)
{
	struct fixture f;
	struct buf out = BUF_INIT(16 * 1024 - 32); /* a line of the log */
	static struct mail_path many[1000];
	int level;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = (struct mail_path){ STR("somebody-or-other"),
			STR("a-rather-long-name.test.example") };
	start(&f, "logging/logterse\n" QUEUE);
	f.session.rcpts = many;
	f.session.n_rcpts = ARRAY_LEN(many);
	assert_true(filter_terse(f.policy, &f.session, &f.verdict, true,
	    STR("<1@x>"), &out, &level));
	assert_false(out.failed);
	assert_non_null(strstr(buf_cstr(&out), ">,...\tqueued\t\t<1@x>\t"));
	buf_clear(&out);
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terse_denials),
		cmocka_unit_test(test_terse_queued),
		cmocka_unit_test(test_terse_hostile_fields),
		cmocka_unit_test(test_terse_many_recipients),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filter_terse", tests, NULL, NULL);
}
