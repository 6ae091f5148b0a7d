/* Opens the module behind SQLite. */
#include "core/sys/sqlite.h"

#include "core/sys/module.h"

const struct sqlite *
sqlite_load(struct err *e)
{
	return module_table(
	    "sqlite", "sqlite", SQLITE_TABLE_VERSION, sizeof(struct sqlite), e);
}
