/* Opens the module behind gzip. */
#include "core/sys/gzip.h"

#include "core/sys/module.h"

const struct gzip *
gzip_load(struct err *e)
{
	return module_table(
	    "zlib", "gzip", GZIP_TABLE_VERSION, sizeof(struct gzip), e);
}
