/* Profiles: several settings that make sense together (F013, F048, F051). */
#ifndef CORE_MODEL_PROFILE_H
#define CORE_MODEL_PROFILE_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/model/settings.h"

#include <stdbool.h>
#include <stddef.h>

struct profile_item {
	const char *setting; /* id; NULL ends */
	const char *value;
};

struct profile {
	const char *name;
	const char *help; /* one line, N_() */
	const char *text; /* why, N_() */
	struct profile_item items[16];
	bool executables; /* every pattern but those of archives, too */
};

/* All of them, in the order they are listed; static. */
const struct profile *profile_all(size_t *count);
/* Unknown names fail with the nearest as next step. */
const struct profile *profile_find(const char *name, struct err *e);

/* One setting of a profile on this server. */
struct profile_row {
	struct settings_wish wish;
	struct str now; /* in force */
	bool differs;
};
/* Those on this release, in the arena of the store. */
MUST_USE bool profile_rows(struct settings_store *st, const struct profile *p,
    struct profile_row **out, size_t *n, struct err *e);

#endif
