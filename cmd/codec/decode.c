/*
 * Packets taken apart. ldns resolves compression and counts; what it accepts
 * besides (T-43: data of wrong size, missing parts) is refused by those who
 * read the flat form.
 */
#include "cmd/codec/decode.h"

#include "core/dns/dns.h"
#include "core/dns/flat.h"
#include "core/dns/name.h"

#include <ldns/ldns.h>

enum {
	EXTENDED_RCODE_SHIFT = 4
};

/* What has been written. */
struct flat {
	struct buf *out;
	uint16_t count;
	bool cut;
};

/* The parts of a record's data one behind the other, names uncompressed. */
static bool
data_join(const ldns_rr *rr, struct buf *data)
{
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *part = ldns_rr_rdf(rr, i);
		if (part == NULL)
			return false;
		if (ldns_rdf_size(part) > 0)
			buf_add(data, ldns_rdf_data(part), ldns_rdf_size(part));
	}
	return !data->failed;
}

static bool
record_put(struct flat *f, enum dns_section section, const ldns_rr *rr)
{
	const ldns_rdf *owner = ldns_rr_owner(rr);
	struct buf data = BUF_INIT(UINT16_MAX);
	if (ldns_rr_get_class(rr) != LDNS_RR_CLASS_IN)
		return true;
	if (owner == NULL || ldns_rdf_size(owner) == 0)
		return false;
	if (f->count == DNS_RECORDS_MAX) {
		f->cut = true;
		return true;
	}
	struct dns_flat_record r = { .section = section,
		.type = (uint16_t)ldns_rr_get_type(rr),
		.ttl = ldns_rr_ttl(rr),
		.owner = str_n(
		    (const char *)ldns_rdf_data(owner), ldns_rdf_size(owner)) };
	bool ok =
	    dns_name_length(r.owner) == r.owner.len && data_join(rr, &data);
	r.data = buf_str(&data);
	ok = ok && dns_flat_put(f->out, &r);
	buf_clear(&data);
	f->count++;
	return ok;
}

static bool
is_of_use(enum dns_section section, const ldns_rr *rr)
{
	ldns_rr_type type = ldns_rr_get_type(rr);
	return section == DNS_SECTION_ANSWER || type == LDNS_RR_TYPE_SOA ||
	       type == LDNS_RR_TYPE_NS;
}

static bool
list_put(struct flat *f, enum dns_section section, const ldns_rr_list *list)
{
	for (size_t i = 0; list != NULL && i < ldns_rr_list_rr_count(list);
	     i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);
		if (rr == NULL ||
		    (is_of_use(section, rr) && !record_put(f, section, rr)))
			return false;
	}
	return true;
}

static bool
packet_put(const ldns_pkt *packet, struct buf *out)
{
	struct flat f = { .out = out };
	struct dns_flat_head head = {
		.rcode =
		    (uint16_t)((unsigned)ldns_pkt_edns_extended_rcode(packet)
				   << EXTENDED_RCODE_SHIFT |
			       (unsigned)ldns_pkt_get_rcode(packet))
	};
	head.flags = (uint16_t)((ldns_pkt_aa(packet) ? DNS_FLAG_AA : 0) |
				(ldns_pkt_tc(packet) ? DNS_FLAG_TC : 0) |
				(ldns_pkt_ad(packet) ? DNS_FLAG_AD : 0));
	if (!dns_flat_put_head(out, &head) ||
	    !list_put(&f, DNS_SECTION_ANSWER, ldns_pkt_answer(packet)) ||
	    !list_put(&f, DNS_SECTION_AUTHORITY, ldns_pkt_authority(packet)))
		return false;
	dns_flat_set_count(out, f.count, f.cut);
	return true;
}

/* Octets of the possibly compressed name at the front; 0: none whole. */
static size_t
name_skip(struct str s)
{
	enum {
		POINTER = 0xc0
	};
	size_t at = 0;
	while (at < s.len) {
		size_t label = (unsigned char)s.ptr[at++];
		if (label == 0)
			return at;
		if (label >= POINTER)
			return at < s.len ? at + 1 : 0;
		at += label;
	}
	return 0;
}

/*
 * ldns takes the first four octets of an address record of five (T-43): the
 * lengths are looked at here. 's' begins behind the question.
 */
static bool
addresses_check(struct str s, unsigned count)
{
	enum {
		RECORD_HEAD = 10, /* behind the owner */
		SKIPPED = 6,      /* class and time to live */
		IPV4_SIZE = 4,
		IPV6_SIZE = 16
	};
	for (; count > 0; count--) {
		size_t owner = name_skip(s);
		s = str_sub(s, owner, s.len);
		if (owner == 0 || s.len < RECORD_HEAD)
			return false;
		unsigned type = dns_get16(&s);
		s = str_sub(s, SKIPPED, s.len);
		size_t n = dns_get16(&s);
		if ((type == DNS_A && n != IPV4_SIZE) ||
		    (type == DNS_AAAA && n != IPV6_SIZE) || s.len < n)
			return false;
		s = str_sub(s, n, s.len);
	}
	return true;
}

/* The answer section by hand, after ldns found the packet whole. */
static bool
answers_check(struct str packet)
{
	enum {
		HEADER = 12,
		QUESTIONS_AT = 4,
		TYPE_AND_CLASS = 4
	};
	struct str at = str_sub(packet, QUESTIONS_AT, packet.len);
	struct str rest = str_sub(packet, HEADER, packet.len);
	unsigned questions = dns_get16(&at), answers = dns_get16(&at);
	for (; questions > 0; questions--) {
		size_t n = name_skip(rest);
		if (n == 0)
			return false;
		rest = str_sub(rest, n + TYPE_AND_CLASS, rest.len);
	}
	return addresses_check(rest, answers);
}

bool
codec_decode(struct str packet, struct buf *out)
{
	ldns_pkt *p = NULL;
	if (ldns_wire2pkt(&p, (const uint8_t *)packet.ptr, packet.len) !=
	    LDNS_STATUS_OK)
		return false;
	bool ok = p != NULL && answers_check(packet) && packet_put(p, out);
	ldns_pkt_free(p);
	return ok;
}
