/* Messages between the parts: what may come from whom, and what may not. */
#include "cmd/filterd/channel.h"

#include "cmd/filterd/limits.h"
#include "cmd/filterd/part.h"
#include "core/base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Two ends of a channel; the sender's may claim to be any part. */
struct ends {
	struct channel from, to;
};

static void
join(struct ends *ends, enum part from, enum part to)
{
	int pair[2];
	struct err e = ERR_INIT;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_true(channel_init(&ends->from, pair[0], from, to, &e));
	assert_true(channel_init(&ends->to, pair[1], to, from, &e));
	ends->to.phase = CHANNEL_RUN;
}

static void
part(struct ends *ends)
{
	channel_clear(&ends->from);
	channel_clear(&ends->to);
}

static void
test_message_arrives(void **state)
{
	(void)state;
	struct ends ends;
	struct message m;
	struct err e = ERR_INIT;
	struct buf body = BUF_INIT(1024);
	join(&ends, PART_WORKER, PART_KEEPER);
	assert_int_equal(channel_receive(&ends.to, &m, &e), CHANNEL_AGAIN);
	wire_put_u32(&body, 7);
	wire_put_u32(&body, 8);
	wire_put_str(&body, STR("a\0b"));
	assert_int_equal(
	    channel_send(&ends.from, MESSAGE_SPOOL, buf_str(&body), -1, 0),
	    CHANNEL_OK);
	assert_int_equal(channel_receive(&ends.to, &m, &e), CHANNEL_OK);
	assert_int_equal(m.type, MESSAGE_SPOOL);
	assert_int_equal(m.fd, -1);
	assert_int_equal(wire_get_u32(&m.in), 7);
	assert_int_equal(wire_get_u32(&m.in), 8);
	assert_true(str_eq(wire_get_str(&m.in), STR("a\0b")));
	assert_true(wire_end(&m.in));
	buf_clear(&body);
	channel_clear(&ends.from);
	assert_int_equal(channel_receive(&ends.to, &m, &e), CHANNEL_END);
	part(&ends);
}

