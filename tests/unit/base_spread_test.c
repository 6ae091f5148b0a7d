/* How numbers are spread: exact ends, percentiles to 3 % (LG-37). */
#include "core/base/spread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void
test_small_numbers_are_exact(void **state)
{
	struct spread s = { 0 };
	(void)state;
	assert_int_equal(spread_percentile(&s, 50), 0);
	for (uint64_t i = 0; i < 60; i++)
		spread_add(&s, 59 - i);
	assert_int_equal(s.n, 60);
	assert_int_equal(s.sum, 59 * 60 / 2);
	assert_int_equal(s.least, 0);
	assert_int_equal(s.largest, 59);
	assert_int_equal(spread_percentile(&s, 50), 29);
	assert_int_equal(spread_percentile(&s, 95), 56);
	assert_int_equal(spread_percentile(&s, 100), 59);
}

/* Never too small, at most 3 % too large, up to the largest number there is. */
static void
test_large_numbers_are_near(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 64; bit++)
		for (uint64_t less = 0; less < 2; less++) {
			uint64_t value = ((uint64_t)1 << bit) - less;
			struct spread s = { 0 };
			spread_add(&s, value);
			spread_add(&s, UINT64_MAX);
			uint64_t got = spread_percentile(&s, 50);
			assert_true(got >= value);
			assert_true(got - value <= value / 32);
		}
}

/* LG-68 */
static void
test_two_add_up(void **state)
{
	struct spread a = { 0 }, b = { 0 }, all = { 0 };
	(void)state;
	spread_merge(&a, &b);
	assert_int_equal(a.n, 0);
	for (uint64_t i = 1; i < 5000; i++) {
		spread_add(i % 3 == 0 ? &a : &b, i * i * 977);
		spread_add(&all, i * i * 977);
	}
	spread_merge(&a, &b);
	assert_memory_equal(&a, &all, sizeof(all));
}

/* Numbers from outside do not make a sum small. */
static void
test_sum_stays_at_its_greatest(void **state)
{
	struct spread a = { 0 }, b = { 0 };
	(void)state;
	for (int i = 0; i < 3; i++)
		spread_add(&a, UINT64_MAX);
	spread_add(&b, 7);
	spread_merge(&b, &a);
	assert_int_equal(a.sum, INT64_MAX);
	assert_int_equal(b.sum, INT64_MAX);
	assert_int_equal(b.n, 4);
	assert_int_equal(b.largest, UINT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_numbers_are_exact),
		cmocka_unit_test(test_large_numbers_are_near),
		cmocka_unit_test(test_two_add_up),
		cmocka_unit_test(test_sum_stays_at_its_greatest),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
