/* Between the state of a change to confirm and its watcher. */
#ifndef CORE_MODEL_CONFIRM_INT_H
#define CORE_MODEL_CONFIRM_INT_H

#include "core/model/confirm.h"

MUST_USE bool confirm_write(
    const struct model_ctx *m, const struct confirm *c, struct err *e);
void confirm_drop(const struct model_ctx *m);
/* Start the process that waits for the end; it outlives the caller. */
MUST_USE bool confirm_watch_start(const struct model_ctx *m, struct err *e);
/* Take it back now. *change is the number of the apply that did so. */
MUST_USE bool confirm_rollback(const struct model_ctx *m,
    const struct confirm *c, long *change, struct err *e);

#endif
