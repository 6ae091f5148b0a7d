/*
 * Counting by name: a table of rows that grow as names appear, each with a few
 * counters. Tables can be added up; ties sort by name, so that every listing
 * is stable (LG-64).
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
	TALLY_KEY_MAX = 1024 /* longer names are cut */
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
	bool failed; /* memory ran out: counts are missing */
};

/* A table owns its rows and keys; tally_clear frees them and leaves it empty.
 */
void tally_init(struct tally *t);
void tally_clear(struct tally *t);
/* The row of 'key', made when it is new; NULL when memory is out. */
struct tally_row *tally_row(struct tally *t, struct str key);
/* Add 'n' to counter 'which' of 'key'. */
void tally_add(struct tally *t, struct str key, size_t which, uint64_t n);
/* Add all of 'from'. */
void tally_merge(struct tally *to, const struct tally *from);
/* Sum of counter 'which'. */
uint64_t tally_sum(const struct tally *t, size_t which);
/* Sort rows by counter 'which', descending, then by name; lookups end here. */
void tally_sort(struct tally *t, size_t which);

#endif
