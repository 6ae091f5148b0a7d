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
	/* wishes that are checked together: one may make what another needs */
	const struct settings_wish *coming;
	size_t n_coming;
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

/* What is stored now, in a database or a file, as the journal has it. */
MUST_USE bool settings_now(struct settings_store *st, const struct setting *s,
    const char *target, bool *stored, struct str *value, struct err *e);

/*
 * settings_put.c: change a database under its lock. 'value' NULL takes the
 * stored value out.
 */
struct db_change;
MUST_USE bool settings_put(struct db_change *c, const struct setting *s,
    const char *target, const struct str *value, struct err *e);

/* Fill value, stored_valid, problem and source from what is stored. */
void settings_judge(struct settings_store *st, struct settings_row *row);

/* Addresses a dangerous value concerns, -1 when they are not counted. */
int64_t settings_risk_count(
    struct settings_store *st, const struct setting *s, const char *target);
/* Do the wishes of the store that are checked together make sense so? */
MUST_USE bool settings_together(struct settings_store *st, struct err *e);
/* Is 'word' in the comma list 'list' (NULL: an empty one)? */
bool settings_is_listed(struct str word, const char *list);
/* Is the risk of this value accepted, where that has to be asked? */
MUST_USE bool settings_accepted(struct settings_store *st,
    const struct settings_wish *wish, struct str normal, const char *accept,
    struct err *e);

/* settings_file.c: a setting that lives in a file. */
MUST_USE bool settings_read_file(
    struct settings_store *st, struct settings_row *row, struct err *e);
/*
 * settings_found.c: what others brought: a package, third parties'
 * signatures, a stock fragment. False: the setting is none of these.
 */
bool settings_read_found(struct settings_store *st, struct settings_row *row);
/* Is it the presence of a fragment that the templates have anyway? */
bool settings_fragment_shipped(
    const struct model_ctx *m, const struct setting *s);
/* Is the target one that the file can hold? */
MUST_USE bool settings_file_target(struct settings_store *st,
    const struct setting *s, const char *target, struct err *e);

/*
 * settings_form.c: files that hold settings, read once each, changed in
 * memory, written together. 'a' holds what is read.
 */
struct settings_files;
struct settings_files *settings_files_new(const struct model_ctx *m);
void settings_files_free(struct settings_files *f); /* NULL allowed */
/* What the file gives the setting now, changes in memory included. */
struct settings_filed {
	bool exists; /* the (first) file is there */
	bool own;    /* and written by smemail, or a plain file */
	bool stored; /* it gives the setting a value */
	struct str value;
};
MUST_USE bool settings_files_get(struct settings_files *f,
    const struct setting *s, const char *target, struct settings_filed *out,
    struct err *e);
/*
 * Put a value in, or take it out (NULL). Files of others are refused unless
 * 'replace'; then a copy of the old one is kept when the new one is written.
 */
MUST_USE bool settings_files_put(struct settings_files *f,
    const struct setting *s, const char *target, const struct str *value,
    bool replace, struct err *e);
/* Write, or remove, what differs. What was written before a failure stays. */
MUST_USE bool settings_files_commit(struct settings_files *f, struct err *e);
/*
 * A writer was killed between the files of one setting: the first has the new
 * value (NULL: none), so the others get it too.
 */
MUST_USE bool settings_files_finish(const struct model_ctx *m,
    const struct setting *s, const char *target, const struct str *value,
    struct err *e);
/* Did the change of this setting reach the disk? */
bool settings_files_written(
    struct settings_files *f, const struct setting *s, const char *target);
/* The names in the file of a setting with a target for each entry. */
MUST_USE bool settings_files_targets(struct settings_files *f,
    const struct setting *s, const char *const **names, size_t *n,
    struct err *e);

#endif
