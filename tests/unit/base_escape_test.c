/* Escaping: nothing that steers a terminal or breaks JSON comes through. */
#include "core/base/escape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

struct example {
	struct str in;
	const char *out;
};

static void
examples_check(bool (*escape)(struct buf *, struct str),
    const struct example *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct buf b = BUF_INIT(256);
		assert_true(escape(&b, cases[i].in));
		assert_string_equal(buf_cstr(&b), cases[i].out);
		buf_clear(&b);
	}
}

static void
test_escape_terminal(void **state)
{
	(void)state;
	static const struct example cases[] = {
		{ { "plain", 5 }, "plain" },
		{ { "\x1b[31mred", 8 }, "\\x1b[31mred" },
		{ { "a\nb\tc\r", 6 }, "a\\x0ab\\x09c\\x0d" },
		{ { "\0", 1 }, "\\x00" },
		{ { "\x7f", 1 }, "\\x7f" },
		{ { "d\xc3\xa9j\xc3\xa0", 6 }, "d\xc3\xa9j\xc3\xa0" },
		{ { "\xe9t\xe9", 3 }, "\\xe9t\\xe9" }, /* Latin-1 */
		{ { "\xc2\x9b", 2 }, "\\xc2\\x9b" },   /* C1 CSI */
		{ { "\xe2\x80\xae", 3 }, "\\xe2\\x80\\xae" },
		{ { "\xd8\x9c", 2 }, "\\xd8\\x9c" },
		{ { "\xc0\xaf", 2 }, "\\xc0\\xaf" }, /* overlong */
		{ { "\xed\xa0\x80", 3 }, "\\xed\\xa0\\x80" },
		{ { "\xe2\x82", 2 }, "\\xe2\\x82" }, /* cut short */
		{ { "\xf4\x90\x80\x80", 4 }, "\\xf4\\x90\\x80\\x80" },
	};
	examples_check(escape_terminal, cases, ARRAY_LEN(cases));
}

static void
test_escape_every_byte_pair_is_printable(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(64);
	for (int pair = 0; pair < 65536; pair++) {
		char in[2] = { (char)(pair >> 8), (char)pair };
		buf_reset(&b);
		escape_terminal(&b, str_n(in, 2));
		for (size_t i = 0; i < b.len; i++) {
			unsigned char c = (unsigned char)b.data[i];
			assert_true(c >= 0x20 && c != 0x7f);
		}
		/* a C1 control in UTF-8 is C2 80 to C2 9F */
		if (pair >= 0xc280 && pair <= 0xc29f)
			assert_int_equal(b.len, 8);
	}
	buf_clear(&b);
}

/* What a bounded line holds stays whole characters. */
static void
test_escape_terminal_fills_the_buffer(void **state)
{
	static const struct {
		const char *in;
		const char *out;
		bool ok;
	} cases[] = {
		{ "abcde", "abcde", true },
		{ "abcdef", "abcde", false },
		{ "abcd\xc3\xa9", "abcd", false },
		{ "ab\x1b", "ab", false },
		{ "\x1b"
		  "ab",
		    "\\x1ba", false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = BUF_INIT(5);
		assert_int_equal(
		    escape_terminal(&b, str_of(cases[i].in)), cases[i].ok);
		assert_string_equal(buf_cstr(&b), cases[i].out);
		buf_clear(&b);
	}
}

static void
test_escape_into_cuts_between_characters(void **state)
{
	(void)state;
	char out[6];
	assert_true(escape_terminal_into(out, sizeof(out), "abcde", 5));
	assert_string_equal(out, "abcde");
	assert_false(escape_terminal_into(out, sizeof(out), "abcdef", 6));
	assert_string_equal(out, "abcde");
	assert_false(escape_terminal_into(out, sizeof(out), "abcd\xc3\xa9", 6));
	assert_string_equal(out, "abcd");
	assert_false(escape_terminal_into(out, sizeof(out), "ab\x1b", 3));
	assert_string_equal(out, "ab");
	assert_true(escape_terminal_into(out, sizeof(out), "", 0));
	assert_string_equal(out, "");
}

static void
test_escape_json(void **state)
{
	(void)state;
	static const struct example cases[] = {
		{ { "a\"b\\c", 5 }, "\"a\\\"b\\\\c\"" },
		{ { "l\nt\te\x1b", 6 }, "\"l\\nt\\te\\u001b\"" },
		{ { "\0", 1 }, "\"\\u0000\"" },
		{ { "\xc3\xa9", 2 }, "\"\xc3\xa9\"" },
		{ { "\xe9", 1 }, "\"\\\\xe9\"" },
		{ { "\xe2\x80\xae", 3 }, "\"\\u202e\"" },
		{ { NULL, 0 }, "\"\"" },
	};
	examples_check(escape_json, cases, ARRAY_LEN(cases));
}

static void
test_escape_shell(void **state)
{
	(void)state;
	static const struct example cases[] = {
		{ { "spam.tag-level=5", 16 }, "spam.tag-level=5" },
		{ { "", 0 }, "''" },
		{ { "a b", 3 }, "'a b'" },
		{ { "it's", 4 }, "'it'\\''s'" },
		{ { "$(id)", 5 }, "'$(id)'" },
		{ { "*@x.test", 8 }, "'*@x.test'" },
	};
	examples_check(escape_shell, cases, ARRAY_LEN(cases));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape_terminal),
		cmocka_unit_test(test_escape_every_byte_pair_is_printable),
		cmocka_unit_test(test_escape_terminal_fills_the_buffer),
		cmocka_unit_test(test_escape_into_cuts_between_characters),
		cmocka_unit_test(test_escape_json),
		cmocka_unit_test(test_escape_shell),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