static void
test_descriptor_arrives(void **state)
{
	(void)state;
	struct ends ends;
	struct message m;
	struct err e = ERR_INIT;
	int pipe_fds[2];
	char c = 0;
	join(&ends, PART_LISTENER, PART_WORKER);
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(channel_send(&ends.from, MESSAGE_PEER, STR("eight---"),
			     pipe_fds[1], 0),
	    CHANNEL_OK);
	assert_int_equal(channel_receive(&ends.to, &m, &e), CHANNEL_OK);
	assert_true(m.fd >= 0);
	assert_int_equal(fcntl(m.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(write(m.fd, "x", 1), 1);
	assert_int_equal(read(pipe_fds[0], &c, 1), 1);
	assert_int_equal(c, 'x');
	close(m.fd);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	part(&ends);
}

/* Each breaks one rule of the table. */
static const struct {
	const char *why;
	enum part from, to;
	enum channel_phase phase;
	unsigned type;
	size_t length;
	bool with_fd;
} breaks[] = {
	{ "unknown type", PART_WORKER, PART_KEEPER, CHANNEL_RUN, 0, 8, false },
	{ "unknown type", PART_WORKER, PART_KEEPER, CHANNEL_RUN, MESSAGE_TYPES,
	    8, false },
	{ "unknown type", PART_WORKER, PART_KEEPER, CHANNEL_RUN, 0xffffffff, 8,
	    false },
	{ "not its to send", PART_WORKER, PART_KEEPER, CHANNEL_RUN,
	    MESSAGE_POLICY, 4, true },
	{ "not its to send", PART_WORKER, PART_LISTENER, CHANNEL_RUN,
	    MESSAGE_DRAIN, 0, false },
	{ "not its to send", PART_KEEPER, PART_LISTENER, CHANNEL_RUN,
	    MESSAGE_JOIN, 4, false },
	{ "not its to send", PART_LISTENER, PART_KEEPER, CHANNEL_RUN,
	    MESSAGE_SESSION, 64, true },
	/* passwords go to the part that judges them, and to no other */
	{ "not its to send", PART_WORKER, PART_KEEPER, CHANNEL_RUN,
	    MESSAGE_LOGIN, 64, false },
	{ "not its to send", PART_KEEPER, PART_WORKER, CHANNEL_RUN,
	    MESSAGE_LOGGED_IN, 12, false },
	{ "wrong length", PART_AUTH, PART_WORKER, CHANNEL_RUN,
	    MESSAGE_LOGGED_IN, 16, false },
	/* keys of tickets go to workers, whole */
	{ "not its to send", PART_WORKER, PART_LISTENER, CHANNEL_RUN,
	    MESSAGE_TICKETS, 164, false },
	{ "not its to send", PART_LISTENER, PART_RESOLVER, CHANNEL_RUN,
	    MESSAGE_TICKETS, 164, false },
	{ "wrong length", PART_LISTENER, PART_WORKER, CHANNEL_RUN,
	    MESSAGE_TICKETS, 84, false },
	{ "descriptor", PART_LISTENER, PART_WORKER, CHANNEL_RUN, MESSAGE_BOARD,
	    0, false },
	{ "wrong time", PART_LISTENER, PART_WORKER, CHANNEL_RUN, MESSAGE_INIT,
	    32, false },
	{ "wrong time", PART_LISTENER, PART_WORKER, CHANNEL_START,
	    MESSAGE_SESSION, 64, true },
	{ "wrong time", PART_LISTENER, PART_WORKER, CHANNEL_DRAIN,
	    MESSAGE_SESSION, 64, true },
	{ "wrong length", PART_WORKER, PART_KEEPER, CHANNEL_RUN, MESSAGE_JOB, 8,
	    false },
	{ "wrong length", PART_LISTENER, PART_WORKER, CHANNEL_RUN,
	    MESSAGE_SESSION, 257, true },
	{ "wrong length", PART_LISTENER, PART_WORKER, CHANNEL_RUN,
	    MESSAGE_DRAIN, 1, false },
	{ "descriptor", PART_LISTENER, PART_WORKER, CHANNEL_RUN,
	    MESSAGE_SESSION, 64, false },
	{ "descriptor", PART_WORKER, PART_KEEPER, CHANNEL_RUN, MESSAGE_JOB, 64,
	    true },
};

static void
test_breaks_are_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(breaks); i++) {
		static const char zeros[512];
		struct ends ends;
		struct message m;
		struct err e = ERR_INIT;
		join(&ends, breaks[i].from, breaks[i].to);
		ends.to.phase = breaks[i].phase;
		int fd = breaks[i].with_fd ? open("/dev/null", O_RDONLY) : -1;
		channel_send(&ends.from, (enum message_type)breaks[i].type,
		    str_n(zeros, breaks[i].length), fd, 0);
		assert_int_equal(
		    channel_receive(&ends.to, &m, &e), CHANNEL_BAD);
		if (strstr(e.text, breaks[i].why) == NULL)
			fail_msg("%zu: '%s' in place of '%s'", i, e.text,
			    breaks[i].why);
		if (fd >= 0)
			close(fd);
		part(&ends);
	}
}

/* The length told within must be that of the packet. */
static void
test_false_length_is_seen(void **state)
{
	(void)state;
	static const uint32_t packets[][4] = {
		{ MESSAGE_READY, 4, 1, 0 },
		{ MESSAGE_READY, 8, 1, 0 },
	};
	static const size_t sizes[] = { 16, 12 };
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct ends ends;
		struct message m;
		struct err e = ERR_INIT;
		join(&ends, PART_WORKER, PART_LISTENER);
		assert_int_equal(
		    send(ends.from.fd, packets[i], sizes[i], 0), sizes[i]);
		assert_int_equal(
		    channel_receive(&ends.to, &m, &e), CHANNEL_BAD);
		assert_non_null(strstr(e.text, "wrong length"));
		part(&ends);
	}
}

static void
test_full_channel_says_so(void **state)
{
	(void)state;
	struct ends ends;
	static char body[60000];
	unsigned sent = 0;
	join(&ends, PART_WORKER, PART_KEEPER);
	while (sent < 100000 &&
	       channel_send(&ends.from, MESSAGE_JOB, str_n(body, sizeof(body)),
		   -1, 0) == CHANNEL_OK)
		sent++;
	assert_true(sent > 0 && sent < 100000);
	assert_int_equal(channel_send(&ends.from, MESSAGE_JOB,
			     str_n(body, sizeof(body)), -1, 10),
	    CHANNEL_AGAIN);
	part(&ends);
}

