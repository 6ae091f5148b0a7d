/*
 * Full-size segments over a real SMTP connection: what mail itself would
 * meet. Commands that do nothing fill the segment, so nothing is delivered.
 */
#include "core/net/pathmtu.h"

#include "core/base/i18n.h"
#include "core/net/endpoint.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	LINE_MAX = 500,    /* below the 512 of RFC 5321 4.5.3.1.4 */
	REPLY_MAX = 16384, /* bytes of one reply that are read */
	HELO_MAX = 255,
	SEGMENT_MAX = 8960,
	ARRIVE_MS = 5000, /* small segments need far less */
	STEP_MS = 10,
};

struct talk {
	int fd;
	const struct clock *clock;
	int64_t deadline_ms;
	struct pathmtu_tcp *out;
	char last[REPLY_MAX]; /* the reply read last, LF-terminated lines */
	size_t n;
};

static int64_t
left_ms(const struct talk *t)
{
	int64_t left = t->deadline_ms - clock_mono_ms(t->clock);
	return left > 0 ? left : 0;
}

static bool
ready(struct talk *t, short events)
{
	struct pollfd fd = { .fd = t->fd, .events = events };
	return poll(&fd, 1, (int)left_ms(t)) > 0;
}

static bool
untested(struct talk *t, const char *why)
{
	return err_set(&t->out->why, ERR_TEMPORARY, "%s", why);
}

static bool
connect_to(struct talk *t, const struct net_addr *target, uint16_t port)
{
	union net_endpoint to;
	int why = 0;
	socklen_t len = net_endpoint_make(target, port, &to), n = sizeof(why);
	t->fd = socket(net_endpoint_family(target),
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (t->fd >= 0 && connect(t->fd, &to.any, len) != 0)
		why = errno;
	if (t->fd < 0)
		why = errno;
	if (why == EINPROGRESS) {
		why = 0;
		if (!ready(t, POLLOUT))
			return untested(t, _("no connection in time"));
		if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &why, &n) != 0)
			why = errno;
	}
	if (why != 0)
		return err_set_errno(
		    &t->out->why, why, _("no connection to port %u"), port);
	return true;
}

/* The last line of a reply has a blank, or nothing, behind its code. */
static bool
is_complete(const struct talk *t)
{
	size_t begin = t->n;
	if (t->n == 0 || t->last[t->n - 1] != '\n')
		return false;
	while (begin > 1 && t->last[begin - 2] != '\n')
		begin--;
	begin -= begin > 0;
	return t->n - begin < 4 || t->last[begin + 3] != '-';
}

/* One whole reply; false when it does not come, or is none. */
static bool
read_reply(struct talk *t, char kind)
{
	t->n = 0;
	while (!is_complete(t)) {
		if (t->n == sizeof(t->last))
			return untested(t, _("the host sends no end of reply"));
		if (!ready(t, POLLIN))
			return untested(t, _("the host does not answer"));
		ssize_t got =
		    recv(t->fd, t->last + t->n, sizeof(t->last) - t->n, 0);
		if (got == 0 || (got < 0 && errno != EAGAIN))
			return untested(t, _("the host closed the connection"));
		t->n += got > 0 ? (size_t)got : 0;
	}
	return t->last[0] == kind ||
	       untested(t, _("the host refuses to talk to us"));
}

static bool
say(struct talk *t, const char *text, size_t n)
{
	ssize_t sent = send(t->fd, text, n, MSG_NOSIGNAL);
	return sent == (ssize_t)n ||
	       untested(t, _("the host closed the connection"));
}

/* What the kernel counts of this connection. */
static struct tcp_info
facts(const struct talk *t)
{
	struct tcp_info info;
	socklen_t n = sizeof(info);
	memset(&info, 0, sizeof(info));
	if (getsockopt(t->fd, IPPROTO_TCP, TCP_INFO, &info, &n) != 0)
		memset(&info, 0, sizeof(info));
	return info;
}

