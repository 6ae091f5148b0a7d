/* Counting sessions by address: chains of equal hash. */
#include "cmd/filterd/crowd.h"

#include "core/base/random.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX /* ends a chain */

struct crowd_one {
	struct net_addr addr;
	uint32_t n; /* 0: free */
	uint32_t next;
};

/* Of the whole address: multiplied twice, each half once. */
static uint32_t
bucket_of(const struct crowd *c, const struct net_addr *a)
{
	uint64_t half[2];
	memcpy(half, a->bytes, sizeof(half));
	uint64_t h = (half[0] ^ random_process_seed()) * 0x9e3779b97f4a7c15u;
	h = ((h ^ h >> 32) + half[1]) * 0x9e3779b97f4a7c15u;
	return (uint32_t)(h >> 32 ^ a->is_ipv6) & (c->n_buckets - 1);
}

/* Nobody is there. */
static void
reset(struct crowd *c)
{
	for (uint32_t i = 0; i < c->max; i++)
		c->ones[i] = (struct crowd_one){ .next = i + 1 };
	for (uint32_t i = 0; i < c->n_buckets; i++)
		c->buckets[i] = NONE;
	c->first_free = 0;
}

bool
crowd_init(struct crowd *c, uint32_t max)
{
	*c = (struct crowd){ .max = max, .n_buckets = 1 };
	while (c->n_buckets < max)
		c->n_buckets *= 2;
	c->ones = calloc(max, sizeof(*c->ones));
	c->buckets = calloc(c->n_buckets, sizeof(*c->buckets));
	if (c->ones == NULL || c->buckets == NULL) {
		crowd_clear(c);
		return false;
	}
	reset(c);
	return true;
}

void
crowd_clear(struct crowd *c)
{
	free(c->ones);
	free(c->buckets);
	*c = (struct crowd){ 0 };
}

static uint32_t
find(const struct crowd *c, const struct net_addr *a)
{
	uint32_t i = c->buckets[bucket_of(c, a)];
	while (i != NONE && !net_addr_eq(&c->ones[i].addr, a))
		i = c->ones[i].next;
	return i;
}

uint32_t
crowd_enter(struct crowd *c, const struct net_addr *a)
{
	uint32_t i = find(c, a);
	if (i == NONE) {
		uint32_t *bucket = &c->buckets[bucket_of(c, a)];
		i = c->first_free;
		c->first_free = c->ones[i].next;
		c->ones[i] = (struct crowd_one){ *a, 0, *bucket };
		*bucket = i;
	}
	c->ones[i].n++;
	return i;
}

void
crowd_leave(struct crowd *c, uint32_t one)
{
	struct crowd_one *o = &c->ones[one];
	if (--o->n > 0)
		return;
	uint32_t *link = &c->buckets[bucket_of(c, &o->addr)];
	while (*link != one)
		link = &c->ones[*link].next;
	*link = o->next;
	o->next = c->first_free;
	c->first_free = one;
}

struct net_addr
crowd_address(const struct crowd *c, uint32_t one)
{
	return c->ones[one].addr;
}

uint32_t
crowd_of(const struct crowd *c, const struct net_addr *a)
{
	uint32_t i = find(c, a);
	return i != NONE ? c->ones[i].n : 0;
}
