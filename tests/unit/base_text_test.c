/* Errors, numbers, UTF-8 widths, JSON. */
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/base/num.h"
#include "core/base/utf8.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static void
test_err_escapes_and_cuts(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	assert_false(err_set(&e, ERR_USAGE, "cannot set '%s'", "\x1b[2J"));
	assert_string_equal(e.text, "cannot set '\\x1b[2J'");
	assert_int_equal(err_exit_status(e.code), 2);
	err_context(&e, "line %d", 3);
	assert_string_equal(e.text, "line 3: cannot set '\\x1b[2J'");
	err_set(&e, ERR_NO, "%500d%500d", 1, 2);
	assert_true(strlen(e.text) < ERR_TEXT_MAX);
	err_context(&e, "%500d", 1);
	assert_true(strlen(e.text) < ERR_TEXT_MAX);
	assert_true(str_ends(str_of(e.text), STR("...")));
	err_set(NULL, ERR_NO, "nobody listens");
}

static void
test_err_errno_chooses_temporary_or_permanent(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	err_set_errno(&e, EACCES, "cannot open '%s'", "x");
	assert_string_equal(e.text, "cannot open 'x': permission denied");
	assert_int_equal(err_exit_status(e.code), 100);
	err_set_errno(&e, ENOSPC, "cannot write '%s'", "x");
	assert_int_equal(err_exit_status(e.code), 111);
	assert_int_equal(e.sys_errno, ENOSPC);
}

static void
test_num_parse(void **state)
{
	(void)state;
	int64_t v = 7;
	assert_true(num_parse_i64(STR("-12"), -20, 20, &v) && v == -12);
	assert_true(num_parse_i64(STR("+20"), -20, 20, &v) && v == 20);
	const char *bad[] = { "", "-", "+", "1x", " 1", "1 ", "21", "--1",
		"99999999999999999999", "0x10" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(num_parse_i64(str_of(bad[i]), -20, 20, &v));
	assert_int_equal(v, 20);
	uint64_t u;
	assert_true(num_parse_u64(STR("18446744073709551615"), UINT64_MAX, &u));
	assert_false(
	    num_parse_u64(STR("18446744073709551616"), UINT64_MAX, &u));
	uint32_t mode;
	assert_true(num_parse_octal(STR("0700"), 07777, &mode) && mode == 0700);
	assert_false(num_parse_octal(STR("0800"), 07777, &mode));
}

static void
test_utf8_encode(void **state)
{
	static const uint32_t cases[] = { 0, 'a', 0x7f, 0x80, 0x7ff, 0x800,
		0xfffd, 0x10000, 0x10ffff };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char bytes[4];
		uint32_t back = 1;
		size_t n = utf8_encode(cases[i], bytes);
		assert_int_equal(utf8_decode(str_n(bytes, n), &back), n);
		assert_int_equal(back, cases[i]);
	}
}

static void
test_utf8_ascii_form(void **state)
{
	(void)state;
	assert_string_equal(utf8_ascii_form(0xe9), "e");
	assert_string_equal(utf8_ascii_form(0x152), "OE");
	assert_string_equal(utf8_ascii_form(0xa0), " ");
	assert_string_equal(utf8_ascii_form(0x2013), "-");
	assert_string_equal(utf8_ascii_form(0xb7), ",");
	assert_string_equal(utf8_ascii_form(0x65e5), "?");
}

static void
test_utf8_columns(void **state)
{
	(void)state;
	assert_int_equal(utf8_columns(STR("abc")), 3);
	assert_int_equal(utf8_columns(STR("\xc3\xa9t\xc3\xa9")), 3);
	assert_int_equal(utf8_columns(STR("e\xcc\x81")), 1);    /* combining */
	assert_int_equal(utf8_columns(STR("\xe6\x97\xa5")), 2); /* wide */
	assert_int_equal(utf8_columns(STR("\xff\xfe")), 2);
	struct str s = STR("a\xe6\x97\xa5z");
	assert_int_equal(utf8_prefix(s, 2).len, 1); /* no half character */
	assert_int_equal(utf8_prefix(s, 3).len, 4);
	assert_int_equal(utf8_prefix(s, 99).len, s.len);
}

static void
test_json_nesting(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(1000);
	struct json j;
	json_init(&j, &b);
	json_object_begin(&j);
	json_key(&j, "rows");
	json_array_begin(&j);
	json_object_begin(&j);
	json_key(&j, "n");
	json_int(&j, -5);
	json_key(&j, "ok");
	json_bool(&j, true);
	json_object_end(&j);
	json_null(&j);
	json_double(&j, 1.5, 2);
	json_array_end(&j);
	json_key(&j, "s");
	json_cstr(&j, NULL);
	json_key_str(&j, str_n("a\0\"b", 4));
	json_int(&j, 0);
	json_object_end(&j);
	assert_string_equal(buf_cstr(&b),
	    "{\"rows\":[{\"n\":-5,\"ok\":true},null,1.50],\"s\":null,"
	    "\"a\\u0000\\\"b\":0}");
	buf_clear(&b);
}

/* No half character, and no more bytes than there is room for. */
static void
test_utf8_copy(void **state)
{
	static const struct {
		size_t size;
		const char *text, *copy;
	} cases[] = {
		{ 1, "abc", "" },
		{ 4, "abc", "abc" },
		{ 3, "abc", "ab" },
		{ 4, "", "" },
		{ 3, "a\xc3\xa9", "a" },
		{ 4, "a\xc3\xa9", "a\xc3\xa9" },
		/* of no columns at all */
		{ 4, "\xcc\x81\xcc\x81\xcc\x81", "\xcc\x81" },
		{ 4, "\xff\xfe\xfd\xfc", "\xff\xfe\xfd" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char to[8] = "#######";
		utf8_copy(to, cases[i].size, str_of(cases[i].text));
		assert_string_equal(to, cases[i].copy);
		for (size_t k = cases[i].size; k < 7; k++)
			assert_int_equal(to[k], '#');
	}
	char to[4] = "###";
	str_copy(to, 3, STR("abc"));
	assert_string_equal(to, "ab");
	str_copy(to, sizeof(to), (struct str)STR_EMPTY);
	assert_string_equal(to, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_err_escapes_and_cuts),
		cmocka_unit_test(test_err_errno_chooses_temporary_or_permanent),
		cmocka_unit_test(test_num_parse),
		cmocka_unit_test(test_utf8_encode),
		cmocka_unit_test(test_utf8_copy),
		cmocka_unit_test(test_utf8_ascii_form),
		cmocka_unit_test(test_utf8_columns),
		cmocka_unit_test(test_json_nesting),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
