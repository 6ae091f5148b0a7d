/*
 * Hash map from 64-bit numbers to pointers, with removal; for live things that
 * come and go. Values are borrowed.
 */
#ifndef CORE_BASE_IDMAP_H
#define CORE_BASE_IDMAP_H

#include "core/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct idmap_slot {
	uint64_t key;
	void *value; /* NULL: free */
};

struct idmap {
	struct idmap_slot *slots;
	size_t cap; /* a power of two, or 0 */
	size_t len;
};

#define IDMAP_INIT                                                             \
	{                                                                      \
		NULL, 0, 0                                                     \
	}

/* NULL when absent. */
void *idmap_get(const struct idmap *m, uint64_t key);
/* Set or replace; 'value' is not NULL. False when out of memory. */
MUST_USE bool idmap_put(struct idmap *m, uint64_t key, void *value);
/* Nothing happens when it is absent. */
void idmap_remove(struct idmap *m, uint64_t key);
/* Free the table; values are not touched. */
void idmap_clear(struct idmap *m);

#endif
