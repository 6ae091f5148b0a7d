/*
 * Pairs of sender and recipient that may not write to each other (F042-F044),
 * and the plugin that reads them, under its name on this release.
 */
#ifndef CORE_MODEL_PAIRS_H
#define CORE_MODEL_PAIRS_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/model/settings.h"

#include <stdbool.h>
#include <stddef.h>

struct pair {
	const char *from, *to;
	const char *target;  /* as the setting lists.from-to names it */
	const char *problem; /* why the filter ignores it (C64), or NULL */
};
/* In the order of the file, in the arena of the store. */
MUST_USE bool pairs_list(
    struct settings_store *st, struct pair **out, size_t *n, struct err *e);

/* "FROM TAB TO" from two words, or from one line of text; checked. */
MUST_USE bool pairs_target(struct settings_store *st, const char *from,
    const char *to, const char **target, struct err *e);

struct pairs_plugin {
	const char *name;     /* "badmailfromto", "check_badmailfromto" */
	bool outside, inside; /* loaded for these connections */
	/* files of the other name (C19), NULL-terminated */
	const char *leftovers[4];
};
MUST_USE bool pairs_plugin(
    struct settings_store *st, struct pairs_plugin *out, struct err *e);
/* Ids of the settings that load it: outside, inside; 'old' the other name. */
const char *pairs_switch(const struct model_ctx *m, bool inside, bool leftover);

#endif
