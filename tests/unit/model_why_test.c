/* why: what to look for in pasted text; which setting stands behind a plugin.
 */
#include "core/model/why_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void
test_why_word(void **state)
{
	static const struct {
		const char *pasted, *word;
	} cases[] = {
		{ "anna@acme.test", "anna@acme.test" },
		{ " qp:4711 ", "qp:4711" },
		{ "552 spam score exceeded threshold (q-4e21a7)", "q-4e21a7" },
		{ "Hi. This is the qmail-send program.\n<hugo@far.test>:\n"
		  "Message-ID: <a.1@b.test>\n",
		    "<a.1@b.test>" },
		{ "Remote host said: 550 no such user hugo@far.test.",
		    "hugo@far.test" },
		{ "lost connection with mx.far.test[192.0.2.7]: timed out",
		    "192.0.2.7" },
		{ "connect from [2001:db8::25] failed", "2001:db8::25" },
		{ "250 Queued! 1511740800 qp 4711", "qp:4711" },
		{ "greeting failed\nConnected to it but greeting failed",
		    "text:Connected to it but greeting failed" },
	};
	struct arena *arena = arena_new(1 << 20, NULL, NULL);
	struct model_ctx m = { .arena = arena };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(
		    why_word(&m, cases[i].pasted), cases[i].word);
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
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_why_word),
		cmocka_unit_test(test_why_rules),
		cmocka_unit_test(test_why_steps_of_any_time),
		cmocka_unit_test(test_why_cures_are_safe),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
