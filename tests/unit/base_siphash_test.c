/* SipHash-2-4-128 against its published vectors and against itself. */
#include "core/base/siphash.h"

#include "core/base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
begin(struct siphash *h)
{
	/* the bytes 00 to 0f */
	static const uint64_t key[2] = { 0x0706050403020100u,
		0x0f0e0d0c0b0a0908u };
	siphash_init(h, key);
}

static void
end(struct siphash *h, char hex[33])
{
	struct siphash_sum sum = siphash_end(h);
	for (size_t i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x",
		    (unsigned)(sum.half[i / 8] >> 8 * (i % 8) & 0xff));
}

/* The text of n bytes 00 01 02 ..., as the authors' own list has it. */
static const struct {
	size_t n;
	const char *sum;
} vectors[] = {
	{ 0, "a3817f04ba25a8e66df67214c7550293" },
	{ 1, "da87c1d86b99af44347659119b22fc45" },
	{ 2, "8177228da4a45dc7fca38bdef60affe4" },
	{ 7, "a1f1ebbed8dbc153c0b84aa61ff08239" },
	{ 8, "3b62a9ba6258f5610f83e264f31497b4" },
	{ 63, "5150d1772f50834a503e069a973fbd7c" },
};

static void
test_vectors(void **state)
{
	(void)state;
	char text[64], hex[33];
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)i;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		struct siphash h;
		begin(&h);
		siphash_add(&h, str_n(text, vectors[i].n));
		end(&h, hex);
		assert_string_equal(hex, vectors[i].sum);
		/* the same in two pieces, wherever it is cut */
		for (size_t cut = 0; cut <= vectors[i].n; cut++) {
			begin(&h);
			siphash_add(&h, str_n(text, cut));
			siphash_add(&h, str_n(text + cut, vectors[i].n - cut));
			end(&h, hex);
			assert_string_equal(hex, vectors[i].sum);
		}
	}
}

static void
test_texts_do_not_run_together(void **state)
{
	(void)state;
	struct siphash a, b;
	begin(&a);
	siphash_add_text(&a, STR("ab"));
	siphash_add_text(&a, STR("c"));
	begin(&b);
	siphash_add_text(&b, STR("a"));
	siphash_add_text(&b, STR("bc"));
	struct siphash_sum x = siphash_end(&a), y = siphash_end(&b);
	assert_false(siphash_same(&x, &y));
	assert_true(siphash_same(&x, &x));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_texts_do_not_run_together),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
