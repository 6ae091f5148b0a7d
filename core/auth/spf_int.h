/* Parts of the SPF evaluator. */
#ifndef CORE_AUTH_SPF_INT_H
#define CORE_AUTH_SPF_INT_H

#include "core/auth/facts.h"
#include "core/auth/spf.h"
#include "core/auth/spf_record.h"
#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>

/* One run of an evaluation. */
struct spf_run {
	const struct spf_request *request;
	struct facts *facts;
	struct arena *arena;
	struct spf_outcome *out;
	struct spf_macros macros; /* domain is set by each record */
	unsigned depth;
	bool is_local; /* the terms at hand are request->local */
	bool waiting;  /* a fact is wanted: the results mean nothing */
};

/* What one mechanism said. */
enum spf_match {
	SPF_MATCH,
	SPF_NO_MATCH,
	SPF_MATCH_TEMPERROR,
	SPF_MATCH_PERMERROR,
	SPF_MATCH_WAIT /* for a fact */
};

/* spf.c: the check of one domain, as include and redirect call it. */
enum spf_result spf_domain_check(struct spf_run *run, struct str domain);
/* How many lookups are allowed. */
unsigned spf_lookups_max(const struct spf_run *run);
/* Set the reason, once: the innermost one counts. */
void spf_reason(struct spf_run *run, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Another term without an answer; false beyond the limit. */
MUST_USE bool spf_void_add(struct spf_run *run, const struct spf_term *t);

/*
 * spf_lookup.c: SPF_PASS when there is a record, in *text; else the result
 * that its lack means.
 */
enum spf_result spf_record_find(
    struct spf_run *run, struct str domain, struct str *text);

/* spf_mechanism.c */
enum spf_match spf_term_match(struct spf_run *run, const struct spf_term *t);
/* The name a term asks for, in the arena; ptr NULL when out of memory or, with
   run->waiting set, when the p macro is not known yet. */
struct str spf_term_name(struct spf_run *run, struct str spec);
/* Ask for what the terms from 'first' on will need, without waiting. */
void spf_ahead(struct spf_run *run, const struct spf_record *r, size_t first);

/* spf_ptr.c: validated names of the client (5.5). */
enum spf_match spf_ptr_match(
    struct spf_run *run, struct str target, struct str *name);

#endif
