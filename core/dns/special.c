/*
 * localhost and invalid (RFC 6761 6.3, 6.4), onion (RFC 7686 2): asking for
 * them tells a server what it has no business to know, and lets it say where
 * "localhost" is. "test" and "example" are ordinary names to a resolver (6.2,
 * 6.5), and "local" is one on many networks of SME Servers.
 */
#include "core/dns/special.h"

#include "core/dns/flat.h"

#include <stddef.h>

enum {
	TTL_S = 3600
};

static const char ipv4_loopback[4] = { 127, 0, 0, 1 };
static const char ipv6_loopback[16] = { [15] = 1 };

/* The last label in wire form, and whether there is such a name. */
static const struct special {
	const char *label;
	bool exists;
} names[] = {
	{ "\x09localhost", true },
	{ "\x07invalid", false },
	{ "\x05onion", false },
};

/* The last label with its length octet; empty for the root. */
static struct str
last_label(const struct dns_name *name)
{
	size_t at = 0, last = 0;
	while (name->wire[at] != '\0') {
		last = at;
		at += 1 + (size_t)(unsigned char)name->wire[at];
	}
	return str_n(name->wire + last, at - last);
}

static const struct special *
special_find(const struct dns_name *name)
{
	struct str label = last_label(name);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (dns_name_eq(label, str_of(names[i].label)))
			return &names[i];
	}
	return NULL;
}

static struct str
loopback_of(uint16_t type)
{
	switch (type) {
	case DNS_A:
		return str_n(ipv4_loopback, sizeof(ipv4_loopback));
	case DNS_AAAA:
		return str_n(ipv6_loopback, sizeof(ipv6_loopback));
	default:
		return (struct str)STR_EMPTY;
	}
}

bool
dns_special_answer(const struct dns_name *name, uint16_t type, struct buf *flat)
{
	const struct special *s = special_find(name);
	if (s == NULL)
		return false;
	struct str data = s->exists ? loopback_of(type) : str_n("", 0);
	struct dns_flat_head head = {
		.rcode = s->exists ? 0 : DNS_RCODE_NXDOMAIN,
		.count = data.len > 0,
	};
	struct dns_flat_record r = { .section = DNS_SECTION_ANSWER,
		.type = type,
		.ttl = TTL_S,
		.owner = str_n(name->wire, name->len),
		.data = data };
	return dns_flat_put_head(flat, &head) &&
	       (data.len == 0 || dns_flat_put(flat, &r));
}
