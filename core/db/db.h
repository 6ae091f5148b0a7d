/*
 * e-smith flat databases (spec rules ES-1 to ES-31): reading, and changes
 * under the lock with one atomic replacement. Bytes in, bytes out.
 */
#ifndef CORE_DB_DB_H
#define CORE_DB_DB_H

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/sys/root.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One line of a database. Views live as long as the struct db. */
struct db_record {
	struct str key;
	struct str raw; /* on-disk value: \n not decoded, pipes as stored */
	bool defined;   /* false: the line had no '=' (ES-3) */
};

/*
 * One property, \n decoded (ES-8); a backslash before a pipe is kept, as the
 * command line shows it (ES-7).
 */
struct db_prop {
	struct str name;
	struct str value;
	bool defined; /* false: an odd last field (ES-9) */
};

/* A snapshot of one database, records in ascending byte order of keys. */
struct db;

/*
 * Real path of the database called NAME under the root (ES-40). *moved is set
 * when the reference would warn that NAME stands in the old home (NULL
 * allowed). DBPATH (ES-41) concerns the command db alone, which puts it in
 * front of NAME.
 */
MUST_USE bool db_path(const struct root *root, const char *name,
    char out[SYS_PATH_MAX], bool *moved, struct err *e);

/*
 * Read a snapshot without lock; a missing file is an empty database (ES-26).
 * 'shown' is the path in messages, NULL for 'path' itself.
 */
MUST_USE bool db_load(
    const char *path, const char *shown, struct db **out, struct err *e);
void db_free(struct db *db); /* NULL allowed */
/*
 * False for a file that ends within a line, or has a NUL, as no writer leaves
 * it: what is not found there may be lost. 'path' and 'shown' are for the
 * message.
 */
MUST_USE bool db_is_whole(
    const struct db *db, const char *path, const char *shown, struct err *e);
size_t db_count(const struct db *db);
const struct db_record *db_at(const struct db *db, size_t i);
/*
 * Look up by name, blanks at its ends trimmed first (ES-5). NULL when there is
 * no such record or its value is undefined.
 */
const struct db_record *db_find(const struct db *db, struct str name);
bool db_has(const struct db *db, struct str name); /* is there one? */
/*
 * One property of the record of that name, found without reading a large
 * record anew each time. False when it is missing; 'defined' false when its
 * name stands there alone. The value is a copy in the arena. It keeps what it
 * read, so two threads cannot ask one db.
 */
bool db_find_prop(const struct db *db, struct str key, struct str name,
    struct arena *a, struct db_prop *out);

/*
 * Field 1 and the whole raw value, \n decoded to LF. These and the texts of
 * properties are copies in the arena, NUL-terminated, and outlive the db.
 */
struct str db_record_type(const struct db_record *r, struct arena *a);
struct str db_record_value(const struct db_record *r, struct arena *a);
/* All properties by byte order of names; the last of equal names wins. */
size_t db_record_props(
    const struct db_record *r, struct arena *a, struct db_prop **out);
/* One property; false when missing or undefined. */
bool db_record_prop(const struct db_record *r, struct str name, struct arena *a,
    struct str *value);
/* Shorthand: property NAME of record KEY; false when either is missing. */
bool db_prop(const struct db *db, const char *key, const char *name,
    struct arena *a, struct str *value);

/* What a change needs to know of its surroundings. */
struct db_env {
	const struct root *root;
	const struct clock *clock;
	const char *program;  /* ident of the log lines: "/sbin/e-smith/db" */
	int64_t lock_wait_ms; /* 0: the default, 10 s */
	/* properties whose values no log line shows; NULL-terminated or NULL */
	const char *const *secrets;
	/*
	 * Properties set or deleted one after the other in one record are one
	 * store (one pair of log lines), else each is one as the reference
	 * makes it. The file is the same.
	 */
	bool merge;
};

/*
 * A change: lock taken and file read anew at begin; operations work on the
 * copy in memory and queue their log lines; commit logs, writes once by
 * atomic replacement if anything differs (ES-25), and unlocks.
 */
struct db_change;

/*
 * Waits for the lock as long as 'env' says (ERR_TEMPORARY after that). 'env' is
 * borrowed until the change ends, by commit or abort.
 */
MUST_USE bool db_change_begin(const struct db_env *env, const char *path,
    struct db_change **out, struct err *e);
/* The state as changed so far; views die at the next operation. */
const struct db *db_change_db(const struct db_change *c);
/*
 * Store one raw value as the reference does (trim ES-15, LF to \n ES-16). A
 * value that is stored already changes and logs nothing (ES-25). False for a
 * key with LF.
 */
MUST_USE bool db_change_store(
    struct db_change *c, struct str key, struct str raw, struct err *e);
/*
 * Type or one property of an existing record; its properties are put in byte
 * order (ES-14), even when the deleted one is not there. False when the
 * record is missing or the key holds LF. Lack of memory is told by commit.
 */
bool db_change_set_type(struct db_change *c, struct str key, struct str type);
bool db_change_set_prop(
    struct db_change *c, struct str key, struct str name, struct str value);
bool db_change_delete_prop(
    struct db_change *c, struct str key, struct str name);
bool db_change_delete(struct db_change *c, struct str key);
/*
 * Ends the change whatever the result; 'c' is freed. On failure nothing is
 * stored, and two lines in the log say so (ES-27).
 */
MUST_USE bool db_change_commit(struct db_change *c, struct err *e);
/* Unlock, write nothing, free. NULL allowed. */
void db_change_abort(struct db_change *c);

#endif
