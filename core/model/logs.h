/* Log views: following services live, decoded and classified. */
#ifndef CORE_MODEL_LOGS_H
#define CORE_MODEL_LOGS_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/model/ctx.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_verdict {
	LOG_VERDICT_NONE, /* a line that decides nothing */
	LOG_QUEUED,
	LOG_REFUSED,
	LOG_DEFERRED,
};

/* One line. Views are good until the next call on the same follower. */
struct log_event {
	const char *service;
	int64_t unix_s;
	int32_t ns;      /* -1: no time known */
	struct str raw;  /* whole line without LF, undecoded */
	struct str text; /* without label */
	enum log_verdict verdict;
	struct str host, from, to, rule, reason; /* of logterse lines */
};

struct log_follow;

/*
 * Follow the current logs of services (NULL-terminated names; NULL: all mail
 * services) beginning 'lines' lines before their ends, through rotation,
 * losing and repeating nothing.
 */
MUST_USE bool log_follow_open(const struct model_ctx *m,
    const char *const *services, size_t lines, struct log_follow **out,
    struct err *e);
/*
 * The next event in time order of what has arrived. True with an event; false
 * and *waiting set when nothing is there yet; false without it on failure.
 */
bool log_follow_next(struct log_follow *f, struct log_event *event,
    bool *waiting, struct err *e);
/* A descriptor that polls readable when there may be more (inotify). */
int log_follow_fd(const struct log_follow *f);
void log_follow_close(struct log_follow *f); /* NULL allowed */

/* Names of the services whose logs exist under the root (arena). */
const char **log_services(const struct model_ctx *m);

#endif
