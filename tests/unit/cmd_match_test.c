/* Finding commands by their words, exact and cut short. */
#include "cmd/match.h"

#include "core/base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int
setup(void **state)
{
	*state = arena_new(1 << 20, NULL, NULL);
	return *state != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

/* The command that 'line' means, or NULL when a word fits nothing. */
static const char *
found(struct arena *a, const char *line)
{
	struct match m;
	struct str rest = str_of(line), word;
	match_begin(&m, a);
	while (str_next_word(&rest, &word)) {
		if (!match_word(&m, word))
			return NULL;
	}
	const struct command *c = match_complete(&m);
	return c != NULL ? c->words : NULL;
}

static void
test_match_finds_commands(void **state)
{
	static const struct {
		const char *line, *command;
	} cases[] = {
		{ "get", "get" }, { "log decode", "log decode" },
		{ "log dec", "log decode" }, { "lo dec", "log decode" },
		{ "log", NULL },   /* a group */
		{ "hel", "help" }, /* fits one */
		{ "__complete", "__complete" },
		{ "__comp", NULL }, /* hidden ones only in full */
		{ "nosuch", NULL }, { "GET", NULL }, /* letter case counts */
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *got = found(*state, cases[i].line);
		if (cases[i].command == NULL)
			assert_null(got);
		else
			assert_string_equal(got, cases[i].command);
	}
}

static void
test_match_words_of_records(void **state)
{
	(void)state;
	static const struct command c = { .words = "log follow" };
	assert_int_equal(command_word_count(&c), 2);
	assert_true(str_is(command_word(&c, 0), "log"));
	assert_true(str_is(command_word(&c, 1), "follow"));
	assert_int_equal(command_word(&c, 2).len, 0);
}

static void
test_match_unknown_names_the_nearest(void **state)
{
	struct match m;
	struct err e = ERR_INIT;
	match_begin(&m, *state);
	assert_false(match_word(&m, STR("gett")));
	assert_false(match_unknown(&m, *state, "gett", &e));
	assert_int_equal(e.code, ERR_USAGE);
	assert_string_equal(
	    e.text, "unknown command 'gett'; did you mean 'get'");
	assert_string_equal(e.next, "smemail get --help");

	assert_true(match_word(&m, STR("log")));
	assert_false(match_unknown(&m, *state, "decod", &e));
	assert_string_equal(
	    e.text, "unknown command 'log decod'; did you mean 'log decode'");
}

/* No word is both a whole command and a group a longer one hides behind. */
static void
test_match_every_command_is_reachable(void **state)
{
	size_t n;
	const struct command *const *all = command_all(&n);
	for (size_t i = 0; i < n; i++) {
		const char *got = found(*state, all[i]->words);
		assert_non_null(got);
		assert_string_equal(got, all[i]->words);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_match_finds_commands, setup, teardown),
		cmocka_unit_test(test_match_words_of_records),
		cmocka_unit_test_setup_teardown(
		    test_match_unknown_names_the_nearest, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_match_every_command_is_reachable, setup, teardown),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("cmd_match", tests, NULL, NULL);
}
