/* Parts of the DMARC evaluator. */
#ifndef CORE_AUTH_DMARC_INT_H
#define CORE_AUTH_DMARC_INT_H

#include "core/auth/dmarc.h"
#include "core/auth/facts.h"
#include "core/base/arena.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	DMARC_WALK_MAX = 8 /* names asked of one tree, RFC 9989 4.10 */
};

/* One name of the walk up from a domain. */
struct dmarc_step {
	struct str domain;
	struct str record; /* the one DMARC record there; empty: none */
};

struct dmarc_walk {
	struct dmarc_step steps[DMARC_WALK_MAX];
	size_t n; /* up to where the walk ends */
	struct str organization;
	bool waiting;
	const struct fact *failed; /* first that could not be asked, or NULL */
	size_t failed_at;          /* its step */
};

/*
 * Walk up from 'domain' and tell its organizational domain. With 'waiting' set
 * nothing else counts. The names are asked all at once.
 */
void dmarc_walk_run(
    struct facts *facts, struct str domain, struct dmarc_walk *out);
/* "_dmarc.DOMAIN"; NULL when that is no name. */
const struct fact *dmarc_fact(struct facts *facts, struct str domain);
/* The one record of an answer, else empty (6.6.3: several count as none). */
struct str dmarc_record_select(const struct fact *fact);

#endif
