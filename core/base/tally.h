/*
 * Counting by name: a table of rows that grow as names appear, each with a few
 * counters. Tables can be added up; ties sort by name, so that every listing
 * is stable (LG-64).
 *
 * Names may come from anybody, as many as he likes. Tables that share a room
 * keep no more of them apart than fit into it: what is counted for further ones
 * is in the row 'rest' of their table, together.
 */
#ifndef CORE_BASE_TALLY_H
#define CORE_BASE_TALLY_H

#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TALLY_COUNTS = 3,
	TALLY_KEY_MAX = 1024, /* longer names are cut */
	TALLY_LEAST = 200     /* names that each table has room for anyhow */
};

struct tally_row {
	struct str key; /* owned by the table */
	uint64_t n[TALLY_COUNTS];
	uint32_t hash;
};

struct tally {
	struct tally_row *rows; /* in order of appearance */
	size_t len, cap;
	uint32_t *slots; /* 1 + index of a row, 0 empty */
	size_t n_slots;  /* a power of two, or 0 */
	struct arena *keys;
	size_t *room;          /* bytes left for names of all; NULL: no bound */
	struct tally_row rest; /* of names not kept apart, all together */
	bool failed;           /* memory ran out: counts are missing */
};

/* A table owns its rows and keys; tally_clear frees them and leaves it empty.
 */
void tally_init(struct tally *t);
void tally_clear(struct tally *t);
/* An empty table shares a room with others, which lives longer than it. */
void tally_share(struct tally *t, size_t *room);
/*
 * The row of 'key', made when it is new; 'rest' when there is no room for one
 * more; NULL when memory is out.
 */
struct tally_row *tally_row(struct tally *t, struct str key);
/* Add 'n' to counter 'which' of 'key'; it stays at its greatest (num_sum_u64).
 */
void tally_add(struct tally *t, struct str key, size_t which, uint64_t n);
/* Add all of 'from'. */
void tally_merge(struct tally *to, const struct tally *from);
/* Sum of counter 'which', the rest included. */
uint64_t tally_sum(const struct tally *t, size_t which);
/* Sort rows by counter 'which', descending, then by name; lookups end here. */
void tally_sort(struct tally *t, size_t which);

#endif
