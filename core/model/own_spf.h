/* What the SPF record of a domain of ours makes of the mail we send. */
#ifndef CORE_MODEL_OWN_SPF_H
#define CORE_MODEL_OWN_SPF_H

#include "core/auth/spf.h"
#include "core/auth/spf_repair.h"
#include "core/base/arena.h"
#include "core/base/str.h"
#include "core/dns/dns.h"
#include "core/model/ctx.h"
#include "core/model/own.h"

#include <stdbool.h>
#include <stddef.h>

struct own_spf {
	struct own_address from; /* where mail leaves from */
	struct spf_outcome out;
	/* libspf2's opinion; not asked about a record that is not published */
	bool second_done;
	enum spf_result second;
	const char *second_why; /* it could not be had */
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
/* The same for a client that is none of ours: an address nobody has. */
void own_spf_judge_others(const struct model_ctx *m, struct dns *dns,
    struct str domain, struct str record, struct own_spf *out);
/*
 * Those addresses as a proposal needs them; the 'source' of all, for people,
 * unless there are none. 0 as above.
 */
size_t own_spf_egress(const struct model_ctx *m, struct dns *dns,
    struct str domain, struct spf_egress out[OWN_ADDRESSES_MAX],
    const char **source);
/* spf_repair, asking for what it wants. */
void own_spf_repair(const struct model_ctx *m, struct dns *dns,
    struct str domain, const struct spf_egress *egress, size_t n,
    struct spf_repair *out);
/* "198.51.100.17 (smarthost): pass after 4 lookups", translated. */
const char *own_spf_text(struct arena *arena, const struct own_spf *s);

#endif
