/* why: what to look for in pasted text; which setting stands behind a plugin.
 */
#include "core/base/clock.h"
#include "core/model/why_find.h"
#include "core/model/why_int.h"
#include "core/sys/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* What is pasted: the words in the order in which they are looked for. */
static void
test_why_words(void **state)
{
	static const struct {
		const char *pasted, *words; /* the first ones */
	} cases[] = {
		{ "anna@acme.test", "anna@acme.test" },
		{ " qp:4711 ", "qp:4711" },
		{ "", "" },
		{ "mailto:anna@acme.test", "anna@acme.test" },
		{ "'anna@acme.test',", "anna@acme.test" },
		{ "yesterday 14:05", "yesterday 14:05" },
		{ "17 Mar 2026 14:08:06", "17 Mar 2026 14:08:06" },
		{ "m\xc3\xbcller.example",
		    "xn--mller-kva.example|m\xc3\xbcller.example" },
		{ "@m\xc3\xbcller.example",
		    "@xn--mller-kva.example|@m\xc3\xbcller.example" },
		{ "m\xc3\xbcller", "m\xc3\xbcller" },
		{ "text:no mailbox", "text:no mailbox|text:no_mailbox" },
		{ "552 spam score exceeded threshold (q-4e21a7)", "q-4e21a7" },
		{ "Hi. This is the qmail-send program at mail.acme.test.\n"
		  "<hugo@far.test>:\nSorry, no mailbox here by that name.\n"
		  "--- Below this line is a copy of the message.\n"
		  "Message-ID: <a.1@b.test>\n",
		    "<a.1@b.test>|hugo@far.test" },
		{ "Message-ID: <bounce@far.test>\nFrom: "
		  "MAILER-DAEMON@far.test\nTo: anna@acme.test\n"
		  "Final-Recipient: rfc822;hugo@far.test\nMessage-ID:\n"
		  " <a.1@b.test>\nReferences: <z@y.test>",
		    "<a.1@b.test>|<bounce@far.test>|hugo@far.test|"
		    "anna@acme.test|text:" },
		{ "<anna@acme.test>: host mail.acme.test[192.0.2.7] said: 550 "
		  "5.7.1 Your envelope sender is in my badmailfrom list (in "
		  "reply to MAIL FROM command)",
		    "anna@acme.test|text:Your envelope sender is in my "
		    "badmailfrom list|text:Your_envelope_sender_is_in_my_"
		    "badmailfrom_list|192.0.2.7" },
		{ "Ihre Nachricht an \xc2\xab"
		  "anna@acme.test\xc2\xbb konnte nicht zugestellt werden.\n"
		  "Remote Server returned '550 5.1.1 invalid recipient "
		  "anna@acme.test'",
		    "anna@acme.test|text:invalid recipient anna@acme.test" },
		{ "L\xe2\x80\x99"
		  "envoi \xc3\xa0 postmaster@far.test de "
		  "j\xc3\xb6rg@m\xc3\xbcller.example a \xc3\xa9"
		  "chou\xc3\xa9",
		    "j\xc3\xb6rg@xn--mller-kva.example|"
		    "j\xc3\xb6rg@m\xc3\xbcller.example|text:" },
		{ "Remote host said: 550 no such user hugo@far.test.",
		    "hugo@far.test|text:no such user hugo@far.test" },
		{ "anna@acme.test#550 #SMTP#", "anna@acme.test" },
		{ "lost connection with mx.far.test[192.0.2.7]: timed out",
		    "192.0.2.7" },
		{ "connect from [2001:db8::25] failed", "2001:db8::25" },
		{ "250 Queued! 1511740800 qp 4711", "qp:4711" },
		{ "@4000000069baa8e200000000 4711 (connect) dnsbl: fail",
		    "@4000000069baa8e200000000|text:" },
		{ "greeting failed\nConnected to it but greeting failed",
		    "text:Connected to it but greeting failed|"
		    "text:Connected_to_it_but_greeting_failed" },
	};
	struct arena *arena = arena_new(1 << 20, NULL, NULL);
	struct model_ctx m = { .arena = arena, .clock = &clock_system };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct why_words got;
		struct buf all = BUF_INIT(1 << 16);
		why_words(&m, cases[i].pasted, &got);
		for (size_t k = 0; k < got.n; k++)
			buf_addf(&all, "%s%s", k > 0 ? "|" : "", got.words[k]);
		if (!str_starts(buf_str(&all), str_of(cases[i].words)))
			fail_msg("%s: %s", cases[i].pasted, buf_cstr(&all));
		buf_clear(&all);
	}
	arena_free(arena);
}

