/* What the other parts say to the listener, and what comes of it. */
#include "cmd/filterd/listener_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

/* A listener that hears a worker refuse this configuration; does it go on? */
static bool
goes_on(uint32_t in_force, bool announced)
{
	int pair[2];
	struct err e = ERR_INIT;
	struct channel worker;
	struct buf body = BUF_INIT(128);
	struct listener *l = calloc(1, sizeof(*l));
	assert_non_null(l);
	parts_init(l);
	l->clock = &clock_system;
	l->announced = announced;
	l->n_workers = 2;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	struct part_process *p = &l->parts[SERVANTS];
	assert_true(
	    channel_init(&p->channel, pair[0], PART_LISTENER, PART_WORKER, &e));
	assert_true(
	    channel_init(&worker, pair[1], PART_WORKER, PART_LISTENER, &e));
	p->channel.phase = worker.phase = CHANNEL_RUN;
	p->generation = in_force;
	wire_put_u32(&body, in_force + 1);
	wire_put_str(&body, STR("out of memory"));
	assert_int_equal(
	    channel_send(&worker, MESSAGE_BAD_POLICY, buf_str(&body), -1, 0),
	    CHANNEL_OK);
	parts_hear(l, p);
	assert_int_equal(p->answered, in_force + 1);
	assert_int_equal(p->generation, in_force);
	bool ok = !l->failed;
	channel_clear(&p->channel);
	channel_clear(&worker);
	buf_clear(&body);
	free(l);
	return ok;
}

/* Else it would run, and listen to nobody, without end. */
static void
test_first_configuration_that_is_refused_ends_the_start(void **state)
{
	(void)state;
	assert_false(goes_on(0, false));
	assert_true(goes_on(1, false));
	assert_true(goes_on(1, true));
	/* a worker that was started anew; the others serve */
	assert_true(goes_on(0, true));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_first_configuration_that_is_refused_ends_the_start),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filterd_parts", tests, NULL, NULL);
}
