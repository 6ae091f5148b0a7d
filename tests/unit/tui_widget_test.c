/* Line editor, list, word wrap, search text, filters, key table. */
#include "tui/keys.h"
#include "tui/widget/field.h"
#include "core/base/line_filter.h"
#include "tui/widget/list.h"
#include "core/base/line_match.h"
#include "tui/widget/wrap.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static void
type(struct edit *e, enum input_code code, uint32_t cp)
{
	struct input_key k = { code, cp };
	edit_key(e, &k);
}

static void
is_text(const struct edit *e, const char *text)
{
	assert_int_equal(edit_text(e).len, strlen(text));
	assert_memory_equal(edit_text(e).ptr, text, strlen(text));
}

/* screens.md 5: keys in a line editor. */
static void
test_edit_keys(void **state)
{
	struct edit e;
	(void)state;
	edit_init(&e, false);
	edit_set(&e, STR("12"));
	type(&e, INPUT_CHAR, '3'); /* the cursor is at the end */
	is_text(&e, "123");
	type(&e, INPUT_HOME, 0);
	type(&e, INPUT_DELETE, 0);
	is_text(&e, "23");
	type(&e, INPUT_RIGHT, 0);
	type(&e, INPUT_CHAR, 0xe9);
	is_text(&e, "2\xc3\xa9"
		    "3");
	type(&e, INPUT_LEFT, 0); /* over both bytes */
	type(&e, INPUT_CHAR, 'x');
	is_text(&e, "2x\xc3\xa9"
		    "3");
	type(&e, INPUT_CTRL, 'e');
	type(&e, INPUT_BACKSPACE, 0);
	type(&e, INPUT_BACKSPACE, 0);
	is_text(&e, "2x");
	edit_set(&e, STR("one two  "));
	type(&e, INPUT_CTRL, 'w');
	is_text(&e, "one ");
	type(&e, INPUT_CTRL, 'u');
	is_text(&e, "");
	type(&e, INPUT_BACKSPACE, 0); /* nothing left: nothing happens */
	type(&e, INPUT_LEFT, 0);
	type(&e, INPUT_DELETE, 0);
	is_text(&e, "");
	edit_paste(&e, STR("a\nb\033[A\tc\n"));
	is_text(&e, "a b[A c");
	edit_clear(&e);
}

/* The field of a row: what it takes, what it leaves, what closes it. */
static void
test_field(void **state)
{
	static const struct {
		struct input_key key;
		bool taken, entered, open;
	} cases[] = {
		{ { INPUT_CHAR, 'x' }, true, false, true },
		{ { INPUT_UP, 0 }, true, false, true },
		{ { INPUT_CTRL, 'z' }, false, false, true },
		{ { INPUT_CTRL, 'l' }, false, false, true },
		{ { INPUT_ENTER, 0 }, true, true, true },
		{ { INPUT_ESC, 0 }, true, false, false },
		{ { INPUT_CHAR, 'x' }, false, false, false },
		{ { INPUT_ENTER, 0 }, false, false, false },
	};
	struct field f;
	bool entered;
	(void)state;
	field_init(&f);
	assert_false(field_paste(&f, STR("no")));
	field_open(&f, STR("1"));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(
		    field_key(&f, &cases[i].key, &entered), cases[i].taken);
		assert_int_equal(entered, cases[i].entered);
		assert_int_equal(f.open, cases[i].open);
	}
	assert_int_equal(field_text(&f).len, 0);
	field_open(&f, STR("1"));
	assert_true(field_paste(&f, STR("2")));
	is_text(&f.edit, "12");
	struct input_key stop = { INPUT_CTRL, 'c' };
	assert_true(field_key(&f, &stop, &entered));
	assert_false(f.open);
	field_close(&f);
}

static bool
is_odd(const void *ctx, size_t i)
{
	(void)ctx;
	return i % 2 == 1;
}

static void
test_list_moves(void **state)
{
	struct list_view l = { .skip = is_odd };
	(void)state;
	list_resize(&l, 10);
	list_fit(&l, 4);
	assert_int_equal(l.cur, 0);
	list_act(&l, ACT_DOWN);
	assert_int_equal(l.cur, 2);
	list_act(&l, ACT_LAST);
	list_fit(&l, 4);
	assert_int_equal(l.cur, 8);
	assert_int_equal(l.top, 5);
	list_act(&l, ACT_DOWN);
	assert_int_equal(l.cur, 8);
	list_act(&l, ACT_PAGE_UP);
	assert_int_equal(l.cur, 6);
	list_act(&l, ACT_FIRST);
	list_act(&l, ACT_UP);
	assert_int_equal(l.cur, 0);
	assert_int_equal(list_count(&l), 5);
	assert_int_equal(list_position(&l), 1);
	list_act(&l, ACT_LAST);
	list_resize(&l, 3);
	assert_int_equal(l.cur, 2);
	list_resize(&l, 0);
	assert_true(list_act(&l, ACT_DOWN));
	assert_false(list_act(&l, ACT_OPEN));
	assert_int_equal(list_position(&l), 0);
}

