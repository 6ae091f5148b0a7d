/* Message channels: SOCK_SEQPACKET with a table of what is allowed. */
#include "cmd/filterd/channel.h"

#include "cmd/filterd/limits.h"
#include "cmd/filterd/state_wire.h"
#include "cmd/filterd/tickets.h"
#include "core/dns/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	PARTS_MAX = 8,
	SEND_BUFFER = 4 << 20,
	WORD = sizeof(uint32_t),
	WITH_POLICY = PART_WORKER | PART_KEEPER | PART_AUTH | PART_STATE,
	ANY_PART = WITH_POLICY | PART_RESOLVER,
	RUN = CHANNEL_RUN,
	RUN_OR_DRAIN = CHANNEL_RUN | CHANNEL_DRAIN
};

static const struct rule {
	const char *name;
	unsigned from, to; /* enum part */
	unsigned phases;   /* of the receiver's end */
	size_t min, max;   /* bytes after the header */
	bool has_fd;
} rules[MESSAGE_TYPES] = {
	[MESSAGE_INIT] = { "init", PART_LISTENER | PART_KEEPER,
	    ANY_PART | PART_COURIER, CHANNEL_START, 4 * WORD, 16 * 1024,
	    false },
	[MESSAGE_POLICY] = { "policy", PART_LISTENER, WITH_POLICY, RUN, WORD,
	    WORD, true },
	[MESSAGE_PEER] = { "peer", PART_LISTENER, ANY_PART, RUN, 2 * WORD,
	    2 * WORD, true },
	[MESSAGE_RENEW] = { "renew", PART_LISTENER, PART_RESOLVER, RUN, WORD,
	    64 * 1024, false },
	[MESSAGE_SESSION] = { "session", PART_LISTENER, PART_WORKER, RUN,
	    5 * WORD, 256, true },
	[MESSAGE_DRAIN] = { "drain", PART_LISTENER, ANY_PART, RUN, 0, 0,
	    false },
	[MESSAGE_BOARD] = { "board", PART_LISTENER, PART_WORKER, RUN, 0, 0,
	    true },
	[MESSAGE_READY] = { "ready", WITH_POLICY, PART_LISTENER, RUN_OR_DRAIN,
	    WORD, WORD, false },
	[MESSAGE_BAD_POLICY] = { "bad policy", WITH_POLICY, PART_LISTENER,
	    RUN_OR_DRAIN, 2 * WORD, 2048, false },
	[MESSAGE_JOIN] = { "join", PART_WORKER, PART_LISTENER, RUN_OR_DRAIN,
	    WORD, WORD, false },
	[MESSAGE_SPOOL] = { "spool", PART_WORKER, PART_KEEPER, RUN_OR_DRAIN,
	    2 * WORD, 256, false },
	[MESSAGE_SPOOLED] = { "spooled", PART_KEEPER, PART_WORKER, RUN_OR_DRAIN,
	    2 * WORD, 2 * WORD, true },
	[MESSAGE_NO_SPOOL] = { "no spool", PART_KEEPER, PART_WORKER,
	    RUN_OR_DRAIN, 2 * WORD, 2 * WORD, false },
	[MESSAGE_JOB] = { "job", PART_WORKER, PART_KEEPER, RUN_OR_DRAIN,
	    10 * WORD, FILTERD_PACKET_MAX, false },
	[MESSAGE_JOB_FILE] = { "job file", PART_WORKER, PART_KEEPER,
	    RUN_OR_DRAIN, 10 * WORD, 2048, true },
	[MESSAGE_RESULT] = { "result", PART_KEEPER, PART_WORKER, RUN_OR_DRAIN,
	    4 * WORD, FILTERD_RESULTS_MAX, false },
	[MESSAGE_ASK] = { "ask", PART_WORKER, PART_RESOLVER, RUN_OR_DRAIN,
	    DNS_REMOTE_MESSAGE_MIN, 512, false },
	[MESSAGE_ANSWER] = { "answer", PART_RESOLVER, PART_WORKER, RUN_OR_DRAIN,
	    DNS_REMOTE_MESSAGE_MIN, DNS_REMOTE_MESSAGE_MAX, false },
	[MESSAGE_CARRY] = { "carry", PART_KEEPER | PART_COURIER,
	    PART_COURIER | PART_CARRIER, RUN, 27 * WORD, 4096, true },
	[MESSAGE_CARRIED] = { "carried", PART_COURIER | PART_CARRIER,
	    PART_KEEPER | PART_COURIER, RUN_OR_DRAIN, 9 * WORD,
	    FILTERD_CARRIED_MAX, false },
	[MESSAGE_RCPT] = { "recipient", PART_WORKER, PART_KEEPER, RUN_OR_DRAIN,
	    7 * WORD, 2048, false },
	[MESSAGE_INQUIRE] = { "inquire", PART_KEEPER | PART_COURIER,
	    PART_COURIER | PART_CARRIER, RUN, 15 * WORD, 4096, false },
	[MESSAGE_INQUIRED] = { "inquired",
	    PART_COURIER | PART_CARRIER | PART_KEEPER,
	    PART_KEEPER | PART_COURIER | PART_WORKER, RUN_OR_DRAIN, 5 * WORD,
	    1024, false },
	[MESSAGE_LOGIN] = { "login", PART_WORKER, PART_AUTH, RUN_OR_DRAIN,
	    8 * WORD, 64 * 1024, false },
	[MESSAGE_PLACE] = { "place", PART_WORKER, PART_RESOLVER, RUN_OR_DRAIN,
	    4 * WORD, FILTERD_PLACE_MAX, false },
	[MESSAGE_PLACED] = { "placed", PART_RESOLVER, PART_WORKER, RUN_OR_DRAIN,
	    10 * WORD, 512, false },
	[MESSAGE_LOGGED_IN] = { "logged in", PART_AUTH, PART_WORKER,
	    RUN_OR_DRAIN, 3 * WORD, 3 * WORD, false },
	[MESSAGE_STATE_ASK] = { "state ask", PART_WORKER, PART_STATE,
	    RUN_OR_DRAIN, STATE_ASK_MIN, STATE_ASK_MAX, false },
	[MESSAGE_PING] = { "ping", PART_LISTENER | PART_KEEPER,
	    ANY_PART | PART_COURIER, RUN_OR_DRAIN, 0, 0, false },
	[MESSAGE_PONG] = { "pong", ANY_PART | PART_COURIER,
	    PART_LISTENER | PART_KEEPER, RUN_OR_DRAIN, 0, 0, false },
	[MESSAGE_TICKETS] = { "tickets", PART_LISTENER, PART_WORKER, RUN,
	    TICKETS_WIRE_SIZE, TICKETS_WIRE_SIZE, false },
	[MESSAGE_STATE_TOLD] = { "state told", PART_STATE, PART_WORKER,
	    RUN_OR_DRAIN, STATE_TOLD_MIN, STATE_TOLD_MAX, false },
	[MESSAGE_RETIRE] = { "retire", PART_LISTENER, PART_WORKER | PART_KEEPER,
	    RUN, 0, 0, false },
	[MESSAGE_STANDING] = { "standing", PART_LISTENER, PART_MASTER, RUN,
	    WORD, WORD, false },
	[MESSAGE_LEFT_LISTEN] = { "left listen", PART_LISTENER, PART_MASTER,
	    RUN, 0, 0, true },
	[MESSAGE_LEFT_WORKER] = { "left worker", PART_LISTENER, PART_MASTER,
	    RUN, WORD, WORD, true },
	[MESSAGE_LEFT_BOARD] = { "left board", PART_LISTENER, PART_MASTER, RUN,
	    0, 0, true },
	[MESSAGE_LEFT_SESSIONS] = { "left sessions", PART_LISTENER, PART_MASTER,
	    RUN, 0, 0, true },
	[MESSAGE_ANEW] = { "anew", PART_LISTENER, PART_MASTER, RUN, WORD, WORD,
	    false },
	[MESSAGE_STAY] = { "stay", PART_MASTER, PART_LISTENER, RUN, 0, 0,
	    false },
	[MESSAGE_WAITING] = { "waiting", PART_KEEPER, PART_LISTENER,
	    RUN_OR_DRAIN, 9 * WORD, 2048, false },
};

