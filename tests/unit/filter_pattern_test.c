/* Patterns with bounded effort: FL-190. */
#include "core/filter/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

static void
test_pattern_search(void **state)
{
	static const struct {
		const char *pattern, *subject;
		bool hit;
	} cases[] = {
		{ "^vrp-\\d+@", "vrp-12@x.example", true },
		{ "^vrp-\\d+@", "a-vrp-12@x.example", false },
		{ "example$", "a@b.example", true },
		{ "example$", "a@example.org", false },
		{ "^[^@]*!", "b!c@test.example", true },
		{ "\\bspam\\b", "no spam here", true },
		{ "(a|b)+?c", "xaabc", true },
		{ "\\.x", "a.x", true },
		{ "a.c", "a\nc", false },
		{ "", "anything", true },
		{ "A", "a", false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char why[PATTERN_WHY_SIZE];
		struct pattern *p = pattern_new(str_of(cases[i].pattern), why);
		if (p == NULL)
			fail_msg("'%s': %s", cases[i].pattern, why);
		enum pattern_result r =
		    pattern_search(p, str_of(cases[i].subject));
		assert_int_equal(r, cases[i].hit ? PATTERN_YES : PATTERN_NO);
		pattern_free(p);
	}
	pattern_free(NULL);
}

static void
test_pattern_new_broken(void **state)
{
	static const char *const broken[] = { "(", "[a", "*a", "a{2,1}",
		"(?P<x", "\\", "(?<=a+)b", "(*UTF)a", "\\C",
		"((((a{1000}){1000}){1000}){1000})" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		char why[PATTERN_WHY_SIZE] = "";
		struct pattern *p = pattern_new(str_of(broken[i]), why);
		if (p != NULL)
			fail_msg("'%s'", broken[i]);
		assert_true(strlen(why) > 0);
	}
	char longest[PATTERN_LENGTH_MAX + 2];
	char why[PATTERN_WHY_SIZE];
	memset(longest, 'a', sizeof(longest));
	struct pattern *p =
	    pattern_new(str_n(longest, PATTERN_LENGTH_MAX), why);
	assert_non_null(p);
	pattern_free(p);
	p = pattern_new(str_n(longest, PATTERN_LENGTH_MAX + 1), why);
	assert_null(p);
}

/* each would take ages without a limit */
static void
test_pattern_search_gives_up(void **state)
{
	static const char *const hard[] = { "^(a+)+$", "^(a|a?)+$",
		"^(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$", "^((a*)*)*b" };
	char subject[320];
	(void)state;
	memset(subject, 'a', sizeof(subject));
	subject[sizeof(subject) - 1] = '!';
	for (size_t i = 0; i < ARRAY_LEN(hard); i++) {
		char why[PATTERN_WHY_SIZE];
		struct pattern *p = pattern_new(str_of(hard[i]), why);
		if (p == NULL)
			fail_msg("'%s': %s", hard[i], why);
		clock_t start = clock();
		enum pattern_result r =
		    pattern_search(p, str_n(subject, sizeof(subject)));
		/* processor time, a hundred times what is needed */
		assert_true(clock() - start < CLOCKS_PER_SEC);
		assert_int_not_equal(r, PATTERN_YES);
		if (i < 2)
			assert_int_equal(r, PATTERN_TOO_HARD);
		pattern_free(p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pattern_search),
		cmocka_unit_test(test_pattern_new_broken),
		cmocka_unit_test(test_pattern_search_gives_up),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filter_pattern", tests, NULL, NULL);
}
