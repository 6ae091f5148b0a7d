/*
 * A program that is asked and answers over pipes, more than once. Every wait
 * has a deadline; what it writes to its standard error comes line by line.
 */
#ifndef CORE_SYS_COPROCESS_H
#define CORE_SYS_COPROCESS_H

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct coprocess {
	pid_t pid; /* 0: not running */
	int in, out, err;
	const char *name;
	const struct clock *clock;
	struct buf errors; /* a line of its standard error so far */
	void (*line)(void *ctx, struct str line); /* NULL: dropped */
	void *line_ctx;
};

/* 'argv' as in struct spawn; argv[0] is looked up in PATH and kept. */
MUST_USE bool coprocess_start(struct coprocess *c, const char *const *argv,
    const struct clock *clock, struct err *e);
/* Until the deadline (clock_mono_ms). False: the program is of no use more. */
MUST_USE bool coprocess_send(
    struct coprocess *c, struct str bytes, int64_t deadline, struct err *e);
/* Exactly 'n' bytes are appended to 'out', which must have room for them. */
MUST_USE bool coprocess_receive(struct coprocess *c, size_t n, struct buf *out,
    int64_t deadline, struct err *e);
/* Close the pipes, and kill it if it does not end by itself at once. */
void coprocess_stop(struct coprocess *c);

#endif
