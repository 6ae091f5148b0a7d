/* Connections with a deadline. */
#include "core/net/stream.h"

#include "core/base/i18n.h"
#include "core/net/endpoint.h"
#include "core/sys/file.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CHUNK = 4096,
	POLL_MAX_MS = 60 * 1000 /* of one wait; the deadline may be further */
};

void
stream_init(struct stream *s, const struct clock *clock, int64_t deadline_ms)
{
	*s = (struct stream){
		.fd = -1, .clock = clock, .deadline_ms = deadline_ms
	};
	buf_init(&s->in, STREAM_BUFFER_MAX);
}

static bool
timed_out(struct err *e)
{
	return err_set_errno(e, ETIMEDOUT, _("no answer in time"));
}

/* Wait for the events; false at the deadline. */
static bool
wait_for(struct stream *s, short events, struct err *e)
{
	for (;;) {
		int64_t left = s->deadline_ms - clock_mono_ms(s->clock);
		struct pollfd p = { .fd = s->fd, .events = events };
		if (left <= 0)
			return timed_out(e);
		int n =
		    poll(&p, 1, left > POLL_MAX_MS ? POLL_MAX_MS : (int)left);
		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return err_set_errno(
			    e, errno, _("cannot wait for the peer"));
	}
}

/* What became of a connect that was under way; 0: it is connected. */
static int
connect_error(int fd)
{
	int error = 0;
	socklen_t size = sizeof(error);
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error
									: errno;
}

