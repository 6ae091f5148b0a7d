/*
 * What stands between the databases and the files in use: files that were
 * edited by hand or are gone, custom fragments from which nothing is made,
 * that say what the standard ones say, or that hide settings.
 */
#ifndef CORE_MODEL_DRIFT_H
#define CORE_MODEL_DRIFT_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/model/ctx.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum drift_kind {
	DRIFT_EDITED,  /* not as the last apply left it */
	DRIFT_MISSING, /* was removed since */
	DRIFT_DIFFERS, /* nothing was applied yet, so nobody knows why */
	DRIFT_STALE,   /* a custom fragment of no template */
	DRIFT_SKIPPED, /* a custom fragment whose name is left out (ES-82) */
	DRIFT_SAME,    /* a custom fragment that says the standard's text */
	DRIFT_HIDES,   /* a custom fragment in the place of another */
};
/* "edited", "missing", "differs", "stale" ... */
const char *drift_kind_word(enum drift_kind kind);

struct drift_row {
	enum drift_kind kind;
	const char *path;      /* of the file or fragment, without the root */
	const char *made;      /* of a fragment: the file it belongs to */
	int64_t changed_s;     /* when it was written last, 0: it is gone */
	struct str diff;       /* of a file: what apply would make of it */
	const char **settings; /* ids that no longer reach the file */
	size_t n_settings;
};

/* Files first, then fragments, both by path; in the context's arena. */
MUST_USE bool drift_find(const struct model_ctx *m, struct drift_row **rows,
    size_t *n, struct err *e);

#endif
