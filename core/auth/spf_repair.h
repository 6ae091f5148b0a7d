/*
 * Proposes an SPF record of the same meaning that is valid: syntax, doubled
 * records, dead references, too many lookups, own addresses that are missing.
 */
#ifndef CORE_AUTH_SPF_REPAIR_H
#define CORE_AUTH_SPF_REPAIR_H

#include "core/auth/facts.h"
#include "core/auth/spf_tree.h"
#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "core/base/str.h"
#include "core/net/addr.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	SPF_REPAIR_TERMS_MAX = 200,
	SPF_REPAIR_NOTES_MAX = 100,
	SPF_REPAIR_RECORD_MAX = 4000
};

struct spf_repair_note {
	struct str term;  /* it is about, as it stood; empty: the whole */
	struct str words; /* what was done and why, translated */
};

struct spf_repair {
	struct spf_tree before, after;
	struct str proposal;
	bool changed;
	struct spf_repair_note *notes;
	size_t n_notes;
};

/* Where our mail leaves from. */
struct spf_egress {
	struct net_addr addr;
	const char *host; /* name of a smarthost, NULL: our own address */
};

/*
 * 'egress' are addresses our mail leaves from: the proposal allows them. As
 * spf_check: false while facts are wanted. after.state tells whether the
 * proposal is valid; before.state SPF_TREE_UNTESTED that nothing can be said.
 */
MUST_USE bool spf_repair(struct str domain, const struct spf_egress *egress,
    size_t n_egress, struct facts *facts, struct arena *a,
    struct spf_repair *out);

#endif