/* Each plugin of the list has a setting that exists, and words. */
static void
test_why_rules(void **state)
{
	static const char *const plugins[] = { "hosts_allow",
		"check_badcountries", "dnsbl", "earlytalker", "karma",
		"loadcheck", "relay", "tls", "helo",
		"count_unrecognized_commands", "auth::auth_cvm_unix_local",
		"badmailfrom", "rhsbl", "resolvable_fromhost",
		"sender_permitted_from", "badmailfromto", "badrcptto",
		"check_goodrcptto", "check_smtp_forward", "rcpt_ok",
		"greylisting", "bogus_bounce", "headers", "loop", "uribl",
		"virus::clamdscan", "virus::clamav", "virus::pattern_filter",
		"pattern_filter", "dmarc", "spamassassin",
		"queue::qmail_2dqueue", "queue::maildir",
		"queue::smtp_2dforward",
		/* names before 9.2 */
		"check_earlytalker", "check_spamhelo", "check_badmailfrom",
		"check_badrcptto", "check_basicheaders",
		"require_resolvable_fromhost" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(plugins); i++) {
		const struct why_rule *r = why_rule_find(str_of(plugins[i]));
		if (r == NULL)
			fail_msg("'%s' is not explained", plugins[i]);
		assert_non_null(r->phase);
		assert_non_null(r->reason);
		if (r->setting != NULL &&
		    setting_find(str_of(r->setting)) == NULL)
			fail_msg(
			    "'%s': no setting '%s'", plugins[i], r->setting);
	}
	assert_null(why_rule_find(STR("my_own_plugin")));
}

/* Labels may be of any time, and lines of one story further apart than a
 * number of nanoseconds counts. */
static void
test_why_steps_of_any_time(void **state)
{
	struct arena *arena = arena_new(1 << 20, NULL, NULL);
	struct model_ctx m = { .arena = arena };
	struct story_step steps[] = { { .raw = STR("a"), .key_ns = INT64_MIN },
		{ .raw = STR("b"), .key_ns = 0 },
		{ .raw = STR("c"), .key_ns = INT64_MAX } };
	struct story s = { .end = STORY_UNKNOWN,
		.verdict_ns = INT64_MIN,
		.begun_ns = 1,
		.closed_ns = INT64_MIN,
		.steps = steps,
		.n_steps = ARRAY_LEN(steps) };
	(void)state;
	struct why *w = why_explain(&m, NULL, &s, NULL);
	assert_int_equal(w->n_steps, ARRAY_LEN(steps));
	assert_true(w->steps[0].offset_s == 0);
	assert_true(w->steps[1].offset_s > 9e9);
	assert_true(w->steps[2].offset_s > 18e9);
	arena_free(arena);
}

/* A log with one message, in a folder of its own. */
static void
make_log(char *top, char folder[96], char file[128])
{
	static const char line[] =
	    "@400000005a1bf40a00000000 7 (deny) logging::logterse: ` "
	    "203.0.113.9\tmx\tmx\t<a@x.test>\t<b@acme.test>\tdnsbl\t903\tno\t"
	    "denied\t\n";
	const struct file_replace how = { .mode = 0600,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.transient = true };
	struct err e = ERR_INIT;
	assert_non_null(mkdtemp(top));
	snprintf(folder, 96, "%s/qpsmtpd", top);
	snprintf(file, 128, "%s/current", folder);
	assert_true(file_mkdirs(folder, 0700, NULL, &e));
	assert_true(file_replace(file, str_of(line), &how, &e));
}

