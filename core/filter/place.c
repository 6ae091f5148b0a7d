/* What a database says of a client's place. */
#include "core/filter/filter.h"

void
filter_place_find(const struct geo *geo, struct geo_db *db,
    const struct net_addr *client, const struct net_addr *home,
    struct filter_place *out)
{
	struct geo_place from;
	*out = (struct filter_place){ .state = FILTER_PLACE_NO_DATABASE };
	if (db == NULL)
		return;
	out->state = geo->find(db, client, &out->is) ? FILTER_PLACE_KNOWN
						     : FILTER_PLACE_UNKNOWN;
	out->has_distance = home != NULL && geo->find(db, home, &from) &&
			    geo->distance(&from, &out->is, &out->distance_km);
}
