/* Sessions of workers of before: what is told of them, and what is believed. */
#include "cmd/filterd/listener_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	N = 4
};

/* A listener that has begun, with room for so many sessions. */
static struct listener *
begin(uint32_t n)
{
	struct err e = ERR_INIT;
	struct listener *l = test_calloc(1, sizeof(*l));
	l->clock = &clock_system;
	l->n_workers = 1;
	l->control_fd = l->master.fd = -1;
	parts_init(l);
	listener_init_retired(l);
	assert_true(slots_init(&l->slots, n));
	assert_true(listener_prepare_workers(l, &e));
	return l;
}

/* Its worker runs, as far as a channel tells; the worker's end of that. */
static int
run_worker(struct listener *l, struct board **board)
{
	struct part_process *p = &l->parts[SERVANTS];
	struct err e = ERR_INIT;
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_true(
	    channel_init(&p->channel, pair[0], PART_LISTENER, PART_WORKER, &e));
	p->pid = getpid();
	*board = board_attach(dup(l->workers[0].board_fd));
	assert_non_null(*board);
	return pair[1];
}

/* What the first leaves as the second gets it: copies. */
static void
pass_on(struct listener *from, struct listener *to)
{
	struct handover h = HANDOVER_INIT;
	from->number = 77;
	listener_leave_retired(from, &h);
	h.number = from->number;
	for (unsigned i = 0; i < h.n_workers; i++) {
		h.workers[i].fd = dup(h.workers[i].fd);
		h.workers[i].board_fd = dup(h.workers[i].board_fd);
	}
	listener_take_retired(to, &h);
	assert_int_equal(h.n_workers, 0);
	assert_int_equal(h.sessions_fd, -1);
	assert_int_equal(to->number, 77);
}

static void
end(struct listener *l)
{
	for (unsigned i = 0; i < FILTERD_RETIRED_MAX; i++) {
		if (l->retired[i].at.fd >= 0)
			shutdown(l->retired[i].at.fd, SHUT_RDWR);
	}
	listener_look_at_retired(l);
	assert_int_equal(listener_count_retired(l), 0);
	channel_clear(&l->parts[SERVANTS].channel);
	close(l->workers[0].board_fd);
	board_leave(l->workers[0].board);
	slots_clear(&l->slots);
	test_free(l);
}

/* Across two starts, the second with fewer slots than before. */
static void
test_sessions_count_on(void **state)
{
	(void)state;
	struct board *board;
	struct listener *a = begin(N), *b = begin(2 * N), *c = begin(N - 1);
	int worker = run_worker(a, &board);
	uint32_t one = slots_take(&a->slots, "192.0.2.1", 0);
	uint32_t two = slots_take(&a->slots, "192.0.2.1", 0);
	uint32_t six = slots_take(&a->slots, "2001:db8::6", 0);
	board_end(board, two, N); /* not seen before the next one begins */
	pass_on(a, b);
	assert_int_equal(listener_count_retired(b), 1);
	assert_int_equal(slots_of_ip(&b->slots, "192.0.2.1"), 2);
	listener_take_ended(b);
	assert_int_equal(slots_of_ip(&b->slots, "192.0.2.1"), 1);
	assert_int_equal(slots_of_network(&b->slots, "192.0.2.9"), 1);
	assert_int_equal(slots_of_ip(&b->slots, "2001:db8::6"), 1);
	pass_on(b, c);
	assert_int_equal(c->slots.running, 2);
	board_end(board, six, N);
	board_end(board, six, N); /* it has ended: told again it is nothing */
	listener_take_ended(c);
	assert_int_equal(c->slots.running, 1);
	board_end(board, one, N);
	listener_take_ended(c);
	assert_int_equal(c->slots.running, 0);
	close(worker);
	listener_look_at_retired(c);
	assert_int_equal(listener_count_retired(c), 0);
	munmap(board, sizeof(*board));
	end(a);
	end(b);
	end(c);
}

/* Who has no room counts when it has: not at all. A worker that is gone takes
   its sessions with it. */
static void
test_what_finds_no_room_does_not_count(void **state)
{
	(void)state;
	struct board *board;
	struct listener *a = begin(N), *b = begin(2);
	int worker = run_worker(a, &board);
	uint32_t slots[N];
	for (uint32_t i = 0; i < N; i++)
		slots[i] = slots_take(&a->slots, "192.0.2.1", 0);
	pass_on(a, b);
	assert_int_equal(b->slots.running, 2);
	for (uint32_t i = 1; i < N; i++)
		board_end(board, slots[i], N);
	listener_take_ended(b);
	assert_int_equal(b->slots.running, 1);
	close(worker);
	listener_look_at_retired(b);
	assert_int_equal(b->slots.running, 0);
	munmap(board, sizeof(*board));
	end(a);
	end(b);
}

/* A worker of one board, with this told of its sessions; how many count. */
static uint32_t
running_by(struct str told, int board_fd)
{
	struct listener *l = begin(N);
	struct err e = ERR_INIT;
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	struct handover h = { .happened = true,
		.workers = { { pair[0], getpid(), dup(board_fd) } },
		.n_workers = 1,
		.sessions_fd =
		    part_bundle_fd(told, (struct str)STR_EMPTY, &e) };
	listener_take_retired(l, &h);
	uint32_t running = l->slots.running;
	listener_take_ended(l);
	close(pair[1]);
	end(l);
	return running;
}

static void
test_broken_words_are_not_believed(void **state)
{
	(void)state;
	const struct board *board;
	struct err e = ERR_INIT;
	struct buf told = BUF_INIT(4096);
	int fd = board_create(&board, &e);
	wire_put_u32(&told, N);
	wire_put_u64(&told, 0);
	wire_put_u32(&told, 3);
	for (uint32_t i = 0; i < 2; i++) {
		wire_put_u32(&told, 1); /* one slot twice */
		wire_put_str(&told, STR("192.0.2.1"));
	}
	wire_put_u32(&told, N); /* there is no such one */
	wire_put_str(&told, STR("192.0.2.1"));
	struct str whole = buf_str(&told);
	assert_int_equal(running_by(whole, fd), 1);
	for (size_t n = 0; n < whole.len; n++)
		assert_true(running_by(str_n(whole.ptr, n), fd) <= 1);
	buf_reset(&told);
	wire_put_u32(&told, FILTERD_INSTANCES_MAX + 1);
	wire_put_u64(&told, UINT64_MAX);
	wire_put_u32(&told, UINT32_MAX);
	assert_int_equal(running_by(buf_str(&told), fd), 0);
	buf_clear(&told);
	board_leave(board);
	close(fd);
}

/* Memory that could be cut short, or is another release's, is not read. */
static void
test_other_boards_are_not_read(void **state)
{
	(void)state;
	int fd = memfd_create("board", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(ftruncate(fd, sizeof(struct board)), 0);
	assert_null(board_look(fd));
	assert_int_equal(ftruncate(fd, sizeof(struct board) - 8), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	assert_null(board_look(fd));
	close(fd);
	fd = open("/dev/null", O_RDONLY);
	assert_null(board_look(fd));
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sessions_count_on),
		cmocka_unit_test(test_what_finds_no_room_does_not_count),
		cmocka_unit_test(test_broken_words_are_not_believed),
		cmocka_unit_test(test_other_boards_are_not_read),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name(
	    "filterd_retired", tests, NULL, NULL);
}
