/* Addresses and blocks. */
#include "core/net/addr.h"

#include "core/base/num.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

enum {
	IPV4_BITS = 32,
	IPV6_BITS = 128,
	IPV4_OCTETS = 4,
	IPV6_GROUPS = 8
};

/* ::ffff:a.b.c.d becomes a.b.c.d, so that one list serves both. */
static void
unmap_ipv4(struct net_addr *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	if (!a->is_ipv6 || memcmp(a->bytes, mapped, sizeof(mapped)) != 0)
		return;
	memmove(a->bytes, a->bytes + sizeof(mapped), IPV4_OCTETS);
	memset(a->bytes + IPV4_OCTETS, 0, sizeof(a->bytes) - IPV4_OCTETS);
	a->is_ipv6 = false;
}

bool
net_addr_parse(struct str s, struct net_addr *out)
{
	char text[NET_ADDR_TEXT_SIZE];
	if (s.len == 0 || s.len >= sizeof(text) ||
	    memchr(s.ptr, '\0', s.len) != NULL)
		return false;
	memcpy(text, s.ptr, s.len);
	text[s.len] = '\0';
	struct net_addr a = { 0 };
	a.is_ipv6 = strchr(text, ':') != NULL;
	if (inet_pton(a.is_ipv6 ? AF_INET6 : AF_INET, text, a.bytes) != 1)
		return false;
	unmap_ipv4(&a);
	*out = a;
	return true;
}

char *
net_addr_format(const struct net_addr *a, char out[NET_ADDR_TEXT_SIZE])
{
	if (inet_ntop(a->is_ipv6 ? AF_INET6 : AF_INET, a->bytes, out,
		NET_ADDR_TEXT_SIZE) == NULL)
		out[0] = '\0';
	return out;
}

unsigned
net_addr_bits(const struct net_addr *a)
{
	return a->is_ipv6 ? IPV6_BITS : IPV4_BITS;
}

/* The first 'bits' bits are the same. */
static bool
bits_eq(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	size_t whole = bits / 8;
	unsigned rest = bits % 8;
	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

bool
net_addr_eq(const struct net_addr *a, const struct net_addr *b)
{
	return a->is_ipv6 == b->is_ipv6 &&
	       bits_eq(a->bytes, b->bytes, net_addr_bits(a));
}

bool
net_addr_is_loopback(const struct net_addr *a)
{
	static const struct net_addr one = { .is_ipv6 = true,
		.bytes = { [15] = 1 } };
	return a->is_ipv6 ? net_addr_eq(a, &one) : a->bytes[0] == 127;
}

bool
net_block_parse(struct str s, struct net_block *out)
{
	struct str bits;
	struct str address = str_cut(s, '/', &bits);
	struct net_block b;
	if (!net_addr_parse(address, &b.addr))
		return false;
	b.bits = net_addr_bits(&b.addr);
	if (bits.ptr != NULL) {
		uint64_t n;
		/* of a mapped address the bits would mean something else */
		bool mapped =
		    !b.addr.is_ipv6 && str_find(address, ':', 0) < address.len;
		if (mapped || bits.len > 3 || !num_parse_u64(bits, b.bits, &n))
			return false;
		b.bits = (unsigned)n;
	}
	*out = b;
	return true;
}

/* "10", "192.168", without a final dot. */
static bool
octets_parse(struct str s, struct net_block *out)
{
	struct net_block b = { 0 };
	unsigned n = 0;
	for (struct str rest = s; rest.ptr != NULL && s.len > 0; n++) {
		uint64_t octet;
		struct str word = str_cut(rest, '.', &rest);
		if (n == IPV4_OCTETS || word.len > 3 ||
		    !num_parse_u64(word, UINT8_MAX, &octet))
			return false;
		b.addr.bytes[n] = (uint8_t)octet;
	}
	b.bits = n * 8;
	*out = b;
	return n > 0;
}

static bool
group_parse(struct str s, uint8_t out[2])
{
	unsigned v = 0;
	if (s.len == 0 || s.len > 4)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		int digit = num_hex_digit(s.ptr[i]);
		if (digit < 0)
			return false;
		v = v * 16 + (unsigned)digit;
	}
	out[0] = (uint8_t)(v >> 8);
	out[1] = (uint8_t)(v & UINT8_MAX);
	return true;
}

/* "2001:db8", without a final colon. */
static bool
groups_parse(struct str s, struct net_block *out)
{
	struct net_block b = { .addr.is_ipv6 = true };
	size_t n = 0;
	for (struct str rest = s; rest.ptr != NULL && s.len > 0; n++) {
		if (n == IPV6_GROUPS || !group_parse(str_cut(rest, ':', &rest),
					    b.addr.bytes + n * 2))
			return false;
	}
	b.bits = (unsigned)n * 16;
	*out = b;
	return n > 0;
}

bool
net_prefix_parse(struct str s, struct net_block *out)
{
	bool dot = s.len > 0 && s.ptr[s.len - 1] == '.';
	bool colon = s.len > 0 && s.ptr[s.len - 1] == ':';
	if (dot || colon)
		s.len--;
	return (!colon && octets_parse(s, out)) ||
	       (!dot && groups_parse(s, out));
}

bool
net_block_is_canonical(const struct net_block *b)
{
	unsigned all = net_addr_bits(&b->addr);
	for (unsigned i = b->bits; i < all; i++) {
		if ((b->addr.bytes[i / 8] >> (7 - i % 8)) & 1)
			return false;
	}
	return true;
}

bool
net_block_has(const struct net_block *b, const struct net_addr *a)
{
	return b->addr.is_ipv6 == a->is_ipv6 &&
	       bits_eq(b->addr.bytes, a->bytes, b->bits);
}

bool
net_rule_parse(struct str line, enum net_rule how, struct net_block *out)
{
	if (net_block_parse(line, out))
		return true;
	char last = line.len > 0 ? line.ptr[line.len - 1] : '\0';
	if (how == NET_RULE_DOTTED && last != '.' && last != ':')
		return false;
	return net_prefix_parse(line, out);
}
