/*
 * What the filter remembers, for administrators: histories of addresses
 * (karma) and first contacts (greylisting). The files are those that the
 * configuration in force names, or the usual ones where it names none. The
 * daemon looks at them anew each time, so that what is forgotten here counts
 * from the next connection on.
 */
#ifndef CORE_MODEL_REMEMBERED_H
#define CORE_MODEL_REMEMBERED_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/filter/state.h"
#include "core/model/ctx.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct remembered_row {
	struct str who; /* the key, its address as people write it */
	struct str key;
	size_t place; /* which file it stands in */
	struct state_record record;
	int64_t left_s; /* shut out, or asked back, for so long; 0: not now */
};

struct remembered {
	enum filter_state_kind kind;
	bool loaded;                 /* the plugin is in the configuration */
	struct remembered_row *rows; /* those kept out now first */
	size_t n;
};

/*
 * Those whose 'who' is 'wanted' (karma) or holds it (greylist), letter case
 * aside; NULL: all. In the arena of 'm'.
 */
MUST_USE bool remembered_list(const struct model_ctx *m,
    enum filter_state_kind kind, const char *wanted, struct remembered *out,
    struct err *e);
/* Forget these rows; how many were still there. */
MUST_USE bool remembered_forget(const struct model_ctx *m,
    const struct remembered *r, int64_t *n, struct err *e);

#endif
