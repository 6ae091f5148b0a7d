/*
 * Lists asked through the domain name system: many at once, each answer
 * judged. "Listed" is only what a list says in its own codes; a refusal, a
 * parked domain and silence are outcomes of their own.
 */
#ifndef CORE_AUTH_RBL_H
#define CORE_AUTH_RBL_H

#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "core/base/str.h"
#include "core/dns/dns.h"
#include "core/dns/lists.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rbl_verdict {
	RBL_CLEAN,
	RBL_LISTED,
	RBL_REFUSED,  /* the list does not serve us: 127.255.255.0/24, ... */
	RBL_WRONG,    /* an answer outside 127.0.0.0/8: no list answers so */
	RBL_UNKNOWN,  /* could not be asked */
	RBL_NOT_ASKED /* nothing to ask: null sender, address literal, ... */
};
/* Stable word for JSON: "clean", "listed", "refused", ... */
const char *rbl_verdict_word(enum rbl_verdict v);

enum {
	RBL_CODES_MAX = 32 /* kept of one answer */
};

struct rbl_code {
	struct net_addr answer;
	const char *meaning; /* translated; NULL: not known */
	bool counts;         /* a listing, by the code and by the mask */
};

struct rbl_result {
	enum rbl_verdict verdict;
	const struct dns_list *list; /* NULL: not a known one */
	struct str name;             /* what was asked; empty: nothing */
	struct rbl_code codes[RBL_CODES_MAX];
	size_t n_codes;    /* in ascending order */
	struct str text;   /* of the list's TXT record, or empty */
	struct str reason; /* when there is no listing and not clean */
	int64_t elapsed_ms;
};

/* One item in one list. */
struct rbl_question {
	struct str zone;
	struct str item; /* an address or a domain; letters beyond ASCII too */
	unsigned mask;   /* bits of the last octet that count; 0: any */
	struct str pattern; /* codes that count; empty: any */
	bool no_text;       /* the answer alone is of interest */
	struct rbl_result result;
};

/* Question 'i' has its result; called once for each, in any order. */
typedef void rbl_came(void *ctx, size_t i);
/*
 * Ask all at once, A and TXT; takes as long as the slowest. Texts are in the
 * arena. 'deadline_ms' 0: the resolver's; 'came' NULL: nobody watches.
 */
void rbl_ask(struct dns *d, struct arena *a, struct rbl_question *q, size_t n,
    int64_t deadline_ms, rbl_came *came, void *ctx);

/* "8-16-64" or "72" as bits; false when it is none. */
MUST_USE bool rbl_mask_parse(struct str s, unsigned *mask);
/* "127.0.0.[2..9]", "127.0.0.[10;11]", "127.0.0.2" (postscreen(8)) */
MUST_USE bool rbl_pattern_check(struct str pattern);
bool rbl_pattern_fits(struct str pattern, const struct net_addr *code);
/* Where one reads why and gets off, or NULL. */
const char *rbl_url(
    struct arena *a, const struct dns_list *list, struct str item);

#endif
