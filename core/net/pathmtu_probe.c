/*
 * Probes: UDP datagrams to ports nobody listens on. What becomes of them is
 * read from the socket's error queue (ip(7), IP_RECVERR).
 */
#include "core/net/pathmtu_int.h"

#include "core/base/i18n.h"
#include "core/net/endpoint.h"
#include "core/sys/file.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/errqueue.h>

enum {
	FIRST_PORT = 44444, /* as tracepath: known to be a probe */
	PORTS = 2000,
	PAYLOAD_MAX = 65507,
	IPV4_HEADERS = 20 + 8,
	IPV6_HEADERS = 40 + 8,
	SEND_TRIES = 8,
	CONTROL_MAX = 512,
};

static bool
set_option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

bool
path_open(struct path_socket *p, const struct net_addr *target,
    const struct clock *clock, struct err *e)
{
	char text[NET_ADDR_TEXT_SIZE];
	*p = (struct path_socket){ .target = *target, .clock = clock };
	p->fd = socket(net_endpoint_family(target),
	    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p->fd < 0)
		return err_set_errno(e, errno, _("cannot probe '%s'"),
		    net_addr_format(target, text));
	/* DO_NOT_FRAGMENT by the interface alone: what the kernel remembers of
	   the path must not hide what the path is today */
	bool ok =
	    target->is_ipv6
		? set_option(p->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
		      IPV6_PMTUDISC_PROBE) &&
		      set_option(p->fd, IPPROTO_IPV6, IPV6_RECVERR, 1) &&
		      set_option(p->fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1)
		: set_option(
		      p->fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE) &&
		      set_option(p->fd, IPPROTO_IP, IP_RECVERR, 1) &&
		      set_option(p->fd, IPPROTO_IP, IP_RECVTTL, 1);
	if (ok)
		return true;
	err_set_errno(
	    e, errno, _("cannot probe '%s'"), net_addr_format(target, text));
	path_close(p);
	return false;
}

void
path_close(struct path_socket *p)
{
	file_close_fd(&p->fd);
}

/* Bytes of headers in front of the payload: 28 or 48. */
static unsigned
path_overhead(const struct path_socket *p)
{
	return p->target.is_ipv6 ? IPV6_HEADERS : IPV4_HEADERS;
}

int
path_send(struct path_socket *p, unsigned ttl, unsigned size, struct err *e)
{
	static const char zeros[PAYLOAD_MAX];
	unsigned over = path_overhead(p);
	size_t payload = size > over ? size - over : 0;
	union net_endpoint to;
	uint16_t seq = (uint16_t)(p->seq + 1);
	socklen_t len = net_endpoint_make(
	    &p->target, (uint16_t)(FIRST_PORT + seq % PORTS), &to);
	if (payload > PAYLOAD_MAX)
		payload = PAYLOAD_MAX;
	p->seq = seq;
	if (!(p->target.is_ipv6
		    ? set_option(
			  p->fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, (int)ttl)
		    : set_option(p->fd, IPPROTO_IP, IP_TTL, (int)ttl))) {
		err_set_errno(e, errno, _("cannot send a probe"));
		return -1;
	}
	p->sent_ns[seq % PATH_SENT_MAX] = clock_mono_ns(p->clock);
	/* an error that waits (of an earlier probe) is told at the next send;
	   it stands in the error queue as well, so send again */
	for (int i = 0; i < SEND_TRIES; i++) {
		if (sendto(p->fd, zeros, payload, MSG_DONTWAIT, &to.any, len) >=
			0 ||
		    errno == EMSGSIZE)
			return seq; /* too big: the queue says how much is not
				     */
	}
	char text[NET_ADDR_TEXT_SIZE];
	err_set_errno(e, errno, _("cannot send to '%s'"),
	    net_addr_format(&p->target, text));
	return -1;
}

/* The words for ICMP's reasons (RFC 792, RFC 4443). */
static const char *
why_unreachable(const struct sock_extended_err *x)
{
	static const struct {
		uint8_t origin, type, code;
		const char *why;
	} reasons[] = {
		{ SO_EE_ORIGIN_ICMP, ICMP_DEST_UNREACH, ICMP_NET_UNREACH,
		    N_("network unreachable") },
		{ SO_EE_ORIGIN_ICMP, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH,
		    N_("host unreachable") },
		{ SO_EE_ORIGIN_ICMP, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH,
		    N_("protocol unreachable") },
		{ SO_EE_ORIGIN_ICMP, ICMP_DEST_UNREACH, ICMP_PKT_FILTERED,
		    N_("forbidden by a filter") },
		{ SO_EE_ORIGIN_ICMP, ICMP_DEST_UNREACH, ICMP_NET_ANO,
		    N_("forbidden by a filter") },
		{ SO_EE_ORIGIN_ICMP, ICMP_DEST_UNREACH, ICMP_HOST_ANO,
		    N_("forbidden by a filter") },
		{ SO_EE_ORIGIN_ICMP6, ICMP6_DST_UNREACH,
		    ICMP6_DST_UNREACH_NOROUTE, N_("network unreachable") },
		{ SO_EE_ORIGIN_ICMP6, ICMP6_DST_UNREACH,
		    ICMP6_DST_UNREACH_ADMIN, N_("forbidden by a filter") },
		{ SO_EE_ORIGIN_ICMP6, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_ADDR,
		    N_("host unreachable") },
	};
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (x->ee_origin == reasons[i].origin &&
		    x->ee_type == reasons[i].type &&
		    x->ee_code == reasons[i].code)
			return reasons[i].why;
	return N_("unreachable");
}

