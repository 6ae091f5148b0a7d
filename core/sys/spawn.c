/* Programs run by argument vector. */
#include "core/sys/spawn.h"

#include "core/base/i18n.h"
#include "core/sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct child {
	pid_t pid;
	int in;      /* our end of its standard input, or -1 */
	int out;     /* our end of its output, or -1 */
	int failure; /* pipe on which a failed exec reports errno */
};

/* In the child: only async-signal-safe calls. Never returns. */
NORETURN static void
child_exec(const struct spawn *s, int in, int out, int err, int report)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (s->apart)
		setpgid(0, 0);
	bool ok = (in < 0 || dup2(in, 0) >= 0) &&
		  (out < 0 || dup2(out, 1) >= 0) &&
		  (err < 0 || dup2(err, 2) >= 0) &&
		  (s->dir == NULL || chdir(s->dir) == 0);
	if (ok) {
		if (s->env != NULL)
			environ = (char **)(uintptr_t)s->env;
		/* exec's prototype lacks const for historical reasons */
		char *const *argv = (char *const *)(uintptr_t)s->argv;
		if (s->path != NULL)
			execv(s->path, argv);
		else
			execvp(s->argv[0], argv);
	}
	int code = errno;
	ssize_t ignored = write(report, &code, sizeof(code));
	(void)ignored;
	_exit(127);
}

/* Wait until exec succeeded (pipe closed) or failed (errno read). */
static bool
exec_confirmed(int report, pid_t pid, const char *name, struct err *e)
{
	int code = 0;
	ssize_t n;
	do
		n = read(report, &code, sizeof(code));
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(code))
		return true;
	waitpid(pid, NULL, 0);
	return err_set_errno(e, code, _("cannot run '%s'"), name);
}

static bool
pipes_open(const struct spawn *s, int in[2], int out[2], int report[2])
{
	if (s->input_set && pipe2(in, O_CLOEXEC) != 0)
		return false;
	if (s->output != NULL && pipe2(out, O_CLOEXEC) != 0)
		return false;
	return pipe2(report, O_CLOEXEC) == 0;
}

static bool
child_start(const struct spawn *s, struct child *c, struct err *e)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, report[2] = { -1, -1 };
	const char *name = s->path != NULL ? s->path : s->argv[0];
	*c = (struct child){ .pid = -1, .in = -1, .out = -1, .failure = -1 };
	bool ok = pipes_open(s, in, out, report);
	if (ok) {
		c->pid = fork();
		if (c->pid == 0)
			child_exec(s, in[0], out[1], out[1], report[1]);
		ok = c->pid > 0;
	}
	if (!ok)
		err_set_errno(e, errno, _("cannot run '%s'"), name);
	file_close_fd(&in[0]);
	file_close_fd(&out[1]);
	file_close_fd(&report[1]);
	if (ok)
		ok = exec_confirmed(report[0], c->pid, name, e);
	file_close_fd(&report[0]);
	c->in = in[1];
	c->out = out[0];
	if (!ok) {
		file_close_fd(&c->in);
		file_close_fd(&c->out);
	}
	return ok;
}

/* Read what is there; closes the descriptor at its end. */
static void
output_take(struct child *c, struct buf *out)
{
	char part[8192];
	ssize_t n = read(c->out, part, sizeof(part));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		file_close_fd(&c->out);
		return;
	}
	size_t room = out->max - out->len;
	buf_add(out, part, (size_t)n < room ? (size_t)n : room);
}

static void
input_give(struct child *c, struct str *input)
{
	ssize_t n = input->len > 0 ? write(c->in, input->ptr, input->len) : 0;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0)
		*input = str_sub(*input, (size_t)n, input->len);
	if (n < 0 || input->len == 0)
		file_close_fd(&c->in);
}

/* Milliseconds left for poll: -1 without a limit. */
static int
time_left(int64_t deadline, const struct clock *clock)
{
	if (deadline == 0)
		return -1;
	int64_t left = deadline - clock_mono_ms(clock);
	return left < 0 ? 0 : (int)(left > 60000 ? 60000 : left);
}

