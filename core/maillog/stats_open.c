/* Open ends by number. */
#include "core/maillog/stats_int.h"

#include <stdlib.h>
#include <string.h>

enum {
	FIRST_CAP = 256,
	NEAR_BITS = 4, /* so many numbers in a row stand side by side */
};

static void
opens_clear(struct opens *o)
{
	free(o->slots);
	memset(o, 0, sizeof(*o));
}

/* Numbers rise: the next one is at hand, in memory that was just touched. */
static size_t
home_of(uint64_t key, size_t cap)
{
	uint64_t far = (key >> NEAR_BITS) * 0x9e3779b97f4a7c15u >> 32;
	uint64_t near = key & (((uint64_t)1 << NEAR_BITS) - 1);
	return (size_t)(far << NEAR_BITS | near) & (cap - 1);
}

static struct open_entry *
slot_of(struct open_entry *slots, size_t cap, uint64_t key)
{
	size_t at = home_of(key, cap);
	while (slots[at].used && slots[at].key != key)
		at = (at + 1) & (cap - 1);
	return &slots[at];
}

static bool
grow(struct opens *o)
{
	size_t cap = o->cap > 0 ? o->cap * 2 : FIRST_CAP;
	struct open_entry *slots = calloc(cap, sizeof(*slots));
	if (slots == NULL)
		return false;
	for (size_t i = 0; i < o->cap; i++)
		if (o->slots[i].used)
			*slot_of(slots, cap, o->slots[i].key) = o->slots[i];
	free(o->slots);
	o->slots = slots;
	o->cap = cap;
	return true;
}

struct open_entry *
opens_at(struct opens *o, uint64_t key)
{
	if (o->len >= OPENS_MAX && !opens_has(o, key))
		return NULL;
	if ((o->len + 1) * 4 > o->cap * 3 && !grow(o)) {
		o->failed = true;
		return NULL;
	}
	struct open_entry *e = slot_of(o->slots, o->cap, key);
	if (!e->used) {
		e->key = key;
		o->len++;
	}
	return e;
}

void
opens_forget(struct opens *o)
{
	struct opens kept = { NULL, 0, 0, o->failed };
	if (o->len < OPENS_MANY)
		return;
	for (size_t i = 0; i < o->cap; i++) {
		if (!o->slots[i].used || !o->slots[i].is_open)
			continue;
		struct open_entry *e = opens_at(&kept, o->slots[i].key);
		if (e != NULL)
			*e = o->slots[i];
	}
	opens_clear(o);
	*o = kept;
}

bool
opens_has(const struct opens *o, uint64_t key)
{
	return o->cap > 0 && slot_of(o->slots, o->cap, key)->used;
}

struct open_entry *
opens_next(const struct opens *o, size_t *at)
{
	while (*at < o->cap) {
		struct open_entry *e = &o->slots[(*at)++];
		if (e->used)
			return e;
	}
	return NULL;
}

void
stats_ends_clear(struct stats_ends *ends)
{
	pids_clear(&ends->connections);
	pids_clear(&ends->authenticated);
	opens_clear(&ends->messages);
	opens_clear(&ends->deliveries);
	opens_clear(&ends->scans);
	opens_clear(&ends->sessions);
	opens_clear(&ends->by_user);
	order_clear(&ends->order);
}
