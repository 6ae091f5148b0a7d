/* Parts of the walk of an SPF record. */
#ifndef CORE_AUTH_SPF_TREE_INT_H
#define CORE_AUTH_SPF_TREE_INT_H

#include "core/auth/facts.h"
#include "core/auth/spf_tree.h"
#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct spf_walk {
	struct facts *facts;
	struct arena *arena;
	struct spf_tree *out;
	struct spf_node *nodes;
	size_t n;
	struct str path[SPF_TREE_DEPTH_MAX]; /* domains above, for loops */
	unsigned depth;
	bool waiting;
	bool behind_all; /* nothing from here on is reached */
};

enum {
	SPF_TREE_NOTE_MAX = 4096
};

/* spf_tree.c: what a lookup or its lack makes of a node, and of the tree. */
void spf_node_wrong(struct spf_walk *w, struct spf_node *n, const char *reason);
void spf_node_untested(
    struct spf_walk *w, struct spf_node *n, const struct fact *fact);
void spf_node_void(
    struct spf_walk *w, struct spf_node *n, const struct fact *fact);

/* spf_tree_hosts.c: the terms that give addresses. */
void spf_node_visit_a(struct spf_walk *w, struct spf_node *n, struct str name);
void spf_node_visit_mx(struct spf_walk *w, struct spf_node *n, struct str name);
/* Is an a or mx given whole by what stands before it? */
void spf_node_find_needless(struct spf_walk *w, struct spf_node *n);

#endif
