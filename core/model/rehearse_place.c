/* Where the client of a rehearsal is, by the databases of this machine. */
#include "core/model/rehearse_int.h"

void
rehearse_place(struct rehearse_stage *s)
{
	struct filter_geo geo;
	struct net_addr client;
	struct err unknown = ERR_INIT; /* the plugin says that there is none */
	if (!filter_policy_geo(s->policy, &geo) ||
	    !net_addr_parse(s->filter.client_ip, &client))
		return;
	struct filter_place *place =
	    ARENA_NEW(s->m->arena, struct filter_place);
	const struct geo *calls = geo_load(&unknown);
	struct geo_db *db = NULL;
	if (calls != NULL)
		db = calls->open(geo.folders, geo.n_folders, &unknown);
	filter_place_find(
	    calls, db, &client, geo.has_home ? &geo.home : NULL, place);
	if (calls != NULL)
		calls->close(db);
	s->filter.place = place;
}
