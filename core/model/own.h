/* Who this server is to others: its addresses and names, as far as known. */
#ifndef CORE_MODEL_OWN_H
#define CORE_MODEL_OWN_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/dns/dns.h"
#include "core/model/ctx.h"
#include "core/net/addr.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	OWN_ADDRESSES_MAX = 32
};

/* What the databases say; texts in the arena, empty when not set. */
struct own_names {
	struct str host;   /* SystemName.DomainName */
	struct str domain; /* the primary one */
	struct str helo;   /* smtpd HeloHost, else 'host' */
	struct str smarthost;
	struct str external_ip; /* record ExternalIP */
	struct str forwarder;   /* dnscache Forwarder */
};
MUST_USE bool own_names_read(
    const struct model_ctx *m, struct own_names *out, struct err *e);

enum own_source {
	OWN_RECORD,    /* the record ExternalIP */
	OWN_ROUTE,     /* the address packets to the outside carry */
	OWN_DNS,       /* address records of the HELO name */
	OWN_SMARTHOST, /* address records of the smarthost */
};
/* For people, translated. */
const char *own_source_text(enum own_source s);

struct own_address {
	struct net_addr addr;
	enum own_source source;
};

/* In order of trust, without doubles; private addresses left out. */
struct own {
	struct own_names names;
	struct own_address addresses[OWN_ADDRESSES_MAX];
	size_t n;
	bool behind_nat; /* the route's address is a private one */
	/* why address records could not be asked for, or empty */
	struct str unknown;
};
MUST_USE bool own_read(
    const struct model_ctx *m, struct dns *dns, struct own *out, struct err *e);

/* 10/8, 192.168/16, fc00::/7, loopback, link-local and their like. */
bool own_is_private(const struct net_addr *a);

#endif
