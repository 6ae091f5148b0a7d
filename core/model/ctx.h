/* What every view and operation is given: where, when, for whom. */
#ifndef CORE_MODEL_CTX_H
#define CORE_MODEL_CTX_H

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/sys/root.h"

struct model_ctx {
	const struct root *root;
	const struct clock *clock;
	struct arena *arena; /* of this unit of work */
	const char *user;    /* login name of who asks, for the journal */
	const char *release; /* "9.1", "10", "11" */
	bool french;         /* texts of the catalogue in French */
	const char *share;   /* folder of the files for perl; NULL: installed */
};

/*
 * The release of the tree under the root ("10" when it does not tell), in the
 * arena; never NULL.
 */
const char *model_release(const struct root *root, struct arena *a);
/*
 * Is there an e-smith tree under the root? Sets the error with the next step
 * (smemail init) when not.
 */
bool model_root_check(const struct root *root, struct err *e);
/*
 * Is it a server of its own ("/" with /sbin/e-smith/db), whose programs
 * expand templates and run events?
 */
bool model_is_live(const struct root *root);

#endif
