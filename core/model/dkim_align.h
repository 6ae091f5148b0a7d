/* Does a signature that passed speak for the author named in From (DMARC)? */
#ifndef CORE_MODEL_DKIM_ALIGN_H
#define CORE_MODEL_DKIM_ALIGN_H

#include "core/auth/dkim.h"
#include "core/base/arena.h"
#include "core/base/str.h"
#include "core/dns/dns.h"

#include <stdbool.h>
#include <stddef.h>

enum dkim_align_result {
	DKIM_ALIGN_PASS,
	DKIM_ALIGN_FAIL,     /* no signature that passed is aligned */
	DKIM_ALIGN_NONE,     /* nothing published asks for it, or no From */
	DKIM_ALIGN_TEMPERROR /* could not be told */
};

struct dkim_alignment {
	enum dkim_align_result result;
	struct str from;   /* its domain; empty: none, or not one */
	bool others;       /* From has addresses of other domains too */
	struct str where;  /* domain of the DMARC record; empty: none */
	bool strict;       /* as the record says (adkim) */
	size_t signature;  /* that is aligned; index, counts with PASS */
	struct str reason; /* translated; with NONE and TEMPERROR */
};

/*
 * Judge by RFC 9989, asking for the record. 'v' are the verdicts of the
 * message's signatures.
 */
void dkim_align(const struct dkim_message *m, const struct dkim_verdict *v,
    struct dns *dns, struct arena *a, struct dkim_alignment *out);
const char *dkim_align_word(enum dkim_align_result r); /* "pass" */

#endif
