/* The authoritative servers of a domain. */
#ifndef CORE_DNS_AUTHORITY_H
#define CORE_DNS_AUTHORITY_H

#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "core/base/str.h"
#include "core/dns/dns.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DNS_AUTHORITY_MAX = 32
};

struct dns_authority_server {
	struct str name; /* "ns1.example.net" */
	struct dns_server at;
	const char *shown; /* "ns1.example.net 192.0.2.1" */
};

struct dns_authority {
	struct str zone; /* the zone 'domain' stands in */
	struct dns_authority_server servers[DNS_AUTHORITY_MAX];
	size_t n;
	bool no_domain;    /* 'domain' does not exist; that of a parent may */
	struct str reason; /* when there is none: why, a sentence */
};

/*
 * Ask the resolver for the zone that holds 'domain', its name servers and
 * their addresses, in two rounds; texts are in the arena. Servers have port
 * 53, but one that is the resolver itself is asked as that is. False when no
 * server is known: see 'reason'.
 */
MUST_USE bool dns_authority_find(struct dns *d, struct arena *a,
    struct str domain, struct dns_authority *out);

/*
 * As dns_ask_all, for questions to authoritative servers: where one only knows
 * a CNAME into another zone, the resolver is asked for what stands there.
 */
void dns_authority_ask_all(
    struct dns *d, struct arena *a, struct dns_question *q, size_t n);

#endif
