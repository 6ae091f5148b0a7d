/*
 * Path MTU discovery of our own: UDP with the socket's error queue, which
 * needs no privilege (facts T-45 to T-48), and a TCP probe for hosts that
 * answer no UDP. IPv4 and IPv6 (RFC 1191, RFC 8201; searching through silence
 * after RFC 8899).
 */
#ifndef CORE_NET_PATHMTU_H
#define CORE_NET_PATHMTU_H

#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/net/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PATHMTU_HOPS_MAX = 30,
	PATHMTU_WAIT_MS = 1000, /* for one reply */
	PATHMTU_IPV4_MIN = 68,
	PATHMTU_IPV6_MIN = 1280,
};

/* One step of the path. */
struct pathmtu_hop {
	unsigned ttl;
	bool answered;
	struct net_addr addr; /* of the router, when it answered */
	int64_t reply_ns;     /* round trip */
	unsigned mtu;         /* what passes up to here, bytes of a packet */
	bool narrower;        /* smaller than at the hop before */
	bool target;          /* the host itself */
	unsigned back;        /* hops of the way back by its TTL; 0: unknown */
};

enum pathmtu_end {
	PATHMTU_REACHED,     /* the host answered */
	PATHMTU_SILENT,      /* nothing beyond some hop answers UDP */
	PATHMTU_UNREACHABLE, /* a router says so: see 'refused_why' */
	PATHMTU_LOOP,        /* routers hand the packet round in a circle */
	PATHMTU_TOO_FAR,     /* PATHMTU_HOPS_MAX routers and no end */
};

struct pathmtu {
	struct pathmtu_hop hops[PATHMTU_HOPS_MAX];
	size_t n_hops; /* up to the last that answered */
	enum pathmtu_end end;
	const char *refused_why; /* "host unreachable", N_() */
	unsigned link_mtu;       /* of the interface that is used */
	char link_name[16];      /* "eth0", "" when it cannot be told */
	unsigned known_mtu;      /* what the kernel held before; 0: nothing */
	unsigned mtu;            /* smallest found */
	bool black_hole;         /* large packets vanish without a word ... */
	size_t lost_behind;      /* ... behind this many hops that pass them */
};

/* The walk has come to a hop that answers: hops[0] to hops[n_hops - 1]. */
typedef void pathmtu_hop_came(void *ctx, const struct pathmtu *p);

/*
 * Walk the path to 'target'. 'came' may be NULL. False only when nothing could
 * be tried (no route, no such address family); a path that ends early is an
 * answer. Takes a few round trips, and some seconds where hosts keep silent.
 */
MUST_USE bool pathmtu_discover(const struct net_addr *target,
    const struct clock *clock, pathmtu_hop_came *came, void *ctx,
    struct pathmtu *out, struct err *e);

enum pathmtu_tcp_state {
	PATHMTU_TCP_UNTESTED, /* see 'why' */
	PATHMTU_TCP_PASSED,   /* a full segment arrived */
	PATHMTU_TCP_LOST,     /* small ones arrive, full ones do not */
};

/* What one SMTP connection tells about full-size segments. */
struct pathmtu_tcp {
	enum pathmtu_tcp_state state;
	struct err why;   /* of UNTESTED */
	unsigned offered; /* MSS of the peer, bytes of payload */
	unsigned sent;    /* size of the full segment tried */
	unsigned mtu;     /* IP_MTU of the connected socket afterwards */
	unsigned resent;  /* retransmissions seen */
};

/*
 * Connect to the SMTP server at 'port', greet it and send one full segment of
 * harmless commands (NOOP, RFC 5321 4.1.1.9), then QUIT. One connection,
 * bounded by 'limit_ms' in all.
 */
void pathmtu_tcp_probe(const struct net_addr *target, uint16_t port,
    const char *helo, int64_t limit_ms, const struct clock *clock,
    struct pathmtu_tcp *out);

#endif
