/* A throw-away folder that plays the root where a draft is tried. */
#ifndef CORE_MODEL_SCRATCH_H
#define CORE_MODEL_SCRATCH_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/model/ctx.h"
#include "core/model/files.h"

#include <stdbool.h>

struct scratch {
	struct root root; /* prefix "" while there is none */
	int held;         /* keeps others from clearing it away */
};

/*
 * A new folder with a copy of the databases and the journal. Folders whose
 * makers were killed are removed on the way.
 */
MUST_USE bool scratch_open(
    const struct model_ctx *m, struct scratch *s, struct err *e);
/*
 * Lay the configuration of the SMTP filter there as it would be: what stands
 * in the root, and over it the files of the set.
 */
MUST_USE bool scratch_filter(const struct model_ctx *m, struct scratch *s,
    const struct files_set *set, struct err *e);
/* Remove the folder. Nothing to remove is fine. */
void scratch_close(struct scratch *s);

#endif
