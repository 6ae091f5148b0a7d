/* Loading a policy: what is refused, by file and line; settings; old names. */
#include "tests/unit/filter_fixture.h"

#define QUEUE "queue/maildir /tmp/m\n"

/* FL-38, FL-160 and the plugins that are known but not built */
static void
test_policy_refuses(void **state)
{
	static const struct {
		const char *plugins, *message;
	} cases[] = {
		{ "", "config/plugins: no plugin lines" },
		{ "# only\n", "config/plugins: no plugin lines" },
		{ "$include none\n", "no plugin lines (config/plugins line 1: "
				     "cannot include 'none': no such file)" },
		{ QUEUE "$include plugins\n",
		    "no plugin lines (config/plugins line 2: cannot include "
		    "'plugins': files include each other" },
		{ "rcpt_ok\n", "config/plugins: no queue plugin" },
		{ "\n# x\nvirus/clamdscan a b c\n" QUEUE,
		    "config/plugins line 3: plugin 'virus/clamdscan' is not "
		    "built "
		    "yet" },
		{ "virus/clamdscan:0 a\n" QUEUE,
		    "plugin 'virus/clamdscan' is not built yet" },
		{ "karma db_dir here\n" QUEUE, "'here' is no absolute path" },
		{ "greylisting db_dir ../x\n" QUEUE,
		    "'../x' is no absolute path" },
		{ "virus/clamav\n" QUEUE,
		    "plugin 'virus/clamav' is not built yet" },
		{ "dkim_sign\n" QUEUE, "is not built yet" },
		{ "rcpt_okay\n" QUEUE,
		    "config/plugins line 1: unknown plugin 'rcpt_okay', did "
		    "you mean 'rcpt_ok'" },
		{ "quite_another_thing\n" QUEUE,
		    "unknown plugin 'quite_another_thing'" },
		{ "badmailfrom:x\n" QUEUE, "unknown plugin 'badmailfrom:x'" },
		{ "helo policy lax\n" QUEUE,
		    "policy is lenient, rfc or strict" },
		{ "queue/maildir\n", "needs a directory" },
		{ "queue/maildir Mail\n", "'Mail' is no absolute path" },
		{ "queue/maildir /m ../x\n", "'../x' is no folder" },
		{ "queue/maildir /m %x\n", "'%x' is no folder" },
		{ "queue/maildir /m %d 99\n", "'99' is no octal mode" },
		{ "peers elsewhere\n", "is no list below peers/" },
		{ "peers\n", "config/peers: no queue plugin" },
		{ "queue/maildir /m %l 0700 more\n", "'more' means nothing" },
		{ "queue/qmail-queue bin/x\n", "is no absolute path" },
		{ "queue/smtp-forward\n", "needs a server" },
		{ "queue/smtp-forward mx 0\n", "'0' is no port" },
		{ "queue/smtp-forward mx 65536\n", "is no port" },
		{ "queue/smtp-forward mx 25 xclint\n", "means nothing" },
		{ "queue/lmtp-forward mx 24 xclient\n", "means nothing" },
		{ "naughty reject auth\n" QUEUE, "cannot reject at 'auth'" },
		{ "rcpt_ok \xc3\xa9\n" QUEUE, "printable ASCII" },
		{ "rcpt_ok \x1b[2J\n" QUEUE, "printable ASCII" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		struct fixture_file files[] = { { "plugins", cases[i].plugins },
			{ NULL, NULL } };
		if (fixture_load(&f, files))
			fail_msg("'%s' is taken", cases[i].plugins);
		if (strstr(f.err.text, cases[i].message) == NULL)
			fail_msg("'%s': %s", cases[i].plugins, f.err.text);
		fixture_free(&f);
	}
}

/* a plugin of the old daemon is refused by its name, never ignored */
static void
test_policy_knows_all_plugins(void **state)
{
	static const char *const names[] = { "disclaimer", "dkim", "dkim_sign",
		"dmarc", "exe_filter", "spamassassin", "tnef2mime",
		"virus/clamav", "virus/clamdscan", "virus/pattern_filter" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct fixture f;
		struct buf expected = BUF_INIT(200);
		struct fixture_file files[] = { { "plugins", names[i] },
			{ NULL, NULL } };
		assert_false(filter_line_is_built(str_of(names[i])));
		assert_false(fixture_load(&f, files));
		buf_addf(&expected,
		    "config/plugins line 1: plugin '%s' is not built yet",
		    names[i]);
		assert_string_equal(f.err.text, buf_cstr(&expected));
		buf_clear(&expected);
		fixture_free(&f);
	}
}

/* a fault in any list counts, and is told where it stands */
static void
test_policy_refuses_in_peers(void **state)
{
	struct fixture f;
	struct fixture_file files[] = {
		{ "plugins", "peers\n" },
		{ "peers/0", QUEUE },
		{ "peers/local/10x", "rcpt_ok\n\nvirus/clamdscan\n" },
		{ NULL, NULL },
	};
	(void)state;
	assert_false(fixture_load(&f, files));
	assert_string_equal(f.err.text, "config/peers/local/10x line 3: plugin "
					"'virus/clamdscan' is not built "
					"yet");
	fixture_free(&f);
}

/* FL-36: comments, blanks, $include of files and folders */
static void
test_policy_includes(void **state)
{
	struct fixture f;
	struct fixture_file files[] = {
		{ "plugins", "badmailfrom\n" QUEUE },
		{ "badmailfrom",
		    "\n   # indented comment\n  spam@bad.example  \n"
		    "$include more_bad\n $include\tfolder\n"
		    "$include /etc/absolute\n$include missing\nz@z.example\n" },
		{ "more_bad", "two@bad.example\n# three@bad.example\n"
			      "a#b@bad.example\n" },
		{ "folder/a", "four@bad.example\n$include more_bad" },
		{ "folder/b", "five@bad.example" },
		{ "folder/sub/c", "six@bad.example" },
		{ "/etc/absolute", "seven@bad.example\nnobody\n" },
		{ NULL, NULL },
	};
	static const char *const bad[] = { "spam@bad.example",
		"two@bad.example", "a#b@bad.example", "four@bad.example",
		"five@bad.example", "seven@bad.example", "z@z.example" };
	static const char *const good[] = { "three@bad.example",
		"six@bad.example" };
	(void)state;
	assert_true(fixture_load(&f, files));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(fixture_mail(&f, bad[i]), FILTER_DENY);
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_int_equal(fixture_mail(&f, good[i]), FILTER_DECLINED);
	assert_true(fixture_logged(&f,
	    "config/badmailfrom line 7: cannot include 'missing': no such "
	    "file"));
	assert_true(
	    fixture_logged(&f, "/etc/absolute line 2: 'nobody' has no @"));
	fixture_free(&f);
}

/* FL-36: a circle is logged, and the file that closes it counts as empty */
static void
test_policy_include_circles(void **state)
{
	struct fixture f;
	struct fixture_file files[] = {
		{ "plugins", "badmailfrom\n" QUEUE },
		{ "badmailfrom", "a@x.example\n$include one\n$include box\n"
				 "$include again\n$include again\n"
				 "b@x.example\n" },
		{ "one", "$include two\nc@x.example\n" },
		{ "two", "d@x.example\n$include one\n$include badmailfrom\n"
			 "d@y.example\n" },
		{ "box/e", "e@x.example\n$include box\ne@y.example\n" },
		{ "box/f", "f@x.example\n" },
		{ "again", "g@x.example\n" },
		{ NULL, NULL },
	};
	static const char *const bad[] = { "a@x.example", "b@x.example",
		"c@x.example", "f@x.example", "g@x.example" };
	static const char *const good[] = { "d@x.example", "d@y.example",
		"e@x.example", "e@y.example" };
	(void)state;
	assert_true(fixture_load(&f, files));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(fixture_mail(&f, bad[i]), FILTER_DENY);
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_int_equal(fixture_mail(&f, good[i]), FILTER_DECLINED);
	assert_true(fixture_logged(&f, "config/two line 2: cannot include "
				       "'one': files include each other"));
	assert_true(fixture_logged(&f, "config/box/e line 2: "));
	fixture_free(&f);
}

/* files that include each other many times must not multiply without end */
static void
test_policy_include_bomb(void **state)
{
	struct buf lines = BUF_INIT(1 << 20);
	(void)state;
	for (int i = 0; i < 2000; i++)
		buf_addf(&lines, "$include f1\n# comment\n");
	struct buf second = BUF_INIT(1 << 20);
	for (int i = 0; i < 2000; i++)
		buf_addf(&second, "# nothing\n");
	struct fixture f;
	struct fixture_file files[] = {
		{ "plugins", "badmailfrom\n" QUEUE },
		{ "badmailfrom", buf_cstr(&lines) },
		{ "f1", buf_cstr(&second) },
		{ NULL, NULL },
	};
	assert_false(fixture_load(&f, files));
	assert_non_null(strstr(f.err.text, "more than 1000000 lines"));
	fixture_free(&f);
	buf_clear(&lines);
	buf_clear(&second);
}

/* FL-38: sessions look at each line; the lines are counted, not their bytes */
static void
test_policy_many_lines(void **state)
{
	(void)state;
	for (int n = 999; n <= 1000; n++) {
		struct buf lines = BUF_INIT(1 << 20);
		for (int i = 0; i < n; i++)
			buf_addf(&lines, "rcpt_ok:%d\n", i);
		buf_addf(&lines, QUEUE);
		struct fixture f;
		struct fixture_file files[] = { { "plugins", buf_cstr(&lines) },
			{ NULL, NULL } };
		assert_int_equal(fixture_load(&f, files), n < 1000);
		if (n == 1000)
			assert_string_equal(f.err.text,
			    "config/plugins line 1001: more than 1000 lines in "
			    "a list of plugins");
		fixture_free(&f);
		buf_clear(&lines);
	}
}

/* FL-185, FL-186: old names are told in logs as they are written */
static void
test_policy_old_names(void **state)
{
	static const char *const names[] = { "check_relay", "check_norelay",
		"relay_only", "check_basicheaders", "check_badmailfrom",
		"check_badmailfrom_patterns", "check_badmailfromto",
		"check_badrcptto", "check_badrcptto_patterns", "check_spamhelo",
		"check_loop", "check_bogus_bounce", "whitelist_soft",
		"bulkmail" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		assert_true(filter_line_is_built(str_of(names[i])));
	assert_true(filter_line_is_built(STR("badmailfrom:1")));
	assert_true(filter_line_is_built(STR("queue/maildir")));
	assert_true(filter_line_is_built(STR("queue/qmail-queue")));
	assert_false(filter_line_is_built(STR("no_such")));

	struct fixture f;
	fixture_start(&f,
	    "check_badmailfrom\ncheck_badmailfrom_patterns\n"
	    "badrcptto:0\nbadrcptto:1\n" QUEUE,
	    "badmailfrom", "a@x.example\n");
	assert_int_equal(fixture_mail(&f, "a@x.example"), FILTER_DENY);
	assert_string_equal(f.verdict.plugin, "check_badmailfrom");
	assert_int_equal(f.session.karma, -1);
	fixture_rcpt(&f, "b@test.example");
	/* instances are not one */
	assert_true(fixture_logged(&f, "rcpt badrcptto_3a0: pass"));
	assert_true(fixture_logged(&f, "rcpt badrcptto_3a1: pass"));
	fixture_free(&f);
}

static void
test_policy_settings(void **state)
{
	struct fixture f;
	struct fixture_file files[] = {
		{ "plugins", QUEUE },
		{ "me", "# c\n mail.test.example \nsecond\n" },
		{ "databytes", "2000\n" },
		{ "timeout", "soon\n" },
		{ NULL, NULL },
	};
	(void)state;
	assert_true(fixture_load(&f, files));
	assert_true(
	    str_is(filter_policy_setting(f.policy, "me"), "mail.test.example"));
	assert_int_equal(
	    filter_policy_setting(f.policy, "smtpgreeting").len, 0);
	assert_int_equal(filter_policy_number(f.policy, "databytes", 0), 2000);
	assert_int_equal(filter_policy_number(f.policy, "timeout", 1200), 1200);
	assert_int_equal(filter_policy_number(f.policy, "max_rcpts", 7), 7);
	/* FL-42: without a file it is warn */
	assert_int_equal(filter_policy_loglevel(f.policy), 4);
	assert_string_equal(filter_hook_name(HOOK_DATA_POST), "data_post");
	fixture_free(&f);
}

/* FL-42 */
static void
test_policy_loglevel(void **state)
{
	static const struct {
		const char *file, *content;
		int level;
	} cases[] = {
		{ "loglevel", "6\n", 6 },
		{ "loglevel", "8\n", 7 },
		{ "loglevel", "info\n", 6 },
		{ "loglevel", "loud\n", 4 },
		{ "loglevel", "radar\n", 0 },
		{ "loglevel", "LOGDEBUG\n", 7 },
		{ "logging", "logging/warn 3\n", 3 },
		{ "logging", "notice\n", 5 },
		{ "other", "1\n", 4 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		struct fixture_file files[] = { { "plugins", QUEUE },
			{ cases[i].file, cases[i].content }, { NULL, NULL } };
		assert_true(fixture_load(&f, files));
		if (filter_policy_loglevel(f.policy) != cases[i].level)
			fail_msg("'%s'", cases[i].content);
		fixture_free(&f);
	}
}

/* FL-158 */
static void
test_policy_queue(void **state)
{
	struct fixture f;
	(void)state;
	fixture_start(&f, "queue/maildir /var/mail/x %d/%l 0750\n", "x", "");
	const struct filter_queue *q =
	    filter_policy_queue(f.policy, &f.session);
	assert_int_equal(q->kind, FILTER_QUEUE_MAILDIR);
	assert_string_equal(q->dir, "/var/mail/x");
	assert_string_equal(q->subdir, "%d/%l");
	assert_int_equal(q->mode, 0750);
	fixture_free(&f);
	fixture_start(&f, "queue/maildir /m\n", "x", "");
	q = filter_policy_queue(f.policy, &f.session);
	assert_null(q->subdir);
	assert_int_equal(q->mode, 0700);
	fixture_free(&f);
}

/* FL-155, FL-159 */
static void
test_policy_queue_elsewhere(void **state)
{
	static const struct {
		const char *line;
		enum filter_queue_kind kind;
		const char *place;
		uint16_t port;
		bool xclient;
	} cases[] = {
		{ "queue/qmail-queue", FILTER_QUEUE_QMAIL, "", 0, false },
		{ "queue/qmail-queue /q", FILTER_QUEUE_QMAIL, "/q", 0, false },
		{ "queue/smtp-forward mx.example", FILTER_QUEUE_SMTP,
		    "mx.example", 25, false },
		{ "queue/smtp-forward ::1 2525 xclient", FILTER_QUEUE_SMTP,
		    "::1", 2525, true },
		{ "queue/lmtp-forward 127.0.0.1", FILTER_QUEUE_LMTP,
		    "127.0.0.1", 24, false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		fixture_start(&f, cases[i].line, "x", "");
		const struct filter_queue *q =
		    filter_policy_queue(f.policy, &f.session);
		assert_int_equal(q->kind, cases[i].kind);
		assert_string_equal(q->place, cases[i].place);
		assert_int_equal(q->port, cases[i].port);
		assert_int_equal(q->xclient, cases[i].xclient);
		fixture_free(&f);
	}
}

/* misspelt arguments are told, not ignored in silence */
/* FL-39: name and value, but where the plugin's rule says otherwise */
static void
test_policy_notes_arguments(void **state)
{
	struct fixture f;
	(void)state;
	fixture_start(&f,
	    "badmailfrom rejct 0 reject maybe loglevel loud\n"
	    "headers past ten require\n"
	    "count_unrecognized_commands many\n" QUEUE,
	    "x", "");
	static const char *const notes[] = {
		"config/plugins line 1: plugin 'badmailfrom' has no argument "
		"'rejct'",
		"reject is 0, 1 or naughty, not 'maybe'",
		"'loud' is no log level",
		"config/plugins line 2: plugin 'headers': 'ten' is no number",
		"argument 'require' has no value",
		"config/plugins line 3: plugin "
		"'count_unrecognized_commands': 'many' is no number",
	};
	for (size_t i = 0; i < ARRAY_LEN(notes); i++) {
		if (!fixture_logged(&f, notes[i]))
			fail_msg(
			    "no '%s' in %s", notes[i], buf_cstr(&f.logged));
	}
	fixture_free(&f);
}

/* FL-41: who is marked is denied by the naughty plugin, and by no other */
static void
test_policy_notes_marks_in_vain(void **state)
{
	static const struct {
		const char *main, *peer;
		const char *note; /* NULL: none */
	} cases[] = {
		{ "helo reject naughty\n" QUEUE, "",
		    "config/plugins: 'helo' marks a client" },
		{ "helo reject naughty\nnaughty\n" QUEUE, "", NULL },
		{ "helo reject 1\n" QUEUE, "", NULL },
		{ "peers\n", "helo:1 reject naughty\n" QUEUE,
		    "config/peers/0: 'helo:1' marks a client" },
		{ "peers\n", "helo reject naughty\nnaughty\n" QUEUE, NULL },
		{ "naughty\npeers\n", "helo reject naughty\n" QUEUE, NULL },
		{ "helo reject naughty\npeers\n", "naughty\n" QUEUE, NULL },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		struct fixture_file files[] = {
			{ "plugins", cases[i].main },
			{ "peers/0", cases[i].peer },
			{ NULL, NULL },
		};
		assert_true(fixture_load(&f, files));
		bool right = cases[i].note != NULL
				 ? fixture_logged(&f, cases[i].note)
				 : !fixture_logged(&f, "marks a client");
		if (!right)
			fail_msg("%zu: %s", i, buf_cstr(&f.logged));
		fixture_free(&f);
	}
}

/* names of ours stand in replies: one that no line holds is refused at once */
static void
test_policy_refuses_long_names(void **state)
{
	static const char *const names[] = { "me", "me-auth-results" };
	char name[300];
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(names); i++) {
		size_t n = i % 2 ? 256 : 255;
		struct fixture f;
		memset(name, 'x', n);
		name[n] = '\0';
		struct fixture_file files[] = {
			{ "plugins", QUEUE },
			{ names[i / 2], name },
			{ NULL, NULL },
		};
		assert_int_equal(fixture_load(&f, files), n == 255);
		if (n == 256)
			assert_non_null(strstr(f.err.text,
			    " line 1: longer than a name may be (255 bytes)"));
		fixture_free(&f);
	}
}

/* a file that two lists read is complained about once */
static void
test_policy_notes_once(void **state)
{
	struct fixture f;
	struct fixture_file files[] = {
		{ "plugins", "peers\n" },
		{ "peers/0", "badmailfrom\n" QUEUE },
		{ "peers/local", "badmailfrom\nrcpt_ok\n" QUEUE },
		{ "badmailfrom", "nobody\n" },
		{ NULL, NULL },
	};
	(void)state;
	assert_true(fixture_load(&f, files));
	assert_string_equal(buf_cstr(&f.logged),
	    "4 - -: config/badmailfrom line 1: 'nobody' has no @ and is "
	    "skipped\n");
	fixture_free(&f);
}

/* what stands in a file is cut and escaped before anybody sees it */
static void
test_policy_notes_hostile_lines(void **state)
{
	struct fixture f;
	struct buf line = BUF_INIT(1 << 20);
	(void)state;
	buf_add_cstr(&line, "no\x1b[2Jbody");
	for (int i = 0; i < 100000; i++)
		buf_add_char(&line, 'x');
	buf_add_cstr(&line, "\n");
	fixture_start(
	    &f, "badmailfrom\n" QUEUE, "badmailfrom", buf_cstr(&line));
	assert_true(fixture_logged(
	    &f, "config/badmailfrom line 1: 'no\\x1b[2Jbodyxxx"));
	assert_true(f.logged.len < 1024);
	fixture_free(&f);
	buf_reset(&line);
	buf_add_cstr(&line, QUEUE);
	for (int i = 0; i < 100000; i++)
		buf_add_char(&line, 'x');
	struct fixture_file files[] = { { "plugins", buf_cstr(&line) },
		{ NULL, NULL } };
	assert_false(fixture_load(&f, files));
	assert_non_null(
	    strstr(f.err.text, "config/plugins line 2: unknown plugin 'xxx"));
	fixture_free(&f);
	buf_clear(&line);
}

static void
test_policy_broken_bundle(void **state)
{
	static const struct str broken[] = {
		{ "\x01", 1 },
		{ "\x01\0\0\0\0\0\0\0", 8 },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff", 8 },
		{ "\0\0\0\0\0\0\0\0", 8 }, /* a file without name */
		{ "\x01\0\0\0\xff\xff\xff\xff"
		  "a",
		    9 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		struct filter_policy *p;
		struct err e = ERR_INIT;
		assert_false(filter_policy_new(broken[i], &p, &e));
		assert_null(p);
		assert_non_null(strstr(e.text, "broken bundle"));
	}
	struct filter_policy *p;
	assert_false(filter_policy_new((struct str)STR_EMPTY, &p, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy_refuses),
		cmocka_unit_test(test_policy_knows_all_plugins),
		cmocka_unit_test(test_policy_refuses_in_peers),
		cmocka_unit_test(test_policy_includes),
		cmocka_unit_test(test_policy_include_circles),
		cmocka_unit_test(test_policy_include_bomb),
		cmocka_unit_test(test_policy_many_lines),
		cmocka_unit_test(test_policy_old_names),
		cmocka_unit_test(test_policy_settings),
		cmocka_unit_test(test_policy_loglevel),
		cmocka_unit_test(test_policy_queue),
		cmocka_unit_test(test_policy_queue_elsewhere),
		cmocka_unit_test(test_policy_notes_arguments),
		cmocka_unit_test(test_policy_notes_marks_in_vain),
		cmocka_unit_test(test_policy_refuses_long_names),
		cmocka_unit_test(test_policy_notes_once),
		cmocka_unit_test(test_policy_notes_hostile_lines),
		cmocka_unit_test(test_policy_broken_bundle),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filter_policy", tests, NULL, NULL);
}
