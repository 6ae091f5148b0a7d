/* Line differences: every result must turn one text into the other. */
#include "core/base/diff.h"

#include "core/base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct diff_case {
	const char *before, *after, *want;
	size_t context, added, removed;
};

static const struct diff_case cases[] = {
	{ "", "", "", 3, 0, 0 },
	{ "a\n", "a\n", "", 3, 0, 0 },
	{ "", "a\nb\n", "+a\n+b\n", 3, 2, 0 },
	{ "a\nb\n", "", "-a\n-b\n", 3, 0, 2 },
	{ "a\nb\nc\n", "a\nx\nc\n", " a\n-b\n+x\n c\n", 1, 1, 1 },
	{ "a\nb\nc\n", "a\nx\nc\n", "-b\n+x\n", 0, 1, 1 },
	{ "a\nb\nc\nd\ne\n", "b\nc\nd\ne\nf\n", "-a\n b\n e\n+f\n", 1, 1, 1 },
	{ "a\nb", "a\nb\nc", " b\n+c\n", 1, 1, 0 },
	{ "zen\n", "zen\nbl\n", " zen\n+bl\n", 3, 1, 0 },
};

static void
test_diff_lines_shows_the_change(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = BUF_INIT(4096);
		struct diff_count n;
		const struct diff_case *c = &cases[i];
		assert_true(diff_lines(
		    str_of(c->before), str_of(c->after), c->context, &out, &n));
		assert_string_equal(buf_cstr(&out), c->want);
		assert_int_equal(n.added, c->added);
		assert_int_equal(n.removed, c->removed);
		buf_clear(&out);
	}
}

/* Lines of the diff with one of two marks give back one of the texts. */
static void
texts_rebuild(const struct buf *diff, struct buf *before, struct buf *after)
{
	struct str rest = buf_str(diff), line;
	while (str_next_line(&rest, &line)) {
		struct str text = str_sub(line, 1, line.len);
		if (line.ptr[0] != '+') {
			buf_add_str(before, text);
			buf_add_char(before, '\n');
		}
		if (line.ptr[0] != '-') {
			buf_add_str(after, text);
			buf_add_char(after, '\n');
		}
	}
}

static void
random_text(struct buf *b, unsigned lines)
{
	for (unsigned i = 0; i < lines; i++)
		buf_addf(b, "%u\n", random_u32() % 6);
}

static void
test_diff_lines_rebuilds_random_texts(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 400; i++) {
		struct buf a = BUF_INIT(1 << 20), b = BUF_INIT(1 << 20);
		struct buf out = BUF_INIT(1 << 20);
		struct buf a2 = BUF_INIT(1 << 20), b2 = BUF_INIT(1 << 20);
		struct diff_count n;
		random_text(&a, random_u32() % 40);
		random_text(&b, random_u32() % 40);
		assert_true(
		    diff_lines(buf_str(&a), buf_str(&b), 100, &out, &n));
		texts_rebuild(&out, &a2, &b2);
		if (n.added + n.removed > 0) {
			assert_string_equal(buf_cstr(&a), buf_cstr(&a2));
			assert_string_equal(buf_cstr(&b), buf_cstr(&b2));
		} else
			assert_string_equal(buf_cstr(&a), buf_cstr(&b));
		buf_clear(&a);
		buf_clear(&b);
		buf_clear(&a2);
		buf_clear(&b2);
		buf_clear(&out);
	}
}

/* More differences than it looks for: one whole change, never wrong. */
static void
test_diff_lines_bounds_its_work(void **state)
{
	(void)state;
	struct buf a = BUF_INIT(1 << 20), b = BUF_INIT(1 << 20);
	struct buf out = BUF_INIT(1 << 20);
	struct diff_count n;
	for (int i = 0; i < 3000; i++) {
		buf_addf(&a, "a%d\n", i);
		buf_addf(&b, "b%d\n", i);
	}
	assert_true(diff_lines(buf_str(&a), buf_str(&b), 3, &out, &n));
	assert_int_equal(n.added, 3000);
	assert_int_equal(n.removed, 3000);
	buf_clear(&a);
	buf_clear(&b);
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_diff_lines_shows_the_change),
		cmocka_unit_test(test_diff_lines_rebuilds_random_texts),
		cmocka_unit_test(test_diff_lines_bounds_its_work),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("base_diff", tests, NULL, NULL);
}
