/* What the files of core/db share, and its tests look at. */
#ifndef CORE_DB_DB_INT_H
#define CORE_DB_DB_INT_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/map.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/db/db.h"
#include "core/sys/lock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

enum {
	DB_SIZE_MAX = 64 * 1024 * 1024, /* of a file; real ones have some KB */
};

/* Which version of a file was read; all zero for a missing one. */
struct db_version {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct db {
	struct arena *arena; /* records, and the bytes of changed ones */
	struct db_version version;
	struct buf text;    /* the file as read */
	struct vec records; /* struct db_record *, ascending keys */
	struct db_sheet *sheet;
};

/* A line that waits for the commit. */
struct log_line {
	struct str text;
	bool after; /* the file was written (ES-29) */
};

struct db_change {
	struct db_env env;
	char path[SYS_PATH_MAX];
	const char *shown; /* points into path */
	struct lock lock;
	struct db_version version; /* of the file that was read */
	struct db *db;
	struct arena *arena;            /* log lines */
	struct arena *scratch;          /* of one operation */
	struct vec lines;               /* struct log_line */
	const struct db_record *merged; /* being edited in one store, or NULL */
	struct str merged_old;          /* its value before */
	bool dirty;
	bool failed; /* out of memory */
	/* a key is stored that reads back as something else (ES-19) */
	bool awkward;
};

/* A change of nothing yet: no path, lock or records. NULL: out of memory. */
struct db_change *db_change_new(const struct db_env *env);
/* Take the lock of a change, waiting as its env says. */
MUST_USE bool db_change_lock(struct db_change *c, struct err *e);
/* The lock is held, and its file has not lost its name meanwhile. */
bool db_change_is_locked(const struct db_change *c);

/* Two lines in the log after a failure (ES-27). */
void db_log_failure(
    const struct db_env *env, const char *shown, const struct err *why);

/* An empty database, or NULL. */
struct db *db_new(void);
/* Fill an empty database from 'text', which must outlive it. */
MUST_USE bool db_parse(struct db *db, struct str text);
/* The version of the file that is there now. */
struct db_version db_version_now(const char *path);
bool db_version_eq(const struct db_version *a, const struct db_version *b);
/* Index of the exact key, or where it belongs; *found tells which. */
size_t db_index(const struct db *db, struct str key, bool *found);
/* Store a copy of raw under a copy of key, as they are. */
MUST_USE bool db_put(struct db *db, struct str key, struct str raw);
void db_remove(struct db *db, size_t i);
/* Append the file's text, header first (ES-13). */
bool db_write(const struct db *db, int64_t unix_s, struct buf *out);

/* db_record_props that tells lack of memory (false) from no properties. */
MUST_USE bool db_props_read(const struct db_record *r, struct arena *a,
    struct db_prop **out, size_t *n);
/*
 * Next field of a raw value (ES-6, ES-7); false after the last. Begin with
 * *rest = the raw value; an empty value has one empty field.
 */
bool db_field_next(struct str *rest, struct str *field);
/* Append with LF as \n (ES-16). */
bool db_encode(struct buf *out, struct str text);
/* Append "|NAME|VALUE". */
void db_prop_write(struct buf *out, struct str name, struct str value);

/*
 * sheet.c: the properties of the record that was looked through or edited
 * last. Edits stay there until the record is settled: readers do that.
 */
struct db_sheet *db_sheet_new(void);
void db_sheet_free(struct db_sheet *s); /* NULL allowed */
/* Write the edited record, or that one if it is edited. */
void db_sheet_settle(const struct db *db);
void db_sheet_settle_record(const struct db *db, const struct db_record *r);
/* Forget this record, whose value or place changes. */
void db_sheet_close(struct db *db, const struct db_record *r);
/* A record could not be written: out of memory. */
bool db_sheet_failed(const struct db *db);
/*
 * Set, or with NULL delete, one property; returns the record. NULL: there is
 * none, or what stands in it or is to be put there may read back as something
 * else (ES-15, ES-17, ES-18), so that each store has to be made by itself.
 */
struct db_record *db_sheet_edit(
    struct db *db, struct str key, struct str name, const struct str *value);

/*
 * change_log.c: queue "PATH: WORD KEY=RAW" without the values of secrets; NULL
 * is "(undefined)" (ES-28, ES-29).
 */
void db_log_add(struct db_change *c, const char *word, struct str key,
    const struct str *raw, bool after);
/* The record whose edits are one store is stored: its log lines. */
void db_change_merge_end(struct db_change *c);

#endif
