/* Quoting of the shell and lines that hold secrets. */
#include "cmd/shell/words.h"

#include "core/base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *line;
	const char *words; /* each in <> */
	char quote;
} cases[] = {
	{ "", "", 0 },
	{ "  \t ", "", 0 },
	{ "get a b", "<get><a><b>", 0 },
	{ "  get\ta  ", "<get><a>", 0 },
	{ "set a 'b c'", "<set><a><b c>", 0 },
	{ "set a \"b 'c'\"", "<set><a><b 'c'>", 0 },
	{ "'it''s'", "<its>", 0 },
	{ "a\\ b \\'c", "<a b><'c>", 0 },
	{ "\"\\\"\\\\\\n\"", "<\"\\\\n>", 0 },
	{ "'\\n'", "<\\n>", 0 },
	{ "'' \"\"", "<><>", 0 },
	{ "a#b # rest", "<a#b>", 0 },
	{ "# rest", "", 0 },
	{ "'#'", "<#>", 0 },
	{ "end\\", "<end\\>", 0 },
	{ "a 'b", "<a><b>", '\'' },
	{ "a \"b\\", "<a><b\\>", '"' },
};

static void
test_shell_split(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 20, NULL, NULL);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct shell_words w;
		shell_split(a, str_of(cases[i].line), &w);
		const char *joined = "";
		for (size_t k = 0; k < w.n; k++)
			joined = arena_printf(a, "%s<%s>", joined, w.words[k]);
		assert_string_equal(joined, cases[i].words);
		assert_int_equal(w.quote, cases[i].quote);
		struct err e = ERR_INIT;
		assert_int_equal(
		    shell_split_whole(a, str_of(cases[i].line), &w, &e),
		    cases[i].quote == 0);
	}
	arena_free(a);
}

static void
test_shell_split_knows_the_last_word(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 20, NULL, NULL);
	struct shell_words w;
	shell_split(a, STR("get spam."), &w);
	assert_false(w.blank_end);
	shell_split(a, STR("get "), &w);
	assert_true(w.blank_end);
	shell_split(a, STR(""), &w);
	assert_true(w.blank_end);
	arena_free(a);
}

static void
test_shell_secret_lines(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		bool secret;
	} lines[] = {
		{ "set spam.reject-level 12", false },
		{ "set delivery.smarthost-password hunter2", true },
		{ "set delivery.smarthost-password=hunter2", true },
		{ "set spam.tag-level=1 delivery.smarthost-password=x", true },
		{ "describe delivery.smarthost-password", false },
		{ "db configuration setprop x SMTPAUTHPASSWD y", true },
		{ "db configuration setprop x Secret y", true },
		{ "log follow qpsmtpd", false },
	};
	struct arena *a = arena_new(1 << 20, NULL, NULL);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct shell_words w;
		shell_split(a, str_of(lines[i].line), &w);
		assert_int_equal(shell_words_are_secret(&w), lines[i].secret);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shell_split),
		cmocka_unit_test(test_shell_split_knows_the_last_word),
		cmocka_unit_test(test_shell_secret_lines),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name(
	    "cmd_shell_words", tests, NULL, NULL);
}
