/* Keys for tickets: made and changed in time, and as they cross to workers. */
#include "cmd/filterd/tickets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool
same(const unsigned char *a, const unsigned char *b)
{
	return memcmp(a, b, TLS_TICKET_KEY_SIZE) == 0;
}

/* RFC 5077 5.5: keys change, and the one before opens for a while. */
static void
test_keys_change_in_time(void **state)
{
	(void)state;
	struct tickets t = { .made_ms = 0 };
	struct tls_ticket_keys first, second;
	assert_true(tickets_turn(&t, 1000));
	first = t.keys;
	assert_int_equal(first.n, 1);
	assert_int_equal(tickets_wait(&t, 1000), TICKETS_MS);
	assert_false(tickets_turn(&t, 1000 + TICKETS_MS - 1));
	assert_int_equal(tickets_wait(&t, 1000 + TICKETS_MS - 1), 1);
	assert_true(same(t.keys.keys[0], first.keys[0]));
	assert_true(tickets_turn(&t, 1000 + TICKETS_MS));
	second = t.keys;
	assert_int_equal(second.n, 2);
	assert_false(same(second.keys[0], first.keys[0]));
	assert_true(same(second.keys[1], first.keys[0]));
	assert_true(tickets_turn(&t, 1000 + 2 * (int64_t)TICKETS_MS));
	assert_int_equal(t.keys.n, 2);
	assert_true(same(t.keys.keys[1], second.keys[0]));
	assert_false(same(t.keys.keys[0], first.keys[0]));
	tickets_clear(&t);
	assert_int_equal(t.keys.n, 0);
}

static void
test_keys_cross_whole(void **state)
{
	(void)state;
	struct tickets t = { .made_ms = 0 };
	struct tls_ticket_keys got;
	struct buf body = BUF_INIT(TICKETS_WIRE_SIZE);
	assert_true(tickets_turn(&t, 0));
	tickets_put(&body, &t.keys);
	assert_int_equal(body.len, TICKETS_WIRE_SIZE);
	struct wire in = { buf_str(&body), false };
	assert_true(tickets_get(&in, &got));
	assert_int_equal(got.n, 1);
	assert_true(same(got.keys[0], t.keys.keys[0]));
	for (size_t n = 0; n < body.len; n++) {
		in = (struct wire){ str_sub(buf_str(&body), 0, n), false };
		assert_false(tickets_get(&in, &got));
	}
	body.data[0] = TLS_TICKET_KEYS + 1;
	in = (struct wire){ buf_str(&body), false };
	assert_false(tickets_get(&in, &got));
	buf_clear(&body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys_change_in_time),
		cmocka_unit_test(test_keys_cross_whole),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
