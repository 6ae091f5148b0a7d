/* Users, groups, pseudonyms, domains and networks with their mail settings. */
#ifndef CORE_MODEL_PEOPLE_H
#define CORE_MODEL_PEOPLE_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/model/settings.h"
#include "core/setting/setting.h"

#include <stddef.h>

/* One column of a list, beside name and title. */
struct people_column {
	const char *key;  /* for programs: "delivery" */
	const char *head; /* for people, N_(): "DELIVERY" */
};

struct people_row {
	const char *name;        /* the key of the record */
	const char *title;       /* "Anna Berger", "" without one */
	const struct str *cells; /* one per column; empty: nothing stored */
	const char *problem;     /* why it cannot be read, or NULL */
};

/* In the arena of the store's context. */
struct people {
	const struct people_column *columns;
	size_t n_columns;
	struct people_row *rows;
	size_t n_rows;
};

/* Every record of the kind, in byte order of names. */
MUST_USE bool people_list(struct settings_store *st, enum setting_target kind,
    struct people *out, struct err *e);

/* The settings that records of the kind have on this release, in the arena. */
size_t people_settings(const struct model_ctx *m, enum setting_target kind,
    const struct setting *const **out);

/*
 * One of these by its id ("user.forward"), the id without the kind
 * ("forward"), or the end of an id that no other has ("user-sort"). Unknown
 * ones fail with the names there are.
 */
const struct setting *people_setting(const struct model_ctx *m,
    enum setting_target kind, const char *name, struct err *e);

#endif
