/*
 * IPv4 and IPv6 addresses, blocks of them, and lists of blocks. An IPv4
 * address in IPv6 dress (::ffff:192.0.2.1) is taken for the IPv4 address.
 */
#ifndef CORE_NET_ADDR_H
#define CORE_NET_ADDR_H

#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NET_ADDR_TEXT_SIZE = 46 /* of any address with its final NUL */
};

struct net_addr {
	bool is_ipv6;
	uint8_t bytes[16]; /* network order; IPv4 uses the first 4 */
};

/* The whole of 's' is an address; no zone, no leading zeros, no brackets. */
MUST_USE bool net_addr_parse(struct str s, struct net_addr *out);
/* Canonical text (RFC 5952 for IPv6); returns 'out'. */
char *net_addr_format(const struct net_addr *a, char out[NET_ADDR_TEXT_SIZE]);
bool net_addr_eq(const struct net_addr *a, const struct net_addr *b);
bool net_addr_is_loopback(const struct net_addr *a); /* 127/8, ::1 */
unsigned net_addr_bits(const struct net_addr *a);    /* 32 or 128 */

/* All addresses that begin with the first 'bits' bits of 'addr'. */
struct net_block {
	struct net_addr addr;
	unsigned bits;
};

/* "ADDRESS" or "ADDRESS/BITS". Bits behind the prefix are kept as written. */
MUST_USE bool net_block_parse(struct str s, struct net_block *out);
/*
 * The beginning of an address: whole octets ("192.168", "10.") or whole
 * 16-bit groups ("2001:db8:", "fe80"). One final dot or colon is allowed.
 */
MUST_USE bool net_prefix_parse(struct str s, struct net_block *out);
/* The bits behind the prefix are all zero. */
bool net_block_is_canonical(const struct net_block *b);
bool net_block_has(const struct net_block *b, const struct net_addr *a);

/* How the lines of a list are read. */
enum net_rule {
	/* address, block, or beginning that ends in a dot or colon (FL-62) */
	NET_RULE_DOTTED,
	/* the same, and a beginning without final dot or colon (FL-97) */
	NET_RULE_BEGINNING
};
MUST_USE bool net_rule_parse(
    struct str line, enum net_rule how, struct net_block *out);

#endif