/* Whoever receives is alive, and says so without being asked to. */
static void
test_ping_is_answered_by_the_channel(void **state)
{
	(void)state;
	struct ends ends;
	struct message m;
	struct err e = ERR_INIT;
	join(&ends, PART_LISTENER, PART_WORKER);
	ends.from.phase = CHANNEL_RUN;
	assert_true(channel_ping(&ends.from));
	assert_int_equal(channel_receive(&ends.from, &m, &e), CHANNEL_AGAIN);
	assert_true(ends.from.pinged);
	assert_int_equal(channel_send(&ends.from, MESSAGE_DRAIN,
			     (struct str)STR_EMPTY, -1, 0),
	    CHANNEL_OK);
	assert_int_equal(channel_receive(&ends.to, &m, &e), CHANNEL_OK);
	assert_int_equal(m.type, MESSAGE_DRAIN);
	assert_int_equal(channel_receive(&ends.from, &m, &e), CHANNEL_AGAIN);
	assert_false(ends.from.pinged);
	part(&ends);
}

/* The clock of a test: it goes on when it is told to. */
static int64_t
told_ns(void *ctx)
{
	return *(int64_t *)ctx;
}

/* A part counts as stuck for what it does itself, not for our own pauses. */
static void
test_stuck_part_is_seen(void **state)
{
	(void)state;
	struct ends ends;
	struct message m;
	struct err e = ERR_INIT;
	int64_t now = 1;
	bool stuck;
	const struct clock clock = { .mono_ns = told_ns, .ctx = &now };
	join(&ends, PART_LISTENER, PART_WORKER);
	struct part_process p = { .pid = getpid(), .channel = ends.from };
	p.channel.phase = CHANNEL_RUN;
	assert_int_equal(part_watch(&p, &clock, 3000, &stuck), FILTERD_LOOK_MS);
	/* an hour in which nobody looked is one look */
	now += 3600 * (int64_t)NS_PER_S;
	part_watch(&p, &clock, 3000, &stuck);
	assert_false(stuck);
	now += NS_PER_S;
	part_watch(&p, &clock, 3000, &stuck);
	assert_false(stuck);
	/* the answer comes at last */
	assert_int_equal(channel_receive(&ends.to, &m, &e), CHANNEL_AGAIN);
	assert_int_equal(channel_receive(&p.channel, &m, &e), CHANNEL_AGAIN);
	assert_int_equal(part_watch(&p, &clock, 3000, &stuck), FILTERD_LOOK_MS);
	for (int i = 1; i <= 3; i++) {
		now += NS_PER_S;
		part_watch(&p, &clock, 3000, &stuck);
		assert_int_equal(stuck, i == 3);
	}
	ends.from = p.channel;
	part(&ends);
}

static void
test_wire_reads_nothing_beyond_its_end(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(64);
	wire_put_u32(&b, 100); /* a length with nothing behind it */
	wire_put_u32(&b, 1);
	struct wire w = { buf_str(&b), false };
	assert_int_equal(wire_get_str(&w).len, 0);
	assert_true(w.bad);
	assert_int_equal(wire_get_u32(&w), 0);
	assert_int_equal(wire_get_u64(&w), 0);
	assert_false(wire_end(&w));
	w = (struct wire){ buf_str(&b), false };
	assert_int_equal(wire_get_u64(&w), ((uint64_t)1 << 32) + 100);
	assert_true(wire_end(&w));
	assert_int_equal(wire_get_u32(&w), 0);
	assert_false(wire_end(&w));
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message_arrives),
		cmocka_unit_test(test_descriptor_arrives),
		cmocka_unit_test(test_breaks_are_seen),
		cmocka_unit_test(test_false_length_is_seen),
		cmocka_unit_test(test_full_channel_says_so),
		cmocka_unit_test(test_ping_is_answered_by_the_channel),
		cmocka_unit_test(test_stuck_part_is_seen),
		cmocka_unit_test(test_wire_reads_nothing_beyond_its_end),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
