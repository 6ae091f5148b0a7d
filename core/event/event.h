/*
 * System events (ES-120 to ES-129): what each expands and which services it
 * tells, from native tables and from /etc/e-smith/events; the event log; and
 * running handlers. Expanding and adjusting are the caller's.
 */
#ifndef CORE_EVENT_EVENT_H
#define CORE_EVENT_EVENT_H

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/sys/root.h"
#include "core/sys/syslog_port.h"

#include <stdbool.h>
#include <stddef.h>

#define EVENT_DIR "/etc/e-smith/events"

/* A service and the words it is adjusted with, in order. */
struct event_service {
	const char *name;
	const char *words; /* "sighup", "down up" */
};

/* An event that smemail knows without a folder. */
struct event {
	const char *name;
	const char *summary;          /* one line, N_() */
	const char *const *templates; /* paths, NULL-terminated; one that ends
					 in '/' is everything below it, '*' any
					 name, '%' that of the argument */
	const struct event_service *services; /* ends with name NULL */
};

/* Native events in their order; NULL past the last. */
const struct event *event_at(size_t i);
const struct event *event_find(const char *name);
/*
 * Does the native event expand the file 'path'? 'argument' is whom it is
 * about; NULL: whoever.
 */
bool event_expands(
    const struct event *ev, const char *path, const char *argument);

/*
 * Is NAME an event: native, or a folder of EVENT_DIR other than "actions"?
 * Fails with ERR_NO and what to do (ES-120).
 */
MUST_USE bool event_check(
    const struct root *root, const char *name, struct err *e);
/* Names of all events, native or folders, byte order, in the arena. */
MUST_USE bool event_names(const struct root *root, struct arena *a,
    const char *const **names, size_t *count, struct err *e);

enum event_step_kind {
	EVENT_EXPAND,  /* S05generic_template_expand */
	EVENT_ADJUST,  /* S90adjust-services */
	EVENT_HANDLER, /* a program of the folder */
};

/* What an event does, in order (ES-122, ES-125, ES-126). */
struct event_step {
	enum event_step_kind kind;
	const char *sort; /* name it is sorted by */
	const char *name; /* as the summary line shows it */
	const char *path; /* without the root */
	bool runnable;    /* EVENT_HANDLER: executable */
};
MUST_USE bool event_steps(const struct root *root, const char *name,
    struct arena *a, struct event_step **out, size_t *count, struct err *e);

/*
 * Files named by the folder's templates2expand, absolute paths in byte order
 * (ES-125), beside those of the native table.
 */
MUST_USE bool event_templates(const struct root *root, const char *name,
    struct arena *a, const char *const **paths, size_t *count, struct err *e);

/*
 * Services to adjust: the native table's, then those of services2adjust, which
 * replace one of the same name (ES-126).
 */
MUST_USE bool event_services(const struct root *root, const char *name,
    struct arena *a, struct event_service **out, size_t *count, struct err *e);

/*
 * The log of events (ES-121): to the system log of the root where somebody
 * listens, else appended to /var/log/messages. Never an error.
 */
struct event_log {
	struct syslog_port port;
	int fd; /* of /var/log/messages, or -1 */
	const struct clock *clock;
};
void event_log_open(
    struct event_log *l, const struct root *root, const struct clock *clock);
void event_log_line(struct event_log *l, struct str text);
void event_log_linef(struct event_log *l, const char *fmt, ...)
    PRINTF_LIKE(2, 3);
void event_log_close(struct event_log *l);
/* The summary of one step (ES-124). 'status' is a raw wait status. */
void event_log_summary(struct event_log *l, const char *event, const char *step,
    int64_t start_ns, int64_t end_ns, int status);

/*
 * Run a handler with the event and its arguments; each line it prints is
 * logged (ES-123). A handler that does not end within the limit is killed and
 * counts as failed. *status is the raw wait status.
 */
MUST_USE bool event_handler_run(const struct root *root,
    const struct event_step *step, const char *event, const char *const *args,
    struct event_log *log, int *status, struct err *e);

/*
 * Tell who reads /var/spool/eventq, if there is one, that the event was run;
 * not from within a handler (ES-131). Never an error.
 */
void event_queue_put(
    const struct root *root, const char *event, const char *const *args);

#endif
