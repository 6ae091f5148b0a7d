/* The system call filters of the parts: what they close, and leave open. */
#include "cmd/filterd/sandbox.h"

#include "core/base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
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

static long
ask_ptrace(void)
{
	return syscall(SYS_ptrace, 0 /* PTRACE_TRACEME */, 0, 0, 0);
}

static long
ask_mount(void)
{
	return syscall(SYS_mount, "none", "/nowhere", "tmpfs", 0, NULL);
}

static long
ask_bpf(void)
{
	return syscall(SYS_bpf, -1, NULL, 0);
}

static long
ask_kexec(void)
{
	return syscall(SYS_kexec_load, 0, 0, NULL, ~0UL);
}

static long
ask_module(void)
{
	return syscall(SYS_finit_module, -1, "", 0);
}

static long
ask_keys(void)
{
	return syscall(SYS_keyctl, -1, 0, 0, 0, 0);
}

static long
ask_ring(void)
{
	return syscall(SYS_io_uring_setup, 0, NULL);
}

static long
ask_space(void)
{
	return syscall(SYS_unshare, CLONE_NEWUTS);
}

static long
ask_child_in_space(void)
{
	long pid = syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		_exit(0);
	return pid > 0 ? 0 : pid;
}

static long
ask_raw(void)
{
	return socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP) < 0;
}

static long
ask_raw_6(void)
{
	return socket(AF_INET6, SOCK_RAW, IPPROTO_UDP) < 0;
}

static long
ask_packet(void)
{
	return socket(AF_PACKET, SOCK_DGRAM, 0) < 0;
}

static long
ask_listen(void)
{
	return listen(-1, 1);
}

static long
ask_root_dir(void)
{
	return chroot("/nowhere");
}

static long
child(void)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	return waitpid(pid, NULL, 0) == pid ? 0 : -1;
}

static void *
nothing(void *arg)
{
	return arg;
}

static long
thread(void)
{
	pthread_t t;
	return pthread_create(&t, NULL, nothing, NULL) != 0 ||
	       pthread_join(t, NULL) != 0;
}

static long
inet_socket(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0;
}

static long
audit_socket(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0) < 0;
}

/* What a filter closes, and what must go on behind it. */
struct call {
	const char *name;
	long (*call)(void);
	bool allowed;
};

static const struct call of_sessions[] = {
	{ "signal to another process", signal_other, false },
	{ "signal to itself", signal_self, true },
	{ "signals by a descriptor's owner", own_other, false },
	{ "flags of a descriptor", flags, true },
	{ "a new socket", new_socket, false },
	{ "opening a file", open_file, false },
	{ "another program", program, false },
	{ NULL, NULL, false },
};

#define DOORS                                                                  \
	{ "ptrace", ask_ptrace, false }, { "mount", ask_mount, false },        \
	    { "bpf", ask_bpf, false }, { "kexec", ask_kexec, false },          \
	    { "a module", ask_module, false }, { "keys", ask_keys, false },    \
	    { "io_uring", ask_ring, false },                                   \
	    { "a name space", ask_space, false },                              \
	    { "a child in a name space", ask_child_in_space, false },          \
	    { "a child", child, true },                                        \
	{                                                                      \
		"a thread", thread, true                                       \
	}

static const struct call of_keeper[] = {
	DOORS,
	{ "a new socket", inet_socket, false },
	{ "opening a file", open_file, true },
	{ NULL, NULL, false },
};

static const struct call of_judge[] = {
	DOORS,
	{ "another program", program, false },
	{ "a server", ask_listen, false },
	{ "asking one", new_socket, true },
	{ "opening a file", open_file, true },
	{ NULL, NULL, false },
};

#define NO_RAW                                                                 \
	{ "a raw socket", ask_raw, false },                                    \
	    { "a raw socket of IPv6", ask_raw_6, false },                      \
	    { "a packet socket", ask_packet, false },                          \
	    { "a socket of TCP", inet_socket, true },                          \
	{                                                                      \
		"telling the audit", audit_socket, true                        \
	}

static const struct call of_programs[] = {
	DOORS,
	NO_RAW,
	{ NULL, NULL, false },
};

static const struct call of_auth[] = {
	DOORS,
	NO_RAW,
	{ "a server", ask_listen, false },
	{ "another root directory", ask_root_dir, false },
	{ "opening a file", open_file, true },
	{ NULL, NULL, false },
};

enum {
	NO_FILTER = 100,
	AS_WANTED = 0
};

/* A call in a process of its own: 0, or why not. */
static int
outcome(const struct call *c, bool filtered, enum sandbox_kind kind)
{
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		struct err e = ERR_INIT;
		if (filtered && !sandbox_seccomp(kind, &e))
			_exit(NO_FILTER);
		errno = 0;
		_exit(c->call() == 0 ? 0 : errno != 0 ? errno : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/*
 * What is closed answers EPERM where it had another answer before; whoever
 * may not do a thing anyway cannot show that.
 */
static bool
filter_holds(enum sandbox_kind kind, const struct call *calls)
{
	unsigned shown = 0;
	for (const struct call *c = calls; c->name != NULL; c++) {
		int before = outcome(c, false, kind);
		int now = outcome(c, true, kind);
		if (now == NO_FILTER)
			return false;
		if (c->allowed && now != before)
			fail_msg("%s: errno %d", c->name, now);
		if (!c->allowed && now != EPERM)
			fail_msg("%s: errno %d, was %d", c->name, now, before);
		shown += !c->allowed && before != EPERM;
	}
	print_message("# kind %d: %u closed\n", (int)kind, shown);
	assert_true(shown > 0);
	return true;
}

/* FL-192: a worker in a peer's hands reaches nothing and nobody */
static void
test_session_filter(void **state)
{
	(void)state;
	if (!filter_holds(SANDBOX_SESSIONS, of_sessions))
		skip(); /* no such filters on this machine */
}

/* FL-192: the others have what their work needs, and no kernel doors */
static void
test_other_filters(void **state)
{
	(void)state;
	if (!filter_holds(SANDBOX_KEEPER, of_keeper))
		skip();
	assert_true(filter_holds(SANDBOX_JUDGE, of_judge));
	assert_true(filter_holds(SANDBOX_CARRIER, of_judge));
}

/* Those that may run another user's programs have theirs from root. */
static void
test_filters_of_root(void **state)
{
	(void)state;
	if (!filter_holds(SANDBOX_AUTH, of_auth))
		skip(); /* not root, or none that may */
	assert_true(filter_holds(SANDBOX_LISTENER, of_programs));
	assert_true(filter_holds(SANDBOX_COURIER, of_programs));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_session_filter),
		cmocka_unit_test(test_other_filters),
		cmocka_unit_test(test_filters_of_root),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
