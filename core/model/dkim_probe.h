/* A probe signed as the daemon signs. */
#ifndef CORE_MODEL_DKIM_PROBE_H
#define CORE_MODEL_DKIM_PROBE_H

#include "core/base/compiler.h"
#include "core/model/dkim.h"

#include <stdbool.h>

/*
 * Append a signed message, LF line ends. As root it is signed by the daemon's
 * user, where there is one; else by who asks. *user tells whom.
 */
MUST_USE bool dkim_probe_sign(const struct model_ctx *m, const struct crypto *c,
    const struct dkim_own *own, struct buf *out, const char **user,
    struct err *e);

#endif
