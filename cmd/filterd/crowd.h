/*
 * How many sessions there are of each address, or of each network. Asking
 * takes the same time for ten thousand sessions as for one; hashing is seeded,
 * for peers choose their addresses.
 */
#ifndef CMD_FILTERD_CROWD_H
#define CMD_FILTERD_CROWD_H

#include "core/base/compiler.h"
#include "core/net/addr.h"

#include <stdbool.h>
#include <stdint.h>

struct crowd_one; /* an address, and how many sessions are of it */

struct crowd {
	struct crowd_one *ones;
	uint32_t *buckets;   /* ones, each the first of a chain */
	uint32_t n_buckets;  /* a power of two */
	uint32_t max;        /* ones there can be */
	uint32_t first_free; /* of the ones */
};

/* For at most 'max' sessions. */
MUST_USE bool crowd_init(struct crowd *c, uint32_t max);
void crowd_clear(struct crowd *c);
/* One more of 'a'; fewer than 'max' may be there. What crowd_leave wants. */
uint32_t crowd_enter(struct crowd *c, const struct net_addr *a);
void crowd_leave(struct crowd *c, uint32_t one);
/* What was entered. */
struct net_addr crowd_address(const struct crowd *c, uint32_t one);
/* How many are of 'a'. */
uint32_t crowd_of(const struct crowd *c, const struct net_addr *a);

#endif
