/*
 * The counters of the running filter daemon, read from its socket: the same
 * text that 'smemail metrics' prints, as names and numbers.
 */
#ifndef CORE_MODEL_COUNTERS_H
#define CORE_MODEL_COUNTERS_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/sys/root.h"

#include <stdbool.h>
#include <stdint.h>

/* Where a daemon answers, below the root; its --control. */
#define COUNTERS_SOCKET "/var/run/smemail-filterd.sock"

/* In front of the reason why the oldest message that failed still waits. */
#define COUNTERS_WHY "# waiting "
/* In front of the reason why the configuration is not the one in force. */
#define COUNTERS_REFUSED "# refused "
/* In front of a conversation (see transcripts.h), and of each of its lines. */
#define COUNTERS_SESSION      "# session "
#define COUNTERS_SESSION_LINE "# line "

enum {
	COUNTERS_TEXT_MAX = 1 << 20
};

/*
 * Append what the daemon tells. False: none runs there (ERR_TEMPORARY), or it
 * may not be asked.
 */
MUST_USE bool counters_read(
    const struct root *root, struct buf *out, struct err *e);

/* Does the line tell something else than counters? Prometheus is not told. */
bool counters_is_told_beside(struct str line);

struct counter {
	struct str name; /* without its prefix: "plugin_calls_total" */
	struct str of;   /* its label's value, "dnsbl"; empty: none */
	uint64_t value;
};
/* Each counter of the text in turn; *at begins as all of it. */
MUST_USE bool counters_next(struct str *at, struct counter *out);
/* The value of one without label; 0 when it is not there. */
uint64_t counters_value(struct str text, const char *name);

#endif
