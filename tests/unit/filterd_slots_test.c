/* Sessions that run, as the listener counts them (FL-21). */
#include "cmd/filterd/slots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

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
	uint32_t a = slots_take(&s, "192.0.2.1", 0);
	uint32_t b = slots_take(&s, "192.0.2.2", 0);
	uint32_t c = slots_take(&s, "192.0.2.1", 0);
	assert_true(a != b && b != c && a != c);
	assert_int_equal(s.running, 3);
	assert_int_equal(slots_of_ip(&s, "192.0.2.1"), 2);
	assert_int_equal(slots_of_ip(&s, "192.0.2.10"), 0);
	assert_true(slots_release(&s, a, 0));
	assert_int_equal(slots_of_ip(&s, "192.0.2.1"), 1);
	assert_int_equal(slots_take(&s, "2001:db8::1", 0), a);
	slots_clear(&s);
}

/* A /24 of IPv4, a /64 of IPv6. */
static void
test_slots_of_a_network_are_counted(void **state)
{
	(void)state;
	struct slots s;
	assert_true(slots_init(&s, N));
	slots_take(&s, "192.0.2.1", 0);
	uint32_t b = slots_take(&s, "192.0.2.254", 0);
	slots_take(&s, "192.0.3.1", 0);
	slots_take(&s, "2001:db8:0:1::1", 0);
	slots_take(&s, "2001:db8:0:1:ffff::2", 0);
	assert_int_equal(slots_of_network(&s, "192.0.2.9"), 2);
	assert_int_equal(slots_of_network(&s, "192.0.3.9"), 1);
	assert_int_equal(slots_of_network(&s, "192.0.4.9"), 0);
	assert_int_equal(slots_of_network(&s, "2001:db8:0:1::9"), 2);
	assert_int_equal(slots_of_network(&s, "2001:db8:0:2::9"), 0);
	assert_int_equal(slots_of_network(&s, "c000:200::"), 0);
	assert_true(slots_release(&s, b, 0));
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
	uint32_t a = slots_take(&s, "192.0.2.1", 0);
	assert_false(slots_release(&s, N, 0));
	assert_false(slots_release(&s, UINT32_MAX, 0));
	assert_false(slots_release(&s, (a + 1) % N, 0));
	assert_true(slots_release(&s, a, 0));
	assert_false(slots_release(&s, a, 0));
	assert_int_equal(s.running, 0);
	slots_clear(&s);
}

/* A worker that dies takes its own sessions with it, and no others. */
static void
test_slots_of_a_worker_are_released_together(void **state)
{
	(void)state;
	struct slots s;
	assert_true(slots_init(&s, N));
	for (int round = 0; round < 3; round++) {
		uint32_t other = slots_take(&s, "192.0.2.1", 1);
		for (unsigned i = 1; i < N; i++)
			slots_take(&s, "192.0.2.1", 0);
		assert_int_equal(s.running, N);
		assert_int_equal(s.of_worker[0], N - 1);
		assert_int_equal(slots_release_all(&s, 0), N - 1);
		assert_int_equal(slots_release_all(&s, 0), 0);
		assert_int_equal(s.running, 1);
		assert_int_equal(slots_of_ip(&s, "192.0.2.1"), 1);
		assert_true(slots_release(&s, other, 1));
		assert_int_equal(slots_of_ip(&s, "192.0.2.1"), 0);
	}
	slots_clear(&s);
}

/* One in a peer's hands could tell of sessions that are not its own. */
static void
test_slots_are_released_by_their_worker_only(void **state)
{
	(void)state;
	struct slots s;
	assert_true(slots_init(&s, N));
	uint32_t a = slots_take(&s, "192.0.2.1", 2);
	assert_false(slots_release(&s, a, 1));
	assert_int_equal(s.running, 1);
	assert_true(slots_release(&s, a, 2));
	slots_clear(&s);
}