const char *
part_name(enum part p)
{
	switch (p) {
	case PART_LISTENER:
		return "listener";
	case PART_WORKER:
		return "worker";
	case PART_KEEPER:
		return "keeper";
	case PART_RESOLVER:
		return "resolver";
	case PART_COURIER:
		return "courier";
	case PART_CARRIER:
		return "carrier";
	case PART_AUTH:
		return "auth";
	case PART_STATE:
		return "state";
	case PART_MASTER:
		return "master";
	}
	return "?";
}

bool
channel_init(
    struct channel *c, int fd, enum part self, enum part peer, struct err *e)
{
	*c = (struct channel){ .fd = fd,
		.self = self,
		.peer = peer,
		.phase = CHANNEL_START,
		.in = malloc(FILTERD_PACKET_MAX) };
	int room = SEND_BUFFER;
	/* as far as the system allows; the bounds hold without it too */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)))
		(void)setsockopt(
		    fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	if (c->in != NULL && fcntl(fd, F_SETFL, O_NONBLOCK) == 0 &&
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
		return true;
	channel_clear(c);
	return err_set(e, ERR_TEMPORARY, "cannot set up a channel");
}

void
channel_clear(struct channel *c)
{
	if (c->fd >= 0)
		close(c->fd);
	free(c->in);
	*c = (struct channel){ .fd = -1 };
}

/* The header in front of each packet. */
struct packet_head {
	uint32_t type;
	uint32_t length;
};

/* One descriptor may ride along. */
union control {
	struct cmsghdr head; /* for its alignment */
	char bytes[CMSG_SPACE(sizeof(int))];
};

enum channel_status
channel_sendv(struct channel *c, enum message_type type,
    const struct iovec *parts, int n_parts, int fd, int wait_ms)
{
	struct iovec iov[PARTS_MAX + 1];
	struct packet_head head = { type, 0 };
	union control control;
	if (c->fd < 0 || n_parts > PARTS_MAX)
		return CHANNEL_END;
	iov[0] = (struct iovec){ &head, sizeof(head) };
	for (int i = 0; i < n_parts; i++) {
		iov[i + 1] = parts[i];
		head.length += (uint32_t)parts[i].iov_len;
	}
	struct msghdr msg = { .msg_iov = iov,
		.msg_iovlen = (size_t)n_parts + 1 };
	if (fd >= 0) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof(control.bytes);
		struct cmsghdr *h = CMSG_FIRSTHDR(&msg);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	}
	for (;;) {
		if (sendmsg(c->fd, &msg, MSG_NOSIGNAL) >= 0)
			return CHANNEL_OK;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != ENOBUFS)
			return CHANNEL_END;
		struct pollfd p = { .fd = c->fd, .events = POLLOUT };
		if (wait_ms == 0 || poll(&p, 1, wait_ms) <= 0)
			return CHANNEL_AGAIN;
	}
}

