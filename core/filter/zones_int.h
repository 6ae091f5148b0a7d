/* Lists of the DNS that plugins ask: all zones at once, in file order. */
#ifndef CORE_FILTER_ZONES_INT_H
#define CORE_FILTER_ZONES_INT_H

#include "core/filter/plugin_int.h"

struct zone {
	struct str name;
	struct str text; /* of the configuration; empty: the list's own */
};
struct zone_list {
	const struct zone *zones;
	size_t n;
};

/*
 * Letters, digits, hyphens, underscores and dots: another name can be asked,
 * but is meant to be two, or a name and a remark.
 */
bool zone_name_is_valid(struct str name);
/*
 * Lines "ZONE" or "ZONE", one of 'marks', text. Zones that are no name are
 * noted and left out.
 */
MUST_USE bool zone_list_load(struct plugin_setup *s, const char *setting,
    const char *marks, struct zone_list *out, struct err *e);

struct zone_hit {
	const struct zone *zone; /* NULL: in none */
	struct str text; /* what the line or the list says; may be empty */
};
/*
 * Ask for 'item' (reversed address, or domain) in all of them. The first that
 * lists it by FL-102 is the hit; one that does not answer does not count.
 * False: c->waits.
 */
MUST_USE bool zone_list_ask(struct plugin_call *c, const struct zone_list *l,
    struct str item, struct zone_hit *hit);

#endif
