/*
 * Questions as packets, written by hand (T-41), and the first look at replies:
 * header and question only, byte by byte.
 */
#ifndef CORE_DNS_PACKET_INT_H
#define CORE_DNS_PACKET_INT_H

#include "core/base/compiler.h"
#include "core/base/str.h"
#include "core/dns/name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DNS_HEADER_SIZE = 12,
	DNS_EDNS_SIZE = 1232, /* of UDP replies; no fragment anywhere */
	DNS_QUERY_MAX = DNS_HEADER_SIZE + DNS_NAME_MAX + 4 + 11,
	DNS_PACKET_MAX = 65535
};

/* One question as it was sent. */
struct dns_packet {
	uint16_t id;
	size_t len;
	size_t question; /* length of name, type and class behind the header */
	char bytes[DNS_QUERY_MAX];
};

/* Id and letter case are drawn anew from the kernel (T-31). */
void dns_packet_make(struct dns_packet *p, const struct dns_name *name,
    uint16_t type, bool recurse, bool edns);

/* How a packet that came fits a question. */
enum dns_match {
	DNS_MATCH,        /* it is the reply */
	DNS_MATCH_CASE,   /* but for the letter case of the question */
	DNS_MATCH_HEADER, /* id fits, without question: a refusal */
	DNS_MATCH_NOT     /* something else: to be ignored */
};
enum dns_match dns_packet_match(const struct dns_packet *p, struct str reply);
/* Of a packet that matched. */
unsigned dns_packet_rcode(struct str reply);
bool dns_packet_is_cut(struct str reply);

#endif
