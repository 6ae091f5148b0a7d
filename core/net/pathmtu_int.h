/* One probe of a path: sent, and what came back of it. */
#ifndef CORE_NET_PATHMTU_INT_H
#define CORE_NET_PATHMTU_INT_H

#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/net/addr.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	PATH_SENT_MAX = 256 /* probes whose time of sending is kept */
};

struct path_socket {
	int fd; /* -1: closed */
	struct net_addr target;
	const struct clock *clock;
	uint16_t seq; /* of the last probe; tells replies apart */
	int64_t sent_ns[PATH_SENT_MAX]; /* by seq, modulo */
};

enum path_answer {
	PATH_SILENCE,
	PATH_HOP,          /* a router that the packet did not outlive */
	PATH_TARGET,       /* port unreachable, or a datagram: arrived */
	PATH_TOO_BIG,      /* 'mtu' is what would pass */
	PATH_TOO_BIG_HERE, /* our own interface says so */
	PATH_UNREACHABLE,  /* 'why' tells */
};

struct path_reply {
	enum path_answer answer;
	uint16_t seq;
	struct net_addr from;
	unsigned mtu;
	unsigned back_ttl; /* of the reply when it arrived, 0: unknown */
	int64_t reply_ns;
	const char *why; /* N_() */
};

/* A socket whose packets are never fragmented; closed by path_close. */
MUST_USE bool path_open(struct path_socket *p, const struct net_addr *target,
    const struct clock *clock, struct err *e);
void path_close(struct path_socket *p);
/* Packet of 'size' bytes in all, not to be fragmented; its seq, or -1. */
MUST_USE int path_send(
    struct path_socket *p, unsigned ttl, unsigned size, struct err *e);
/* The next reply to any probe until the deadline (clock_mono_ms). */
void path_wait(
    struct path_socket *p, int64_t deadline_ms, struct path_reply *reply);
/* Send one and wait for its own reply. */
MUST_USE bool path_ask(struct path_socket *p, unsigned ttl, unsigned size,
    int64_t wait_ms, struct path_reply *reply, struct err *e);

#endif
