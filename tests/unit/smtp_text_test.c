/* The scanner of a message's text (FL-14, FL-25 to FL-30). */
#include "core/smtp/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
	OUT_MAX = 1 << 20
};

/* What a text comes to. */
struct seen {
	bool ended;
	size_t taken;
	struct smtp_text text;
	struct buf out;
};

/* Feed 'in' in pieces of 'step' bytes, the first one 'first' bytes long. */
static void
feed(struct seen *s, struct str in, size_t first, size_t step,
    const struct smtp_text *start)
{
	*s = (struct seen){ .text = *start };
	buf_init(&s->out, OUT_MAX);
	size_t at = 0;
	size_t n = first;
	while (at < in.len && !s->ended) {
		struct str part = str_sub(in, at, at + n);
		size_t taken =
		    smtp_text_feed(&s->text, part, &s->out, &s->ended);
		at += taken;
		assert_true(taken == part.len || s->ended);
		n = step;
	}
	s->taken = at;
}

static void
assert_same(const struct seen *a, const struct seen *b)
{
	assert_int_equal(a->ended, b->ended);
	assert_int_equal(a->taken, b->taken);
	assert_int_equal(a->text.size, b->text.size);
	assert_int_equal(a->text.has_bare_lf, b->text.has_bare_lf);
	assert_int_equal(a->text.has_bare_cr, b->text.has_bare_cr);
	assert_int_equal(a->text.has_nul, b->text.has_nul);
	/* once refused, how much was stored before is of no meaning */
	if (!smtp_text_is_refused(&a->text))
		assert_true(str_eq(buf_str(&a->out), buf_str(&b->out)));
}

#define TEXT(s)                                                                \
	{                                                                      \
		s, sizeof(s) - 1                                               \
	}

static const struct text_case {
	const char *name;
	struct str in;
	bool ended;
	size_t left; /* bytes behind the end */
	struct str out;
	bool bare_lf, bare_cr, nul;
} cases[] = {
	{ "plain", TEXT("a\r\nb\r\n.\r\n"), true, 0, TEXT("a\nb\n"), 0, 0, 0 },
	{ "empty", TEXT(".\r\n"), true, 0, TEXT(""), 0, 0, 0 },
	{ "more behind the end", TEXT("a\r\n.\r\nQUIT\r\n"), true, 6,
	    TEXT("a\n"), 0, 0, 0 },
	{ "FL-28 dots", TEXT("..\r\n..x\r\n...y\r\n.z\r\n.\r\n"), true, 0,
	    TEXT(".\n.x\n..y\nz\n"), 0, 0, 0 },
	{ "dots within lines stay", TEXT("a.\r\n a..b\r\n.\r\n"), true, 0,
	    TEXT("a.\n a..b\n"), 0, 0, 0 },
	{ "empty lines", TEXT("\r\n\r\n.\r\n"), true, 0, TEXT("\n\n"), 0, 0,
	    0 },
	{ "FL-25 LF.LF", TEXT("a\n.\nb\r\n.\r\n"), true, 0, TEXT(""), 1, 0, 0 },
	{ "FL-25 LF.CRLF", TEXT("a\n.\r\nb\r\n.\r\n"), true, 0, TEXT(""), 1, 0,
	    0 },
	{ "FL-25 CRLF.LF", TEXT("a\r\n.\nb\r\n.\r\n"), true, 0, TEXT(""), 1, 0,
	    0 },
	{ "FL-25 CR.CR", TEXT("a\r.\rb\r\n.\r\n"), true, 0, TEXT(""), 0, 1, 0 },
	{ "FL-25 CR.CRLF", TEXT("a\r.\r\nb\r\n.\r\n"), true, 0, TEXT(""), 0, 1,
	    0 },
	{ "FL-25 CRLF.CR", TEXT("a\r\n.\rb\r\n.\r\n"), true, 0, TEXT(""), 0, 1,
	    0 },
	{ "FL-25 CRLF.CRCRLF", TEXT("a\r\n.\r\r\nb\r\n.\r\n"), true, 0,
	    TEXT(""), 0, 1, 0 },
	{ "CRCRLF.CRLF ends, with a bare CR", TEXT("a\r\r\n.\r\n"), true, 0,
	    TEXT(""), 0, 1, 0 },
	{ "dot and blank is no end", TEXT("a\r\n. \r\n.\r\n"), true, 0,
	    TEXT("a\n \n"), 0, 0, 0 },
	{ "FL-30 NUL", TEXT("a\0b\r\n.\r\n"), true, 0, TEXT(""), 0, 0, 1 },
	{ "NUL behind a dot", TEXT(".\0\r\n.\r\n"), true, 0, TEXT(""), 0, 0,
	    1 },
	{ "bytes above 127", TEXT("\xfc\xff\r\n.\r\n"), true, 0,
	    TEXT("\xfc\xff\n"), 0, 0, 0 },
	{ "no end yet", TEXT("a\r\n.\r"), false, 0, TEXT("a\n"), 0, 0, 0 },
	{ "no end without line", TEXT("a.\r\n"), false, 0, TEXT("a.\n"), 0, 0,
	    0 },
};

