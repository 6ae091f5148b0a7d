/* Counting by name: growth, sums, stable order (LG-64, LG-68). */
#include "core/base/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static void
test_tally_counts(void **state)
{
	struct tally t;
	char name[32];
	(void)state;
	tally_init(&t);
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 5000; i++) {
			snprintf(name, sizeof(name), "name%d", i);
			tally_add(&t, str_of(name), (size_t)(i % 3), 2);
		}
	assert_int_equal(t.len, 5000);
	assert_false(t.failed);
	assert_int_equal(
	    tally_sum(&t, 0) + tally_sum(&t, 1) + tally_sum(&t, 2), 30000);
	assert_int_equal(tally_row(&t, STR("name4"))->n[1], 6);
	tally_clear(&t);
	assert_int_equal(t.len, 0);
}

static void
test_tally_order_is_stable(void **state)
{
	static const char *const names[] = { "b", "a", "", "c\tx", "a" };
	struct tally t, more;
	(void)state;
	tally_init(&t);
	tally_init(&more);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		tally_add(i < 2 ? &t : &more, str_of(names[i]), 0, 1);
	tally_merge(&t, &more);
	tally_sort(&t, 0);
	assert_true(str_is(t.rows[0].key, "a"));
	assert_int_equal(t.rows[0].n[0], 2);
	assert_int_equal(t.rows[1].key.len, 0);
	assert_true(str_is(t.rows[2].key, "b"));
	assert_true(str_is(t.rows[3].key, "c\tx"));
	tally_clear(&t);
	tally_clear(&more);
}

static void
test_tally_bounds_names(void **state)
{
	static char name[TALLY_KEY_MAX * 2];
	struct tally t;
	(void)state;
	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = 'x';
	tally_init(&t);
	tally_add(&t, str_n(name, sizeof(name)), 0, 1);
	tally_add(&t, str_n(name, sizeof(name) - 1), 0, 1);
	assert_int_equal(t.len, 1);
	assert_int_equal(t.rows[0].key.len, TALLY_KEY_MAX);
	tally_clear(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tally_counts),
		cmocka_unit_test(test_tally_order_is_stable),
		cmocka_unit_test(test_tally_bounds_names),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
