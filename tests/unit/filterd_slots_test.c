/* Sessions that run, as the listener counts them (FL-21). */
#include "cmd/filterd/slots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum {
	N = 5
};

static void
test_slots_are_counted(void **state)
{
	(void)state;
	struct slots s;
	assert_true(slots_init(&s, N));
	uint32_t a = slots_take(&s, "192.0.2.1");
	uint32_t b = slots_take(&s, "192.0.2.2");
	uint32_t c = slots_take(&s, "192.0.2.1");
	assert_true(a != b && b != c && a != c);
	assert_int_equal(s.running, 3);
	assert_int_equal(slots_of_ip(&s, "192.0.2.1"), 2);
	assert_int_equal(slots_of_ip(&s, "192.0.2.10"), 0);
	assert_true(slots_release(&s, a));
	assert_int_equal(slots_of_ip(&s, "192.0.2.1"), 1);
	assert_int_equal(slots_take(&s, "2001:db8::1"), a);
	slots_clear(&s);
}

/* A /24 of IPv4, a /64 of IPv6. */
static void
test_slots_of_a_network_are_counted(void **state)
{
	(void)state;
	struct slots s;
	assert_true(slots_init(&s, N));
	slots_take(&s, "192.0.2.1");
	uint32_t b = slots_take(&s, "192.0.2.254");
	slots_take(&s, "192.0.3.1");
	slots_take(&s, "2001:db8:0:1::1");
	slots_take(&s, "2001:db8:0:1:ffff::2");
	assert_int_equal(slots_of_network(&s, "192.0.2.9"), 2);
	assert_int_equal(slots_of_network(&s, "192.0.3.9"), 1);
	assert_int_equal(slots_of_network(&s, "192.0.4.9"), 0);
	assert_int_equal(slots_of_network(&s, "2001:db8:0:1::9"), 2);
	assert_int_equal(slots_of_network(&s, "2001:db8:0:2::9"), 0);
	assert_int_equal(slots_of_network(&s, "c000:200::"), 0);
	assert_true(slots_release(&s, b));
	assert_int_equal(slots_of_network(&s, "192.0.2.9"), 1);
	slots_clear(&s);
}

/* The worker could tell anything. */
static void
test_slots_not_in_use_are_not_released(void **state)
{
	(void)state;
	struct slots s;
	assert_true(slots_init(&s, N));
	uint32_t a = slots_take(&s, "192.0.2.1");
	assert_false(slots_release(&s, N));
	assert_false(slots_release(&s, UINT32_MAX));
	assert_false(slots_release(&s, (a + 1) % N));
	assert_true(slots_release(&s, a));
	assert_false(slots_release(&s, a));
	assert_int_equal(s.running, 0);
	slots_clear(&s);
}

static void
test_slots_are_all_free_after_a_reset(void **state)
{
	(void)state;
	struct slots s;
	assert_true(slots_init(&s, N));
	for (int round = 0; round < 3; round++) {
		for (unsigned i = 0; i < N; i++)
			slots_take(&s, "192.0.2.1");
		assert_int_equal(s.running, N);
		slots_reset(&s);
		assert_int_equal(s.running, 0);
		assert_int_equal(slots_of_ip(&s, "192.0.2.1"), 0);
	}
	slots_clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slots_are_counted),
		cmocka_unit_test(test_slots_of_a_network_are_counted),
		cmocka_unit_test(test_slots_not_in_use_are_not_released),
		cmocka_unit_test(test_slots_are_all_free_after_a_reset),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
