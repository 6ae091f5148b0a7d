/*
 * Relaxed header fields against the rule of RFC 6376 3.4.2 written down byte by
 * byte, and the selection of fields by h= (5.4.2).
 */
#include "core/auth/dkim_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum {
	FIELD_MAX = 400,
	FIELDS = 20000,
	OUT_MAX = 4 * FIELD_MAX
};

static bool
is_in(struct str part, const char *p)
{
	return part.len > 0 && p >= part.ptr && p < part.ptr + part.len;
}

/* By the letter of the standard, the bytes of 'cut' left out. */
static void
by_rule(const struct filter_field *f, struct str cut, bool end, struct buf *out)
{
	bool blank = false, any = false;
	buf_reset(out);
	for (size_t i = 0; i < f->name.len; i++)
		buf_add_char(out, ascii_lower(f->name.ptr[i]));
	buf_add_char(out, ':');
	for (size_t i = 0; i < f->body.len; i++) {
		char c = f->body.ptr[i];
		if (c == '\n' || is_in(cut, f->body.ptr + i))
			continue;
		if (c == ' ' || c == '\t') {
			blank = true;
			continue;
		}
		if (blank && any)
			buf_add_char(out, ' ');
		blank = false;
		any = true;
		buf_add_char(out, c);
	}
	if (end)
		buf_add_cstr(out, "\r\n");
}

static unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1103515245U + 12345U;
	return *seed >> 16;
}

/* A field in memory of its own size: what reads behind it is seen. */
static void
compare(const char *text, size_t name, size_t n, struct str cut_at, bool end)
{
	struct buf rule = BUF_INIT(OUT_MAX), is = BUF_INIT(OUT_MAX);
	char *copy = test_malloc(n);
	memcpy(copy, text, n);
	struct filter_field f = { .whole = str_n(copy, n),
		.name = str_n(copy, name),
		.body = str_n(copy + name + 1, n - name - 2) };
	struct str cut = STR_EMPTY;
	if (cut_at.len > 0)
		cut = str_n(copy + (cut_at.ptr - text), cut_at.len);
	by_rule(&f, cut, end, &rule);
	dkim_header_add(&is, DKIM_RELAXED, &f, cut, end);
	if (!str_eq(buf_str(&is), buf_str(&rule)))
		fail_msg("'%.*s' is not '%.*s'", STR_ARG(buf_str(&is)),
		    STR_ARG(buf_str(&rule)));
	test_free(copy);
	buf_clear(&rule);
	buf_clear(&is);
}

static void
test_fields_at_random(void **state)
{
	static const char letters[] = "  \t\r\x01.ABCdefghijklmnopqrstuvwxyz";
	char text[FIELD_MAX];
	unsigned seed = 1;
	(void)state;
	for (size_t i = 0; i < FIELDS; i++) {
		size_t name = 1 + next_random(&seed) % 24;
		size_t body = next_random(&seed) % (i % 8 == 0 ? 300 : 40);
		size_t n = name + 1 + body;
		size_t kinds = 4 + i % (sizeof(letters) - 4);
		for (size_t k = 0; k < name; k++)
			text[k] = (char)('!' + next_random(&seed) % 25);
		text[name] = ':';
		for (size_t k = name + 1; k < n; k++) {
			text[k] = letters[next_random(&seed) % kinds];
			/* a line goes on with a blank */
			if ((text[k] == ' ' || text[k] == '\t') &&
			    text[k - 1] != '\n' && k > name + 1 && i % 3 == 0)
				text[k - 1] = '\n';
		}
		text[n++] = '\n';
		struct str cut = STR_EMPTY;
		if (i % 2 == 0 && body > 2) {
			size_t from = next_random(&seed) % (body - 1);
			size_t len = 1 + next_random(&seed) % (body - from - 1);
			cut = str_n(text + name + 1 + from, len);
		}
		compare(text, name, n, cut, i % 5 != 0);
	}
}

/* The lowest of a name first, each once, whatever its letter case. */
static void
test_fields_are_selected_from_below(void **state)
{
	const struct str names[] = { STR("from"), STR("X-A"), STR("to"),
		STR("x-a"), STR("FROM"), STR("x-a"), STR("cc"), STR("s") };
	struct arena *a = arena_new(1 << 20, NULL, NULL);
	struct mail_header h;
	struct buf out = BUF_INIT(OUT_MAX);
	size_t left;
	(void)state;
	assert_int_equal(
	    mail_header_parse(STR("S: self\nX-a: 1\nFrom: b\nFrom: c\n"
				  "x-A: 2\nTo: d\nFROM: e\n\n"),
		a, &h),
	    MAIL_HEADER_OK);
	dkim_header_select(&out, DKIM_RELAXED, &h, names, ARRAY_LEN(names),
	    &h.fields[0], &left);
	assert_true(str_is(
	    buf_str(&out), "from:e\r\nx-a:2\r\nto:d\r\nx-a:1\r\nfrom:c\r\n"));
	assert_int_equal(left, 1);
	buf_clear(&out);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields_at_random),
		cmocka_unit_test(test_fields_are_selected_from_below),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