/* What is told outlives the search, whose own frame is gone by then. */
static NOINLINE void
search(const struct model_ctx *m, const char *logs)
{
	const struct logrange range = LOGRANGE_ALL;
	struct why_list found;
	struct err e = ERR_INIT;
	if (!why_find(m, "b@acme.test", logs, range, -1, NULL, &found, &e))
		fail_msg("%s", e.text);
	assert_int_equal(found.n, 1);
}

/* Where that frame was, nothing changes when its arena ends. */
static NOINLINE void
end_arena(struct arena *arena)
{
	volatile unsigned char frame[64 * 1024];
	for (size_t i = 0; i < sizeof(frame); i++)
		frame[i] = 0;
	arena_free(arena);
	for (size_t i = 0; i < sizeof(frame); i++)
		assert_int_equal(frame[i], 0);
}

static void
test_why_find_leaves_nothing_behind(void **state)
{
	char top[64] = "/tmp/model-why.XXXXXX", folder[96], file[128];
	struct root root;
	struct err e = ERR_INIT;
	(void)state;
	make_log(top, folder, file);
	assert_true(root_init(&root, top, &e));
	struct arena *arena = arena_new(64 << 20, NULL, NULL);
	struct model_ctx m = { .root = &root,
		.clock = &clock_system,
		.arena = arena,
		.release = "10" };
	search(&m, top);
	end_arena(arena);
	unlink(file);
	rmdir(folder);
	rmdir(top);
}

/* Names from outside never make a command that does something else. */
static void
test_why_cures_are_safe(void **state)
{
	struct arena *arena = arena_new(1 << 20, NULL, NULL);
	struct model_ctx m = { .arena = arena };
	struct story s = { .end = STORY_REFUSED,
		.rule = STR("helo"),
		.helo = STR("x; rm -rf /"),
		.verdict_ns = 1,
		.begun_ns = 1 };
	(void)state;
	struct why *w = why_explain(&m, NULL, &s, NULL);
	for (size_t i = 0; i < w->n_cures; i++)
		assert_null(strstr(w->cures[i].command, "rm -rf"));
	s.helo = STR("--all");
	w = why_explain(&m, NULL, &s, NULL);
	for (size_t i = 0; i < w->n_cures; i++)
		assert_null(strstr(w->cures[i].command, "--all"));
	s.helo = STR("mx.far.test");
	w = why_explain(&m, NULL, &s, NULL);
	assert_string_equal(
	    w->cures[0].command, "smemail lists add whitelisthelo mx.far.test");
	/* with the policy that is proposed in force, it is not proposed */
	s.reason = STR("Forged IPs not accepted here");
	w = why_explain(&m, NULL, &s, NULL);
	assert_int_equal(w->n_cures, 1);
	/* Postfix, which has no plugins */
	s.rule = STR("postfix");
	s.helo = STR("mx.far.test");
	s.ip = STR("192.0.2.7");
	s.reason = STR("554 5.7.1 <x@other.test>: Relay access denied");
	w = why_explain(&m, NULL, &s, NULL);
	assert_string_equal(w->cures[0].command, "smemail domain list");
	assert_string_equal(
	    w->cures[1].command, "smemail relay allow 192.0.2.7");
	s.rule = STR("helo");
	/* another list, which nothing is known of without settings */
	s.reason = STR("(helo) I do not believe you are mx.far.test.");
	w = why_explain(&m, NULL, &s, NULL);
	assert_string_equal(
	    w->cures[0].command, "smemail lists add whitelisthelo mx.far.test");
	assert_string_equal(w->cures[1].command, "smemail lists show badhelo");
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_why_words),
		cmocka_unit_test(test_why_rules),
		cmocka_unit_test(test_why_steps_of_any_time),
		cmocka_unit_test(test_why_find_leaves_nothing_behind),
		cmocka_unit_test(test_why_cures_are_safe),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
