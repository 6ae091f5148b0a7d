/* Hash map: open addressing, linear probing, at most two thirds full. */
#include "core/base/map.h"

#include "core/base/random.h"

#include <stdint.h>
#include <stdlib.h>

/* FNV-1a with a per-process seed, finished by a mixing step. */
static size_t
hash_bytes(struct str key)
{
	uint64_t h = 14695981039346656037u ^ random_process_seed();
	for (size_t i = 0; i < key.len; i++) {
		h ^= (unsigned char)key.ptr[i];
		h *= 1099511628211u;
	}
	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15u;
	return (size_t)(h ^ h >> 29);
}

/* The slot of 'key', or the free slot where it belongs. */
static struct map_entry *
slot_find(struct map_entry *slots, size_t cap, struct str key, size_t hash)
{
	size_t i = hash & (cap - 1);
	while (slots[i].key.ptr != NULL) {
		if (slots[i].hash == hash && str_eq(slots[i].key, key))
			return &slots[i];
		i = (i + 1) & (cap - 1);
	}
	return &slots[i];
}

static const struct map_entry *
map_lookup(const struct map *m, struct str key)
{
	if (m->cap == 0)
		return NULL;
	const struct map_entry *e =
	    slot_find(m->slots, m->cap, key, hash_bytes(key));
	return e->key.ptr != NULL ? e : NULL;
}

void *
map_get(const struct map *m, struct str key)
{
	const struct map_entry *e = map_lookup(m, key);
	return e != NULL ? e->value : NULL;
}

bool
map_has(const struct map *m, struct str key)
{
	return map_lookup(m, key) != NULL;
}

static bool
map_grow(struct map *m)
{
	size_t cap = m->cap == 0 ? 16 : m->cap * 2;
	struct map_entry *slots = calloc(cap, sizeof(*slots));
	if (slots == NULL)
		return false;
	for (size_t i = 0; i < m->cap; i++) {
		const struct map_entry *e = &m->slots[i];
		if (e->key.ptr != NULL)
			*slot_find(slots, cap, e->key, e->hash) = *e;
	}
	free(m->slots);
	m->slots = slots;
	m->cap = cap;
	return true;
}

bool
map_put(struct map *m, struct str key, void *value)
{
	if (3 * (m->len + 1) > 2 * m->cap && !map_grow(m))
		return false;
	if (key.ptr == NULL)
		key.ptr = ""; /* a NULL pointer marks a free slot */
	size_t hash = hash_bytes(key);
	struct map_entry *e = slot_find(m->slots, m->cap, key, hash);
	if (e->key.ptr == NULL) {
		e->key = key;
		e->hash = hash;
		m->len++;
	}
	e->value = value;
	return true;
}

void
map_clear(struct map *m)
{
	free(m->slots);
	*m = (struct map)MAP_INIT;
}
