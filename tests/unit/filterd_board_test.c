/* What a worker tells on its board, and a listener believes of it. */
#include "cmd/filterd/board.h"
#include "cmd/filterd/listener_int.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <cmocka.h>

enum {
	SLOTS = 3
};

struct ends {
	const struct board *seen_by_listener;
	struct board *of_worker;
	uint64_t seen;
};

static void
open_board(struct ends *b)
{
	struct err e = ERR_INIT;
	int fd = board_create(&b->seen_by_listener, &e);
	assert_true(fd >= 0);
	b->of_worker = board_attach(fd);
	assert_non_null(b->of_worker);
	b->seen = 0;
}

static void
close_board(struct ends *b)
{
	munmap((void *)(uintptr_t)b->seen_by_listener, sizeof(struct board));
	munmap(b->of_worker, sizeof(struct board));
}

static bool
next(struct ends *b, uint32_t *slot, bool *bad)
{
	return board_next_ended(
	    b->seen_by_listener, SLOTS, &b->seen, slot, bad);
}

static void
test_each_end_is_told_once_in_its_order(void **state)
{
	(void)state;
	struct ends b;
	uint32_t slot;
	bool bad;
	open_board(&b);
	assert_false(next(&b, &slot, &bad));
	for (uint32_t round = 0; round < 10; round++) {
		for (uint32_t i = 0; i < SLOTS; i++)
			board_end(b.of_worker, (round + i) % SLOTS, SLOTS);
		for (uint32_t i = 0; i < SLOTS; i++) {
			assert_true(next(&b, &slot, &bad));
			assert_int_equal(slot, (round + i) % SLOTS);
		}
		assert_false(next(&b, &slot, &bad));
		assert_false(bad);
	}
	close_board(&b);
}

/* More than there are sessions: none of it is looked at, later ones are. */
static void
test_more_ends_than_sessions_are_no_ends(void **state)
{
	(void)state;
	struct ends b;
	uint32_t slot;
	bool bad;
	open_board(&b);
	for (uint32_t i = 0; i <= SLOTS; i++)
		board_end(b.of_worker, i, SLOTS);
	assert_false(next(&b, &slot, &bad));
	assert_true(bad);
	board_end(b.of_worker, 1, SLOTS);
	assert_true(next(&b, &slot, &bad));
	assert_int_equal(slot, 1);
	/* a number that was set back is as wrong */
	atomic_store(&b.of_worker->ended.n, 1);
	assert_false(next(&b, &slot, &bad));
	assert_true(bad);
	close_board(&b);
}

/* A worker in place of one that died goes on behind it. */
static void
test_next_worker_goes_on(void **state)
{
	(void)state;
	struct ends b;
	struct err e = ERR_INIT;
	uint32_t slot;
	bool bad;
	int fd = board_create(&b.seen_by_listener, &e);
	assert_true(fd >= 0);
	b.of_worker = board_attach(fcntl(fd, F_DUPFD_CLOEXEC, 0));
	b.seen = 0;
	board_end(b.of_worker, 2, SLOTS);
	munmap(b.of_worker, sizeof(struct board));
	b.of_worker = board_attach(fd);
	board_end(b.of_worker, 1, SLOTS);
	assert_true(next(&b, &slot, &bad));
	assert_int_equal(slot, 2);
	assert_true(next(&b, &slot, &bad));
	assert_int_equal(slot, 1);
	assert_false(next(&b, &slot, &bad));
	close_board(&b);
}

/*
 * A worker that went wrong can end sessions as fast as they are looked at:
 * behind the first that it does not have nobody looks any more.
 */
static void
test_ends_of_others_sessions_are_not_followed(void **state)
{
	(void)state;
	struct ends b;
	struct listener *l = calloc(1, sizeof(*l));
	open_board(&b);
	assert_true(l != NULL && slots_init(&l->slots, SLOTS));
	l->n_workers = 1;
	l->workers[0].board = b.seen_by_listener;
	l->parts[SERVANTS].channel.fd = -1;
	uint32_t slot = slots_take(&l->slots, "192.0.2.1", 0);
	board_end(b.of_worker, slot, SLOTS);
	board_end(b.of_worker, slot, SLOTS);
	board_end(b.of_worker, slot, SLOTS);
	listener_take_ended(l);
	assert_int_equal(l->slots.running, 0);
	/* nor do they stand in the way of the one in its place */
	slot = slots_take(&l->slots, "192.0.2.1", 0);
	listener_take_ended(l);
	assert_int_equal(l->slots.running, 1);
	board_end(b.of_worker, slot, SLOTS);
	listener_take_ended(l);
	assert_int_equal(l->slots.running, 0);
	slots_clear(&l->slots);
	free(l);
	close_board(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_end_is_told_once_in_its_order),
		cmocka_unit_test(test_more_ends_than_sessions_are_no_ends),
		cmocka_unit_test(test_next_worker_goes_on),
		cmocka_unit_test(test_ends_of_others_sessions_are_not_followed),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
