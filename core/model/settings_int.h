/* What the files of the settings model share. */
#ifndef CORE_MODEL_SETTINGS_INT_H
#define CORE_MODEL_SETTINGS_INT_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/db/db.h"
#include "core/model/journal.h"
#include "core/model/settings.h"

#include <stdbool.h>

enum {
	SETTINGS_DBS_MAX = 8 /* databases that settings live in */
};

struct settings_store {
	const struct model_ctx *m;
	struct settings_db {
		const char *name;
		struct db *db;
	} dbs[SETTINGS_DBS_MAX];
	size_t n_dbs;
	bool has_journal;
	struct journal journal;
};

/* The snapshot of a database, loaded at the first question. */
MUST_USE bool settings_db(struct settings_store *st, const char *name,
    const struct db **out, struct err *e);

/* Key of the record and name of the property, with the target put in. */
struct settings_place {
	struct str key;
	struct str prop; /* empty: the whole value; "type": the type */
};
struct settings_place settings_place(
    const struct setting *s, const char *target);

/* Is a target given where one is needed, and does it exist in 'db'? */
MUST_USE bool settings_target_exists(const struct db *db,
    const struct setting *s, const char *target, struct err *e);

/*
 * The bytes stored in 'db', in the arena. *half is set when the record has
 * the property's name without a value (ES-9).
 */
bool settings_stored(const struct db *db, const struct setting *s,
    const char *target, struct arena *a, struct str *stored, bool *half);

/* Fill value, stored_valid, problem and source from what is stored. */
void settings_judge(struct settings_store *st, struct settings_row *row);

/* Addresses a dangerous value concerns, -1 when they are not counted. */
int64_t settings_risk_count(
    struct settings_store *st, const struct setting *s, const char *target);
/* Is the risk of this value accepted, where that has to be asked? */
MUST_USE bool settings_accepted(struct settings_store *st,
    const struct settings_wish *wish, struct str normal, const char *accept,
    struct err *e);

/* settings_file.c: a setting that lives in a file. */
MUST_USE bool settings_read_file(
    struct settings_store *st, struct settings_row *row, struct err *e);

#endif
