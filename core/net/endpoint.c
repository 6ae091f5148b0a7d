/* Endpoints to and from the socket interface. */
#include "core/net/endpoint.h"

#include <string.h>

int
net_endpoint_family(const struct net_addr *a)
{
	return a->is_ipv6 ? AF_INET6 : AF_INET;
}

socklen_t
net_endpoint_make(
    const struct net_addr *a, uint16_t port, union net_endpoint *out)
{
	memset(out, 0, sizeof(*out));
	if (a->is_ipv6) {
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = htons(port);
		memcpy(&out->v6.sin6_addr, a->bytes, sizeof(struct in6_addr));
		return sizeof(out->v6);
	}
	out->v4.sin_family = AF_INET;
	out->v4.sin_port = htons(port);
	memcpy(&out->v4.sin_addr, a->bytes, sizeof(struct in_addr));
	return sizeof(out->v4);
}

bool
net_endpoint_read(
    const struct sockaddr *from, struct net_addr *a, uint16_t *port)
{
	union net_endpoint p;
	memset(a, 0, sizeof(*a));
	if (from != NULL && from->sa_family == AF_INET) {
		memcpy(&p.v4, from, sizeof(p.v4));
		memcpy(a->bytes, &p.v4.sin_addr, sizeof(struct in_addr));
		if (port != NULL)
			*port = ntohs(p.v4.sin_port);
		return true;
	}
	if (from != NULL && from->sa_family == AF_INET6) {
		memcpy(&p.v6, from, sizeof(p.v6));
		a->is_ipv6 = true;
		memcpy(a->bytes, &p.v6.sin6_addr, sizeof(struct in6_addr));
		if (port != NULL)
			*port = ntohs(p.v6.sin6_port);
		return true;
	}
	return false;
}
