/* Searches against plain ones, at every place and length. */
#include "core/base/find.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

static const char *
plainly(const char *p, size_t n, struct str needle, bool nocase)
{
	for (size_t i = 0; i + needle.len <= n; i++) {
		struct str here = str_n(p + i, needle.len);
		if (nocase ? str_eq_nocase(here, needle) : str_eq(here, needle))
			return p + i;
	}
	return NULL;
}

static void
test_find(void **state)
{
	(void)state;
	/* few letters: many places where a part of the needle stands */
	static const char *const alphabet = "aAbB@.[{\0z";
	unsigned seed = 7;
	for (int round = 0; round < 20000; round++) {
		size_t n = (size_t)(round % 397), k = (size_t)(round % 5);
		/* of its own size: reading past it is seen by sanitizers */
		char *bytes = malloc(n > 0 ? n : 1);
		char needle[4];
		for (size_t i = 0; i < n; i++)
			bytes[i] = alphabet[(seed = seed * 1103515245 + 12345) /
					    65536 % 10];
		for (size_t i = 0; i < 4; i++)
			needle[i] =
			    alphabet[(seed = seed * 1103515245 + 12345) /
				     65536 % 10];
		struct str want = str_n(needle, k < 4 ? k : 3);
		for (int nocase = 0; nocase < 2; nocase++)
			assert_ptr_equal(find_bytes(bytes, n, want, nocase),
			    plainly(bytes, n, want, nocase));
		free(bytes);
	}
}

/* One byte, and the end of digits: at each place of each length. */
static void
test_near(void **state)
{
	(void)state;
	for (size_t n = 0; n < 70; n++)
		for (size_t at = 0; at <= n; at++) {
			char *bytes = malloc(n > 0 ? n : 1);
			for (size_t i = 0; i < n; i++)
				bytes[i] = (char)('0' + i % 10);
			if (at < n)
				bytes[at] = at % 2 == 0 ? '/' : ':';
			char wanted = at < n ? bytes[at] : ';';
			assert_ptr_equal(find_near(bytes, bytes + n, wanted),
			    at < n ? bytes + at : NULL);
			assert_ptr_equal(
			    find_past_digits(bytes, bytes + n), bytes + at);
			free(bytes);
		}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_near),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
