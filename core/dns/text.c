/* Words for types and outcomes, and names made of addresses. */
#include "core/base/i18n.h"
#include "core/dns/dns.h"

#include <stdio.h>

/* by enum dns_status */
static const char *const statuses[] = {
	[DNS_OK] = N_("found"),
	[DNS_NODATA] = N_("the name has no such record"),
	[DNS_NXDOMAIN] = N_("the name does not exist"),
	[DNS_SERVFAIL] = N_("the name servers fail"),
	[DNS_REFUSED] = N_("the name servers refuse us"),
	[DNS_TIMEOUT] = N_("no answer in time"),
	[DNS_BAD] = N_("the answer breaks the protocol"),
	[DNS_NO_SERVER] = N_("no name server can be reached"),
	[DNS_ABORTED] = N_("not waited for"),
	[DNS_NOT_A_NAME] = N_("no domain name can be so"),
};

static const struct type_text {
	uint16_t type;
	const char *text;
} types[] = {
	{ DNS_A, "A" },
	{ DNS_NS, "NS" },
	{ DNS_CNAME, "CNAME" },
	{ DNS_SOA, "SOA" },
	{ DNS_PTR, "PTR" },
	{ DNS_MX, "MX" },
	{ DNS_TXT, "TXT" },
	{ DNS_AAAA, "AAAA" },
	{ DNS_SRV, "SRV" },
	{ DNS_TLSA, "TLSA" },
	{ DNS_SPF, "SPF" },
	{ DNS_ANY, "ANY" },
	{ DNS_CAA, "CAA" },
};

bool
dns_is_answer(enum dns_status s)
{
	return s <= DNS_NXDOMAIN;
}

const char *
dns_status_text(enum dns_status s)
{
	return _(statuses[s]);
}

const char *
dns_type_text(uint16_t type, char out[DNS_TYPE_TEXT_SIZE])
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (types[i].type == type)
			return types[i].text;
	}
	snprintf(out, DNS_TYPE_TEXT_SIZE, "TYPE%u", (unsigned)type);
	return out;
}

struct str
dns_reversed(struct arena *a, const struct net_addr *addr)
{
	static const char hex[] = "0123456789abcdef";
	const uint8_t *b = addr->bytes;
	if (!addr->is_ipv6)
		return str_of(
		    arena_printf(a, "%u.%u.%u.%u", b[3], b[2], b[1], b[0]));
	char text[2 * 2 * sizeof(addr->bytes)];
	size_t n = 0;
	for (size_t i = sizeof(addr->bytes); i > 0; i--) {
		text[n++] = hex[b[i - 1] & 0xf];
		text[n++] = '.';
		text[n++] = hex[b[i - 1] >> 4];
		text[n++] = '.';
	}
	return arena_str(a, str_n(text, n - 1));
}

struct str
dns_reverse_name(struct arena *a, const struct net_addr *addr)
{
	return str_of(arena_printf(a, "%s.%s", dns_reversed(a, addr).ptr,
	    addr->is_ipv6 ? "ip6.arpa" : "in-addr.arpa"));
}
