#!/bin/sh
# A host, two routers and a far host, each in a network namespace of its own:
#
#	mtu_net.sh MTU1 MTU2 MTU3 [FAR]
#
# is run inside fresh network and mount namespaces (unshare -n -m) and leaves
# the calling namespace as the near host, 10.1.0.1 and fd01::1. The MTUs are
# those of the three lines; FAR is what the far side of the last one takes
# without a word (a veth device passes 4 bytes more, room for a VLAN tag).
# The far host is 10.3.0.2 and fd03::2, its namespace "far".
set -eu

mount -t tmpfs none /run
mkdir /run/netns
ip link set lo up
for name in r1 r2 far; do
	ip netns add $name
	ip -n $name link set lo up
	ip netns exec $name sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1 net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.all.accept_dad=0
done
sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0

ip link add a0 mtu "$1" type veth peer name a1 mtu "$1" netns r1
ip -n r1 link add b0 mtu "$2" type veth peer name b1 mtu "$2" netns r2
ip -n r2 link add c0 mtu "$3" type veth peer name c1 mtu "$3" netns far

# shellcheck disable=SC2086 # "-n NAME" is two words, or none
address() { # NAMESPACE DEVICE NETWORK HOST
	ip $1 addr add "10.$3.0.$4/24" dev "$2"
	ip $1 addr add "fd0$3::$4/64" dev "$2" nodad 2>/dev/null || :
	ip $1 link set "$2" up
}
# shellcheck disable=SC2086
default() { # NAMESPACE NETWORK HOST
	ip $1 route add default via "10.$2.0.$3"
	ip $1 -6 route add default via "fd0$2::$3" 2>/dev/null || :
}
address '' a0 1 1
address '-n r1' a1 1 2
address '-n r1' b0 2 1
address '-n r2' b1 2 2
address '-n r2' c0 3 1
address '-n far' c1 3 2
default '' 1 2
default '-n r1' 2 2
default '-n r2' 2 1
default '-n far' 3 1
[ -z "${4-}" ] || ip -n far link set c1 mtu "$4"
