/* Steps of an event that smemail does itself. */
#ifndef CORE_MODEL_SIGNAL_INT_H
#define CORE_MODEL_SIGNAL_INT_H

#include "core/db/db.h"
#include "core/model/signal.h"

/* One run. */
struct signal_run {
	const struct model_ctx *m;
	const char *event;
	const char *const *args;
	const struct event_service *services;
	struct event_log log;
	struct signal_result *out;
	struct db *config;
};

/* Count it, log it; the first is kept. */
void signal_failed(struct signal_run *r, const struct err *why);

/* Expand the templates of the event (ES-125). */
void signal_expand(struct signal_run *r);
/* Tell its services (ES-126 to ES-130). */
void signal_adjust(struct signal_run *r);
/* One service that nobody supervises (ES-129). */
void signal_other_adjust(
    struct signal_run *r, struct signal_service *s, bool enabled);

#endif
