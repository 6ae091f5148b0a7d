/*
 * The SPF record of a domain with all it includes, as a tree: what each term
 * costs and gives, counted as for a client that no term matches.
 */
#ifndef CORE_AUTH_SPF_TREE_H
#define CORE_AUTH_SPF_TREE_H

#include "core/auth/facts.h"
#include "core/auth/spf_record.h"
#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum spf_node_state {
	SPF_NODE_OK,
	SPF_NODE_VOID,      /* its lookup has no answer */
	SPF_NODE_DEPENDS,   /* on the client or the sender */
	SPF_NODE_UNTESTED,  /* could not be asked */
	SPF_NODE_UNREACHED, /* behind the limit, or behind all */
	SPF_NODE_WRONG      /* makes the record a permerror */
};

struct spf_node {
	unsigned depth;    /* 0: a term of the domain's own record */
	bool last;         /* of its record */
	struct str text;   /* the term */
	struct str domain; /* whose record it stands in */
	enum spf_term_kind kind;
	char qualifier;
	unsigned number; /* which lookup it is, 0: none */
	enum spf_node_state state;
	struct str note; /* addresses it gives, or what is wrong; translated */
	struct str target;            /* of include, redirect: the name */
	struct str record;            /* of include, redirect: that record */
	const struct net_addr *addrs; /* of a, mx: what they gave */
	size_t n_addrs;
	bool needless; /* terms of its record before it give all of them */
	struct net_addr block; /* of ip4, ip6 */
	unsigned bits4, bits6;
};

enum spf_tree_state {
	SPF_TREE_OK,
	SPF_TREE_NONE,     /* no record */
	SPF_TREE_WRONG,    /* a permerror */
	SPF_TREE_UNTESTED, /* something could not be asked */
};

enum {
	SPF_TREE_NODES_MAX = 400,
	SPF_TREE_LOOKUPS_MAX = 60, /* counted beyond the ten allowed */
	SPF_TREE_DEPTH_MAX = 12
};

struct spf_tree {
	struct str domain;
	struct str record; /* empty: none */
	const struct spf_node *nodes;
	size_t n;
	unsigned lookups, voids;
	enum spf_tree_state state;
	struct str problem;        /* what the state means here, translated */
	const struct str *doubled; /* records, when there are several */
	size_t n_doubled;
};

/*
 * As spf_check: false while facts are wanted. 'record' is judged in place of
 * what the domain publishes, unless it is empty.
 */
MUST_USE bool spf_tree(struct str domain, struct str record,
    struct facts *facts, struct arena *a, struct spf_tree *out);
void spf_tree_wait(struct str domain, struct str record, struct facts *facts,
    struct arena *a, struct dns *d, const struct dns_how *how,
    struct spf_tree *out);

/*
 * A term with the lines of the tree before it; last[depth] says of each level
 * whether its term is the last of its record.
 */
struct str spf_node_line(struct arena *arena, const struct spf_node *n,
    const bool *last, bool ascii);
/* What it gives, or what is wrong with it, translated; may be empty. */
struct str spf_node_note(struct arena *arena, const struct spf_node *n);

#endif
