/* Addresses with a port, as the calls of the socket interface take them. */
#ifndef CORE_NET_ENDPOINT_H
#define CORE_NET_ENDPOINT_H

#include "core/net/addr.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

union net_endpoint {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Fills 'out' and returns its length for connect, bind and sendto. */
socklen_t net_endpoint_make(
    const struct net_addr *a, uint16_t port, union net_endpoint *out);
/* AF_INET or AF_INET6, of an address. */
int net_endpoint_family(const struct net_addr *a);
/* False for other families, and NULL. 'port' may be NULL. */
bool net_endpoint_read(
    const struct sockaddr *from, struct net_addr *a, uint16_t *port);

#endif
