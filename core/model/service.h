/* Services of a root: view and operations. */
#ifndef CORE_MODEL_SERVICE_H
#define CORE_MODEL_SERVICE_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/model/ctx.h"
#include "core/service/service.h"

#include <stdbool.h>
#include <stddef.h>

struct service_row {
	const char *name;
	const char *state; /* "ok", "FAIL", "off", "down" */
	const char *why;   /* "disabled", "not started", ... or "" */
	struct service_status status;
	bool enabled;
	int64_t uptime_s;
	int64_t memory_bytes; /* resident, of the process; 0 unknown */
	const char *listens;  /* "127.0.0.1:2525,2465", or "" */
};

/* Every service of the tree, byte order of names. */
MUST_USE bool service_rows(const struct model_ctx *m, struct service_row **rows,
    size_t *count, struct err *e);
/* One of them; unknown names fail with the list as next step. */
MUST_USE bool service_row_of(const struct model_ctx *m, const char *name,
    struct service_row *row, struct err *e);

/*
 * start, stop, restart or reload, and wait until it is so. *row is the state
 * afterwards. A service that is switched off is not started. With 'dry_run'
 * it is checked that this could be done, and *row is the state now.
 */
MUST_USE bool service_act(const struct model_ctx *m, const char *name,
    const char *action, bool dry_run, struct service_row *row, struct err *e);

#endif
