/* The services of an embedded root: their scripts, starting, stopping. */
#ifndef CORE_MODEL_TREE_H
#define CORE_MODEL_TREE_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/model/ctx.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Write run and log/run of each service if they differ; 'filterd' is the
 * program that qpsmtpd runs. *files counts those written (NULL allowed).
 */
MUST_USE bool tree_scripts_write(const struct model_ctx *m, const char *filterd,
    size_t *files, struct err *e);

struct tree_state {
	pid_t runsvdir;
	int port;      /* of SMTP, on loopback */
	bool disabled; /* SMTP is switched off in the databases */
};

/*
 * Start the services; returns when the SMTP port answers. Already running is
 * success with *was_up set.
 */
MUST_USE bool tree_up(const struct model_ctx *m, const char *filterd,
    struct tree_state *out, bool *was_up, struct err *e);
/* Stop everything and wait for its end; *was_up as above. */
MUST_USE bool tree_down(const struct model_ctx *m, bool *was_up, struct err *e);

/* The loopback port of SMTP, by the databases. */
int tree_smtp_port(const struct model_ctx *m);
/* All that the daemon listens on: "127.0.0.1:2525,2465", in the arena. */
const char *tree_smtp_listens(const struct model_ctx *m);
/*
 * Wait until a mail server greets on that port; ERR_TEMPORARY with the reason
 * at the limit.
 */
MUST_USE bool tree_smtp_answers(
    const struct model_ctx *m, int port, int64_t limit_ms, struct err *e);
struct filter_policy;
/*
 * The filter's policy in its folder, or in that of 'config' if it is not NULL;
 * the error tells file and line. The caller frees it.
 */
MUST_USE bool tree_filter_policy(const struct model_ctx *m, const char *config,
    struct filter_policy **policy, struct err *e);
/*
 * Where the filter's log ends now; and wait until it tells, behind that mark,
 * that it read its configuration anew, or why not.
 */
int64_t tree_filter_mark(const struct model_ctx *m);
MUST_USE bool tree_filter_reloaded(
    const struct model_ctx *m, int64_t mark, int64_t limit_ms, struct err *e);
/* The same of starting anew, with no session lost (SIGUSR2). */
MUST_USE bool tree_filter_anew(
    const struct model_ctx *m, int64_t mark, int64_t limit_ms, struct err *e);
/* The last line that the filter logged, without its stamp; NULL: none. */
const char *tree_log_last(const struct model_ctx *m);
/* Is the service switched on by its record (ES-127)? */
bool tree_service_enabled(const struct model_ctx *m, const char *service);
/* Only a tree below a folder has services of ours. */
MUST_USE bool tree_check_embedded(const struct model_ctx *m, struct err *e);

#endif
