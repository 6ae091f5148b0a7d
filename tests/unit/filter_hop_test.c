/* check_smtp_forward (FL-75): what next servers say about recipients. */
#include "tests/unit/filter_fixture.h"

#include <string.h>

#define PLUGINS "check_smtp_forward\nrcpt_ok\nqueue/maildir /tmp/m\n"

static void
start(struct fixture *f, const char *plugins)
{
	struct fixture_file files[] = {
		{ "me", "mail.test.example\n" },
		{ "loglevel", "6\n" },
		{ "rcpthosts",
		    "fwd.example\n.sub.example\nlocal.example\n"
		    "virtual.example\nempty.example\nbackup.example\n" },
		{ "locals", "local.example\n" },
		{ "virtualdomains", "virtual.example:alias-x\n" },
		{ "whitelistsenders", "w@out.example\n" },
		{ "smtproutes",
		    "fwd.example:inner.example:2525\n.sub.example:[::1]\n"
		    "empty.example:\n:smart.example\n" },
		{ "plugins", plugins },
		{ NULL, NULL },
	};
	if (!fixture_load(f, files))
		fail_msg("refused: %s", f->err.text);
	f->session.has_hops = true;
	assert_true(filter_session_start(f->policy, &f->session));
	assert_int_equal(fixture_mail(f, "a@out.example"), FILTER_DECLINED);
}

static void
expect(struct fixture *f, const char *rcpt, unsigned code, const char *text,
    enum filter_result result, const char *asked)
{
	f->hop_code = code;
	f->hop_text = text;
	unsigned before = f->hops_asked;
	if (fixture_rcpt(f, rcpt) != result)
		fail_msg(
		    "%s: %d '%s'", rcpt, f->verdict.result, f->verdict.text);
	if (asked == NULL)
		assert_int_equal(f->hops_asked, before);
	else
		assert_string_equal(buf_cstr(&f->hop_asked), asked);
}

/* FL-75: 5xx is DENY with the server's text, 4xx DENYSOFT, else DECLINED. */
static void
test_answers(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, PLUGINS);
	expect(&f, "bad@fwd.example", 550, "5.1.1 no such user", FILTER_DENY,
	    "inner.example 2525 30000 a@out.example bad@fwd.example");
	assert_string_equal(f.verdict.text, "5.1.1 no such user");
	assert_string_equal(f.verdict.plugin, "check_smtp_forward");
	expect(&f, "b@fwd.example", 551, "gone\nfor good", FILTER_DENY,
	    "inner.example 2525 30000 a@out.example b@fwd.example");
	assert_string_equal(f.verdict.text, "gone\nfor good");
	expect(&f, "full@fwd.example", 452, "4.2.2 full", FILTER_DENYSOFT,
	    "inner.example 2525 30000 a@out.example full@fwd.example");
	assert_string_equal(f.verdict.text, "4.2.2 full");
	expect(&f, "c@fwd.example", 421, "closing", FILTER_DENYSOFT,
	    "inner.example 2525 30000 a@out.example c@fwd.example");
	expect(&f, "good@fwd.example", 250, "ok", FILTER_OK,
	    "inner.example 2525 30000 a@out.example good@fwd.example");
	assert_true(fixture_logged(&f, "pass, 'inner.example' takes it"));
	expect(&f, "odd@fwd.example", 354, "go on", FILTER_OK,
	    "inner.example 2525 30000 a@out.example odd@fwd.example");
	expect(&f, "mute@fwd.example", 550, "", FILTER_DENY,
	    "inner.example 2525 30000 a@out.example mute@fwd.example");
	assert_true(f.verdict.text[0] != '\0');
	fixture_free(&f);
}

/* FL-75: the domain in smtproutes, as in qmail; no route or host: declined. */
static void
test_routes(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, PLUGINS);
	expect(&f, "b@x.sub.example", 250, "", FILTER_OK,
	    "::1 25 30000 a@out.example b@x.sub.example");
	expect(&f, "b@local.example", 550, "", FILTER_OK, NULL);
	expect(&f, "b@virtual.example", 550, "", FILTER_OK, NULL);
	expect(&f, "b@empty.example", 550, "", FILTER_OK, NULL);
	expect(&f, "b@mail.test.example", 550, "", FILTER_OK, NULL);
	expect(&f, "postmaster", 550, "", FILTER_OK, NULL);
	assert_true(fixture_logged(&f, "skip, no route"));
	expect(&f, "b@backup.example", 550, "not here", FILTER_DENY,
	    "smart.example 25 30000 a@out.example b@backup.example");
	/* whom rcpt_ok turns away does not make us connect */
	expect(&f, "b@far.example", 250, "", FILTER_DENY, NULL);
	assert_string_equal(f.verdict.plugin, "rcpt_ok");
	fixture_free(&f);
	start(&f, "check_smtp_forward\nqueue/maildir /tmp/m\n");
	expect(&f, "b@far.example", 550, "no", FILTER_DENY,
	    "smart.example 25 30000 a@out.example b@far.example");
	fixture_free(&f);
}

/* FL-75, FL-3: skips immune. */
static void
test_immune(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, "whitelist\n" PLUGINS);
	assert_int_equal(fixture_mail(&f, "w@out.example"), FILTER_OK);
	expect(&f, "b@fwd.example", 550, "no", FILTER_OK, NULL);
	assert_true(fixture_logged(&f, "skip, whitelisted sender"));
	assert_int_equal(fixture_mail(&f, ""), FILTER_DECLINED);
	expect(&f, "b@fwd.example", 550, "no", FILTER_DENY,
	    "inner.example 2525 30000  b@fwd.example");
	f.session.relay_client = true;
	expect(&f, "c@fwd.example", 550, "no", FILTER_OK, NULL);
	f.session.relay_client = false;
	f.session.host_whitelisted = true;
	expect(&f, "d@fwd.example", 550, "no", FILTER_OK, NULL);
	fixture_free(&f);
}

