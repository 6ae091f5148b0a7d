/* Asking over a local socket, in bounded time. */
#include "core/sys/local_ask.h"

#include "core/base/clock.h"
#include "core/base/i18n.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	STEP = 64 * 1024
};

static int
connected(const char *path, struct err *e)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	if (n >= sizeof(a.sun_path)) {
		err_set(e, ERR_PERMANENT,
		    _("'%s' is too long for the name of a socket"), path);
		return -1;
	}
	memcpy(a.sun_path, path, n + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 &&
	    connect(fd, (struct sockaddr *)(void *)&a, sizeof(a)) == 0)
		return fd;
	err_set_errno(e, errno, _("cannot ask '%s'"), path);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* To its end; false: not in time, or too much of it. */
static bool
read_answer(int fd, int64_t until_ms, struct buf *out)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	for (;;) {
		int64_t left = until_ms - clock_mono_ms(&clock_system);
		int ready = left > 0 ? poll(&p, 1, (int)left) : 0;
		if (ready < 0 && errno == EINTR)
			continue; /* a signal is no answer, nor its lack */
		if (ready <= 0)
			return false;
		size_t room = out->max - out->len < STEP ? out->max - out->len
							 : (size_t)STEP;
		char *to = room > 0 ? buf_reserve(out, room) : NULL;
		ssize_t n = to != NULL ? read(fd, to, room) : -1;
		if (n <= 0)
			return n == 0;
		buf_used(out, (size_t)n);
	}
}

bool
local_ask(const char *path, struct str question, int64_t limit_ms,
    struct buf *out, struct err *e)
{
	int64_t until_ms = clock_mono_ms(&clock_system) + limit_ms;
	int fd = connected(path, e);
	if (fd < 0)
		return false;
	/* a question fits into the socket's buffer */
	bool ok =
	    (question.len == 0 || send(fd, question.ptr, question.len,
				      MSG_NOSIGNAL) == (ssize_t)question.len) &&
	    read_answer(fd, until_ms, out);
	close(fd);
	return ok || err_set(e, ERR_TEMPORARY, _("'%s' does not answer"), path);
}
