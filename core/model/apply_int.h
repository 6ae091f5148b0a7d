/* What the files of applying share. */
#ifndef CORE_MODEL_APPLY_INT_H
#define CORE_MODEL_APPLY_INT_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/model/plan_int.h"

#include <stdbool.h>
#include <stdint.h>

#define APPLY_FILTER "qpsmtpd" /* the service */
#define APPLY_CONFIG "/var/service/qpsmtpd/config"

struct apply {
	const struct model_ctx *m;
	struct plan_work work;
	const struct plan_order *order;
	bool written;       /* something is, so that an undo has a meaning */
	int64_t started_ns; /* of the step under way */
	struct base now;    /* as it was verified */
	int64_t log_mark;   /* end of the filter's log before it is told */
};

/* --- apply.c --- */
/*
 * A step that the one who gave the order sees, with the time it took; one at
 * a time. Name and detail are kept by nobody.
 */
void apply_step_begin(struct apply *a);
void apply_step_end(
    struct apply *a, bool ok, const char *name, const char *detail);
/* Between steps the one who asked may stop; false when that is so. */
MUST_USE bool apply_may_go_on(struct apply *a, struct err *e);
/* "qpsmtpd reload, spamd restart", in the arena. */
const char *apply_services_text(
    const struct model_ctx *m, const struct plan_event *ev);

/* --- apply_tree.c: below a folder --- */
/* Did a list of plugins change, which the filter reads at HUP alone? */
bool apply_plugins_changed(const struct files_set *set);
/* One event, until its services are in the state they were told to be in. */
MUST_USE bool apply_tree_event(
    struct apply *a, const struct plan_event *ev, struct err *e);
/* The filter greets, and every file is as planned; sets a->now. */
MUST_USE bool apply_tree_verify(struct apply *a, struct err *e);

/* --- apply_live.c: on a server --- */
/* Events by the server's own program, then what they leave out. */
MUST_USE bool apply_live_run(struct apply *a, struct err *e);

#endif
