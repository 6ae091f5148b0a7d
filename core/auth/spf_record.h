/* SPF records and macros as they are written (RFC 7208, sections 5, 7, 12). */
#ifndef CORE_AUTH_SPF_RECORD_H
#define CORE_AUTH_SPF_RECORD_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/str.h"
#include "core/net/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum spf_term_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT, /* modifiers from here */
	SPF_EXP,
	SPF_UNKNOWN_MODIFIER
};

enum {
	SPF_TERMS_MAX = 1000, /* a TXT answer holds 64 KiB at most */
};

struct spf_term {
	enum spf_term_kind kind;
	char qualifier;       /* + - ~ ? of a mechanism */
	struct str text;      /* the term as written */
	struct str spec;      /* domain-spec, empty when absent */
	struct net_addr addr; /* of ip4, ip6 (never turned to IPv4) */
	unsigned bits4, bits6;
};

struct spf_record {
	struct str text;
	struct spf_term *terms; /* in their order, modifiers among them */
	size_t n;
	const struct spf_term *redirect, *exp; /* NULL: none */
	bool has_all;
};

/* What is wrong: a term and a reason in words (translated). */
struct spf_syntax {
	struct str term;
	const char *reason;
};

/* Is this TXT an SPF record (4.5): "v=spf1", then a space or the end? */
bool spf_record_is(struct str txt);
/*
 * Parse the whole record; views point into 'text', the terms lie in the arena.
 * False at the first error, told in *bad, which is a permerror (4.6). What was
 * parsed up to there is in *out.
 */
MUST_USE bool spf_record_parse(struct str text, struct arena *a,
    struct spf_record *out, struct spf_syntax *bad);
/*
 * One term without its place in a record. 'repair' uses it to sort good terms
 * from bad ones.
 */
MUST_USE bool spf_term_parse(
    struct str text, struct spf_term *out, const char **reason);
/* Does the kind cost one of the ten lookups (4.6.4)? */
bool spf_term_is_lookup(enum spf_term_kind kind);

/* What macros stand for (7.2). */
struct spf_macros {
	struct str local, sender_domain; /* l, o; s is both */
	struct str domain;               /* d */
	struct str helo;                 /* h */
	const struct net_addr *ip;       /* i, v, c; NULL: not known */
	struct str ptr_name;             /* p; empty: not known yet */
	struct str receiver;             /* r */
	int64_t now_s;                   /* t */
};

/* Grammar only: a macro-string; with 'is_exp' c, r and t are allowed. */
bool spf_macro_is_valid(struct str text, bool is_exp);
/* A domain-spec (12): a macro-string that ends in ".toplabel" or a macro. */
bool spf_domain_spec_is_valid(struct str text);
/* Is one of these macro letters used? Lower case letters are given. */
bool spf_macro_uses(struct str text, const char *letters);
/* Append the expansion; false when the text is not valid or out is full. */
MUST_USE bool spf_macro_expand(
    struct str text, const struct spf_macros *m, bool is_exp, struct buf *out);
/*
 * Expand a domain-spec to the name that is asked for: final dot dropped, cut
 * from the left to 253 octets (7.3). False as above.
 */
MUST_USE bool spf_domain_expand(
    struct str spec, const struct spf_macros *m, struct buf *out);

#endif
