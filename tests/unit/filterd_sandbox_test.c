/* The system call filter of the session worker: what it closes. */
#include "cmd/filterd/sandbox.h"

#include "core/base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long
signal_other(void)
{
	return syscall(SYS_tgkill, getppid(), getppid(), 0);
}

static long
signal_self(void)
{
	pid_t self = getpid();
	return syscall(SYS_tgkill, self, self, 0);
}

static long
own_other(void)
{
	return fcntl(STDERR_FILENO, F_SETOWN, 1);
}

static long
flags(void)
{
	return fcntl(STDERR_FILENO, F_GETFL) < 0;
}

static long
new_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static long
open_file(void)
{
	return open("/dev/null", O_RDONLY);
}

static long
program(void)
{
	return execl("/bin/true", "true", (char *)NULL);
}

static const struct {
	const char *name;
	long (*call)(void);
	bool allowed;
} calls[] = {
	{ "signal to another process", signal_other, false },
	{ "signal to itself", signal_self, true },
	{ "signals by a descriptor's owner", own_other, false },
	{ "flags of a descriptor", flags, true },
	{ "a new socket", new_socket, false },
	{ "opening a file", open_file, false },
	{ "another program", program, false },
};

/* In the child: 0 as wanted, else the case's number. */
static int
try_all(void)
{
	struct err e = ERR_INIT;
	if (!sandbox_seccomp(SANDBOX_SESSIONS, &e))
		return (int)ARRAY_LEN(calls) + 1;
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		errno = 0;
		bool done = calls[i].call() == 0;
		if (done != calls[i].allowed ||
		    (!calls[i].allowed && errno != EPERM))
			return (int)i + 1;
	}
	return 0;
}

/* FL-192: a worker in a peer's hands reaches nothing and nobody */
static void
test_session_filter(void **state)
{
	(void)state;
	int status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(try_all());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) > (int)ARRAY_LEN(calls))
		skip(); /* no such filters on this machine */
	if (WEXITSTATUS(status) != 0)
		fail_msg("%s", calls[WEXITSTATUS(status) - 1].name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_session_filter),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
