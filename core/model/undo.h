/*
 * Taking changes back: the stored values that a change replaced, what stands
 * in the way of storing them again, and the wishes that do so.
 */
#ifndef CORE_MODEL_UNDO_H
#define CORE_MODEL_UNDO_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/model/ctx.h"
#include "core/model/journal.h"
#include "core/model/settings.h"

#include <stdbool.h>
#include <stddef.h>

enum undo_state {
	UNDO_BACK,    /* the old value can be stored */
	UNDO_SAME,    /* it is there already */
	UNDO_LATER,   /* a later change touched it */
	UNDO_FOREIGN, /* another program changed it since */
	UNDO_SECRET,  /* the old value of a secret is not kept */
	UNDO_UNKNOWN, /* no such setting or target any more */
};

/* One setting of the change. */
struct undo_row {
	const struct journal_entry *entry; /* value before, value after */
	const struct setting *setting;     /* NULL: unknown */
	enum undo_state state;
	const struct journal_entry *later; /* of UNDO_LATER: the newest */
};

struct undo {
	struct journal journal;
	const struct journal_apply *apply; /* NULL: what is not applied yet */
	struct undo_row *rows;
	size_t n;
	size_t n_back, n_blocked; /* blocked: UNDO_LATER, UNDO_FOREIGN */
	/* stored by others than this change and not applied */
	struct journal_entry *pending;
	size_t n_pending;
};

enum {
	UNDO_NEWEST = 0,
	UNDO_STORED = -1 /* what is stored and not applied */
};

/*
 * Work out what taking back 'change' would do. UNDO_NEWEST is the newest
 * change that is no undo and not taken back yet. ERR_NO: no such change.
 */
MUST_USE bool undo_make(
    const struct model_ctx *m, long change, struct undo *out, struct err *e);
/*
 * The wishes: of rows that can go back, and of blocked ones as well where
 * 'force' is set.
 */
struct settings_wish *undo_wishes(
    const struct model_ctx *m, const struct undo *u, bool force, size_t *n);

/* The wishes that bring back what stood after entry 'from' of the journal. */
struct settings_wish *undo_since(
    const struct model_ctx *m, const struct journal *j, long from, size_t *n);

#endif
