/* Who is told something and reads it slowly, not at all, or goes away. */
#include "cmd/filterd/audience.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	LENGTH = 1 << 20 /* more than a socket holds */
};

/* One more who is told; the descriptor that they read from. */
static int
take_seat(struct audience *a, int64_t now_ms)
{
	int fds[2];
	struct buf text = BUF_INIT(LENGTH);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	for (size_t i = 0; i < LENGTH; i++)
		buf_add_char(&text, (char)('a' + i % 23));
	audience_tell_take(a, fds[0], &text, now_ms);
	assert_int_equal(text.len, 0);
	return fds[1];
}

static size_t
seats_taken(const struct audience *a)
{
	size_t n = 0;
	for (size_t i = 0; i < AUDIENCE_MAX; i++)
		n += a->seats[i].fd >= 0;
	return n;
}

static void
serve(struct audience *a)
{
	struct pollfd p[AUDIENCE_MAX];
	audience_watch(a, p);
	if (poll(p, AUDIENCE_MAX, 0) > 0)
		audience_serve(a, p);
}

/* Bytes up to the end, each the one that it should be. */
static size_t
read_all(struct audience *a, int fd)
{
	size_t at = 0;
	char chunk[4096];
	for (;;) {
		ssize_t n = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT);
		for (ssize_t i = 0; i < n; i++)
			assert_int_equal(chunk[i], 'a' + at++ % 23);
		if (n == 0)
			return at;
		if (n < 0)
			serve(a);
	}
}

static void
test_a_slow_reader_gets_all_of_it(void **state)
{
	(void)state;
	struct audience a;
	audience_init(&a);
	assert_int_equal(audience_wait(&a, 0), -1);
	int slow = take_seat(&a, 0);
	int other = take_seat(&a, 100);
	assert_int_equal(seats_taken(&a), 2);
	assert_int_equal(audience_wait(&a, 100), AUDIENCE_MS - 100);
	assert_int_equal(read_all(&a, other), LENGTH);
	assert_int_equal(read_all(&a, slow), LENGTH);
	assert_int_equal(seats_taken(&a), 0);
	assert_int_equal(a.dropped, 0);
	close(slow);
	close(other);
}

static void
test_who_reads_nothing_is_left_and_counted(void **state)
{
	(void)state;
	struct audience a;
	int fds[AUDIENCE_MAX];
	audience_init(&a);
	for (size_t i = 0; i < AUDIENCE_MAX; i++) {
		assert_true(audience_has_seat(&a));
		fds[i] = take_seat(&a, (int64_t)i);
	}
	assert_false(audience_has_seat(&a));
	assert_int_equal(audience_wait(&a, AUDIENCE_MS), 1);
	assert_int_equal(a.dropped, 1);
	assert_true(audience_has_seat(&a));
	assert_int_equal(audience_wait(&a, 2 * AUDIENCE_MS), -1);
	assert_int_equal(a.dropped, AUDIENCE_MAX);
	for (size_t i = 0; i < AUDIENCE_MAX; i++)
		close(fds[i]);
}

/* "| head": no fault of theirs or ours. */
static void
test_who_goes_is_not_counted(void **state)
{
	(void)state;
	struct audience a;
	audience_init(&a);
	close(take_seat(&a, 0));
	serve(&a);
	assert_int_equal(seats_taken(&a), 0);
	assert_int_equal(a.dropped, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_slow_reader_gets_all_of_it),
		cmocka_unit_test(test_who_reads_nothing_is_left_and_counted),
		cmocka_unit_test(test_who_goes_is_not_counted),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
