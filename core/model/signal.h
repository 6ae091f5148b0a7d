/* Running a system event on a root: handlers, files, services. */
#ifndef CORE_MODEL_SIGNAL_H
#define CORE_MODEL_SIGNAL_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/event/event.h"
#include "core/model/ctx.h"

#include <stdbool.h>
#include <stddef.h>

/* What became of one service. */
enum signal_outcome {
	SIGNAL_TOLD,      /* the bytes were delivered */
	SIGNAL_NOT_UP,    /* nobody supervises it */
	SIGNAL_NO_RECORD, /* no record in the configuration */
	SIGNAL_ABSENT,    /* no such service in this tree */
	SIGNAL_FAILED,
};
struct signal_service {
	const char *name;
	const char *words; /* "sighup" */
	enum signal_outcome outcome;
};

struct signal_result {
	size_t files, files_changed;
	struct signal_service *services; /* in the arena */
	size_t n_services;
	size_t failed;          /* steps, files or services that failed */
	size_t handlers_failed; /* of those: programs, as the log tells */
	struct err first;       /* of those; code ERR_NONE when all went well */
};

/*
 * Run an event as the server would (ES-120 to ES-128), logging as it does.
 * 'services' replaces what the event adjusts; NULL: its own. False when there
 * is no such event or the root cannot be read; what fails on the way is told
 * in the result, and all other steps are run.
 */
MUST_USE bool signal_event(const struct model_ctx *m, const char *event,
    const char *const *args, const struct event_service *services,
    struct signal_result *out, struct err *e);
/* Adjust these services alone, logged as a part of 'event'. */
MUST_USE bool signal_services(const struct model_ctx *m, const char *event,
    const struct event_service *services, struct signal_result *out,
    struct err *e);

#endif
