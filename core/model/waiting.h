/*
 * Mail that the filter has answered 250 for and that is in no mailbox yet: what
 * waits in its queue's log, as the running daemon tells, or as the log lies on
 * disk when none runs.
 */
#ifndef CORE_MODEL_WAITING_H
#define CORE_MODEL_WAITING_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/model/ctx.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	WAITING_WHY_MAX = 512
};

struct waiting {
	bool known;
	bool from_disk; /* no daemon answered */
	uint64_t messages, bytes;
	uint64_t failed;           /* of them tried in vain; not from disk */
	int64_t oldest_s;          /* it has waited so long */
	char why[WAITING_WHY_MAX]; /* why it is not delivered, or not known */
};

/* From what counters_read gave; not known where that tells nothing of it. */
void waiting_from_counters(struct str text, struct waiting *out);
/*
 * The same, and from the log on disk where it is not known ('told' is empty
 * when no daemon answers). Nothing is locked, and nothing changed.
 */
void waiting_read(
    const struct model_ctx *m, struct str told, struct waiting *out);
/* "; 3 in the filter's log (12 KB), oldest 4 s", or nothing; appended. */
void waiting_words(const struct waiting *w, struct arena *a, struct buf *out);

#endif