/* 'size' bytes of NOOP commands; returns how many commands. */
static unsigned
fill(char *out, size_t size)
{
	static const char word[] = "NOOP";
	unsigned n = 0;
	memset(out, 'x', size);
	for (size_t at = 0; at < size;) {
		size_t rest = size - at;
		size_t line = rest <= LINE_MAX ? rest : LINE_MAX;
		/* the next line must have room for its own command */
		if (rest > LINE_MAX && rest - LINE_MAX < sizeof(word) + 3)
			line -= sizeof(word) + 3;
		memcpy(out + at, word, sizeof(word) - 1);
		out[at + sizeof(word) - 1] = ' ';
		memcpy(out + at + line - 2, "\r\n", 2);
		at += line;
		n++;
	}
	return n;
}

/* Did the other side acknowledge all? Its kernel does so at once. */
static bool
acknowledged(struct talk *t, struct tcp_info *info)
{
	int64_t end = clock_mono_ms(t->clock) + ARRIVE_MS;
	if (end > t->deadline_ms)
		end = t->deadline_ms;
	for (;;) {
		*info = facts(t);
		if (info->tcpi_unacked == 0)
			return true;
		if (clock_mono_ms(t->clock) >= end)
			return false;
		clock_sleep_ms(t->clock, STEP_MS);
	}
}

static void
full_segment(struct talk *t)
{
	static const int on = 1;
	char segment[SEGMENT_MAX];
	struct tcp_info info = facts(t);
	size_t size =
	    info.tcpi_snd_mss < SEGMENT_MAX ? info.tcpi_snd_mss : SEGMENT_MAX;
	unsigned before = info.tcpi_total_retrans;
	if (setsockopt(t->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
	    size < LINE_MAX) {
		untested(t, _("segments of this connection are tiny"));
		return;
	}
	unsigned commands = fill(segment, size);
	if (!say(t, segment, size))
		return;
	bool arrived = acknowledged(t, &info);
	/* told "too big" on the way, the kernel sends it again in parts */
	t->out->sent =
	    info.tcpi_snd_mss < size ? info.tcpi_snd_mss : (unsigned)size;
	t->out->resent = info.tcpi_total_retrans - before;
	t->out->mtu = info.tcpi_pmtu;
	t->out->state = arrived ? PATHMTU_TCP_PASSED : PATHMTU_TCP_LOST;
	for (unsigned i = 0; arrived && i < commands; i++)
		if (!read_reply(t, '2'))
			break; /* what we wanted to know is known */
}

static void
greet(struct talk *t, const char *helo)
{
	char line[HELO_MAX + 16];
	int n = snprintf(line, sizeof(line), "EHLO %.*s\r\n", HELO_MAX, helo);
	if (!read_reply(t, '2') || !say(t, line, (size_t)n) ||
	    !read_reply(t, '2'))
		return;
	if (memmem(t->last, t->n, "PIPELINING", 10) == NULL) {
		untested(t, _("the host takes one command at a time"));
		return;
	}
	full_segment(t);
	if (t->out->state == PATHMTU_TCP_PASSED && say(t, "QUIT\r\n", 6) &&
	    !read_reply(t, '2'))
		return;
}

void
pathmtu_tcp_probe(const struct net_addr *target, uint16_t port,
    const char *helo, int64_t limit_ms, const struct clock *clock,
    struct pathmtu_tcp *out)
{
	struct talk t = { .fd = -1,
		.clock = clock,
		.deadline_ms = clock_mono_ms(clock) + limit_ms,
		.out = out };
	memset(out, 0, sizeof(*out));
	if (connect_to(&t, target, port)) {
		struct tcp_info info = facts(&t);
		out->offered = info.tcpi_snd_mss;
		out->mtu = info.tcpi_pmtu;
		greet(&t, helo);
	}
	if (t.fd >= 0)
		close(t.fd);
}
