/* The network interfaces: which one a packet takes, and its MTU. */
#ifndef CORE_NET_LINK_H
#define CORE_NET_LINK_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/net/addr.h"

enum {
	NET_LINK_NAME_SIZE = 16 /* IFNAMSIZ */
};

struct net_link {
	char name[NET_LINK_NAME_SIZE]; /* "" when it cannot be told */
	unsigned mtu;                  /* bytes of a packet, 0: unknown */
	unsigned route_mtu;     /* what the kernel takes for the whole path */
	struct net_addr source; /* our address on the way there */
};

/* The interface by which 'target' is reached. ERR_TEMPORARY: no route. */
MUST_USE bool net_link_to(
    const struct net_addr *target, struct net_link *out, struct err *e);

/* MTU of an interface by name. Setting it needs root. */
MUST_USE bool net_link_mtu(const char *name, unsigned *mtu, struct err *e);
MUST_USE bool net_link_set_mtu(const char *name, unsigned mtu, struct err *e);

#endif
