/*
 * An index of a log: for each stretch of some 64 KB of which time its lines
 * are, and which addresses, Message-IDs, IP addresses and numbers they may
 * hold. A search reads only the stretches that can hold what is looked for, and
 * gives the same lines as without an index. It tells where nothing is, never
 * what is there (Bloom filters), so it is small: some 2 % of the log.
 *
 * The file is kept in the state folder, made by logindex_update and safe to
 * delete. It is not trusted: one with a wrong owner, version, size or checksum
 * counts for nothing, and what it says of a file counts only while the file is
 * the one that was read.
 */
#ifndef CORE_MAILLOG_LOGINDEX_H
#define CORE_MAILLOG_LOGINDEX_H

#include "core/maillog/logread.h"

enum {
	LOGINDEX_CHUNK = 64 * 1024, /* bytes of a log in one stretch */
	LOGINDEX_MAX = 24 << 20,    /* of an index; the newest files fit */
};

struct logindex;

/* NULL without one that can be used; nothing is wrong then. */
struct logindex *logindex_open(const char *path);
void logindex_close(struct logindex *x); /* NULL allowed */

/*
 * The stretches of 'p' that may have lines with all of the 'n' needles, letter
 * case aside, and that name something by 'number' (or empty): the number of a
 * message, a delivery, a process. All of 'p' where 'x' is NULL or there are no
 * keys. Lines
 * come from it with the same times as from 'p'. It can be read and
 * asked how far back the log reaches, but not be narrowed. NULL with 'e' set.
 */
struct logplan *logindex_pick(const struct logindex *x, const struct logplan *p,
    const struct str *needles, size_t n, struct str number, struct err *e);

/* Those that may tell of a delivery to a mailbox, of a log of dovecot. */
struct logplan *logindex_pick_deliveries(
    const struct logindex *x, const struct logplan *p, struct err *e);

struct logindex_work {
	uint64_t chunk;   /* bytes in one, or a little more where its last line
			     ends, or less; LOGINDEX_CHUNK, tests take less */
	uint64_t least;   /* with no more new bytes it stays as it is */
	int64_t until_ms; /* of the monotonic clock: go on another time */
	const struct clock *clock;
	/* NULL, or told the bytes of the log that are done, now and then */
	void (*progress)(void *ctx, uint64_t done, uint64_t all);
	void *ctx;
};

/*
 * Bring the index at 'path' up to date with 'p', a plan of the whole log: what
 * is new is read, the newest files first, what is gone is dropped. Files that
 * are packed or not yet finished are left out, of 'current' the end. The
 * caller holds the lock. False with 'e' set when it cannot be written.
 */
MUST_USE bool logindex_update(const char *path, const struct logplan *p,
    const struct logindex_work *w, struct err *e);

#endif
