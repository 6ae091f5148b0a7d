/* The filter of an index (core/maillog/logfilter.c): nothing is forgotten. */
#include "core/maillog/logindex_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

/* A filter keeps what was put in, through folding. */
static void
filters_forget_nothing(void **state)
{
	(void)state;
	for (unsigned keys = 0; keys < 20000; keys = keys * 3 + 1) {
		struct logfilter f;
		size_t wrong = 0;
		assert_true(logfilter_init(&f, 1 << 20));
		for (uint64_t i = 0; i < keys; i++)
			logfilter_add(&f, logindex_hash(0, &i, sizeof(i)));
		logfilter_fold(&f);
		for (uint64_t i = 0; i < 40000; i++) {
			bool has =
			    logfilter_has(&f, logindex_hash(0, &i, sizeof(i)));
			assert_true(has || i >= keys);
			wrong += has && i >= keys;
		}
		/* half the bits set: one in sixteen */
		assert_true(wrong < 40000 / 10);
		logfilter_clear(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_forget_nothing),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