enum channel_status
channel_send(struct channel *c, enum message_type type, struct str body, int fd,
    int wait_ms)
{
	/* sendmsg does not write to what it sends */
	struct iovec part = { (void *)(uintptr_t)body.ptr, body.len };
	return channel_sendv(c, type, &part, body.len > 0 ? 1 : 0, fd, wait_ms);
}

/* The descriptor that came along, or -1; more than one are closed. */
static int
taken_fd(struct msghdr *msg)
{
	int fd = -1;
	for (struct cmsghdr *h = CMSG_FIRSTHDR(msg); h != NULL;
	     h = CMSG_NXTHDR(msg, h)) {
		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		size_t n = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int one;
			memcpy(
			    &one, CMSG_DATA(h) + i * sizeof(int), sizeof(one));
			if (fd >= 0)
				close(fd);
			fd = one;
		}
	}
	return fd;
}

static bool
is_allowed(const struct channel *c, const struct packet_head *head,
    size_t length, int flags, bool has_fd, struct err *e)
{
	if (head->type == 0 || head->type >= MESSAGE_TYPES ||
	    rules[head->type].name == NULL)
		return err_set(e, ERR_PERMANENT,
		    "the %s sent a message of unknown type %u",
		    part_name(c->peer), (unsigned)head->type);
	const struct rule *r = &rules[head->type];
	const char *why = NULL;
	if (!(r->from & c->peer) || !(r->to & c->self))
		why = "is not its to send";
	else if (!(r->phases & c->phase))
		why = "came at the wrong time";
	else if ((flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 ||
		 length != head->length || length < r->min || length > r->max)
		why = "has a wrong length";
	else if (has_fd != r->has_fd)
		why = "has a descriptor too many or too few";
	if (why == NULL)
		return true;
	return err_set(e, ERR_PERMANENT, "message '%s' of the %s %s", r->name,
	    part_name(c->peer), why);
}

bool
channel_ping(struct channel *c)
{
	c->pinged = channel_send(c, MESSAGE_PING, (struct str)STR_EMPTY, -1,
			0) == CHANNEL_OK;
	return c->pinged;
}

static enum channel_status
receive_one(struct channel *c, struct message *m, struct err *e)
{
	struct packet_head head = { 0, 0 };
	union control control;
	struct iovec iov[2] = { { &head, sizeof(head) },
		{ c->in, FILTERD_PACKET_MAX } };
	struct msghdr msg = { .msg_iov = iov,
		.msg_iovlen = 2,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	ssize_t n;
	if (c->fd < 0)
		return CHANNEL_END;
	do
		n = recvmsg(c->fd, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return CHANNEL_AGAIN;
	if (n <= 0)
		return CHANNEL_END;
	int fd = taken_fd(&msg);
	size_t length = (size_t)n > sizeof(head) ? (size_t)n - sizeof(head) : 0;
	if (!is_allowed(c, &head, length, msg.msg_flags, fd >= 0, e)) {
		if (fd >= 0)
			close(fd);
		return CHANNEL_BAD;
	}
	m->type = (enum message_type)head.type;
	m->in = (struct wire){ str_n(c->in, length), false };
	m->fd = fd;
	return CHANNEL_OK;
}

enum channel_status
channel_receive(struct channel *c, struct message *m, struct err *e)
{
	for (;;) {
		enum channel_status s = receive_one(c, m, e);
		if (s == CHANNEL_OK && m->type == MESSAGE_PONG)
			c->pinged = false;
		else if (s == CHANNEL_OK && m->type == MESSAGE_PING)
			/* without room the other end does not read either */
			(void)channel_send(
			    c, MESSAGE_PONG, (struct str)STR_EMPTY, -1, 0);
		else
			return s;
	}
}
