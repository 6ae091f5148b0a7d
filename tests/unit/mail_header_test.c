/* Header splitting: FL-31, FL-193. */
#include "core/mail/header.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static int
setup(void **state)
{
	*state = arena_new(1 << 20, NULL, NULL);
	return *state == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static struct mail_header
parse(void *arena, struct str text)
{
	struct mail_header h;
	assert_int_equal(mail_header_parse(text, arena, &h), MAIL_HEADER_OK);
	size_t total = 0;
	for (size_t i = 0; i < h.n_fields; i++)
		total += h.fields[i].whole.len;
	assert_int_equal(total, h.text.len);
	return h;
}

static void
test_header_parse_fields(void **state)
{
	struct mail_header h = parse(*state,
	    STR("From: a@b\nSubject : folded\n\t text \nX:\n\nbody\n\nmore"));
	assert_int_equal(h.n_fields, 3);
	assert_true(str_is(h.fields[0].name, "From"));
	assert_true(str_is(h.fields[0].body, " a@b"));
	assert_true(str_is(h.fields[1].name, "Subject"));
	assert_true(str_is(h.fields[1].body, " folded\n\t text "));
	assert_true(str_is(h.fields[2].name, "X"));
	assert_int_equal(h.fields[2].body.len, 0);
	assert_true(str_is(h.body, "body\n\nmore"));
	struct buf b = BUF_INIT(100);
	assert_true(mail_field_unfold(&b, &h.fields[1]));
	assert_string_equal(buf_cstr(&b), "folded\t text");
	buf_clear(&b);
}

static void
test_header_parse_ends(void **state)
{
	static const struct {
		struct str text;
		size_t fields, body;
	} cases[] = {
		{ STR_EMPTY, 0, 0 },
		{ { "\n", 1 }, 0, 0 },
		{ { "\nbody", 5 }, 0, 4 },
		{ { "A: b", 4 }, 1, 0 },
		{ { "A: b\n", 5 }, 1, 0 },
		{ { "A: b\n\n", 6 }, 1, 0 },
		{ { "no field\nA: b\n", 14 }, 2, 0 },
		{ { " begins folded\nA: b\n", 20 }, 2, 0 },
		{ { "A: b\n \n\nx", 9 }, 1, 1 },
		{ { "A\0B: c\n", 7 }, 1, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mail_header h = parse(*state, cases[i].text);
		assert_int_equal(h.n_fields, cases[i].fields);
		assert_int_equal(h.body.len, cases[i].body);
	}
	struct mail_header h = parse(*state, STR("A\0B: c\nN\xc3\xa9: x\n"));
	assert_int_equal(h.fields[0].name.len, 0);
	assert_int_equal(h.fields[1].name.len, 0);
}

static void
test_header_find_any_case(void **state)
{
	struct mail_header h =
	    parse(*state, STR("from: a\nFROM: b\nTo: c\n\nFrom: d\n"));
	assert_int_equal(mail_fields_count(h.fields, h.n_fields, "From"), 2);
	assert_ptr_equal(
	    mail_fields_find(h.fields, h.n_fields, "To"), &h.fields[2]);
	assert_null(mail_fields_find(h.fields, h.n_fields, "Cc"));
}

/* As the parsed header has it: the first one, not what looks like it. */
static void
test_header_find_unparsed(void **state)
{
	(void)state;
	struct str text = STR("X: a\n to: in x\nTO : b\n c\nTo: d\n\nCc: e\n");
	struct filter_field f;
	assert_true(mail_header_find(text, "to", &f));
	assert_true(str_is(f.body, " b\n c"));
	assert_true(str_is(f.whole, "TO : b\n c\n"));
	assert_false(mail_header_find(text, "Cc", &f));
	assert_false(mail_header_find((struct str)STR_EMPTY, "To", &f));
}

static enum mail_header_status
parse_repeated(void *arena, const char *line, size_t times)
{
	struct buf b = BUF_INIT(4 << 20);
	for (size_t i = 0; i < times; i++)
		buf_add_cstr(&b, line);
	struct mail_header h;
	enum mail_header_status s = mail_header_parse(buf_str(&b), arena, &h);
	buf_clear(&b);
	return s;
}

static void
test_header_parse_bounds(void **state)
{
	assert_int_equal(
	    parse_repeated(*state, "A: b\n", 1000), MAIL_HEADER_OK);
	assert_int_equal(
	    parse_repeated(*state, "A: b\n", 1001), MAIL_HEADER_TOO_MANY);
	assert_int_equal(parse_repeated(*state, " folding folding\n", 15420),
	    MAIL_HEADER_OK);
	assert_int_equal(parse_repeated(*state, " folding folding\n", 15430),
	    MAIL_HEADER_TOO_BIG);
	struct arena *tiny = arena_new(64, NULL, NULL);
	assert_int_equal(
	    parse_repeated(tiny, "A: b\n", 100), MAIL_HEADER_OUT_OF_MEMORY);
	arena_free(tiny);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header_parse_fields),
		cmocka_unit_test(test_header_parse_ends),
		cmocka_unit_test(test_header_find_any_case),
		cmocka_unit_test(test_header_find_unparsed),
		cmocka_unit_test(test_header_parse_bounds),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name(
	    "mail_header", tests, setup, teardown);
}
