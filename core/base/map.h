/*
 * Hash map from byte strings to pointers. Keys and values are borrowed: they
 * must outlive the map (an arena is the usual owner). Hashing is seeded per
 * process, so hostile keys cannot be aimed at one slot.
 */
#ifndef CORE_BASE_MAP_H
#define CORE_BASE_MAP_H

#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct map_entry {
	struct str key;
	void *value;
	size_t hash;
};

struct map {
	struct map_entry *slots;
	size_t cap; /* a power of two, or 0 */
	size_t len;
};

#define MAP_INIT                                                               \
	{                                                                      \
		NULL, 0, 0                                                     \
	}

/* NULL when absent. */
void *map_get(const struct map *m, struct str key);
bool map_has(const struct map *m, struct str key);
/* Set or replace; false when out of memory. */
MUST_USE bool map_put(struct map *m, struct str key, void *value);
/* Free the table; keys and values are not touched. */
void map_clear(struct map *m);

#endif
