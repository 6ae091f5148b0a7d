/* Between the state of a change to confirm and its watcher. */
#ifndef CORE_MODEL_CONFIRM_INT_H
#define CORE_MODEL_CONFIRM_INT_H

#include "core/model/confirm.h"

/* Nothing waits to be confirmed any more. */
void confirm_drop(const struct model_ctx *m);
/* Start the process that waits for the end; it outlives the caller. */
MUST_USE bool confirm_watch_start(const struct model_ctx *m, struct err *e);

#endif
