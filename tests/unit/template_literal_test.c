/* Literals of metadata (ES-110), and escaping of fragments (ES-91). */
#include "core/template/literal.h"

#include "core/template/fragments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static int
setup(void **state)
{
	*state = arena_new(1 << 20, NULL, NULL);
	return *state == NULL;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

/* Numbers as perl reads them: a leading 0 is octal. */
static void
test_literal_scalars(void **state)
{
	static const struct {
		const char *text;
		enum literal_kind kind;
		const char *want;
	} cases[] = {
		{ "0640", LITERAL_NUMBER, "416" },
		{ " 0 ;", LITERAL_NUMBER, "0" },
		{ "12", LITERAL_NUMBER, "12" },
		{ "-3", LITERAL_NUMBER, "-3" },
		{ "\"0640\"", LITERAL_STRING, "0640" },
		{ "'a\\'b\\n'", LITERAL_STRING, "a'b\\n" },
		{ "\"a\\\"b\\n\\$c\"", LITERAL_STRING, "a\"b\n$c" },
		{ "''", LITERAL_STRING, "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct literal v;
		if (!literal_parse(str_of(cases[i].text), *state, &v))
			fail_msg("'%s' is not read", cases[i].text);
		assert_int_equal(v.kind, cases[i].kind);
		assert_true(str_is(v.text, cases[i].want));
	}
}

static void
test_literal_lists_and_hashes(void **state)
{
	struct literal v;
	assert_true(literal_parse(STR("[\"/srv/q\", 'b', 7,]"), *state, &v));
	assert_int_equal(v.kind, LITERAL_LIST);
	assert_int_equal(v.n, 3);
	assert_true(str_is(v.items[2].value, "7"));
	assert_true(
	    literal_parse(STR("{ A => \"x0\", 'b c' , 010 }"), *state, &v));
	assert_int_equal(v.kind, LITERAL_HASH);
	assert_int_equal(v.n, 2);
	assert_true(str_is(v.items[1].name, "b c"));
	assert_true(str_is(v.items[1].value, "8"));
	assert_true(literal_parse(STR("{}"), *state, &v));
	assert_int_equal(v.n, 0);
}

/* Everything else is code, and not guessed at. */
static void
test_literal_refuses_code(void **state)
{
	static const char *const cases[] = { "", "root", "1 + 1", "\"$x\"",
		"\"@x\"", "`id`", "\"open", "'open", "[1, 2", "{ a => }",
		"{ a 1 }", "[[1]]", "{ a => [1] }", "089", "1 2", "sub { 1 }",
		"\"a\" . \"b\"", "0x1f", "99999999999999999999", "]", "{", "-",
		"\"\\x41\"" };
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct literal v;
		if (literal_parse(str_of(cases[i]), *state, &v))
			fail_msg("'%s' is read", cases[i]);
	}
}

/* What is escaped reads back as it was. */
static void
test_fragment_escape(void **state)
{
	static const char *const cases[] = { "", "plain\n", "{}", "a\\{b\\\\}",
		"\\", "\\\\x", "{\\", "if (x) { y }\n" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf source = BUF_INIT(1024), back = BUF_INIT(1024);
		template_text_escape(str_of(cases[i]), &source);
		assert_int_equal(template_text_copy(buf_str(&source), &back),
		    TEMPLATE_TEXT_OK);
		assert_string_equal(buf_cstr(&back), cases[i]);
		buf_clear(&source);
		buf_clear(&back);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_literal_scalars, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_literal_lists_and_hashes, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_literal_refuses_code, setup, teardown),
		cmocka_unit_test(test_fragment_escape),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
