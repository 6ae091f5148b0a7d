/* Programs that are asked over pipes. */
#include "core/sys/coprocess.h"

#include "core/base/i18n.h"
#include "core/sys/file.h"
#include "core/sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	ERROR_LINE_MAX = 8192,
	PART = 64 * 1024,
	END_MS = 200 /* it ends when its input is closed */
};

static bool
pipes_open(int in[2], int out[2], int err[2])
{
	return pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 &&
	       pipe2(err, O_CLOEXEC) == 0;
}

bool
coprocess_start(struct coprocess *c, const char *const *argv,
    const struct clock *clock, struct err *e)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, err[2] = { -1, -1 };
	const struct spawn s = { .argv = argv, .apart = true };
	c->pid = 0;
	c->name = argv[0];
	c->clock = clock;
	buf_init(&c->errors, ERROR_LINE_MAX);
	bool ok = pipes_open(in, out, err) ||
		  err_set_errno(e, errno, _("cannot run '%s'"), argv[0]);
	ok = ok && spawn_start(&s, in[0], out[1], err[1], &c->pid, e);
	file_close_fd(&in[0]);
	file_close_fd(&out[1]);
	file_close_fd(&err[1]);
	if (!ok) {
		file_close_fd(&in[1]);
		file_close_fd(&out[0]);
		file_close_fd(&err[0]);
		c->pid = 0;
		return false;
	}
	c->in = in[1];
	c->out = out[0];
	c->err = err[0];
	fcntl(c->in, F_SETFL, O_NONBLOCK);
	fcntl(c->err, F_SETFL, O_NONBLOCK);
	return true;
}

/* Hand on whole lines; with 'all' what is left, too. */
static void
errors_tell(struct coprocess *c, bool all)
{
	struct str text = buf_str(&c->errors), line;
	size_t used = 0;
	while (used < text.len) {
		size_t end = str_find(text, '\n', used);
		if (end == text.len && !all && text.len < ERROR_LINE_MAX)
			break;
		line = str_sub(text, used, end);
		if (c->line != NULL)
			c->line(c->line_ctx, line);
		used = end < text.len ? end + 1 : end;
	}
	buf_consume(&c->errors, used);
}

static void
errors_take(struct coprocess *c)
{
	size_t room = c->errors.max - c->errors.len;
	char part[ERROR_LINE_MAX];
	ssize_t n =
	    read(c->err, part, room < sizeof(part) ? room : sizeof(part));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		file_close_fd(&c->err);
		return;
	}
	buf_add(&c->errors, part, (size_t)n);
	errors_tell(c, false);
}

/* Wait for 'fd', taking lines of standard error meanwhile. */
static bool
fd_wait(
    struct coprocess *c, int fd, short events, int64_t deadline, struct err *e)
{
	for (;;) {
		struct pollfd p[2] = {
			{ .fd = fd, .events = events },
			{ .fd = c->err, .events = POLLIN },
		};
		int64_t left = deadline - clock_mono_ms(c->clock);
		if (left <= 0)
			return err_set(e, ERR_TEMPORARY,
			    _("'%s' does not answer in time"), c->name);
		int n = poll(p, 2, left > 60000 ? 60000 : (int)left);
		if (n < 0 && errno != EINTR)
			return err_set_errno(
			    e, errno, _("cannot read from '%s'"), c->name);
		if (n > 0 && p[1].revents != 0)
			errors_take(c);
		if (n > 0 && p[0].revents != 0)
			return true;
	}
}

/* Its end, in words. */
static bool
ended(struct coprocess *c, struct err *e)
{
	int status = 0;
	int64_t until = clock_mono_ms(c->clock) + END_MS;
	pid_t got;
	while ((got = waitpid(c->pid, &status, WNOHANG)) == 0 &&
	       clock_mono_ms(c->clock) < until)
		clock_sleep_ms(c->clock, 2);
	if (got != c->pid)
		return err_set(
		    e, ERR_PERMANENT, _("'%s' closed its output"), c->name);
	c->pid = 0;
	if (WIFSIGNALED(status))
		return err_set(e, ERR_PERMANENT,
		    _("'%s' was ended by signal %d"), c->name,
		    WTERMSIG(status));
	return err_set(e, ERR_PERMANENT,
	    _("'%s' ended by itself with status %d"), c->name,
	    WEXITSTATUS(status));
}

bool
coprocess_send(
    struct coprocess *c, struct str bytes, int64_t deadline, struct err *e)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	bool ok = c->pid != 0 ||
		  err_set(e, ERR_PERMANENT, _("'%s' has ended"), c->name);
	sigaction(SIGPIPE, &ignore, &old);
	while (ok && bytes.len > 0) {
		ssize_t n = write(c->in, bytes.ptr, bytes.len);
		if (n > 0)
			bytes = str_sub(bytes, (size_t)n, bytes.len);
		else if (n < 0 && errno == EAGAIN)
			ok = fd_wait(c, c->in, POLLOUT, deadline, e);
		else if (n < 0 && errno != EINTR)
			ok = ended(c, e);
	}
	sigaction(SIGPIPE, &old, NULL);
	return ok;
}

bool
coprocess_receive(struct coprocess *c, size_t n, struct buf *out,
    int64_t deadline, struct err *e)
{
	char part[PART];
	if (c->pid == 0)
		return err_set(e, ERR_PERMANENT, _("'%s' has ended"), c->name);
	while (n > 0) {
		if (!fd_wait(c, c->out, POLLIN, deadline, e))
			return false;
		ssize_t got =
		    read(c->out, part, n < sizeof(part) ? n : sizeof(part));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return ended(c, e);
		if (!buf_add(out, part, (size_t)got))
			return err_set_errno(
			    e, ENOMEM, _("cannot read from '%s'"), c->name);
		n -= (size_t)got;
	}
	return true;
}

void
coprocess_stop(struct coprocess *c)
{
	int status;
	if (c->pid != 0) {
		int64_t until = clock_mono_ms(c->clock) + END_MS;
		file_close_fd(&c->in);
		while (waitpid(c->pid, &status, WNOHANG) == 0) {
			if (clock_mono_ms(c->clock) >= until) {
				kill(c->pid, SIGKILL);
				waitpid(c->pid, &status, 0);
				break;
			}
			clock_sleep_ms(c->clock, 1);
		}
		c->pid = 0;
	}
	file_close_fd(&c->in);
	file_close_fd(&c->out);
	while (c->err >= 0) {
		struct pollfd p = { .fd = c->err, .events = POLLIN };
		if (poll(&p, 1, 0) <= 0)
			break;
		errors_take(c);
	}
	errors_tell(c, true);
	file_close_fd(&c->err);
	buf_clear(&c->errors);
}
