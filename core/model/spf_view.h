/*
 * A domain's SPF record as administrators see it: the tree, what becomes of its
 * own mail and of anybody else's, whether libspf2, which other servers use,
 * says the same, and whether the record changed.
 */
#ifndef CORE_MODEL_SPF_VIEW_H
#define CORE_MODEL_SPF_VIEW_H

#include "core/auth/spf_tree.h"
#include "core/model/own_spf.h"
#include "core/model/spf_seen.h"

enum spf_agreement {
	SPF_AGREES,
	SPF_DIFFERS,
	SPF_NOT_COMPARED /* the text says why */
};

struct spf_view {
	struct spf_tree tree;
	/* the rest only when there is a record */
	struct own_spf own[OWN_ADDRESSES_MAX];
	size_t n_own;
	struct own_spf others; /* from an address that is nobody's */
	enum spf_agreement second;
	const char *second_text; /* "libspf2 agrees", translated */
	struct spf_seen seen;
	/* a record to publish in its place; NULL: none is called for */
	const struct spf_repair *repair;
};

/* The tree; 'record' is judged in place of what is published, unless empty. */
void spf_view_tree(const struct model_ctx *m, struct dns *dns,
    struct str domain, struct str record, struct spf_view *out);
/* Then the rest, by the same record. */
void spf_view_judge(const struct model_ctx *m, struct dns *dns,
    struct str record, struct spf_view *v);
/* "a record with the same meaning, 7 of 10 lookups:", translated. */
const char *spf_repair_text(struct arena *arena, const struct spf_repair *r);
/* "agrees", "differs", "untested" */
const char *spf_agreement_word(enum spf_agreement a);
/* "mail from elsewhere: softfail after 8 lookups", translated. */
const char *spf_others_text(struct arena *arena, const struct spf_view *v);

#endif
