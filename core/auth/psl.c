/* Opens the module behind the public suffix list. */
#include "core/auth/psl.h"

#include "core/sys/module.h"

const struct psl *
psl_load(struct err *e)
{
	return module_table(
	    "psl", "psl", PSL_TABLE_VERSION, sizeof(struct psl), e);
}
