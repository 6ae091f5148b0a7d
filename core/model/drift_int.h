/* Between drift of files and of fragments. */
#ifndef CORE_MODEL_DRIFT_INT_H
#define CORE_MODEL_DRIFT_INT_H

#include "core/base/vec.h"
#include "core/model/drift.h"

/* Append a row for each custom fragment that there is something to say of. */
MUST_USE bool drift_fragments(
    const struct model_ctx *m, struct vec *rows, struct err *e);
/* When the file was written last, 0 when it is not there. */
int64_t drift_changed_s(const struct model_ctx *m, const char *path);

#endif
