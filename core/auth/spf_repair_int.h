/* Parts of the repair of SPF records. */
#ifndef CORE_AUTH_SPF_REPAIR_INT_H
#define CORE_AUTH_SPF_REPAIR_INT_H

#include "core/base/arena.h"
#include "core/base/str.h"

/* What a term that is wrong was meant to be; empty: nobody can tell. */
struct str spf_term_mend(struct arena *a, struct str term);

#endif
