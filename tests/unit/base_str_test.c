/* Views of bytes: comparison, cutting, words, lines. */
#include "core/base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static void
test_str_compare(void **state)
{
	(void)state;
	struct {
		struct str a, b;
		int sign;
	} cases[] = {
		{ STR(""), STR_EMPTY, 0 },
		{ STR("a"), STR("b"), -1 },
		{ STR("a"), STR("ab"), -1 },
		{ STR("b"), STR("ab"), 1 },
		{ STR("\xff"), STR("a"), 1 }, /* bytes are unsigned */
		{ STR("a\0b"), STR("a\0c"), -1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int d = str_cmp(cases[i].a, cases[i].b);
		assert_int_equal((d > 0) - (d < 0), cases[i].sign);
		assert_int_equal(str_eq(cases[i].a, cases[i].b), d == 0);
	}
	assert_true(str_eq_nocase(STR("MaIl"), STR("mAiL")));
	assert_false(str_eq_nocase(STR("\xc4"), STR("\xe4"))); /* ASCII only */
	assert_true(str_starts_nocase(STR("From:<a>"), STR("FROM:")));
	assert_false(str_starts(STR("Fr"), STR("From")));
	assert_true(str_ends(STR("a.example"), STR(".example")));
}

static void
test_str_cut_leaves_null_rest_without_separator(void **state)
{
	(void)state;
	struct str rest, head = str_cut(STR("key=a=b"), '=', &rest);
	assert_true(str_is(head, "key"));
	assert_true(str_is(rest, "a=b"));
	head = str_cut(STR("key"), '=', &rest);
	assert_true(str_is(head, "key"));
	assert_null(rest.ptr);
	head = str_cut(STR("key="), '=', &rest);
	assert_true(str_is(head, "key"));
	assert_int_equal(rest.len, 0);
	assert_non_null(rest.ptr); /* there was a separator */
}

static void
test_str_lines_and_words(void **state)
{
	(void)state;
	struct str text = STR("a\r\n\nlast"), line, word;
	assert_true(str_next_line(&text, &line));
	assert_true(str_is(line, "a\r"));
	assert_true(str_next_line(&text, &line));
	assert_int_equal(line.len, 0);
	assert_true(str_next_line(&text, &line));
	assert_true(str_is(line, "last"));
	assert_false(str_next_line(&text, &line));
	text = STR("  one\ttwo ");
	assert_true(str_next_word(&text, &word) && str_is(word, "one"));
	assert_true(str_next_word(&text, &word) && str_is(word, "two"));
	assert_false(str_next_word(&text, &word));
}

static void
test_str_find_and_sub(void **state)
{
	(void)state;
	struct str s = STR("abcabc");
	assert_int_equal(str_find(s, 'c', 0), 2);
	assert_int_equal(str_find(s, 'c', 3), 5);
	assert_int_equal(str_find(s, 'x', 0), 6);
	assert_int_equal(str_find(s, 'a', 99), 6);
	assert_int_equal(str_find_str(s, STR("ca")), 2);
	assert_int_equal(str_find_str(s, STR("cb")), 6);
	assert_int_equal(str_find_str(s, STR("abcabcd")), 6);
	assert_int_equal(str_sub(s, 4, 99).len, 2);
	assert_int_equal(str_sub(s, 5, 2).len, 0);
	assert_true(str_is(str_trim(STR(" \t\v\f\r\nx y\n")), "x y"));
}

static void
test_str_find_sorted(void **state)
{
	const struct {
		struct str name;
		int n;
	} items[] = { { STR("a"), 1 }, { STR("b"), 2 }, { STR("b"), 3 },
		{ STR("cc"), 4 } };
	const size_t n = ARRAY_LEN(items), size = sizeof(items[0]);
	(void)state;
	assert_int_equal(str_find_sorted(items, n, size, STR("a")), 0);
	assert_int_equal(str_find_sorted(items, n, size, STR("b")), 1);
	assert_int_equal(str_find_sorted(items, n, size, STR("cc")), 3);
	assert_true(str_find_sorted(items, n, size, STR("c")) == SIZE_MAX);
	assert_true(str_find_sorted(items, n, size, STR("d")) == SIZE_MAX);
	assert_true(str_find_sorted(NULL, 0, size, STR("a")) == SIZE_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_str_compare),
		cmocka_unit_test(
		    test_str_cut_leaves_null_rest_without_separator),
		cmocka_unit_test(test_str_lines_and_words),
		cmocka_unit_test(test_str_find_and_sub),
		cmocka_unit_test(test_str_find_sorted),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
