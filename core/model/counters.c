/* Asking the running daemon for its counters. */
#include "core/model/counters.h"

#include "core/base/i18n.h"
#include "core/base/num.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PREFIX "smemail_filterd_"

enum {
	ANSWER_MS = 2000,
	STEP = 64 * 1024
};

static int
socket_open(const char *path, struct err *e)
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
	int error = errno;
	if (fd >= 0)
		close(fd);
	if (error == ENOENT || error == ECONNREFUSED) {
		err_set(e, ERR_TEMPORARY, _("no filter daemon answers at '%s'"),
		    path);
		err_next(e, "smemail service list");
	} else {
		err_set_errno(e, error, _("cannot ask '%s'"), path);
	}
	return -1;
}

/* To its end; true when it came. */
static bool
read_answer(int fd, struct buf *out)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	while (poll(&p, 1, ANSWER_MS) > 0) {
		char *to = buf_reserve(out, STEP);
		ssize_t n = to != NULL ? read(fd, to, STEP) : -1;
		if (n <= 0)
			return n == 0;
		buf_used(out, (size_t)n);
	}
	return false;
}

bool
counters_read(const struct root *root, struct buf *out, struct err *e)
{
	char path[SYS_PATH_MAX];
	if (!root_path(root, COUNTERS_SOCKET, path, e))
		return false;
	int fd = socket_open(path, e);
	if (fd < 0)
		return false;
	bool ok = read_answer(fd, out) && out->len > 0;
	close(fd);
	return ok || err_set(e, ERR_TEMPORARY,
			 _("the filter daemon at '%s' does not answer"), path);
}

/* PREFIX NAME VALUE, or PREFIX NAME{label="OF"} VALUE */
static bool
line_read(struct str line, struct counter *out)
{
	struct str number, rest;
	if (!str_starts(line, STR(PREFIX)))
		return false;
	struct str head = str_cut(line, ' ', &number);
	head = str_sub(head, strlen(PREFIX), head.len);
	out->name = str_cut(head, '{', &rest);
	out->of = (struct str)STR_EMPTY;
	if (rest.ptr != NULL) {
		(void)str_cut(rest, '"', &rest);
		out->of = str_cut(rest, '"', &rest);
	}
	return num_parse_u64(number, UINT64_MAX, &out->value);
}

bool
counters_next(struct str *at, struct counter *out)
{
	struct str line;
	while (str_next_line(at, &line)) {
		if (line_read(line, out))
			return true;
	}
	return false;
}

uint64_t
counters_value(struct str text, const char *name)
{
	struct counter c;
	while (counters_next(&text, &c)) {
		if (c.of.len == 0 && str_is(c.name, name))
			return c.value;
	}
	return 0;
}