bool
stream_connect(
    struct stream *s, const struct net_addr *addr, uint16_t port, struct err *e)
{
	union net_endpoint to;
	char shown[NET_ADDR_TEXT_SIZE];
	socklen_t len = net_endpoint_make(addr, port, &to);
	int error = 0;
	net_addr_format(addr, shown);
	s->fd = socket(net_endpoint_family(addr),
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		return err_set_errno(e, errno, _("cannot open a socket"));
	if (connect(s->fd, &to.any, len) != 0)
		error = errno;
	if (error == EINPROGRESS) {
		if (!wait_for(s, POLLOUT, e))
			return err_context(e,
			    _("cannot connect to '%s' port %u"), shown,
			    (unsigned)port);
		error = connect_error(s->fd);
	}
	return error == 0 ||
	       err_set_errno(e, error, _("cannot connect to '%s' port %u"),
		   shown, (unsigned)port);
}

static bool
closed(struct err *e)
{
	return err_set(e, ERR_TEMPORARY, _("the peer closed the connection"));
}

/* Wait for what TLS wants before it can go on. */
static bool
wait_for_tls(struct stream *s, enum tls_status wants, struct err *e)
{
	return wait_for(s, wants == TLS_WANT_READ ? POLLIN : POLLOUT, e);
}

/* One wait and one read under TLS. */
static bool
read_tls(struct stream *s, char *to, size_t size, size_t *got, struct err *e)
{
	for (;;) {
		enum tls_status status =
		    s->calls->read(s->tls, to, size, got, e);
		switch (status) {
		case TLS_DONE:
			return true;
		case TLS_WANT_READ:
		case TLS_WANT_WRITE:
			if (!wait_for_tls(s, status, e))
				return false;
			break;
		case TLS_CLOSED:
			*got = 0;
			return true;
		case TLS_FAILED:
			return false;
		}
	}
}

static bool
read_clear(struct stream *s, char *to, size_t size, size_t *got, struct err *e)
{
	for (;;) {
		ssize_t n = recv(s->fd, to, size, 0);
		*got = n > 0 ? (size_t)n : 0;
		if (n >= 0)
			return true;
		if (errno != EAGAIN && errno != EINTR)
			return err_set_errno(
			    e, errno, _("cannot read from the peer"));
		if (!wait_for(s, POLLIN, e))
			return false;
	}
}

/* Some more bytes into the buffer; *got 0 at the end of the connection. */
static bool
read_more(struct stream *s, struct buf *to, size_t *got, struct err *e)
{
	size_t room = to->max - to->len;
	char *at = buf_reserve(to, room < CHUNK ? room : CHUNK);
	if (at == NULL || room == 0)
		return err_set(
		    e, ERR_PERMANENT, _("the peer sends more than is taken"));
	/* a peer that drips is ended by the deadline, not by silence alone */
	if (clock_mono_ms(s->clock) >= s->deadline_ms)
		return timed_out(e);
	size_t size = room < CHUNK ? room : CHUNK;
	bool ok = s->tls != NULL ? read_tls(s, at, size, got, e)
				 : read_clear(s, at, size, got, e);
	if (ok)
		buf_used(to, *got);
	return ok;
}

/* The line given out last is no longer borrowed. */
static void
take(struct stream *s)
{
	buf_consume(&s->in, s->taken);
	s->taken = 0;
}

bool
stream_read_line(struct stream *s, size_t max, struct str *line, struct err *e)
{
	size_t got, end;
	take(s);
	while ((end = str_find(buf_str(&s->in), '\n', 0)) == s->in.len &&
	       end <= max + 1) {
		if (!read_more(s, &s->in, &got, e))
			return false;
		if (got == 0)
			return closed(e);
	}
	/* of one that is too long the end may not have come */
	s->taken = end < s->in.len ? end + 1 : end;
	if (end > 0 && s->in.data[end - 1] == '\r')
		end--;
	/* however it came: what is read at once may hold far longer ones */
	if (end > max)
		return err_set(e, ERR_PERMANENT,
		    _("the peer sends a line longer than %zu bytes"), max);
	*line = str_sub(buf_str(&s->in), 0, end);
	return true;
}

bool
stream_read_all(struct stream *s, struct buf *out, struct err *e)
{
	size_t got = 1;
	take(s);
	buf_add_str(out, buf_str(&s->in));
	buf_reset(&s->in);
	while (got > 0) {
		if (!read_more(s, out, &got, e))
			return false;
	}
	return true;
}

/* One wait at most; *sent may be 0 after it. */
static bool
write_tls(struct stream *s, struct str bytes, size_t *sent, struct err *e)
{
	enum tls_status status =
	    s->calls->write(s->tls, bytes.ptr, bytes.len, sent, e);
	switch (status) {
	case TLS_DONE:
		return true;
	case TLS_WANT_READ:
	case TLS_WANT_WRITE:
		return wait_for_tls(s, status, e);
	case TLS_CLOSED:
		return closed(e);
	case TLS_FAILED:
		return false;
	}
	return false;
}

static bool
write_clear(struct stream *s, struct str bytes, size_t *sent, struct err *e)
{
	ssize_t n = send(s->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
	*sent = n > 0 ? (size_t)n : 0;
	if (n >= 0)
		return true;
	if (errno != EAGAIN && errno != EINTR)
		return err_set_errno(e, errno, _("cannot write to the peer"));
	return wait_for(s, POLLOUT, e);
}

bool
stream_write(struct stream *s, struct str bytes, struct err *e)
{
	while (bytes.len > 0) {
		size_t sent = 0;
		bool ok = s->tls != NULL ? write_tls(s, bytes, &sent, e)
					 : write_clear(s, bytes, &sent, e);
		if (!ok)
			return false;
		bytes = str_sub(bytes, sent, bytes.len);
	}
	return true;
}

size_t
stream_waiting(const struct stream *s)
{
	return s->in.len - s->taken;
}

bool
stream_tls(struct stream *s, const struct tls_calls *calls,
    const struct tls_wish *wish, struct err *e)
{
	buf_reset(&s->in);
	s->taken = 0;
	s->calls = calls;
	s->tls = calls->open(s->fd, wish, e);
	while (s->tls != NULL) {
		enum tls_status status = calls->handshake(s->tls, e);
		switch (status) {
		case TLS_DONE:
			return true;
		case TLS_WANT_READ:
		case TLS_WANT_WRITE:
			if (!wait_for_tls(s, status, e))
				return false;
			break;
		case TLS_CLOSED:
			return err_set(e, ERR_PERMANENT,
			    _("the peer closed the connection in the TLS "
			      "handshake"));
		case TLS_FAILED:
			return false;
		}
	}
	return false;
}

void
stream_close(struct stream *s)
{
	if (s->tls != NULL)
		s->calls->close(s->tls);
	s->tls = NULL;
	file_close_fd(&s->fd);
	buf_clear(&s->in);
}
