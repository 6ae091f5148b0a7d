/* The lines of 'aliases' in a policy. */
#ifndef CORE_FILTER_ALIASES_INT_H
#define CORE_FILTER_ALIASES_INT_H

#include "core/base/arena.h"
#include "core/filter/config_int.h"

/* One target of a name; those of one name stand together. */
struct alias {
	struct str name; /* lower case; sorted by it */
	struct str to;   /* a name in lower case, or an address */
	size_t nth;      /* its place in the file */
	const struct config_line *line;
};

struct alias_table {
	bool is_set; /* there is such a setting */
	struct alias *items;
	size_t n;
};

struct filter_policy;

/* Read the setting; lines that are wrong are noted and left out. */
MUST_USE bool aliases_load(struct config *c, struct arena *arena,
    struct alias_table *out, struct err *e);
/* The first line of a name (lower case); SIZE_MAX: it has none. */
size_t aliases_find(const struct alias_table *t, struct str name);
/* Note names that lead to no mailbox and no address. */
void aliases_check(struct filter_policy *p);

#endif
