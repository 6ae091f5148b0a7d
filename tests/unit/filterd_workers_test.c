/* Workers, as a part sees them that serves them: one that does not read. */
#include "cmd/filterd/workers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

struct fixture {
	struct workers workers;
	struct channel ends[2]; /* what two workers have */
	unsigned heard;
	unsigned again; /* so many more are sent, each when one is heard */
};

static void ask(struct channel *c);

static bool
hear(void *ctx, uint32_t id, struct message *m)
{
	struct fixture *f = ctx;
	(void)id;
	(void)m;
	f->heard++;
	if (f->again > 0) {
		f->again--;
		ask(&f->ends[0]);
	}
	return true;
}

static bool
has_room(const void *ctx)
{
	(void)ctx;
	return true;
}

static const struct workers_ears ears = { hear, has_room };

/* A worker is new; room for few answers, so that it is full soon. */
static uint32_t
join(struct fixture *f, unsigned number)
{
	int pair[2], room = 1;
	struct err e = ERR_INIT;
	struct buf body = BUF_INIT(64);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	wire_put_u32(&body, PART_WORKER);
	wire_put_u32(&body, number);
	struct message m = { .type = MESSAGE_PEER,
		.in = { buf_str(&body), false },
		.fd = pair[0] };
	assert_int_equal(workers_take(&f->workers, &m), (int)number);
	buf_clear(&body);
	assert_int_equal(
	    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)), 0);
	channel_clear(&f->ends[number]);
	assert_true(channel_init(
	    &f->ends[number], pair[1], PART_WORKER, PART_KEEPER, &e));
	f->ends[number].phase = CHANNEL_RUN;
	return f->workers.ids[number];
}

static void
start(struct fixture *f)
{
	*f = (struct fixture){ .ends = { { .fd = -1 }, { .fd = -1 } } };
	workers_init(&f->workers, PART_KEEPER);
}

static void
end(struct fixture *f)
{
	workers_clear(&f->workers);
	channel_clear(&f->ends[0]);
	channel_clear(&f->ends[1]);
}

/* A turn of the part. */
static void
turn(struct fixture *f)
{
	struct pollfd p[FILTERD_WORKERS_MAX];
	workers_watch(&f->workers, p);
	if (poll(p, FILTERD_WORKERS_MAX, 0) > 0)
		workers_hear(&f->workers, p, &ears, f);
}

static void
tell(struct fixture *f, uint32_t id, uint32_t number, size_t more, int fd)
{
	struct buf body = BUF_INIT(1 << 16);
	wire_put_u32(&body, number);
	wire_put_u32(&body, 0);
	for (size_t i = 0; i < more; i++)
		wire_put_u32(&body, 0);
	workers_tell(&f->workers, id,
	    fd >= 0 ? MESSAGE_SPOOLED : MESSAGE_RESULT, buf_str(&body), fd);
	buf_clear(&body);
}

/* The number of the next answer; -1: none, -2: nobody is there. */
static int64_t
told(struct channel *c, int *fd)
{
	struct message m;
	struct err e = ERR_INIT;
	switch (channel_receive(c, &m, &e)) {
	case CHANNEL_OK:
		*fd = m.fd;
		return wire_get_u32(&m.in);
	case CHANNEL_AGAIN:
		return -1;
	case CHANNEL_END:
	case CHANNEL_BAD:
		break;
	}
	return -2;
}

static void
ask(struct channel *c)
{
	struct buf body = BUF_INIT(64);
	wire_put_u32(&body, 1);
	wire_put_u32(&body, 1);
	assert_int_equal(
	    channel_send(c, MESSAGE_SPOOL, buf_str(&body), -1, 0), CHANNEL_OK);
	buf_clear(&body);
}

