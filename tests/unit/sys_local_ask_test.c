/* A question over a local socket: answered, late, too long, interrupted. */
#include "core/sys/local_ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	PATH_SIZE = 64,
	ANSWER_MAX = 64,
	LIMIT_MS = 5000
};

/* A daemon that answers one question after a while. */
struct place {
	char dir[PATH_SIZE / 2];
	char path[PATH_SIZE];
	pid_t pid;
};

static void
serve(int listening, int wait_ms, const char *answer)
{
	char question[16];
	int fd = accept(listening, NULL, NULL);
	ssize_t n = read(fd, question, sizeof(question));
	(void)poll(NULL, 0, wait_ms);
	bool ok = n > 0 && write(fd, answer, strlen(answer)) >= 0;
	_exit(ok ? 0 : 1);
}

static void
begin(struct place *p, int wait_ms, const char *answer)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	snprintf(p->dir, sizeof(p->dir), "/tmp/local-ask.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/s", p->dir);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", p->path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)(void *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	p->pid = fork();
	if (p->pid == 0)
		serve(fd, wait_ms, answer);
	close(fd);
}

static void
end(struct place *p)
{
	kill(p->pid, SIGKILL);
	while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
		;
	unlink(p->path);
	rmdir(p->dir);
}

static bool
ask(const struct place *p, int limit_ms, struct buf *out, struct err *e)
{
	buf_init(out, ANSWER_MAX);
	return local_ask(p->path, STR("?"), limit_ms, out, e);
}

static void
test_answers(void **state)
{
	struct place p;
	struct buf out;
	struct err e = ERR_INIT;
	(void)state;
	begin(&p, 0, "fine");
	assert_true(ask(&p, LIMIT_MS, &out, &e));
	assert_string_equal(buf_cstr(&out), "fine");
	buf_clear(&out);
	end(&p);
	/* nobody is there any more */
	assert_false(ask(&p, LIMIT_MS, &out, &e));
	assert_int_equal(e.sys_errno, ENOENT);
	buf_clear(&out);
}

static void
test_bounds(void **state)
{
	char long_answer[2 * ANSWER_MAX + 1];
	struct place p;
	struct buf out;
	struct err e = ERR_INIT;
	(void)state;
	memset(long_answer, 'x', sizeof(long_answer) - 1);
	long_answer[sizeof(long_answer) - 1] = '\0';
	begin(&p, 0, long_answer);
	assert_false(ask(&p, LIMIT_MS, &out, &e));
	assert_non_null(strstr(e.text, "does not answer"));
	buf_clear(&out);
	end(&p);
	begin(&p, LIMIT_MS, "late");
	assert_false(ask(&p, 50, &out, &e));
	buf_clear(&out);
	end(&p);
}

static void
on_alarm(int number)
{
	(void)number;
}

/* A terminal that changes its size, or a child that ends, is no silence. */
static void
test_signals(void **state)
{
	static const struct itimerval often = { .it_value = { .tv_usec =
								  20000 },
		.it_interval = { .tv_usec = 20000 } };
	static const struct itimerval never = { .it_value = { .tv_usec = 0 } };
	struct sigaction how = { .sa_handler = on_alarm };
	struct place p;
	struct buf out;
	struct err e = ERR_INIT;
	(void)state;
	begin(&p, 200, "fine");
	assert_int_equal(sigaction(SIGALRM, &how, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	bool ok = ask(&p, LIMIT_MS, &out, &e);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	if (!ok)
		fail_msg("%s", e.text);
	assert_string_equal(buf_cstr(&out), "fine");
	buf_clear(&out);
	end(&p);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_signals),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
