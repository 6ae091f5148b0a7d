/*
 * A reply taken apart: what the codec sends and the cache keeps. Big-endian:
 * flags (2, of the DNS header), response code (2), cut (1), count (2); then
 * each record: section (1), type (2), time to live (4), owner (length 1,
 * uncompressed name), data (length 2, names in it uncompressed).
 */
#ifndef CORE_DNS_FLAT_H
#define CORE_DNS_FLAT_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum dns_section {
	DNS_SECTION_ANSWER = 1,
	DNS_SECTION_AUTHORITY = 2
};

enum {
	DNS_FLAG_AA = 0x0400,
	DNS_FLAG_TC = 0x0200,
	DNS_FLAG_RD = 0x0100,
	DNS_FLAG_AD = 0x0020,
	DNS_RCODE_MASK = 0x000f,
	DNS_RCODE_FORMERR = 1,
	DNS_RCODE_SERVFAIL = 2,
	DNS_RCODE_NXDOMAIN = 3,
	DNS_RCODE_NOTIMP = 4,
	DNS_RCODE_REFUSED = 5,
	DNS_RCODE_BADVERS = 16,
	DNS_FLAT_HEAD = 7,
	DNS_FLAT_MAX = 512 * 1024 /* of one reply */
};

struct dns_flat_head {
	uint16_t flags, rcode, count;
	bool cut;
};

struct dns_flat_record {
	enum dns_section section;
	uint16_t type;
	uint32_t ttl;
	struct str owner; /* wire form, measured */
	struct str data;
};

/* Append, most significant byte first. */
void dns_put16(struct buf *b, unsigned v);
void dns_put32(struct buf *b, uint32_t v);
/* Cut an integer from the front of *s, whose length the caller has checked. */
uint16_t dns_get16(struct str *s);
uint32_t dns_get32(struct str *s);

/* False when the buffer is full. */
bool dns_flat_put_head(struct buf *b, const struct dns_flat_head *head);
bool dns_flat_put(struct buf *b, const struct dns_flat_record *r);
/* Set the count of what was put, when it is known at last. */
void dns_flat_set_count(struct buf *b, uint16_t count, bool cut);

/* Cut from the front of *s; false when the bytes are none. */
MUST_USE bool dns_flat_get_head(struct str *s, struct dns_flat_head *head);
MUST_USE bool dns_flat_get(struct str *s, struct dns_flat_record *r);

#endif
