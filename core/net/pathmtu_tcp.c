/*
 * Full-size segments over a real SMTP connection: what mail itself would
 * meet. Commands that do nothing fill the segment, so nothing is delivered.
 */
#include "core/net/pathmtu.h"

#include "core/base/i18n.h"
#include "core/net/stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum {
	LINE_MAX = 500,        /* below the 512 of RFC 5321 4.5.3.1.4 */
	REPLY_LINE_MAX = 4096, /* of what comes back */
	REPLY_LINES_MAX = 128,
	CODE_LENGTH = 3,
	HELO_MAX = 255,
	SEGMENT_MAX = 8960,
	ARRIVE_MS = 5000, /* small segments need far less */
	STEP_MS = 10,
};

struct talk {
	struct stream stream;
	struct pathmtu_tcp *out;
	bool pipelining; /* a line of the reply read last says so */
};

static bool
untested(struct talk *t, const char *why)
{
	return err_set(&t->out->why, ERR_TEMPORARY, "%s", why);
}

/* One whole reply; false when it does not come, or is of another kind. */
static bool
read_reply(struct talk *t, char kind)
{
	struct str line;
	bool more = true, fits = true;
	t->pipelining = false;
	for (size_t n = 0; more; n++) {
		if (n == REPLY_LINES_MAX)
			return untested(t, _("the host sends no end of reply"));
		if (!stream_read_line(
			&t->stream, REPLY_LINE_MAX, &line, &t->out->why))
			return false;
		more = line.len > CODE_LENGTH && line.ptr[CODE_LENGTH] == '-';
		fits = fits && line.len > 0 && line.ptr[0] == kind;
		line = str_trim(str_sub(line, CODE_LENGTH + 1, line.len));
		t->pipelining =
		    t->pipelining || str_is_nocase(line, "PIPELINING");
	}
	return fits || untested(t, _("the host refuses to talk to us"));
}

static bool
say(struct talk *t, struct str text)
{
	return stream_write(&t->stream, text, &t->out->why);
}

/* What the kernel counts of this connection. */
static struct tcp_info
facts(const struct talk *t)
{
	struct tcp_info info;
	socklen_t n = sizeof(info);
	memset(&info, 0, sizeof(info));
	if (getsockopt(t->stream.fd, IPPROTO_TCP, TCP_INFO, &info, &n) != 0)
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
	const struct clock *clock = t->stream.clock;
	int64_t end = clock_mono_ms(clock) + ARRIVE_MS;
	if (end > t->stream.deadline_ms)
		end = t->stream.deadline_ms;
	for (;;) {
		*info = facts(t);
		if (info->tcpi_unacked == 0)
			return true;
		if (clock_mono_ms(clock) >= end)
			return false;
		clock_sleep_ms(clock, STEP_MS);
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
	if (setsockopt(
		t->stream.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
	    size < LINE_MAX) {
		untested(t, _("segments of this connection are tiny"));
		return;
	}
	unsigned commands = fill(segment, size);
	if (!say(t, str_n(segment, size)))
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
	snprintf(line, sizeof(line), "EHLO %.*s\r\n", HELO_MAX, helo);
	if (!read_reply(t, '2') || !say(t, str_of(line)) || !read_reply(t, '2'))
		return;
	if (!t->pipelining) {
		untested(t, _("the host takes one command at a time"));
		return;
	}
	full_segment(t);
	/* what it answers is all one */
	if (t->out->state == PATHMTU_TCP_PASSED)
		(void)!(say(t, STR("QUIT\r\n")) && read_reply(t, '2'));
}

void
pathmtu_tcp_probe(const struct net_addr *target, uint16_t port,
    const char *helo, int64_t limit_ms, const struct clock *clock,
    struct pathmtu_tcp *out)
{
	struct talk t = { .out = out };
	memset(out, 0, sizeof(*out));
	stream_init(&t.stream, clock, clock_mono_ms(clock) + limit_ms);
	if (stream_connect(&t.stream, target, port, &out->why)) {
		struct tcp_info info = facts(&t);
		out->offered = info.tcpi_snd_mss;
		out->mtu = info.tcpi_pmtu;
		greet(&t, helo);
	}
	stream_close(&t.stream);
}