/* What it leaves lying waits, in order; the other one has its answer. */
static void
test_one_does_not_read(void **state)
{
	enum {
		N = 40
	};
	(void)state;
	struct fixture f;
	start(&f);
	uint32_t slow = join(&f, 0), quick = join(&f, 1);
	int fd = open("/dev/null", O_RDONLY), got;
	for (uint32_t i = 0; i < N; i++)
		tell(&f, slow, i, i % 2 == 0 ? 0 : 2, i % 2 == 0 ? fd : -1);
	close(fd);
	assert_false(outbox_is_empty(&f.workers.outboxes[0]));
	tell(&f, quick, 99, 2, -1);
	assert_int_equal(told(&f.ends[1], &got), 99);
	/* nor is it asked for more work meanwhile, as the other one is */
	ask(&f.ends[0]);
	ask(&f.ends[1]);
	turn(&f);
	assert_int_equal(f.heard, 1);
	for (uint32_t i = 0; i < N; i++) {
		turn(&f);
		assert_int_equal(told(&f.ends[0], &got), i);
		assert_int_equal(got >= 0, i % 2 == 0);
		if (got >= 0)
			close(got);
	}
	turn(&f);
	assert_true(outbox_is_empty(&f.workers.outboxes[0]));
	assert_int_equal(f.heard, 2);
	assert_int_equal(told(&f.ends[0], &got), -1);
	end(&f);
}

/* What waits is bounded; then it is given up, and may come again. */
static void
test_one_never_reads(void **state)
{
	(void)state;
	struct fixture f;
	start(&f);
	uint32_t id = join(&f, 0);
	uint32_t n = 0;
	int fd = -1;
	while (workers_has(&f.workers, id) && n < 1000)
		tell(&f, id, n++, 1000, -1);
	assert_in_range(n, 200, 400);
	assert_int_equal(f.workers.outboxes[0].bytes, 0);
	while (told(&f.ends[0], &fd) >= 0)
		;
	assert_int_equal(told(&f.ends[0], &fd), -2);
	id = join(&f, 0);
	tell(&f, id, 7, 2, -1);
	assert_int_equal(told(&f.ends[0], &fd), 7);
	/* one that is gone takes nothing with it */
	for (uint32_t i = 0; i < 40; i++)
		tell(&f, id, i, 2, -1);
	assert_false(outbox_is_empty(&f.workers.outboxes[0]));
	channel_clear(&f.ends[0]);
	turn(&f);
	assert_false(workers_has(&f.workers, id));
	assert_true(outbox_is_empty(&f.workers.outboxes[0]));
	end(&f);
}

/* An answer for one that died never reaches the one in its place. */
static void
test_one_in_its_place(void **state)
{
	(void)state;
	struct fixture f;
	int fd;
	start(&f);
	uint32_t before = join(&f, 0), after = join(&f, 0);
	assert_false(workers_has(&f.workers, before));
	assert_true(workers_has(&f.workers, after));
	assert_int_equal(workers_number(before), workers_number(after));
	tell(&f, before, 1, 2, -1);
	assert_int_equal(told(&f.ends[0], &fd), -1);
	tell(&f, after, 2, 2, -1);
	assert_int_equal(told(&f.ends[0], &fd), 2);
	end(&f);
}

/* Descriptors that wait are few. */
static void
test_descriptors_are_bounded(void **state)
{
	(void)state;
	struct fixture f;
	start(&f);
	uint32_t id = join(&f, 0);
	int fd = open("/dev/null", O_RDONLY);
	unsigned n = 0;
	while (workers_has(&f.workers, id) && n < 1000) {
		tell(&f, id, n++, 0, fd);
		assert_in_range(f.workers.outboxes[0].fds, 0, OUTBOX_FDS);
	}
	assert_in_range(n, OUTBOX_FDS, OUTBOX_FDS + 40);
	assert_int_equal(f.workers.outboxes[0].fds, 0);
	close(fd);
	end(&f);
}

/* One that sends without end does not keep the part from its own work. */
static void
test_flood(void **state)
{
	struct fixture f;
	(void)state;
	start(&f);
	(void)join(&f, 0);
	(void)join(&f, 1);
	f.again = 3 * FILTERD_HEARD_MAX;
	ask(&f.ends[0]);
	ask(&f.ends[1]);
	turn(&f);
	assert_in_range(f.heard, 2, FILTERD_HEARD_MAX);
	for (unsigned i = 0; i < 4; i++)
		turn(&f);
	assert_int_equal(f.heard, 3 * FILTERD_HEARD_MAX + 2);
	end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_does_not_read),
		cmocka_unit_test(test_one_never_reads),
		cmocka_unit_test(test_one_in_its_place),
		cmocka_unit_test(test_descriptors_are_bounded),
		cmocka_unit_test(test_flood),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name(
	    "filterd_workers", tests, NULL, NULL);
}
