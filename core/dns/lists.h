/*
 * The known lists that are asked over DNS (RFC 5782):
 * what their answers mean, where one gets off them, and which have closed.
 */
#ifndef CORE_DNS_LISTS_H
#define CORE_DNS_LISTS_H

#include "core/base/compiler.h"
#include "core/base/str.h"
#include "core/net/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dns_list_kind {
	DNS_LIST_IPV4 = 1 << 0,
	DNS_LIST_IPV6 = 1 << 1,
	DNS_LIST_DOMAIN = 1 << 2,
	DNS_LIST_WHITE = 1 << 3 /* to be on it is good */
};

enum dns_list_state {
	DNS_LIST_OPEN,
	DNS_LIST_DOUBTFUL, /* said to have closed: test before use */
	DNS_LIST_CLOSED    /* answers nothing, or everything */
};

/* Answers from 'first' to 'last' ("127.0.0.4" as a number), or with a bit. */
struct dns_list_code {
	uint32_t first, last;
	uint8_t bit;         /* of the last octet, instead; 0: none */
	bool refusal;        /* no listing: the list does not serve us */
	const char *meaning; /* N_() */
};

struct dns_list {
	const char *zone;
	unsigned kinds;                    /* of enum dns_list_kind */
	const struct dns_list_code *codes; /* ends with meaning NULL, or NULL */
	const char *url;  /* to ask why, and to get off; or NULL */
	bool url_item;    /* what is listed is put behind it */
	const char *test; /* a domain that is always listed, or NULL */
	enum dns_list_state state;
	const char *since;   /* closed since: "2013", or "" */
	const char *instead; /* the zone that took its place, or NULL */
};

/* By its zone or one above it; NULL when it is not known. */
const struct dns_list *dns_list_find(struct str zone);

/*
 * RFC 5782 2.3 and the operators' custom: an answer outside 127.0.0.0/8 lists
 * nothing; 127.255.255.0/24 is a refusal, whatever the list.
 */
enum dns_list_answer {
	DNS_LIST_LISTED,
	DNS_LIST_REFUSES, /* us, our resolver, or the way we ask */
	DNS_LIST_NO_CODE  /* a parked domain, a captive resolver */
};
/*
 * What an address that a list answered means. 'list' may be NULL. *meaning is
 * translated, or NULL when the code is not known.
 */
enum dns_list_answer dns_list_judge(const struct dns_list *list,
    const struct net_addr *answer, const char **meaning);

#endif
