/* Replies kept: a hash table of chains, and a list by age of entry. */
#include "core/dns/cache_int.h"

#include "core/base/list.h"
#include "core/base/random.h"

#include <stdlib.h>

enum {
	BYTES_MAX = 16 * 1024 * 1024,
	MS_PER_S = 1000
};

struct entry {
	struct list_node age;  /* oldest first */
	struct list_node slot; /* of one hash */
	int64_t from_ms, until_ms;
	uint16_t type;
	size_t name_len, flat_len;
	char bytes[]; /* name in wire form, lower case; then the reply */
};

struct dns_cache {
	struct list ages;
	size_t entries, entries_max, bytes;
	size_t n_slots; /* a power of two */
	struct list slots[];
};

struct dns_cache *
dns_cache_new(size_t entries)
{
	size_t n = 1;
	while (n < entries)
		n *= 2;
	struct dns_cache *c = calloc(1, sizeof(*c) + n * sizeof(c->slots[0]));
	if (c == NULL)
		return NULL;
	c->n_slots = n;
	c->entries_max = entries;
	list_init(&c->ages);
	for (size_t i = 0; i < n; i++)
		list_init(&c->slots[i]);
	return c;
}

static size_t
entry_size(const struct entry *e)
{
	return sizeof(*e) + e->name_len + e->flat_len;
}

static void
entry_drop(struct dns_cache *c, struct entry *e)
{
	list_remove(&e->age);
	list_remove(&e->slot);
	c->entries--;
	c->bytes -= entry_size(e);
	free(e);
}

static bool
oldest_drop(struct dns_cache *c)
{
	struct list_node *n = list_first(&c->ages);
	if (n != NULL)
		entry_drop(c, LIST_ITEM(n, struct entry, age));
	return n != NULL;
}

void
dns_cache_free(struct dns_cache *c)
{
	if (c == NULL)
		return;
	while (oldest_drop(c))
		continue;
	free(c);
}

/* FNV-1a over the folded name, begun with a secret of this process. */
static struct list *
slot_of(struct dns_cache *c, const struct dns_name *name, uint16_t type)
{
	uint64_t h = random_process_seed() ^ type;
	for (size_t i = 0; i < name->len; i++)
		h = (h ^ (unsigned char)ascii_lower(name->wire[i])) *
		    UINT64_C(0x100000001b3);
	return &c->slots[(h ^ h >> 32) & (c->n_slots - 1)];
}

static struct entry *
find(struct list *slot, const struct dns_name *name, uint16_t type)
{
	LIST_FOREACH(n, slot)
	{
		struct entry *e = LIST_ITEM(n, struct entry, slot);
		if (e->type == type && dns_name_eq(str_n(e->bytes, e->name_len),
					   str_n(name->wire, name->len)))
			return e;
	}
	return NULL;
}

void
dns_cache_put(struct dns_cache *c, const struct dns_name *name, uint16_t type,
    struct str flat, uint32_t ttl, int64_t now_ms)
{
	struct list *slot = slot_of(c, name, type);
	struct entry *e = find(slot, name, type);
	if (e != NULL)
		entry_drop(c, e);
	if (ttl == 0 || c->entries_max == 0)
		return;
	e = malloc(sizeof(*e) + name->len + flat.len);
	if (e == NULL)
		return;
	e->type = type;
	e->name_len = name->len;
	e->flat_len = flat.len;
	e->from_ms = now_ms;
	e->until_ms = now_ms + (int64_t)ttl * MS_PER_S;
	memcpy(e->bytes, name->wire, name->len);
	memcpy(e->bytes + name->len, flat.ptr, flat.len);
	list_append(&c->ages, &e->age);
	list_append(slot, &e->slot);
	c->entries++;
	c->bytes += entry_size(e);
	while ((c->entries > c->entries_max || c->bytes > BYTES_MAX) &&
	       oldest_drop(c))
		continue;
}

bool
dns_cache_get(struct dns_cache *c, const struct dns_name *name, uint16_t type,
    int64_t now_ms, struct str *flat, uint32_t *age_s)
{
	struct entry *e = find(slot_of(c, name, type), name, type);
	if (e == NULL)
		return false;
	if (now_ms >= e->until_ms) {
		entry_drop(c, e);
		return false;
	}
	*flat = str_n(e->bytes + e->name_len, e->flat_len);
	*age_s = (uint32_t)((now_ms - e->from_ms) / MS_PER_S);
	return true;
}