static void
check_case(const struct text_case *c)
{
	const struct smtp_text start = { 0 };
	struct seen s;
	feed(&s, c->in, c->in.len, 1, &start);
	assert_int_equal(s.ended, c->ended);
	assert_int_equal(c->in.len - s.taken, c->left);
	assert_int_equal(s.text.has_bare_lf, c->bare_lf);
	assert_int_equal(s.text.has_bare_cr, c->bare_cr);
	assert_int_equal(s.text.has_nul, c->nul);
	bool refused = c->bare_lf || c->bare_cr || c->nul;
	assert_int_equal(smtp_text_is_refused(&s.text), refused);
	if (!refused) {
		assert_true(str_eq(buf_str(&s.out), c->out));
		assert_int_equal(s.text.size, c->out.len);
	}
	buf_clear(&s.out);
}

static void
test_text_comes_out_as_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_case(&cases[i]);
}

/* Whatever the packets: at every split, and byte by byte, the same. */
static void
check_splits(struct str in, const struct smtp_text *start)
{
	struct seen whole, parts;
	feed(&whole, in, in.len, in.len, start);
	for (size_t at = 1; at < in.len; at++) {
		feed(&parts, in, at, in.len, start);
		assert_same(&whole, &parts);
		buf_clear(&parts.out);
	}
	feed(&parts, in, 1, 1, start);
	assert_same(&whole, &parts);
	buf_clear(&parts.out);
	buf_clear(&whole.out);
}

static void
test_text_is_the_same_at_every_split(void **state)
{
	(void)state;
	const struct smtp_text starts[] = { { 0 }, { .lf_ends_line = true },
		{ .limit = 3 } };
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (size_t k = 0; k < ARRAY_LEN(starts); k++)
			check_splits(cases[i].in, &starts[k]);
	}
}

/* All texts of seven bytes out of those that matter. */
static void
test_text_every_short_text(void **state)
{
	(void)state;
	static const char alphabet[] = { '\r', '\n', '.', 'x', '\0' };
	enum {
		LENGTH = 7,
		COUNT = 78125
	};
	const struct smtp_text start = { 0 };
	for (unsigned n = 0; n < COUNT; n++) {
		char text[LENGTH];
		unsigned rest = n;
		for (size_t i = 0; i < LENGTH; i++, rest /= 5)
			text[i] = alphabet[rest % 5];
		struct seen whole, bytes;
		struct str in = str_n(text, LENGTH);
		feed(&whole, in, LENGTH, LENGTH, &start);
		feed(&bytes, in, 1, 1, &start);
		assert_same(&whole, &bytes);
		/* FL-25: the end is where CRLF.CRLF stands first */
		char framed[LENGTH + 2] = { '\r', '\n' };
		memcpy(framed + 2, text, LENGTH);
		struct str all = str_n(framed, sizeof(framed));
		size_t end = str_find_str(all, STR("\r\n.\r\n"));
		assert_int_equal(whole.ended, end < all.len);
		if (whole.ended)
			assert_int_equal(whole.taken, end + 3);
		buf_clear(&whole.out);
		buf_clear(&bytes.out);
	}
}

static void
test_text_bare_lf_as_line_end(void **state)
{
	(void)state;
	static const struct {
		struct str in, out;
		bool ended;
	} lax[] = {
		{ TEXT("a\nb\r\n.\r\n"), TEXT("a\nb\n"), true },
		{ TEXT("a\n.\nb\r\n.\r\n"), TEXT("a\n.\nb\n"), true },
		{ TEXT("a\n.\r\nb\r\n.\r\n"), TEXT("a\n.\nb\n"), true },
		{ TEXT("a\r\n.\nb\r\n.\r\n"), TEXT("a\n.\nb\n"), true },
		{ TEXT("a\n..x\r\n.\r\n"), TEXT("a\n.x\n"), true },
		{ TEXT("a\n.\n"), TEXT("a\n.\n"), false },
	};
	const struct smtp_text start = { .lf_ends_line = true };
	for (size_t i = 0; i < ARRAY_LEN(lax); i++) {
		struct seen s;
		feed(&s, lax[i].in, lax[i].in.len, 1, &start);
		assert_int_equal(s.ended, lax[i].ended);
		assert_false(smtp_text_is_refused(&s.text));
		assert_true(str_eq(buf_str(&s.out), lax[i].out));
		buf_clear(&s.out);
	}
}

/* FL-14: the size is that with LF line ends; beyond it nothing is kept. */
static void
test_text_limit(void **state)
{
	(void)state;
	const struct smtp_text start = { .limit = 4 };
	struct seen s;
	feed(&s, STR("a\r\nb\r\n.\r\n"), 100, 1, &start);
	assert_true(s.ended);
	assert_int_equal(s.text.size, 4);
	assert_false(smtp_text_is_refused(&s.text));
	buf_clear(&s.out);
	feed(&s, STR("a\r\nbc\r\ndefghij\r\n.\r\n"), 100, 1, &start);
	assert_true(s.ended);
	assert_true(smtp_text_is_refused(&s.text));
	assert_true(s.out.len <= 4);
	buf_clear(&s.out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_comes_out_as_told),
		cmocka_unit_test(test_text_is_the_same_at_every_split),
		cmocka_unit_test(test_text_every_short_text),
		cmocka_unit_test(test_text_bare_lf_as_line_end),
		cmocka_unit_test(test_text_limit),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
