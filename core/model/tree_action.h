/*
 * Actions on a service of an embedded root: what it is told, and waiting until
 * it is so. Whoever tells it (a command, an event of a plan) does that between.
 */
#ifndef CORE_MODEL_TREE_ACTION_H
#define CORE_MODEL_TREE_ACTION_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/model/ctx.h"
#include "core/service/service.h"

#include <stdbool.h>
#include <stdint.h>

struct tree_action {
	const char *name; /* "start", "stop", "restart", "reload" */
	const char *word; /* of ES-126 */
	bool ends_up;     /* the service is up afterwards */
	bool renews;      /* by a new process */
	bool rereads;     /* its configuration */
};

/* By its name; NULL: there is none. */
const struct tree_action *tree_action_find(const char *name);

/* An action that a service is told; all views. */
struct tree_told {
	const struct tree_action *action;
	const char *service;
	const struct service_status *before; /* as it is, before it is told */
	int64_t mark; /* tree_filter_mark before; < 0: its log is not asked */
};

/* The control word: a filter that runs is renewed with no session lost. */
const char *tree_told_word(const struct tree_told *t);
/*
 * Wait until it is so: by what the supervisor tells and, of the filter, by its
 * own log. 'limit_ms' is for coming up; that of an end comes to it.
 */
MUST_USE bool tree_told_wait(const struct model_ctx *m,
    const struct tree_told *t, int limit_ms, struct err *e);

#endif