static void
test_wrap(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
		const char *lines; /* with '|' after each */
	} cases[] = {
		{ "", 10, "" },
		{ "one two three", 7, "one two|three|" },
		{ "one two three", 8, "one two|three|" },
		{ "abcdefghij", 4, "abcd|efgh|ij|" },
		{ "a\nb c", 10, "a|b c|" },
		{ "\xc3\xa9t\xc3\xa9 \xc3\xa9t\xc3\xa9", 4,
		    "\xc3\xa9t\xc3\xa9|\xc3\xa9t\xc3\xa9|" },
		{ "  lead", 10, "lead|" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = BUF_INIT(1000);
		struct str rest = str_of(cases[i].text), line;
		while (wrap_next(&rest, cases[i].columns, &line)) {
			buf_add_str(&out, line);
			buf_add_char(&out, '|');
		}
		assert_string_equal(buf_cstr(&out), cases[i].lines);
		buf_clear(&out);
	}
}

static void
test_match(void **state)
{
	static const struct {
		const char *text, *line;
		bool found;
		size_t at, len;
	} cases[] = {
		{ "spam", "some SPAM here", true, 5, 4 },
		{ "SPAM", "some spam here", false, 0, 0 }, /* capital: exact */
		{ "SPAM", "some SPAM", true, 5, 4 }, { "", "x", false, 0, 0 },
		{ "a.c", "abc", false, 0, 0 }, { "/a.c/", "xabc", true, 1, 3 },
		{ "/(/", "x(", false, 0, 0 },   /* not a pattern */
		{ "/x*/", "aaa", false, 0, 0 }, /* empty hits are none */
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct line_match m;
		size_t at = 0, len = 0;
		line_match_init(&m, str_of(cases[i].text));
		assert_int_equal(
		    line_match_find(&m, str_of(cases[i].line), 0, &at, &len),
		    cases[i].found);
		if (cases[i].found) {
			assert_int_equal(at, cases[i].at);
			assert_int_equal(len, cases[i].len);
		}
		line_match_clear(&m);
	}
}

/* "text keeps, !text drops, they stack; a|b is either" */
static void
test_filter(void **state)
{
	struct line_filter f;
	struct buf out = BUF_INIT(1000);
	(void)state;
	line_filter_init(&f);
	assert_true(line_filter_keeps(&f, STR("anything")));
	assert_true(line_filter_add(&f, STR("refused|deferred")));
	assert_true(line_filter_add(&f, STR("!192.0.2.")));
	assert_true(line_filter_keeps(&f, STR("refused x 198.51.100.1")));
	assert_true(line_filter_keeps(&f, STR("deferred y")));
	assert_false(line_filter_keeps(&f, STR("queued y")));
	assert_false(line_filter_keeps(&f, STR("refused 192.0.2.7")));
	line_filter_show(&f, &out);
	assert_string_equal(
	    buf_cstr(&out), "keep refused|deferred   drop 192.0.2.");
	buf_reset(&out);
	line_filter_options(&f, &out);
	assert_string_equal(
	    buf_cstr(&out), " --keep 'refused|deferred' --drop 192.0.2.");
	for (int i = 0; i < 14; i++)
		assert_true(line_filter_add(&f, STR("e")));
	assert_false(line_filter_add(&f, STR("one too many")));
	line_filter_clear(&f);
	assert_true(line_filter_is_empty(&f));
	buf_clear(&out);
}

/* One key, one meaning; every action has a key, a label and a help. */
static void
test_keys_table(void **state)
{
	size_t n;
	const struct key_entry *all = keys_all(&n);
	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_true(all[i].label[0] != '\0' && all[i].help[0] != '\0');
		for (const struct input_key *k = all[i].keys;
		     k->code != INPUT_NONE; k++)
			assert_int_equal(keys_lookup(k), all[i].action);
	}
	for (int a = ACT_NONE + 1; a < ACT_COUNT; a++)
		assert_int_equal(keys_of((enum action)a)->action, a);
	static const struct input_key never[] = { { INPUT_CTRL, 'a' },
		{ INPUT_CTRL, 'b' }, { INPUT_CTRL, 's' }, { INPUT_CTRL, 'q' },
		{ INPUT_CHAR, '[' }, { INPUT_CHAR, 'O' } };
	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		assert_int_equal(keys_lookup(&never[i]), ACT_NONE);
	struct input_key digit = { INPUT_CHAR, '7' };
	assert_int_equal(keys_lookup(&digit), ACT_DIGIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edit_keys),
		cmocka_unit_test(test_field),
		cmocka_unit_test(test_list_moves),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_keys_table),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
