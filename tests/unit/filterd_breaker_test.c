/* Servers that fail again and again are left alone for a while. */
#include "cmd/filterd/breaker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const struct breaker_limit limit = { 3, 1000 };

#define HOST STR("mail.example")

static void
fail_often(struct breaker *b, int times, int64_t now)
{
	for (int i = 0; i < times; i++) {
		assert_true(breaker_lets(b, HOST, 25, &limit, now));
		breaker_begin(b, HOST, 25, &limit, now);
		breaker_note(b, HOST, 25, &limit, false, now);
	}
}

static void
test_breaker_opens_after_failures_in_a_row(void **state)
{
	(void)state;
	struct breaker b = { 0 };
	fail_often(&b, 2, 10);
	breaker_note(&b, HOST, 25, &limit, true, 10);
	fail_often(&b, 3, 10);
	assert_false(breaker_lets(&b, HOST, 25, &limit, 10));
	assert_false(breaker_lets(&b, HOST, 25, &limit, 1009));
	assert_true(breaker_lets(&b, HOST, 26, &limit, 10));
	assert_true(breaker_lets(&b, STR("other.example"), 25, &limit, 10));
}

static void
test_breaker_lets_one_probe(void **state)
{
	(void)state;
	struct breaker b = { 0 };
	fail_often(&b, 3, 10);
	assert_true(breaker_lets(&b, HOST, 25, &limit, 1010));
	breaker_begin(&b, HOST, 25, &limit, 1010);
	assert_false(breaker_lets(&b, HOST, 25, &limit, 5000));
	breaker_note(&b, HOST, 25, &limit, false, 5000);
	assert_false(breaker_lets(&b, HOST, 25, &limit, 5999));
	assert_true(breaker_lets(&b, HOST, 25, &limit, 6000));
	breaker_begin(&b, HOST, 25, &limit, 6000);
	breaker_note(&b, HOST, 25, &limit, true, 6001);
	assert_true(breaker_lets(&b, HOST, 25, &limit, 6001));
	fail_often(&b, 2, 6001);
	assert_true(breaker_lets(&b, HOST, 25, &limit, 6001));
}

static void
test_breaker_can_be_switched_off(void **state)
{
	(void)state;
	static const struct breaker_limit none = { 0, 1000 };
	struct breaker b = { 0 };
	for (int i = 0; i < 10; i++)
		breaker_note(&b, HOST, 25, &none, false, 10);
	assert_true(breaker_lets(&b, HOST, 25, &none, 10));
}

/* More places than there are entries; names that fit none. */
static void
test_breaker_is_bounded(void **state)
{
	(void)state;
	struct breaker b = { 0 };
	char name[BREAKER_HOST_SIZE + 1];
	fail_often(&b, 3, 10);
	for (int i = 0; i < 2 * BREAKER_PLACES; i++) {
		snprintf(name, sizeof(name), "host%d.example", i);
		breaker_begin(&b, str_of(name), 25, &limit, 11 + i);
	}
	assert_true(breaker_lets(&b, HOST, 25, &limit, 11));
	snprintf(name, sizeof(name), "%0*d", BREAKER_HOST_SIZE, 0);
	breaker_note(&b, str_of(name), 25, &limit, false, 1000);
	assert_true(breaker_lets(&b, str_of(name), 25, &limit, 1000));
	breaker_note(&b, STR(""), 25, &limit, false, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_breaker_opens_after_failures_in_a_row),
		cmocka_unit_test(test_breaker_lets_one_probe),
		cmocka_unit_test(test_breaker_can_be_switched_off),
		cmocka_unit_test(test_breaker_is_bounded),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
