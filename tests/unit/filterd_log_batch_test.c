/* Lines of the log that are written together, to a pipe and to a socket. */
#include "cmd/filterd/log.h"

#include <fcntl.h>
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
	READ_MAX = 64 * 1024,
	PIPE_MIN = 4096
};

struct log {
	int stderr_before;
	int read_fd;
	struct log_batch batch;
	char got[READ_MAX];
};

/* Standard error is the second of these. */
static void
begin(struct log *l, const int fds[2])
{
	struct err e = ERR_INIT;
	fflush(stderr);
	l->stderr_before = dup(STDERR_FILENO);
	l->read_fd = fds[0];
	assert_int_equal(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
	close(fds[1]);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	assert_true(log_prepare(&e));
	memset(&l->batch, 0xff, sizeof(l->batch));
	log_batch_begin(&l->batch);
}

static void
begin_pipe(struct log *l)
{
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	begin(l, fds);
}

static void
end(struct log *l)
{
	dup2(l->stderr_before, STDERR_FILENO);
	close(l->stderr_before);
	close(l->read_fd);
	(void)log_take_lost();
	close(LOG_LOST_FD);
}

/* What one read gives. */
static const char *
got(struct log *l)
{
	ssize_t n = read(l->read_fd, l->got, sizeof(l->got) - 1);
	l->got[n > 0 ? n : 0] = '\0';
	return l->got;
}

static void
add(struct log *l, uint32_t number, const char *text)
{
	log_batch_line(&l->batch, number, NULL, NULL, str_of(text));
}

static void
test_lines_are_written_at_once_and_once(void **state)
{
	(void)state;
	struct log l;
	begin_pipe(&l);
	log_batch_write(&l.batch); /* nothing is there */
	add(&l, 1, "one");
	log_batch_line(&l.batch, 2, "rcpt", "relay", STR("two"));
	assert_string_equal(got(&l), "");
	log_batch_write(&l.batch);
	assert_string_equal(got(&l), "1 one\n2 (rcpt) relay: two\n");
	log_batch_write(&l.batch);
	log_batch_write_left(&l.batch);
	assert_string_equal(got(&l), "");
	end(&l);
}

/* More than a pipe takes as a whole: in their order, none is torn. */
static void
test_what_is_full_is_written_first(void **state)
{
	(void)state;
	struct log l;
	char text[LOG_BATCH_MAX + 100], line[2 * sizeof(text)];
	begin_pipe(&l);
	for (size_t size = 1000; size < sizeof(text); size += 1000) {
		memset(text, 'x', size);
		text[size] = '\0';
		add(&l, 7, "before");
		add(&l, 8, text);
		add(&l, 9, "behind");
		log_batch_write(&l.batch);
		snprintf(
		    line, sizeof(line), "7 before\n8 %s\n9 behind\n", text);
		assert_string_equal(got(&l), line);
	}
	end(&l);
}

/* Nobody reads: they are lost as a whole, and counted. */
static void
test_lost_lines_are_counted_each(void **state)
{
	(void)state;
	struct log l;
	begin_pipe(&l);
	assert_true(fcntl(STDERR_FILENO, F_SETPIPE_SZ, PIPE_MIN) > 0);
	while (log_take_lost() == 0) {
		add(&l, 1, "filler");
		log_batch_write(&l.batch);
	}
	for (int i = 0; i < 5; i++)
		add(&l, 2, "a longer line than those before");
	log_batch_write(&l.batch);
	assert_int_equal(log_take_lost(), 5);
	assert_null(strstr(got(&l), "longer"));
	add(&l, 3, "later");
	log_batch_write(&l.batch);
	assert_string_equal(got(&l), "3 later\n");
	assert_int_equal(log_take_lost(), 0);
	end(&l);
}

static void
test_a_socket_has_them_too(void **state)
{
	(void)state;
	struct log l;
	int fds[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	begin(&l, fds);
	add(&l, 1, "one");
	add(&l, 2, "two");
	log_batch_write(&l.batch);
	assert_string_equal(got(&l), "1 one\n2 two\n");
	/* a reader that takes nothing is not waited for */
	while (log_take_lost() == 0)
		log_own("filler");
	add(&l, 1, "one");
	add(&l, 2, "two");
	log_batch_write(&l.batch);
	assert_int_equal(log_take_lost(), 2);
	end(&l);
}

/* It had gathered them when it died, and whatever else it left there. */
static void
test_lines_of_the_dead_are_written(void **state)
{
	(void)state;
	struct log l;
	begin_pipe(&l);
	add(&l, 1, "one");
	add(&l, 2, "two");
	unsigned length = atomic_load(&l.batch.length);
	log_batch_write_left(&l.batch);
	assert_string_equal(got(&l), "1 one\n2 two\n");
	atomic_store(&l.batch.length, length - 1);
	log_batch_write_left(&l.batch);
	assert_string_equal(got(&l), "1 one\n");
	atomic_store(&l.batch.length, 3);
	log_batch_write_left(&l.batch);
	atomic_store(&l.batch.length, LOG_BATCH_MAX + 1);
	log_batch_write_left(&l.batch);
	atomic_store(&l.batch.length, UINT32_MAX);
	log_batch_write_left(&l.batch);
	assert_string_equal(got(&l), "");
	end(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_are_written_at_once_and_once),
		cmocka_unit_test(test_what_is_full_is_written_first),
		cmocka_unit_test(test_lost_lines_are_counted_each),
		cmocka_unit_test(test_a_socket_has_them_too),
		cmocka_unit_test(test_lines_of_the_dead_are_written),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
