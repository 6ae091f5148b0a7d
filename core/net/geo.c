/* Opens the module behind databases of places. */
#include "core/net/geo.h"

#include "core/sys/module.h"

const struct geo *
geo_load(struct err *e)
{
	return module_table(
	    "maxminddb", "geo", GEO_TABLE_VERSION, sizeof(struct geo), e);
}