/* The next session goes to whoever has the fewest, of those that can. */
static void
test_worker_with_fewest_sessions_is_chosen(void **state)
{
	(void)state;
	struct slots s;
	enum {
		BOTH = 3,
		FIRST = 1,
		LAST = 1 << (FILTERD_WORKERS_MAX - 1)
	};
	assert_true(slots_init(&s, N));
	assert_int_equal(slots_worker(&s, 0), -1);
	assert_int_equal(slots_worker(&s, BOTH), 0);
	uint32_t a = slots_take(&s, "192.0.2.1", 0);
	assert_int_equal(slots_worker(&s, BOTH), 1);
	assert_int_equal(slots_worker(&s, FIRST), 0);
	uint32_t b = slots_take(&s, "192.0.2.2", 1);
	assert_int_equal(slots_worker(&s, BOTH), 0);
	assert_int_equal(
	    slots_worker(&s, BOTH | LAST), FILTERD_WORKERS_MAX - 1);
	slots_take(&s, "192.0.2.3", 1);
	slots_take(&s, "192.0.2.3", 0);
	assert_true(slots_release(&s, b, 1));
	assert_int_equal(slots_worker(&s, BOTH), 1);
	assert_true(slots_release(&s, a, 0));
	assert_int_equal(slots_worker(&s, BOTH), 0);
	slots_clear(&s);
}

/* Thousands come and go; each address and network is counted as if alone. */
static void
test_counts_hold_while_many_come_and_go(void **state)
{
	(void)state;
	enum {
		MANY = 500,
		ADDRESSES = 90,
		NETWORKS = 3
	};
	static uint32_t slot[MANY];
	static unsigned of[MANY];
	unsigned n[ADDRESSES] = { 0 };
	struct slots s;
	char ip[NET_ADDR_TEXT_SIZE];
	assert_true(slots_init(&s, MANY));
	for (unsigned i = 0; i < 20 * MANY; i++) {
		unsigned at = i % MANY;
		if (i >= MANY) {
			assert_true(slots_release(&s, slot[at], 0));
			n[of[at]]--;
		}
		of[at] = i * i % ADDRESSES;
		snprintf(ip, sizeof(ip), "2001:db8:0:%x::%x", of[at] % NETWORKS,
		    of[at]);
		slot[at] = slots_take(&s, ip, 0);
		n[of[at]]++;
	}
	unsigned network = 0;
	for (unsigned i = 0; i < ADDRESSES; i++) {
		snprintf(ip, sizeof(ip), "2001:db8:0:%x::%x", i % NETWORKS, i);
		assert_int_equal(slots_of_ip(&s, ip), n[i]);
		network += i % NETWORKS == 0 ? n[i] : 0;
	}
	assert_int_equal(slots_of_network(&s, "2001:db8:0:0::9"), network);
	for (unsigned i = 0; i < MANY; i++)
		assert_true(slots_release(&s, slot[i], 0));
	assert_int_equal(slots_of_network(&s, "2001:db8:0:0::9"), 0);
	slots_clear(&s);
}

/* ::ffff:192.0.2.1 is 192.0.2.1; what is no address has its own count. */
static void
test_slots_know_addresses_in_other_dress(void **state)
{
	(void)state;
	struct slots s;
	assert_true(slots_init(&s, N));
	slots_take(&s, "::ffff:192.0.2.1", 0);
	slots_take(&s, "Unknown", 0);
	assert_int_equal(slots_of_ip(&s, "192.0.2.1"), 1);
	assert_int_equal(slots_of_network(&s, "192.0.2.7"), 1);
	assert_int_equal(slots_of_ip(&s, "nobody"), 1);
	slots_clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slots_are_counted),
		cmocka_unit_test(test_slots_of_a_network_are_counted),
		cmocka_unit_test(test_slots_not_in_use_are_not_released),
		cmocka_unit_test(test_slots_of_a_worker_are_released_together),
		cmocka_unit_test(test_slots_are_released_by_their_worker_only),
		cmocka_unit_test(test_worker_with_fewest_sessions_is_chosen),
		cmocka_unit_test(test_counts_hold_while_many_come_and_go),
		cmocka_unit_test(test_slots_know_addresses_in_other_dress),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
