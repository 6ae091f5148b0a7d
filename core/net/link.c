/* Interfaces, by the calls of netdevice(7); a connected socket names ours. */
#include "core/net/link.h"

#include "core/base/i18n.h"
#include "core/net/endpoint.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	DISCARD_PORT = 9 /* connect() of a datagram socket sends nothing */
};

/* The interface that owns this address of ours. */
static void
name_of(const struct net_addr *source, char out[NET_LINK_NAME_SIZE])
{
	struct ifaddrs *all, *i;
	struct net_addr a;
	out[0] = '\0';
	if (getifaddrs(&all) != 0)
		return;
	for (i = all; i != NULL; i = i->ifa_next)
		if (net_endpoint_read(i->ifa_addr, &a, NULL) &&
		    net_addr_eq(&a, source)) {
			snprintf(out, NET_LINK_NAME_SIZE, "%s", i->ifa_name);
			break;
		}
	freeifaddrs(all);
}

bool
net_link_to(const struct net_addr *target, struct net_link *out, struct err *e)
{
	union net_endpoint to;
	char text[NET_ADDR_TEXT_SIZE];
	socklen_t len = net_endpoint_make(target, DISCARD_PORT, &to);
	int value = 0;
	socklen_t value_len = sizeof(value);
	memset(out, 0, sizeof(*out));
	int fd =
	    socket(net_endpoint_family(target), SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, &to.any, len) != 0) {
		err_set_errno(e, errno, _("no way to '%s'"),
		    net_addr_format(target, text));
		if (e != NULL)
			e->code = ERR_TEMPORARY;
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (getsockopt(fd, target->is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
		target->is_ipv6 ? IPV6_MTU : IP_MTU, &value, &value_len) == 0 &&
	    value > 0)
		out->route_mtu = (unsigned)value;
	len = sizeof(to);
	if (getsockname(fd, &to.any, &len) == 0 &&
	    net_endpoint_read(&to.any, &out->source, NULL))
		name_of(&out->source, out->name);
	close(fd);
	if (out->name[0] != '\0' && !net_link_mtu(out->name, &out->mtu, NULL))
		out->mtu = 0;
	return true;
}

static bool
request(const char *name, unsigned long what, struct ifreq *r)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	snprintf(r->ifr_name, sizeof(r->ifr_name), "%s", name);
	bool ok = ioctl(fd, what, r) == 0;
	int why = errno;
	close(fd);
	errno = why;
	return ok;
}

bool
net_link_mtu(const char *name, unsigned *mtu, struct err *e)
{
	struct ifreq r = { 0 };
	if (!request(name, SIOCGIFMTU, &r) || r.ifr_mtu < 0)
		return err_set_errno(
		    e, errno, _("cannot read the mtu of '%s'"), name);
	*mtu = (unsigned)r.ifr_mtu;
	return true;
}

bool
net_link_set_mtu(const char *name, unsigned mtu, struct err *e)
{
	struct ifreq r = { 0 };
	r.ifr_mtu = (int)mtu;
	if (request(name, SIOCSIFMTU, &r))
		return true;
	err_set_errno(e, errno, _("cannot set the mtu of '%s'"), name);
	if (e != NULL && (e->sys_errno == EPERM || e->sys_errno == EACCES))
		err_next(e, _("run it as root"));
	return false;
}
