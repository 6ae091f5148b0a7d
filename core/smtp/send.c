/* A client that sends one message. */
#include "core/smtp/send.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/net/endpoint.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LINE_MAX_BYTES = 64 * 1024, /* a reply with all its lines */
	COMMAND_MAX = 2048
};

struct talk {
	int fd;
	const struct clock *clock;
	int64_t deadline;
	struct buf in, reply;
	struct err *e;
	enum smtp_sent broken; /* what a broken connection means now */
};

static enum smtp_sent
broken(struct talk *t, const char *what, int number)
{
	if (number != 0)
		err_set_errno(t->e, number, "%s", what);
	else
		err_set(t->e, ERR_TEMPORARY, "%s", what);
	t->e->code = ERR_TEMPORARY;
	return t->broken;
}

/* Wait for 'events'; false at the deadline. */
static bool
ready(struct talk *t, short events)
{
	for (;;) {
		int64_t left = t->deadline - clock_mono_ms(t->clock);
		struct pollfd p = { .fd = t->fd, .events = events };
		if (left <= 0)
			return false;
		int n = poll(&p, 1, left > 60000 ? 60000 : (int)left);
		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
	}
}

static enum smtp_sent
put(struct talk *t, struct str bytes)
{
	while (bytes.len > 0) {
		if (!ready(t, POLLOUT))
			return broken(t, _("the server did not read"), 0);
		ssize_t n = send(t->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n < 0)
			return broken(
			    t, _("cannot write to the server"), errno);
		bytes = str_sub(bytes, (size_t)n, bytes.len);
	}
	return SMTP_SENT;
}

/* A whole reply in t->reply, its code in *code. */
static enum smtp_sent
get(struct talk *t, unsigned *code)
{
	buf_reset(&t->reply);
	for (;;) {
		size_t end = str_find(buf_str(&t->in), '\n', 0);
		if (end < t->in.len) {
			struct str line =
			    str_trim(str_sub(buf_str(&t->in), 0, end));
			uint64_t n;
			if (line.len < 3 ||
			    !num_parse_u64(str_sub(line, 0, 3), 599, &n))
				return broken(
				    t, _("the server does not speak SMTP"), 0);
			bool more = line.len > 3 && line.ptr[3] == '-';
			buf_addf(&t->reply, "%s%.*s",
			    t->reply.len > 0 ? " " : "", STR_ARG(line));
			buf_consume(&t->in, end + 1);
			*code = (unsigned)n;
			if (!more)
				return SMTP_SENT;
			continue;
		}
		char *to = buf_reserve(&t->in, 4096);
		if (to == NULL || !ready(t, POLLIN))
			return broken(t, _("the server did not answer"), 0);
		ssize_t n = recv(t->fd, to, 4096, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			return broken(t, _("the server closed the connection"),
			    n < 0 ? errno : 0);
		buf_used(&t->in, (size_t)n);
	}
}

/* The reply must be of this class; else later or refused, by its own. */
static enum smtp_sent
want(struct talk *t, unsigned class)
{
	unsigned code = 0;
	enum smtp_sent s = get(t, &code);
	if (s != SMTP_SENT || code / 100 == class)
		return s;
	bool final = code / 100 == 5;
	err_set(t->e, final ? ERR_PERMANENT : ERR_TEMPORARY,
	    _("the server said '%s'"), buf_cstr(&t->reply));
	return final ? SMTP_SENT_REFUSED : SMTP_SENT_LATER;
}

static enum smtp_sent
command(struct talk *t, unsigned class, const char *fmt, struct str value)
{
	struct buf line = BUF_INIT(COMMAND_MAX);
	/* a line end in an address would be a command of its own */
	bool good = true;
	for (size_t i = 0; i < value.len; i++)
		good = good && value.ptr[i] >= ' ' && value.ptr[i] != 0x7f;
	buf_addf(&line, "%s%.*s%s\r\n", fmt, STR_ARG(value),
	    strchr(fmt, '<') != NULL ? ">" : "");
	enum smtp_sent s = SMTP_SENT_REFUSED;
	if (!good || line.failed)
		err_set(t->e, ERR_PERMANENT,
		    _("'%.*s' cannot stand in an SMTP command"),
		    STR_ARG(value));
	else
		s = put(t, buf_str(&line));
	buf_clear(&line);
	return s == SMTP_SENT ? want(t, class) : s;
}

/* Line ends and dots as DATA has them (RFC 5321, 4.5.2). */
static enum smtp_sent
data(struct talk *t, struct str message)
{
	struct buf out = BUF_INIT(message.len * 2 + 64);
	struct str line;
	while (str_next_line(&message, &line)) {
		if (line.len > 0 && line.ptr[0] == '.')
			buf_add_char(&out, '.');
		buf_add_str(&out, line);
		buf_add_cstr(&out, "\r\n");
	}
	enum smtp_sent s = out.failed ? broken(t, _("out of memory"), 0)
				      : put(t, buf_str(&out));
	buf_clear(&out);
	if (s != SMTP_SENT)
		return s;
	t->broken = SMTP_SENT_UNKNOWN;
	s = put(t, STR(".\r\n"));
	return s == SMTP_SENT ? want(t, 2) : s;
}

static enum smtp_sent
dialogue(struct talk *t, const struct smtp_send *s)
{
	enum smtp_sent r = want(t, 2);
	if (r == SMTP_SENT)
		r = command(t, 2, "EHLO ", str_of(s->helo));
	if (r == SMTP_SENT)
		r = command(t, 2, "MAIL FROM:<", s->from);
	if (r == SMTP_SENT)
		r = command(t, 2, "RCPT TO:<", s->to);
	if (r == SMTP_SENT)
		r = command(t, 3, "DATA", STR(""));
	if (r == SMTP_SENT)
		r = data(t, s->message);
	if (r == SMTP_SENT)
		(void)put(t, STR("QUIT\r\n")); /* what it answers is all one */
	return r;
}

static bool
open_connection(struct talk *t, const struct smtp_send *s)
{
	union net_endpoint to;
	int number = 0;
	socklen_t size = sizeof(number);
	socklen_t len = net_endpoint_make(&s->addr, s->port, &to);
	t->fd = socket(net_endpoint_family(&s->addr),
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (t->fd < 0)
		number = errno;
	else if (connect(t->fd, &to.any, len) != 0 && errno != EINPROGRESS)
		number = errno;
	else if (!ready(t, POLLOUT))
		number = ETIMEDOUT;
	else
		getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &number, &size);
	if (number == 0)
		return true;
	char text[NET_ADDR_TEXT_SIZE];
	err_set_errno(t->e, number, _("cannot connect to '%s' port %u"),
	    net_addr_format(&s->addr, text), (unsigned)s->port);
	t->e->code = ERR_TEMPORARY;
	return false;
}

enum smtp_sent
smtp_send_message(
    const struct smtp_send *s, const struct clock *clock, struct err *e)
{
	struct talk t = { .fd = -1,
		.clock = clock,
		.deadline = clock_mono_ms(clock) + s->limit_ms,
		.in = BUF_INIT(LINE_MAX_BYTES),
		.reply = BUF_INIT(LINE_MAX_BYTES),
		.e = e,
		.broken = SMTP_SENT_LATER };
	enum smtp_sent r = SMTP_SENT_LATER;
	if (open_connection(&t, s))
		r = dialogue(&t, s);
	if (t.fd >= 0)
		close(t.fd);
	buf_clear(&t.in);
	buf_clear(&t.reply);
	return r;
}
