/* Datagrams to the system log's socket, never blocking for long. */
#include "core/sys/syslog_port.h"

#include "core/base/buf.h"
#include "core/sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
	LINE_MAX_BYTES = 60000, /* readers take at most 64 KiB */
	PATIENCE_MS = 100
};

/*
 * A socket's path has 108 bytes at most; a long root is reached through the
 * descriptor of its dev directory.
 */
static bool
address_make(struct sockaddr_un *to, const struct root *root, int *dir)
{
	char path[SYS_PATH_MAX];
	*dir = -1;
	*to = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (!root_path(root, "/dev/log", path, NULL))
		return false;
	if (strlen(path) < sizeof(to->sun_path)) {
		memcpy(to->sun_path, path, strlen(path) + 1);
		return true;
	}
	path[strlen(path) - strlen("/log")] = '\0';
	*dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	snprintf(
	    to->sun_path, sizeof(to->sun_path), "/proc/self/fd/%d/log", *dir);
	return *dir >= 0;
}

void
syslog_port_open(struct syslog_port *p, const struct root *root,
    const struct clock *clock, const char *ident)
{
	struct sockaddr_un to;
	int dir;
	*p = (struct syslog_port){
		.fd = -1,
		.ident = ident,
		.clock = clock,
		.patience_ns = (int64_t)PATIENCE_MS * NS_PER_MS,
	};
	if (!address_make(&to, root, &dir))
		return;
	p->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd >= 0 &&
	    connect(p->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		syslog_port_close(p);
	if (dir >= 0)
		close(dir);
}

/* "Nov 22 04:27:38", C locale, local time; made once a second. */
static const char *
stamp(struct syslog_port *p)
{
	struct tm tm;
	char full[64] = "";
	int64_t now = clock_wall_s(p->clock);
	time_t t = (time_t)now;
	if (p->stamp[0] != '\0' && p->stamp_s == now)
		return p->stamp;
	if (localtime_r(&t, &tm) == NULL || asctime_r(&tm, full) == NULL)
		return "Jan  1 00:00:00";
	snprintf(p->stamp, sizeof(p->stamp), "%.15s", full + strlen("Sun "));
	p->stamp_s = now;
	return p->stamp;
}

/* The reader's queue is full: wait while there is patience left. */
static bool
wait_writable(struct syslog_port *p)
{
	int64_t from = clock_mono_ns(p->clock);
	int ms = (int)(p->patience_ns / NS_PER_MS);
	struct pollfd fd = { .fd = p->fd, .events = POLLOUT };
	if (ms <= 0)
		return false;
	int n = poll(&fd, 1, ms);
	int64_t spent = clock_mono_ns(p->clock) - from;
	/* a clock that stands still must not make this endless */
	p->patience_ns -= spent > NS_PER_MS ? spent : NS_PER_MS;
	return n > 0;
}

void
syslog_port_send(struct syslog_port *p, int priority, struct str text)
{
	struct buf line = BUF_INIT(LINE_MAX_BYTES);
	if (p->fd < 0)
		return;
	buf_addf(&line, "<%d>%s %s[%ld]: ", priority, stamp(p), p->ident,
	    (long)getpid());
	size_t room = line.max - line.len;
	buf_add_str(&line, str_sub(text, 0, room));
	while (send(p->fd, line.data, line.len, MSG_NOSIGNAL) < 0) {
		if (errno == EINTR)
			continue;
		if ((errno != EAGAIN && errno != ENOBUFS) || !wait_writable(p))
			break;
	}
	buf_clear(&line);
}

void
syslog_port_close(struct syslog_port *p)
{
	file_close_fd(&p->fd);
}