/* FL-75: replies are kept for the session, by host and address. */
static void
test_kept(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, PLUGINS);
	expect(&f, "bad@fwd.example", 550, "no", FILTER_DENY,
	    "inner.example 2525 30000 a@out.example bad@fwd.example");
	assert_int_equal(fixture_mail(&f, "z@out.example"), FILTER_DECLINED);
	expect(&f, "bad@FWD.example", 250, "", FILTER_DENY, NULL);
	assert_string_equal(f.verdict.text, "no");
	/* another address, another server */
	expect(&f, "Bad@fwd.example", 250, "", FILTER_OK,
	    "inner.example 2525 30000 z@out.example Bad@fwd.example");
	expect(&f, "bad@x.sub.example", 250, "", FILTER_OK,
	    "::1 25 30000 z@out.example bad@x.sub.example");
	/* one that cannot be reached is not waited for again */
	expect(&f, "b@fwd.example", 0, "refused", FILTER_OK,
	    "inner.example 2525 30000 z@out.example b@fwd.example");
	assert_true(fixture_logged(
	    &f, "pass, 'inner.example' cannot be asked: refused"));
	expect(&f, "c@fwd.example", 550, "", FILTER_OK, NULL);
	/* what it said before counts */
	expect(&f, "bad@fwd.example", 250, "", FILTER_DENY, NULL);
	fixture_free(&f);
}

/* More than are kept: each is asked once more, and all goes on. */
static void
test_many(void **state)
{
	struct fixture f;
	char rcpt[64];
	(void)state;
	start(&f, PLUGINS);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(rcpt, sizeof(rcpt), "u%u@fwd.example", i);
		f.hop_code = 550;
		f.hop_text = "no such user, and a text of some length";
		assert_int_equal(fixture_rcpt(&f, rcpt), FILTER_DENY);
	}
	assert_int_equal(f.hops_asked, 1000);
	assert_int_equal(fixture_rcpt(&f, "u5@fwd.example"), FILTER_DENY);
	assert_int_equal(f.hops_asked, 1000);
	fixture_free(&f);
}

/* What a server sends reaches neither peer nor log as it is. */
static void
test_hostile_text(void **state)
{
	struct fixture f;
	char text[5000];
	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	start(&f, PLUGINS);
	f.hop_code = 550;
	f.hop_text = text;
	assert_int_equal(fixture_rcpt(&f, "b@fwd.example"), FILTER_DENY);
	assert_true(strlen(f.verdict.text) <= 512);
	f.hop_text = "\x1b[2J%s%n\xff\r\n\a";
	assert_int_equal(fixture_rcpt(&f, "c@fwd.example"), FILTER_DENY);
	assert_string_equal(f.verdict.text, "?[2J%s%n??\n?");
	assert_false(fixture_logged(&f, "\x1b"));
	assert_false(fixture_logged(&f, "\a"));
	fixture_free(&f);
}

/* FL-40, and our own argument for the time. */
static void
test_arguments(void **state)
{
	struct fixture f;
	(void)state;
	start(&f, "check_smtp_forward reject 0 timeout 5\nrcpt_ok\n"
		  "queue/maildir /tmp/m\n");
	expect(&f, "b@fwd.example", 550, "no", FILTER_OK,
	    "inner.example 2525 5000 a@out.example b@fwd.example");
	assert_true(fixture_logged(&f, "fail, tolerated, 'inner.example'"));
	fixture_free(&f);
	start(&f, "check_smtp_forward timeout 121\nqueue/maildir /tmp/m\n");
	assert_true(fixture_logged(&f, "'121' is no number from 1 to 120"));
	fixture_free(&f);
	start(&f, "check_smtp_forward reject naughty\nnaughty\nrcpt_ok\n"
		  "queue/maildir /tmp/m\n");
	/* FL-98: without a type of its own it is naughty's */
	expect(&f, "b@fwd.example", 550, "no", FILTER_DENY_DISCONNECT,
	    "inner.example 2525 30000 a@out.example b@fwd.example");
	assert_string_equal(f.verdict.plugin, "naughty");
	fixture_free(&f);
}

/* Whoever cannot ask goes on; another phase ends the question. */
static void
test_nobody_asks(void **state)
{
	struct fixture f;
	struct filter_input input = { 0 };
	(void)state;
	start(&f, PLUGINS);
	f.session.has_hops = false;
	expect(&f, "b@fwd.example", 550, "no", FILTER_OK, NULL);
	f.session.has_hops = true;
	fixture_path("c@fwd.example", MAIL_PATH_RECIPIENT, &input.rcpt);
	assert_int_equal(filter_run(f.policy, &f.session, HOOK_RCPT, &input,
			     &f.verdict, fixture_log, &f),
	    FILTER_RUN_WAITS);
	assert_non_null(filter_hop_asked(&f.session));
	assert_int_equal(filter_run(f.policy, &f.session, HOOK_DISCONNECT, NULL,
			     &f.verdict, fixture_log, &f),
	    FILTER_RUN_OVER);
	assert_null(filter_hop_asked(&f.session));
	filter_hop_answer(&f.session, 550, STR("too late"));
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_immune),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_hostile_text),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_nobody_asks),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
