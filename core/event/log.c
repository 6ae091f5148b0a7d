/* The log of events. */
#include "core/event/event.h"

#include "core/base/buf.h"
#include "core/sys/file.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define IDENT    "esmith::event"
#define MESSAGES "/var/log/messages"

enum {
	LINE_MAX_BYTES = 64 * 1024
};

void
event_log_open(
    struct event_log *l, const struct root *root, const struct clock *clock)
{
	char path[SYS_PATH_MAX];
	l->clock = clock;
	l->fd = -1;
	syslog_port_open(&l->port, root, clock, IDENT);
	if (l->port.fd < 0 && !root_is_system(root) &&
	    root_path(root, MESSAGES, path, NULL))
		l->fd =
		    open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

void
event_log_line(struct event_log *l, struct str text)
{
	if (l->port.fd >= 0) {
		syslog_port_send(&l->port, SYSLOG_LOCAL1_INFO, text);
		return;
	}
	if (l->fd < 0)
		return;
	struct buf line = BUF_INIT(LINE_MAX_BYTES + 256);
	time_t now = (time_t)clock_wall_s(l->clock);
	struct tm tm;
	char stamp[32] = "", host[256] = "";
	if (localtime_r(&now, &tm) != NULL)
		strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", &tm);
	gethostname(host, sizeof(host) - 1);
	buf_addf(&line, "%s %s %s[%ld]: ", stamp, host, IDENT, (long)getpid());
	buf_add_str(&line, str_sub(text, 0, LINE_MAX_BYTES));
	buf_add_char(&line, '\n');
	/* a full disk must not stop an event */
	bool written = file_write_all(l->fd, buf_str(&line));
	(void)written;
	buf_clear(&line);
}

void
event_log_linef(struct event_log *l, const char *fmt, ...)
{
	struct buf text = BUF_INIT(LINE_MAX_BYTES);
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	event_log_line(l, buf_str(&text));
	buf_clear(&text);
}

void
event_log_close(struct event_log *l)
{
	syslog_port_close(&l->port);
	file_close_fd(&l->fd);
}

void
event_log_summary(struct event_log *l, const char *event, const char *step,
    int64_t start_ns, int64_t end_ns, int status)
{
	char tail[32] = "";
	if (status != 0)
		snprintf(tail, sizeof(tail), "|Status|%d", status);
	event_log_linef(l,
	    "%s=action|Event|%s|Action|%s|Start|%lld %lld|End|%lld %lld"
	    "|Elapsed|%.6f%s",
	    step, event, step, (long long)(start_ns / NS_PER_S),
	    (long long)(start_ns % NS_PER_S / 1000),
	    (long long)(end_ns / NS_PER_S),
	    (long long)(end_ns % NS_PER_S / 1000),
	    (double)(end_ns - start_ns) / (double)NS_PER_S, tail);
}
