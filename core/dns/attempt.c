/* One server asked once: sockets. */
#include "core/dns/resolver_int.h"

#include "core/base/i18n.h"
#include "core/base/random.h"
#include "core/dns/flat.h"
#include "core/net/endpoint.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	PORT_LOWEST = 1024,
	PORT_TRIES = 8,
	LENGTH_SIZE = 2,
	STRAYS_MAX = 16, /* foreign packets read in one go */
	READ_SIZE = 16 * 1024
};

/*
 * A port from all that an ordinary user has, so that a forger has to guess more
 * than the kernel's own range. Where all tries are taken the kernel chooses.
 */
static void
port_draw(int fd, bool ipv6)
{
	union net_endpoint any;
	const struct net_addr all = { .is_ipv6 = ipv6 };
	for (int i = 0; i < PORT_TRIES; i++) {
		uint32_t above = random_u32() % (UINT16_MAX - PORT_LOWEST);
		socklen_t n = net_endpoint_make(
		    &all, (uint16_t)(PORT_LOWEST + above), &any);
		if (bind(fd, &any.any, n) == 0)
			return;
	}
}

static bool
lacks_resources(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	       error == ENOMEM || error == EAGAIN;
}

/* A place in the flight's list: a free one, or that of the oldest. */
static struct attempt *
attempt_place(struct flight *f)
{
	struct attempt *a = &f->attempts[f->n_attempts++ % ATTEMPTS_MAX];
	attempt_close(a);
	if (a->decoding)
		dns_codec_drop(f->resolver->codec, a);
	*a = (struct attempt){ .flight = f, .fd = -1 };
	return a;
}

static bool
watch(struct attempt *a, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = a };
	int epoll = a->flight->resolver->epoll;
	if (epoll_ctl(epoll, a->open ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, a->fd,
		&ev) != 0)
		return false;
	a->open = true;
	return true;
}

static void
connect_failed(struct attempt *a, int error)
{
	char reason[ERR_REASON_MAX];
	err_reason(error, reason);
	flight_attempt_failed(a, DNS_NO_SERVER, _("%s cannot be reached: %s"),
	    a->flight->server, reason);
}

bool
attempt_start(struct flight *f, unsigned peer, bool tcp, bool edns)
{
	const struct dns_server *s = &f->peers[peer].at;
	union net_endpoint to;
	socklen_t n = net_endpoint_make(&s->addr, s->port, &to);
	int type =
	    (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd = socket(to.any.sa_family, type, 0);
	if (fd < 0 && lacks_resources(errno))
		return false;
	struct attempt *a = attempt_place(f);
	a->peer = peer;
	a->tcp = tcp;
	a->edns = edns;
	buf_init(&a->in, LENGTH_SIZE + DNS_PACKET_MAX + READ_SIZE);
	dns_server_format(s, f->server);
	dns_packet_make(&a->packet, &f->query->wire, f->query->type,
	    !f->query->how.no_chase, edns);
	if (fd < 0) {
		connect_failed(a, errno);
		return true;
	}
	a->fd = fd;
	if (!tcp)
		port_draw(fd, s->addr.is_ipv6);
	/* connected: the kernel drops what comes from elsewhere */
	if ((connect(fd, &to.any, n) != 0 && errno != EINPROGRESS) ||
	    (!tcp && send(fd, a->packet.bytes, a->packet.len, 0) < 0 &&
		errno != EAGAIN)) {
		int error = errno;
		close(fd);
		a->fd = -1;
		connect_failed(a, error);
		return true;
	}
	if (watch(a, tcp ? EPOLLOUT : EPOLLIN))
		return true;
	close(fd);
	a->fd = -1;
	return false;
}

void
attempt_close(struct attempt *a)
{
	if (a->open)
		close(a->fd);
	a->open = false;
	a->fd = -1;
	buf_clear(&a->in);
}

static void
udp_event(struct attempt *a)
{
	struct resolver *r = a->flight->resolver;
	for (int i = 0; i < STRAYS_MAX && a->open; i++) {
		ssize_t n = recv(a->fd, r->packet, sizeof(r->packet), 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			connect_failed(a, errno);
			return;
		}
		struct str reply = str_n(r->packet, (size_t)n);
		switch (dns_packet_match(&a->packet, reply)) {
		case DNS_MATCH:
		case DNS_MATCH_HEADER:
			flight_reply(a, reply);
			return;
		case DNS_MATCH_CASE:
			flight_reply_case(a);
			return;
		case DNS_MATCH_NOT:
			break;
		}
	}
}

/* Octet 'at' of what is sent by TCP: the length, then the packet. */
static bool
tcp_send(struct attempt *a)
{
	char bytes[LENGTH_SIZE + DNS_QUERY_MAX];
	size_t n = LENGTH_SIZE + a->packet.len;
	bytes[0] = (char)(a->packet.len >> 8);
	bytes[1] = (char)(a->packet.len & 0xff);
	memcpy(bytes + LENGTH_SIZE, a->packet.bytes, a->packet.len);
	ssize_t put = send(a->fd, bytes + a->sent, n - a->sent, MSG_NOSIGNAL);
	if (put < 0)
		return errno == EAGAIN || errno == EINTR;
	a->sent += (size_t)put;
	return a->sent < n || watch(a, EPOLLIN);
}

/* By TCP nobody else can answer: what does not match is a failure. */
static void
tcp_reply(struct attempt *a, struct str reply)
{
	enum dns_match match = dns_packet_match(&a->packet, reply);
	if (match == DNS_MATCH_NOT)
		flight_attempt_failed(a, DNS_BAD,
		    _("%s answers something else by TCP"), a->flight->server);
	else
		flight_reply(a, reply);
}

static void
tcp_receive(struct attempt *a)
{
	char *to = buf_reserve(&a->in, READ_SIZE);
	ssize_t n = to != NULL ? recv(a->fd, to, READ_SIZE, 0) : 0;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		flight_attempt_failed(a, DNS_BAD,
		    _("%s ends the TCP connection before its answer"),
		    a->flight->server);
		return;
	}
	buf_used(&a->in, (size_t)n);
	struct str got = buf_str(&a->in);
	if (got.len < LENGTH_SIZE)
		return;
	size_t length = dns_get16(&got);
	if (got.len < length)
		return;
	tcp_reply(a, str_sub(got, 0, length));
}

static void
tcp_event(struct attempt *a)
{
	int error = 0;
	socklen_t n = sizeof(error);
	if (a->sent == 0 &&
	    getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &error, &n) == 0 &&
	    error != 0) {
		connect_failed(a, error);
		return;
	}
	if (a->sent < LENGTH_SIZE + a->packet.len) {
		if (!tcp_send(a))
			connect_failed(a, errno);
		return;
	}
	tcp_receive(a);
}

void
attempt_event(struct attempt *a)
{
	if (!a->open || a->flight->query == NULL)
		return;
	if (a->tcp)
		tcp_event(a);
	else
		udp_event(a);
}
