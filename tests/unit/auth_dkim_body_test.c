/*
 * Canonical bodies against the rules of RFC 6376 3.4.3 and 3.4.4 written down
 * byte by byte: cases by hand, and many small bodies of blanks, line ends and
 * letters around the borders of blocks, chunks and the stage.
 */
#include "core/auth/dkim_int.h"
#include "core/base/block.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum {
	BODY_MAX = 70000,
	BODIES = 4000
};

static struct buf hashed = BUF_INIT(4 * BODY_MAX);

static void
keep(struct crypto_hash *h, const void *bytes, size_t n)
{
	(void)h;
	assert_true(buf_add(&hashed, bytes, n));
}

static size_t
no_digest(struct crypto_hash *h, uint8_t out[CRYPTO_DIGEST_MAX])
{
	(void)h;
	out[0] = 0;
	return 1;
}

static const struct crypto keeping = { .hash_add = keep,
	.hash_end = no_digest };

/* What is hashed of a body that comes in chunks of 'chunk' bytes. */
static struct str
canonical(
    struct str body, enum dkim_canon canon, size_t chunk, struct dkim_body *b)
{
	uint8_t digest[CRYPTO_DIGEST_MAX];
	buf_reset(&hashed);
	dkim_body_begin(b, &keeping, NULL, canon);
	for (size_t at = 0; at < body.len; at += chunk)
		dkim_body_add(b, str_sub(body, at, at + chunk));
	assert_int_equal(dkim_body_end(b, digest), 1);
	assert_int_equal(b->octets, hashed.len);
	return buf_str(&hashed);
}

/* The same by the letter of the standard; line ends are LF. */
static void
by_rule(struct str body, enum dkim_canon canon, struct buf *out)
{
	size_t last = 0; /* the end of the last line that is not empty */
	buf_reset(out);
	for (size_t at = 0; at < body.len;) {
		size_t end = str_find(body, '\n', at), next = end + 1;
		bool blank = false, any = false;
		for (; at < end; at++) {
			char c = body.ptr[at];
			if (canon == DKIM_RELAXED && (c == ' ' || c == '\t')) {
				blank = true;
				continue;
			}
			if (blank)
				buf_add_char(out, ' ');
			blank = false;
			any = true;
			buf_add_char(out, c);
		}
		buf_add_cstr(out, "\r\n");
		if (any)
			last = out->len;
		at = next;
	}
	buf_truncate(out, last);
	if (last == 0 && canon == DKIM_SIMPLE)
		buf_add_cstr(out, "\r\n");
}

static void
compare(struct str body, size_t chunk, struct buf *rule, struct dkim_body *b)
{
	for (int canon = DKIM_SIMPLE; canon <= DKIM_RELAXED; canon++) {
		by_rule(body, (enum dkim_canon)canon, rule);
		struct str is =
		    canonical(body, (enum dkim_canon)canon, chunk, b);
		if (!str_eq(is, buf_str(rule)))
			fail_msg("%s, chunks of %zu: '%.*s'",
			    dkim_canon_word((enum dkim_canon)canon), chunk,
			    STR_ARG(body));
	}
}

static void
test_cases_of_the_standard(void **state)
{
	static const struct {
		const char *body, *simple, *relaxed;
	} cases[] = {
		/* RFC 6376 3.4.5 */
		{ " C \nD \t E\n\n\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n" },
		{ "", "\r\n", "" },
		{ "\n", "\r\n", "" },
		{ "\n\n\n", "\r\n", "" },
		{ " \t \n", " \t \r\n", "" },
		{ "a", "a\r\n", "a\r\n" },
		{ "a \n\n\n", "a \r\n", "a\r\n" },
		{ "\n\na\n", "\r\n\r\na\r\n", "\r\n\r\na\r\n" },
		{ "a\n \n\t\n", "a\r\n \r\n\t\r\n", "a\r\n" },
		{ "a\rb\n", "a\rb\r\n", "a\rb\r\n" },
		{ "a\r\n", "a\r\r\n", "a\r\r\n" },
		{ "a \r\n\r\n", "a \r\r\n\r\r\n", "a \r\r\n\r\r\n" },
		{ "a \r", "a \r\r\n", "a \r\r\n" },
	};
	struct dkim_body b;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str body = str_of(cases[i].body);
		for (size_t chunk = 1; chunk < 5; chunk++) {
			assert_true(
			    str_is(canonical(body, DKIM_SIMPLE, chunk, &b),
				cases[i].simple));
			assert_true(
			    str_is(canonical(body, DKIM_RELAXED, chunk, &b),
				cases[i].relaxed));
		}
	}
}

static unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1103515245U + 12345U;
	return *seed >> 16;
}

