/*
 * Where mail for an address would go, step by step, and the setting behind each
 * step: user, group, pseudonym, another server for the domain, the smarthost,
 * the servers of a foreign domain.
 */
#ifndef CORE_MODEL_ROUTE_H
#define CORE_MODEL_ROUTE_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/dns/dns.h"
#include "core/model/ctx.h"
#include "core/model/finding.h"

#include <stdbool.h>

struct route {
	const char *kind; /* "user", "group", "forward", "server", */
			  /* "smarthost", "mx", "refused" */
	const char *to;   /* account, address or host */
};

enum {
	ROUTE_ENDS_MAX = 64, /* ends that are told one by one */
	ROUTE_DEPTH_MAX = 8  /* pseudonym of a pseudonym, ... */
};

struct routes {
	struct route ends[ROUTE_ENDS_MAX];
	size_t n;
};

/*
 * 'dns' is asked only for foreign domains without a smarthost; NULL: not at
 * all. False when the address is none or the databases cannot be read.
 */
MUST_USE bool route_address(const struct model_ctx *m, struct dns *dns,
    const char *address, struct findings *steps, struct routes *out,
    struct err *e);

#endif
