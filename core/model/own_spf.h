/* What the SPF record of a domain of ours makes of the mail we send. */
#ifndef CORE_MODEL_OWN_SPF_H
#define CORE_MODEL_OWN_SPF_H

#include "core/auth/spf.h"
#include "core/base/arena.h"
#include "core/base/str.h"
#include "core/dns/dns.h"
#include "core/model/ctx.h"
#include "core/model/own.h"

#include <stddef.h>

struct own_spf {
	struct own_address from; /* where mail leaves from */
	struct spf_outcome out;
};

/*
 * A row for each address that mail leaves from: those of the smarthost, or else
 * those of this server. 'record' is judged in place of what is published,
 * unless empty. 0 when the domain is none of this server's, nothing is known,
 * or there is no server under the root.
 */
size_t own_spf_judge(const struct model_ctx *m, struct dns *dns,
    struct str domain, struct str record,
    struct own_spf out[OWN_ADDRESSES_MAX]);
/* "198.51.100.17 (smarthost): pass after 4 lookups", translated. */
const char *own_spf_text(struct arena *arena, const struct own_spf *s);

#endif
