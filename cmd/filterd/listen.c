/* Binding and accepting. */
#include "cmd/filterd/listen.h"

#include "core/base/i18n.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

static bool
bind_and_listen(int fd, const struct listen_spec *spec)
{
	int on = 1;
	const struct sockaddr *address =
	    (const struct sockaddr *)(const void *)&spec->address;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/*
	 * Linux gives both to each connection accepted here. Replies are whole
	 * when written: do not wait for more.
	 */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	/* else [::] would take the IPv4 port too */
	if (address->sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	return bind(fd, address, spec->length) == 0 &&
	       listen(fd, FILTERD_BACKLOG) == 0;
}

int
listen_open(const struct listen_spec *spec, struct err *e)
{
	char name[LISTEN_TEXT_SIZE];
	const struct sockaddr *address =
	    (const struct sockaddr *)(const void *)&spec->address;
	listen_spec_format(address, name);
	int kind = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd = socket(address->sa_family, kind, 0);
	if (fd >= 0 && bind_and_listen(fd, spec))
		return fd;
	int error = errno;
	err_set_errno(e, error, _("cannot listen on '%s'"), name);
	if (error == EADDRINUSE) {
		/* it may be free in a moment: the supervisor tries again */
		e->code = ERR_TEMPORARY;
		err_next(e,
		    _("see who has it: ss -ltnp 'sport = :%u', or give "
		      "another port to --listen"),
		    (unsigned)ntohs(
			((const struct sockaddr_in *)(const void *)address)
			    ->sin_port));
	} else if (error == EACCES) {
		err_next(e, _("start as root, or listen on a port above 1023"));
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

void
listen_name(int fd, char out[LISTEN_TEXT_SIZE])
{
	struct sockaddr_storage a = { 0 };
	socklen_t n = sizeof(a);
	getsockname(fd, (struct sockaddr *)(void *)&a, &n);
	listen_spec_format((const struct sockaddr *)(const void *)&a, out);
}

/* Address and port as text. */
static void
address_text(
    const struct sockaddr_storage *a, char *out, size_t size, uint16_t *port)
{
	out[0] = '\0';
	if (a->ss_family == AF_INET6) {
		const struct sockaddr_in6 *v6 =
		    (const struct sockaddr_in6 *)(const void *)a;
		*port = ntohs(v6->sin6_port);
		inet_ntop(AF_INET6, &v6->sin6_addr, out, (socklen_t)size);
	} else if (a->ss_family == AF_INET) {
		const struct sockaddr_in *v4 =
		    (const struct sockaddr_in *)(const void *)a;
		*port = ntohs(v4->sin_port);
		inet_ntop(AF_INET, &v4->sin_addr, out, (socklen_t)size);
	}
}

bool
listen_has_waiting(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	return poll(&p, 1, 0) > 0;
}

int
listen_accept(int fd, struct accepted *a)
{
	struct sockaddr_storage peer = { 0 }, local = { 0 };
	socklen_t n = sizeof(peer);
	uint16_t port = 0;
	struct sockaddr *to = (struct sockaddr *)(void *)&peer;
	a->fd = accept4(fd, to, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (a->fd < 0)
		return -1;
	address_text(&peer, a->ip, sizeof(a->ip), &port);
	n = sizeof(local);
	getsockname(a->fd, (struct sockaddr *)(void *)&local, &n);
	address_text(&local, a->local_ip, sizeof(a->local_ip), &a->local_port);
	return a->fd;
}
