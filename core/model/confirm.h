/*
 * A change that is taken back unless it is confirmed in time. What is needed
 * for that is a file in the state folder, written before the change takes
 * effect; a process in a session of its own watches it. Should that be killed
 * (a crash, a reboot), the next smemail of somebody who may do so takes its
 * place. Time is measured by the clock that nobody sets, as long as the
 * machine is not started anew.
 */
#ifndef CORE_MODEL_CONFIRM_H
#define CORE_MODEL_CONFIRM_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/model/ctx.h"
#include "core/model/plan.h"

#include <stdbool.h>
#include <stdint.h>

#define CONFIRM_PATH "/var/lib/smemail/confirm"

enum {
	CONFIRM_MIN_S = 10,
	CONFIRM_MAX_S = 7 * 24 * 3600,
	CONFIRM_BOOT_SIZE = 64
};

struct confirm {
	long from;   /* the newest entry of the journal before the change */
	long change; /* 0: it is not done yet */
	int64_t seconds;
	int64_t until_s;  /* by the wall clock */
	int64_t until_ms; /* by the other one, counted since boot */
	int64_t armed_s;
	char boot[CONFIRM_BOOT_SIZE];
	const char *who;
};

/* False when nothing waits to be confirmed. */
bool confirm_read(const struct model_ctx *m, struct confirm *out);
/* Seconds left, 0 when the time is over. */
int64_t confirm_left_s(const struct model_ctx *m, const struct confirm *c);

/* The change stays. ERR_NO when it does not wait for that. */
MUST_USE bool confirm_keep(
    const struct model_ctx *m, long change, struct err *e);

/*
 * Called by each command: take back what ran out of time while nobody watched
 * (*undone is the change that did so, 0: none), and see to it that what is
 * left is watched. False when that fails.
 */
MUST_USE bool confirm_attend(const struct model_ctx *m, long *undone,
    struct confirm *what, struct err *e);

/* --- for plan_apply, which holds the lock of all applies --- */
/* While a change waits, another is refused; taking it back is not. */
MUST_USE bool confirm_permits(
    const struct model_ctx *m, const struct plan_order *order, struct err *e);
MUST_USE bool confirm_arm(const struct model_ctx *m,
    const struct plan_order *order, const struct journal *j, struct err *e);
/* The change is done, or failed: the time begins, or is over. */
void confirm_settle(const struct model_ctx *m, const struct plan_order *order,
    bool ok, bool written, struct plan_result *out);

#endif
