/* bcc (FL-148): copies of messages. */
#include "core/filter/session.h"
#include "tests/unit/filter_fixture.h"

#define REST "\nrelay\nrcpt_ok\nqueue/maildir /tmp/m\n"

static void
start(struct fixture *f, const char *line, const char *file)
{
	char plugins[500];
	snprintf(plugins, sizeof(plugins), "%s%s", line, REST);
	struct fixture_file files[] = {
		{ "me", "mail.test.example\n" },
		{ "loglevel", "6\n" },
		{ "rcpthosts", "test.example\n" },
		{ "bcc_ignore_mailfrom",
		    "Quiet@out.example\n@silent.example\nmute\n" },
		{ "bcc_ignore_rcptto", "secret@test.example\n" },
		{ "plugins", plugins },
		{ "bcc", file },
		{ NULL, NULL },
	};
	if (!fixture_load(f, files))
		fail_msg("refused: %s", f->err.text);
	assert_true(filter_session_start(f->policy, &f->session));
}

/* The copies of a message as "ADDRESS[!]", ! where a header tells. */
static const char *
copies(struct fixture *f, const char *sender, const char *const *rcpts)
{
	static char text[400];
	static char kept[8][100];
	struct mail_path paths[8];
	struct mail_path path;
	struct str rest;
	const char *why;
	size_t n = 0;
	for (; rcpts[n] != NULL; n++) {
		snprintf(kept[n], sizeof(kept[n]), "<%s>", rcpts[n]);
		assert_true(mail_path_parse(str_of(kept[n]),
		    MAIL_PATH_RECIPIENT, &paths[n], &rest, &why));
	}
	fixture_mail(f, sender);
	path = f->session.sender;
	f->session.rcpts = paths;
	f->session.n_rcpts = n;
	assert_int_equal(fixture_ask(f, HOOK_DATA_POST, NULL), FILTER_DECLINED);
	assert_true(path.local.ptr == f->session.sender.local.ptr);
	f->session.n_rcpts = 0;
	struct buf b = BUF_INIT(sizeof(text) - 1);
	for (size_t i = 0; i < f->session.n_copies; i++) {
		buf_add_cstr(&b, i > 0 ? " " : "");
		struct buf field = BUF_INIT(200);
		buf_add_cstr(&field, "X-Copied-To: ");
		mail_path_format(&field, &f->session.copies[i]);
		buf_add_cstr(&field, "\n");
		struct str fields = buf_str(&f->session.fields);
		mail_path_format(&b, &f->session.copies[i]);
		bool told = str_find_str(fields, buf_str(&field)) < fields.len;
		buf_add_cstr(&b, told ? "!" : "");
		buf_clear(&field);
	}
	snprintf(text, sizeof(text), "%s", buf_cstr(&b));
	buf_clear(&b);
	return text;
}

#define RCPTS(...)                                                             \
	(const char *const[])                                                  \
	{                                                                      \
		__VA_ARGS__, NULL                                              \
	}