static void
test_bodies_at_random(void **state)
{
	static const char letters[] = "  \t\n\r.xyzabcdefghijklmnopqrstuvwxyz";
	static char text[BODY_MAX];
	static struct dkim_body b;
	struct buf rule = BUF_INIT(4 * BODY_MAX);
	unsigned seed = 1;
	(void)state;
	for (size_t i = 0; i < BODIES; i++) {
		size_t n = next_random(&seed) % (i % 100 == 0 ? BODY_MAX : 400);
		/* from nearly all blanks to hardly any */
		size_t kinds = 5 + i % (sizeof(letters) - 5);
		for (size_t k = 0; k < n; k++)
			text[k] = letters[next_random(&seed) % kinds];
		size_t chunk = i % 4 == 0 ? 1 + i % 90 : BODY_MAX;
		compare(str_n(text, n), chunk, &rule, &b);
	}
	buf_clear(&rule);
}

/* A run of blanks and a line end at each place around the end of the stage. */
static void
test_borders_of_the_stage(void **state)
{
	static char text[BODY_MAX];
	static struct dkim_body b;
	struct buf rule = BUF_INIT(4 * BODY_MAX);
	(void)state;
	for (size_t at = sizeof(b.stage) - 200; at < sizeof(b.stage) + 8;
	     at++) {
		memset(text, 'x', sizeof(text));
		for (size_t k = 60; k < at; k += 61)
			text[k] = '\n';
		memcpy(text + at, "  \n\n\t\n  y", 9);
		compare(str_n(text, at + 2000), BODY_MAX, &rule, &b);
		compare(str_n(text, at + 9), at + 1, &rule, &b);
	}
	buf_clear(&rule);
}

/* More empty lines than are written at once, in one piece and in several. */
static void
test_many_empty_lines(void **state)
{
	static const size_t counts[] = { 63, 64, 65, 66, 200, 9000, 20000 };
	static char text[BODY_MAX];
	static struct dkim_body b;
	struct buf rule = BUF_INIT(4 * BODY_MAX);
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		size_t end = 200 + counts[i];
		memset(text, 'x', sizeof(text));
		memset(text + 200, '\n', counts[i]);
		for (size_t k = end + 50; k < sizeof(text); k += 51)
			text[k] = '\n';
		compare(str_n(text, end + 3000), BODY_MAX, &rule, &b);
		compare(
		    str_n(text, end + 3000), 200 + counts[i] / 2, &rule, &b);
		compare(str_n(text, end + 3000), end, &rule, &b);
		compare(str_n(text, end), BODY_MAX, &rule, &b);
	}
	buf_clear(&rule);
}

static void
test_length_counts_canonical_octets(void **state)
{
	static struct dkim_body b;
	uint8_t digest[CRYPTO_DIGEST_MAX];
	struct str body = STR("a  b \n\n\nc\n"),
		   whole = STR("a b\r\n\r\n\r\nc\r\n");
	(void)state;
	for (uint64_t limit = 0; limit < whole.len + 3; limit++) {
		buf_reset(&hashed);
		dkim_body_begin(&b, &keeping, NULL, DKIM_RELAXED);
		b.has_limit = true;
		b.limit = limit;
		dkim_body_add(&b, body);
		dkim_body_end(&b, digest);
		assert_true(
		    str_eq(buf_str(&hashed), str_sub(whole, 0, (size_t)limit)));
		assert_int_equal(b.octets, whole.len);
	}
}

static void
test_masks_of_blocks(void **state)
{
	char bytes[256 + BLOCK_WIDE];
	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(unsigned char)i;
	for (size_t i = 0; i < 256; i++) {
		uint64_t controls = 0, letters = 0;
		for (size_t k = 0; k < BLOCK_WIDE; k++) {
			unsigned char c = (unsigned char)bytes[i + k];
			controls |= (uint64_t)(c < ' ') << k;
			letters |= (uint64_t)(c == 'a') << k;
		}
		assert_true(block_wide_upto(bytes + i, ' ' - 1) == controls);
		assert_true(block_wide_equal(bytes + i, 'a') == letters);
		assert_true(
		    block_upto(bytes + i, ' ' - 1) == (controls & 0xffff));
		assert_true(block_equal(bytes + i, 'a') == (letters & 0xffff));
		char lower[BLOCK_BYTES];
		block_lower(lower, bytes + i);
		for (size_t k = 0; k < BLOCK_BYTES; k++)
			assert_int_equal(lower[k], ascii_lower(bytes[i + k]));
	}
	for (unsigned k = 0; k < BLOCK_WIDE; k++)
		assert_int_equal(block_first(~0ULL << k), k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases_of_the_standard),
		cmocka_unit_test(test_bodies_at_random),
		cmocka_unit_test(test_borders_of_the_stage),
		cmocka_unit_test(test_many_empty_lines),
		cmocka_unit_test(test_length_counts_canonical_octets),
		cmocka_unit_test(test_masks_of_blocks),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
