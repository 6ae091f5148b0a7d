/* Databases made and brought up to date from /etc/e-smith/db (ES-70 to ES-77).
 */
#ifndef CORE_MODEL_DEFAULTS_H
#define CORE_MODEL_DEFAULTS_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/model/ctx.h"

#include <stdbool.h>
#include <stddef.h>

struct defaults_result {
	size_t databases, failed;
};

/*
 * For every database named there: migrate, defaults, force. What is done goes
 * to 'note', failures too; one that fails does not stop the others. False when
 * the folder cannot be read.
 */
MUST_USE bool defaults_apply(const struct model_ctx *m,
    void (*note)(void *ctx, const char *text), void *note_ctx,
    struct defaults_result *out, struct err *e);

#endif