/* FL-148: mode, and whom a copy is made for. */
static void
test_modes(void **state)
{
	static const struct {
		const char *line, *file;
		bool relays;
		const char *rcpt, *copies;
	} cases[] = {
		{ "bcc mode cc all maillog", "", false, "b@test.example",
		    "maillog!" },
		{ "bcc mode bcc all maillog", "", false, "b@test.example",
		    "maillog" },
		{ "bcc all keep@far.example", "", false, "b@test.example",
		    "keep@far.example" },
		{ "bcc mode off all maillog", "", false, "b@test.example", "" },
		{ "bcc", "", false, "b@test.example", "" },
		{ "bcc mode cc", "", false, "b@test.example", "" },
		{ "bcc incoming in outgoing out", "", false, "b@test.example",
		    "in" },
		{ "bcc incoming in outgoing out", "", true, "b@far.example",
		    "out" },
		{ "bcc incoming in outgoing out", "", true, "b@test.example",
		    "in out" },
		{ "bcc incoming in outgoing out all whole", "", true,
		    "b@test.example", "in out whole" },
		{ "bcc incoming in", "", true, "b@far.example", "" },
		{ "bcc incoming in", "", false, "postmaster", "in" },
		{ "bcc incoming in", "", false, "b@mail.test.example", "in" },
		{ "bcc outgoing out", "", false, "b@test.example", "" },
		{ "bcc all one all two", "", false, "b@test.example",
		    "one two" },
		{ "bcc all one incoming ONE", "", false, "b@test.example",
		    "one" },
		{ "bcc all b@TEST.example", "", false, "b@test.example", "" },
		{ "bcc per_recipient 1 all one", "", false, "b@test.example",
		    "one" },
		{ "bcc", "mode cc\nall maillog\n", false, "b@test.example",
		    "maillog!" },
		{ "bcc", "mode cc all maillog\n", false, "b@test.example",
		    "maillog!" },
		{ "bcc all one", "mode cc\nall two\n", false, "b@test.example",
		    "one" },
		{ "bcc:0 all one\nbcc:1 mode cc all two", "", false,
		    "b@test.example", "one two!" },
		{ "bcc all no<t@x>", "", false, "b@test.example", "" },
		{ "bcc all \"a b\"@x.example", "", false, "b@test.example",
		    "" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		start(&f, cases[i].line, cases[i].file);
		f.session.relay_client = cases[i].relays;
		assert_string_equal(
		    copies(&f, "a@out.example", RCPTS(cases[i].rcpt)),
		    cases[i].copies);
		fixture_free(&f);
	}
}

/* FL-148: addresses, bare names and @domain that get no copy made. */
static void
test_ignored(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, "bcc all log", "");
	const char *const *rcpt = RCPTS("b@test.example");
	assert_string_equal(copies(&f, "quiet@out.example", rcpt), "");
	assert_string_equal(copies(&f, "any@silent.example", rcpt), "");
	assert_string_equal(copies(&f, "Mute@any.example", rcpt), "");
	assert_true(fixture_logged(&f, "skip, sender in bcc_ignore_mailfrom"));
	assert_string_equal(copies(&f, "", rcpt), "log");
	assert_string_equal(copies(&f, "loud@out.example", rcpt), "log");
	assert_string_equal(
	    copies(&f, "a@out.example", RCPTS("Secret@test.example")), "");
	assert_true(fixture_logged(&f, "recipients in bcc_ignore_rcptto"));
	assert_string_equal(copies(&f, "a@out.example",
				RCPTS("secret@test.example", "b@test.example")),
	    "log");
	fixture_free(&f);
	/* one that is ignored makes no message incoming */
	start(&f, "bcc incoming log", "");
	f.session.relay_client = true;
	assert_string_equal(copies(&f, "a@out.example",
				RCPTS("secret@test.example", "b@far.example")),
	    "");
	fixture_free(&f);
}

/* Each message anew; a copy that is told of is a header field. */
static void
test_each_message(void **state)
{
	struct fixture f;
	struct smtp_additions more;
	struct buf room = BUF_INIT(4096);
	(void)state;
	start(&f, "bcc mode cc all log", "");
	for (int i = 0; i < 50; i++)
		assert_string_equal(
		    copies(&f, "a@out.example", RCPTS("b@test.example")),
		    "log!");
	filter_session_additions(f.policy, &f.session, &room, &more);
	assert_true(str_is(more.fields, "X-Copied-To: log\n"));
	fixture_mail(&f, "quiet@out.example");
	assert_int_equal(f.session.n_copies, 0);
	filter_session_additions(f.policy, &f.session, &room, &more);
	assert_int_equal(more.fields.len, 0);
	buf_clear(&room);
	fixture_free(&f);
}

/* What is no mode, address or name of an argument is told. */
static void
test_notes(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, "bcc mode maybe all a@b@c", "");
	assert_true(fixture_logged(&f, "mode is bcc, cc or off, not 'maybe'"));
	assert_true(fixture_logged(&f, "'a@b@c' is no address"));
	fixture_free(&f);
	start(&f, "bcc", "all\n");
	assert_true(fixture_logged(&f, "'all' has no value"));
	fixture_free(&f);
	start(&f, "bcc", "sometimes x@y.example\n");
	assert_true(fixture_logged(&f, "'sometimes' means nothing"));
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_ignored),
		cmocka_unit_test(test_each_message),
		cmocka_unit_test(test_notes),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
