/* Programs run by argument vector, bounded in time and output. No shell. */
#ifndef CORE_SYS_SPAWN_H
#define CORE_SYS_SPAWN_H

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct spawn {
	const char *const
	    *argv;              /* NULL-terminated; argv[0] is the name shown */
	const char *path;       /* what is executed; NULL: argv[0] by PATH */
	const char *const *env; /* NULL-terminated; NULL: inherited */
	const char *dir;        /* working directory, or NULL */
	struct str input;       /* fed to standard input when input_set */
	bool input_set;         /* else standard input is inherited */
	struct buf *output;     /* stdout and stderr together, or NULL: */
				/* inherited. Output past the maximum is read
				   and dropped. */
	int64_t limit_ms;       /* KILL after this; 0 is no limit */
	bool apart; /* in a process group of its own: Ctrl-C is for us alone */
};

/*
 * Run to the end; the raw wait status goes to *status. False when the program
 * could not be started or ran over its limit.
 */
MUST_USE bool spawn_run(const struct spawn *s, const struct clock *clock,
    int *status, struct err *e);

/*
 * Start in a session of its own (setsid), input from /dev/null, stdout and
 * stderr appended to 'log_path' or, if NULL, to /dev/null; returns at once
 * with *pid. The program outlives the caller.
 */
MUST_USE bool spawn_daemon(
    const struct spawn *s, const char *log_path, pid_t *pid, struct err *e);

/*
 * Start with these descriptors as its standard streams (-1: inherited) and
 * return at once. The caller keeps its descriptors, and must reap *pid.
 */
MUST_USE bool spawn_start(const struct spawn *s, int in, int out, int err_out,
    pid_t *pid, struct err *e);

#endif
