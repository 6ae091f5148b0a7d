/* Questions written, replies matched. */
#include "core/dns/packet_int.h"

#include "core/base/random.h"
#include "core/dns/flat.h"

enum {
	FLAGS_AT = 2,
	COUNT_AT = 4,
	QR = 0x8000,
	OPCODE_MASK = 0x7800,
	CLASS_IN = 1,
	TYPE_OPT = 41
};

static void
put16(struct dns_packet *p, unsigned v)
{
	p->bytes[p->len++] = (char)(v >> 8 & 0xff);
	p->bytes[p->len++] = (char)(v & 0xff);
}

/*
 * Each letter in a case of its own (draft-vixie-dnsext-dns0x20): a forger has
 * to guess those bits as well.
 */
static void
name_put(struct dns_packet *p, const struct dns_name *name)
{
	uint8_t bits[DNS_NAME_MAX / 8 + 1];
	random_bytes(bits, sizeof(bits));
	for (size_t i = 0; i < name->len; i++) {
		char c = name->wire[i];
		bool flip = (bits[i / 8] >> (i % 8) & 1) != 0;
		/* a length octet is at most 63, below every letter */
		if (ascii_is_alpha(c))
			c = (char)(flip ? (unsigned char)c | 0x20
					: (unsigned char)c & ~0x20u);
		p->bytes[p->len++] = c;
	}
}

/* RFC 6891 6.1: root, type, size, extended code, version, flags, no data. */
static void
edns_put(struct dns_packet *p)
{
	p->bytes[p->len++] = '\0';
	put16(p, TYPE_OPT);
	put16(p, DNS_EDNS_SIZE);
	put16(p, 0);
	put16(p, 0);
	put16(p, 0);
}

void
dns_packet_make(struct dns_packet *p, const struct dns_name *name,
    uint16_t type, bool recurse, bool edns)
{
	random_bytes(&p->id, sizeof(p->id));
	p->len = 0;
	put16(p, p->id);
	put16(p, recurse ? DNS_FLAG_RD : 0);
	put16(p, 1);
	put16(p, 0);
	put16(p, 0);
	put16(p, edns ? 1 : 0);
	name_put(p, name);
	put16(p, type);
	put16(p, CLASS_IN);
	p->question = p->len - DNS_HEADER_SIZE;
	if (edns)
		edns_put(p);
}

static unsigned
get16(struct str s, size_t at)
{
	return (unsigned)(unsigned char)s.ptr[at] << 8 |
	       (unsigned char)s.ptr[at + 1];
}

unsigned
dns_packet_rcode(struct str reply)
{
	return get16(reply, FLAGS_AT) & DNS_RCODE_MASK;
}

bool
dns_packet_is_cut(struct str reply)
{
	return (get16(reply, FLAGS_AT) & DNS_FLAG_TC) != 0;
}

enum dns_match
dns_packet_match(const struct dns_packet *p, struct str reply)
{
	struct str asked = str_n(p->bytes + DNS_HEADER_SIZE, p->question);
	if (reply.len < DNS_HEADER_SIZE || get16(reply, 0) != p->id)
		return DNS_MATCH_NOT;
	unsigned flags = get16(reply, FLAGS_AT);
	if ((flags & QR) == 0 || (flags & OPCODE_MASK) != 0)
		return DNS_MATCH_NOT;
	unsigned count = get16(reply, COUNT_AT);
	if (count == 0 && dns_packet_rcode(reply) != 0 &&
	    reply.len == DNS_HEADER_SIZE)
		return DNS_MATCH_HEADER;
	struct str got =
	    str_sub(reply, DNS_HEADER_SIZE, DNS_HEADER_SIZE + p->question);
	if (count != 1 || got.len != p->question)
		return DNS_MATCH_NOT;
	if (str_eq(got, asked))
		return DNS_MATCH;
	/* type and class are numbers: no case there */
	size_t name = p->question - 2 * sizeof(uint16_t);
	if (dns_name_eq(str_sub(got, 0, name), str_sub(asked, 0, name)) &&
	    str_eq(
		str_sub(got, name, got.len), str_sub(asked, name, asked.len)))
		return DNS_MATCH_CASE;
	return DNS_MATCH_NOT;
}