static enum path_answer
answer_of(const struct sock_extended_err *x)
{
	bool v4 = x->ee_origin == SO_EE_ORIGIN_ICMP;
	bool v6 = x->ee_origin == SO_EE_ORIGIN_ICMP6;
	if (x->ee_errno == EMSGSIZE)
		return v4 || v6 ? PATH_TOO_BIG : PATH_TOO_BIG_HERE;
	if ((v4 && x->ee_type == ICMP_TIME_EXCEEDED &&
		x->ee_code == ICMP_EXC_TTL) ||
	    (v6 && x->ee_type == ICMP6_TIME_EXCEEDED &&
		x->ee_code == ICMP6_TIME_EXCEED_TRANSIT))
		return PATH_HOP;
	if (x->ee_errno == ECONNREFUSED)
		return PATH_TARGET;
	return PATH_UNREACHABLE;
}

static void
read_control(
    const struct path_socket *p, struct msghdr *msg, struct path_reply *r)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL;
	     c = CMSG_NXTHDR(msg, c)) {
		bool v4 = c->cmsg_level == IPPROTO_IP;
		bool v6 = c->cmsg_level == IPPROTO_IPV6;
		if ((v4 && c->cmsg_type == IP_TTL) ||
		    (v6 && c->cmsg_type == IPV6_HOPLIMIT)) {
			int ttl;
			memcpy(&ttl, CMSG_DATA(c), sizeof(ttl));
			r->back_ttl = (unsigned)ttl;
		} else if ((v4 && c->cmsg_type == IP_RECVERR) ||
			   (v6 && c->cmsg_type == IPV6_RECVERR)) {
			struct sock_extended_err x;
			union net_endpoint offender;
			memcpy(&x, CMSG_DATA(c), sizeof(x));
			memset(&offender, 0, sizeof(offender));
			size_t rest = c->cmsg_len - CMSG_LEN(sizeof(x));
			memcpy(&offender, CMSG_DATA(c) + sizeof(x),
			    rest < sizeof(offender) ? rest : sizeof(offender));
			r->answer = answer_of(&x);
			r->mtu = x.ee_info;
			r->why = why_unreachable(&x);
			if (!net_endpoint_read(&offender.any, &r->from, NULL))
				r->from = p->target;
		}
	}
}

/* One message of the error queue (or a datagram: somebody did listen). */
static bool
receive(struct path_socket *p, bool errors, struct path_reply *r)
{
	char payload[64], control[CONTROL_MAX];
	union net_endpoint to;
	struct iovec iov = { payload, sizeof(payload) };
	struct msghdr msg = { .msg_name = &to,
		.msg_namelen = sizeof(to),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct net_addr about;
	memset(&to, 0, sizeof(to));
	if (recvmsg(p->fd, &msg, MSG_DONTWAIT | (errors ? MSG_ERRQUEUE : 0)) <
	    0)
		return false;
	*r = (struct path_reply){ .answer = PATH_TARGET };
	uint16_t port = 0;
	bool known = net_endpoint_read(&to.any, &about, &port);
	read_control(p, &msg, r);
	if (!errors)
		r->from = about;
	/* the port tells which probe this is about; probes whose seq is the
	   same modulo PORTS are long gone. An error of our own side has none:
	   it is about what was sent last. */
	uint16_t back =
	    (uint16_t)((p->seq % PORTS + PORTS - (port - FIRST_PORT) % PORTS) %
		       PORTS);
	if (r->answer == PATH_TOO_BIG_HERE)
		back = 0;
	else if (port < FIRST_PORT || port >= FIRST_PORT + PORTS)
		return false;
	r->seq = (uint16_t)(p->seq - back);
	r->reply_ns =
	    clock_mono_ns(p->clock) - p->sent_ns[r->seq % PATH_SENT_MAX];
	return known && net_addr_eq(&about, &p->target);
}

void
path_wait(struct path_socket *p, int64_t deadline_ms, struct path_reply *reply)
{
	for (;;) {
		int64_t left = deadline_ms - clock_mono_ms(p->clock);
		struct pollfd fd = { .fd = p->fd, .events = POLLIN };
		if (receive(p, true, reply) || receive(p, false, reply))
			return;
		if (left <= 0)
			break;
		if (poll(&fd, 1, (int)left) < 0 && errno != EINTR)
			break;
	}
	*reply = (struct path_reply){ .answer = PATH_SILENCE };
}

bool
path_ask(struct path_socket *p, unsigned ttl, unsigned size, int64_t wait_ms,
    struct path_reply *reply, struct err *e)
{
	int seq = path_send(p, ttl, size, e);
	if (seq < 0)
		return false;
	int64_t deadline = clock_mono_ms(p->clock) + wait_ms;
	do
		path_wait(p, deadline, reply);
	while (reply->answer != PATH_SILENCE && reply->seq != seq);
	return true;
}