/* Feed and drain until both pipes are closed; false at the deadline. */
static bool
pump(struct child *c, const struct spawn *s, int64_t deadline,
    const struct clock *clock)
{
	struct str input = s->input;
	while (c->in >= 0 || c->out >= 0) {
		struct pollfd p[2] = {
			{ .fd = c->in, .events = POLLOUT },
			{ .fd = c->out, .events = POLLIN },
		};
		int left = time_left(deadline, clock);
		if (left == 0)
			return false;
		if (poll(p, 2, left) < 0 && errno != EINTR)
			return false;
		if (p[0].revents != 0)
			input_give(c, &input);
		if (p[1].revents != 0)
			output_take(c, s->output);
	}
	return true;
}

static bool
reap(pid_t pid, int *status, int64_t deadline, const struct clock *clock)
{
	for (;;) {
		pid_t got = waitpid(pid, status, deadline == 0 ? 0 : WNOHANG);
		if (got == pid)
			return true;
		if (got < 0 && errno != EINTR)
			return false;
		if (got == 0) {
			if (clock_mono_ms(clock) >= deadline)
				return false;
			clock_sleep_ms(clock, 2);
		}
	}
}

bool
spawn_run(const struct spawn *s, const struct clock *clock, int *status,
    struct err *e)
{
	struct child c;
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	if (!child_start(s, &c, e))
		return false;
	if (c.in >= 0)
		fcntl(c.in, F_SETFL, O_NONBLOCK);
	int64_t deadline =
	    s->limit_ms > 0 ? clock_mono_ms(clock) + s->limit_ms : 0;
	sigaction(SIGPIPE, &ignore, &old);
	bool ok = pump(&c, s, deadline, clock) &&
		  reap(c.pid, status, deadline, clock);
	sigaction(SIGPIPE, &old, NULL);
	file_close_fd(&c.in);
	file_close_fd(&c.out);
	if (ok)
		return true;
	kill(c.pid, SIGKILL);
	waitpid(c.pid, status, 0);
	return err_set(e, ERR_TEMPORARY,
	    _("'%s' was stopped: it ran longer than %lld s"), s->argv[0],
	    (long long)(s->limit_ms / 1000));
}

bool
spawn_daemon(
    const struct spawn *s, const char *log_path, pid_t *pid, struct err *e)
{
	const char *name = s->path != NULL ? s->path : s->argv[0];
	int report[2] = { -1, -1 };
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int out = open(log_path != NULL ? log_path : "/dev/null",
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	bool ok = in >= 0 && out >= 0 && pipe2(report, O_CLOEXEC) == 0;
	if (ok) {
		*pid = fork();
		if (*pid == 0) {
			setsid();
			child_exec(s, in, out, out, report[1]);
		}
		ok = *pid > 0;
	}
	if (!ok)
		err_set_errno(e, errno, _("cannot run '%s'"), name);
	file_close_fd(&in);
	file_close_fd(&out);
	file_close_fd(&report[1]);
	if (ok)
		ok = exec_confirmed(report[0], *pid, name, e);
	file_close_fd(&report[0]);
	return ok;
}

bool
spawn_start(const struct spawn *s, int in, int out, int err_out, pid_t *pid,
    struct err *e)
{
	const char *name = s->path != NULL ? s->path : s->argv[0];
	int report[2] = { -1, -1 };
	bool ok = pipe2(report, O_CLOEXEC) == 0;
	if (ok) {
		*pid = fork();
		if (*pid == 0)
			child_exec(s, in, out, err_out, report[1]);
		ok = *pid > 0;
	}
	if (!ok)
		err_set_errno(e, errno, _("cannot run '%s'"), name);
	file_close_fd(&report[1]);
	if (ok)
		ok = exec_confirmed(report[0], *pid, name, e);
	file_close_fd(&report[0]);
	return ok;
}
