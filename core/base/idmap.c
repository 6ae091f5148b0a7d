/* Open addressing with linear probing; removal shifts back what follows. */
#include "core/base/idmap.h"

#include "core/base/random.h"

#include <stdlib.h>

enum {
	CAP_FIRST = 64
};

/* Seeded: numbers come from logs, where a peer has a say in them. */
static size_t
slot_of(const struct idmap *m, uint64_t key)
{
	uint64_t h = (key ^ random_process_seed()) * 0x9e3779b97f4a7c15u;
	return (size_t)(h >> 32 ^ h) & (m->cap - 1);
}

/* The slot of the key, or the free one where it belongs. */
static struct idmap_slot *
find(const struct idmap *m, uint64_t key)
{
	size_t i = slot_of(m, key);
	while (m->slots[i].value != NULL && m->slots[i].key != key)
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

void *
idmap_get(const struct idmap *m, uint64_t key)
{
	return m->cap > 0 ? find(m, key)->value : NULL;
}

static bool
grow(struct idmap *m)
{
	struct idmap next = { .cap = m->cap > 0 ? m->cap * 2 : CAP_FIRST,
		.len = m->len };
	next.slots = calloc(next.cap, sizeof(*next.slots));
	if (next.slots == NULL)
		return false;
	for (size_t i = 0; i < m->cap; i++)
		if (m->slots[i].value != NULL)
			*find(&next, m->slots[i].key) = m->slots[i];
	free(m->slots);
	*m = next;
	return true;
}

bool
idmap_put(struct idmap *m, uint64_t key, void *value)
{
	if (2 * (m->len + 1) > m->cap && !grow(m))
		return false;
	struct idmap_slot *slot = find(m, key);
	m->len += slot->value == NULL;
	slot->key = key;
	slot->value = value;
	return true;
}

void
idmap_remove(struct idmap *m, uint64_t key)
{
	if (m->cap == 0)
		return;
	struct idmap_slot *hole = find(m, key);
	if (hole->value == NULL)
		return;
	m->len--;
	hole->value = NULL;
	size_t at = (size_t)(hole - m->slots), i = at;
	for (;;) {
		i = (i + 1) & (m->cap - 1);
		if (m->slots[i].value == NULL)
			return;
		/* may it move into the hole without passing its own place? */
		size_t home = slot_of(m, m->slots[i].key);
		size_t from_home = (i - home) & (m->cap - 1);
		size_t from_hole = (i - at) & (m->cap - 1);
		if (from_home < from_hole)
			continue;
		m->slots[at] = m->slots[i];
		m->slots[i].value = NULL;
		at = i;
	}
}

void
idmap_clear(struct idmap *m)
{
	free(m->slots);
	*m = (struct idmap)IDMAP_INIT;
}
