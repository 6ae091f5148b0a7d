/* The nearest name, for "did you mean". */
#include "core/base/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static void
test_nearest_distance(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		size_t distance;
	} cases[] = {
		{ "", "", 0 },
		{ "queue", "queue", 0 },
		{ "queue", "Queue", 0 },
		{ "reject_level", "reject-level", 0 },
		{ "quue", "queue", 1 },
		{ "qeuue", "queue", 1 }, /* swapped neighbours */
		{ "", "abc", 3 },
		{ "list", "get", 3 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(
		    nearest_distance(str_of(cases[i].a), str_of(cases[i].b)),
		    cases[i].distance);
		assert_int_equal(
		    nearest_distance(str_of(cases[i].b), str_of(cases[i].a)),
		    cases[i].distance);
	}
}

static void
test_nearest_ignores_names_longer_than_any(void **state)
{
	(void)state;
	static char longname[1000];
	memset(longname, 'a', sizeof(longname));
	assert_true(nearest_distance(str_n(longname, sizeof(longname)),
			STR("a")) == SIZE_MAX);
	struct nearest n = { .wanted = str_n(longname, sizeof(longname)) };
	nearest_try(&n, STR("a"));
	assert_int_equal(n.best.len, 0);
}

static void
test_nearest_takes_the_best_or_none(void **state)
{
	(void)state;
	struct nearest n = { .wanted = STR("que") };
	nearest_try(&n, STR("plan"));
	assert_int_equal(n.best.len, 0);
	nearest_try(&n, STR("queue")); /* a beginning */
	assert_true(str_is(n.best, "queue"));
	nearest_try(&n, STR("quit"));
	assert_true(str_is(n.best, "queue"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nearest_distance),
		cmocka_unit_test(test_nearest_ignores_names_longer_than_any),
		cmocka_unit_test(test_nearest_takes_the_best_or_none),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
