/*
 * Services and their supervisor (ES-126 to ES-129, ES-140 to ES-145): state,
 * control bytes, and starting and stopping a whole tree of services.
 */
#ifndef CORE_SERVICE_SERVICE_H
#define CORE_SERVICE_SERVICE_H

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/sys/root.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SERVICE_DIR "/service"

enum service_state {
	SERVICE_DOWN,
	SERVICE_UP,
	SERVICE_FINISHING, /* its finish script runs */
};

struct service_status {
	bool supervised; /* a supervisor runs; without one the rest is old */
	enum service_state state;
	pid_t pid;       /* 0 when down */
	int64_t since_s; /* Unix time of the last change, 0: never started */
	uint32_t since_nano;
	bool paused;
	bool want_up;
	bool got_term; /* TERM was sent, it is still up */
};

/*
 * The bytes of supervise/status: 20 of runit (ES-142) or 18 of daemontools
 * (ES-143); any other length is an error. 'supervised' is left alone.
 */
MUST_USE bool service_status_parse(
    struct str bytes, struct service_status *out, struct err *e);
/* Seconds since the last change, never negative (ES-145). */
int64_t service_uptime_s(const struct service_status *s, int64_t now_s);

/* Control byte for an action word of ES-126; 0 for an unknown word. */
char service_word_byte(struct str word);
/* Does the word leave the service down or once (ES-127)? */
bool service_word_stops(struct str word);

/* One kind of supervisor. */
struct supervisor {
	const char *name;
	/* Names of the services below the root, byte order, in the arena. */
	bool (*list)(const struct root *root, struct arena *a,
	    const char *const **names, size_t *count, struct err *e);
	/* A service it does not know fails with ERR_NO. */
	bool (*status)(const struct root *root, const char *service,
	    struct service_status *out, struct err *e);
	/* Deliver one control byte; ERR_NO when nobody supervises. */
	bool (*control)(const struct root *root, const char *service, char byte,
	    struct err *e);
};
extern const struct supervisor supervisor_runit;

enum {
	/*
	 * What a service may take to end when it is told to: the filter daemon
	 * has messages under way finished first.
	 */
	SERVICE_END_MS = 40000
};

/*
 * Wait until the service is up (or down) with a change of state later than
 * 'after' (NULL: any); false at the deadline.
 */
bool service_wait(const struct root *root, const char *service, bool up,
    const struct service_status *after, int64_t limit_ms,
    const struct clock *clock);

/* A tree: runsvdir over SERVICE_DIR of one root. */

/* Pid of its runsvdir, or 0 when none runs. */
pid_t service_tree_pid(const struct root *root);
/*
 * Start it; returns when every service has a supervisor. 'program' is
 * runsvdir, found by PATH when it holds no slash.
 */
MUST_USE bool service_tree_start(const struct root *root, const char *program,
    const struct clock *clock, struct err *e);
/*
 * Stop the tree and wait until every supervisor and service has ended; TERM
 * is repeated, since one may get lost while a program starts, and KILL
 * follows near the limit. Nothing to stop is success.
 */
MUST_USE bool service_tree_stop(const struct root *root, int64_t limit_ms,
    const struct clock *clock, struct err *e);

#endif
