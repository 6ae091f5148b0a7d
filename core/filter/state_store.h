/*
 * The records of one kind in a file: SQLite with a write-ahead log, so that
 * readers never hold up the writer, a process may be killed at any moment, and
 * nothing waits for the disk (after a power cut the last moments are missing,
 * nothing is broken). Bounded in rows and bytes; the oldest go first.
 */
#ifndef CORE_FILTER_STATE_STORE_H
#define CORE_FILTER_STATE_STORE_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/filter/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct state_store;

enum {
	STATE_ROWS_MAX = 300000,
	STATE_PAGES_MAX = 131072, /* of 4 KiB: room for so many of any size */
	STATE_BUSY_MS = 250       /* waited for another process's lock */
};

enum state_access {
	STATE_ACCESS_READ,   /* the file may be absent: then it is empty */
	STATE_ACCESS_CHANGE, /* it must be there */
	STATE_ACCESS_OWN     /* made where there is none, as is its folder */
};

/*
 * The file of 'kind' in folder 'dir', which 'busy_ms' may be waited
 * for when another process locks it. Code ERR_PERMANENT of this and all below:
 * the file is broken; ERR_NO: it is not there; ERR_TEMPORARY: all else (locked,
 * full, no permission).
 */
MUST_USE bool state_store_open(enum filter_state_kind kind, const char *dir,
    enum state_access how, int busy_ms, struct state_store **out,
    struct err *e);
void state_store_close(struct state_store *s); /* NULL allowed */

/* One transaction around what follows; nested ones are not known. */
MUST_USE bool state_store_begin(struct state_store *s, struct err *e);
MUST_USE bool state_store_commit(struct state_store *s, struct err *e);
void state_store_rollback(struct state_store *s);

/* *r is all zero when nothing is *found. */
MUST_USE bool state_store_get(struct state_store *s, struct str key,
    struct state_record *r, bool *found, struct err *e);
/* 'stamp' is what its age is counted from. */
MUST_USE bool state_store_put(struct state_store *s, struct str key,
    const struct state_record *r, int64_t stamp, struct err *e);
/* 'n': how many there were. */
MUST_USE bool state_store_forget(
    struct state_store *s, struct str key, int64_t *n, struct err *e);
/*
 * Forget at most 'most' records with a stamp before 'before', the oldest first,
 * and more of the oldest while there are more rows than allowed.
 */
MUST_USE bool state_store_expire(struct state_store *s, int64_t before,
    int64_t most, int64_t *n, struct err *e);
MUST_USE bool state_store_count(
    struct state_store *s, int64_t *n, struct err *e);

/*
 * Each record, the latest stamp first; 'each' returns false to end. Records
 * whose text makes no sense are left out.
 */
typedef bool state_store_each(
    void *ctx, struct str key, const struct state_record *r, int64_t stamp);
MUST_USE bool state_store_walk(
    struct state_store *s, state_store_each *each, void *ctx, struct err *e);

/*
 * A broken file out of the way: renamed to "NAME.broken" in place of one from
 * before, so that the next opening makes a new one and nothing is lost.
 */
MUST_USE bool state_store_set_aside(
    enum filter_state_kind kind, const char *dir, struct err *e);

#endif
