/* What was changed: each apply with its settings, newest first. */
#ifndef CORE_MODEL_HISTORY_H
#define CORE_MODEL_HISTORY_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/model/ctx.h"
#include "core/model/journal.h"

#include <stdbool.h>
#include <stddef.h>

struct history_row {
	const struct journal_apply *apply; /* NULL: what is not applied yet */
	struct journal_entry
	    *entries; /* one per setting, first to last value */
	size_t n;
	long undone_by;   /* the change that took it back, 0: none */
	bool unconfirmed; /* it waits to be confirmed */
};

/* In the arena of the context. */
MUST_USE bool history_read(const struct model_ctx *m, struct journal *j,
    struct history_row **rows, size_t *n, struct err *e);
/* "spam.tag-level", "user.sort --for anna" */
const char *history_name(
    const struct model_ctx *m, const struct journal_entry *entry);
/* The value as people read it: "(secret)", "-" for none. */
const char *history_value(
    const struct model_ctx *m, const struct journal_entry *entry, bool newer);

#endif
