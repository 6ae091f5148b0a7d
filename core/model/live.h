/*
 * A server of its own: its programs expand templates and run events, smemail
 * tells what they will do and what they leave out (effects.md 13).
 */
#ifndef CORE_MODEL_LIVE_H
#define CORE_MODEL_LIVE_H

#include "core/model/plan_int.h"

#define LIVE_SIGNAL_EVENT "/sbin/e-smith/signal-event"
#define LIVE_EXPAND       "/sbin/e-smith/expand-template"

/*
 * The files of the plan's settings, as the server's expand-template makes
 * them of what is stored, and the services that they need. 'drafted': part of
 * the plan is not stored, so that no file can be shown.
 */
MUST_USE bool live_plan(const struct model_ctx *m, bool drafted,
    struct plan_work *w, struct err *e);
/* Run one event. */
MUST_USE bool live_event(
    const struct model_ctx *m, const struct plan_event *ev, struct err *e);
/*
 * After all events: files of the plan that none of them made are expanded.
 * *made counts those; a file that is not as planned even so is an error.
 */
MUST_USE bool live_files_finish(const struct model_ctx *m, const struct plan *p,
    size_t *seen, size_t *made, struct err *e);
/* Services that need more than the event gave them. */
MUST_USE bool live_services_finish(
    const struct model_ctx *m, const struct plan_event *ev, struct err *e);

#endif
