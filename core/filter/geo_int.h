/* What the lines of plugins that ask for places have in common. */
#ifndef CORE_FILTER_GEO_INT_H
#define CORE_FILTER_GEO_INT_H

#include "core/filter/policy_int.h"

/* What a line says about the places that it wants to know. */
struct geo_line {
	const char *folder; /* db_dir, or NULL */
	bool has_home;
	struct net_addr home; /* distance: measured from here */
};

#endif
