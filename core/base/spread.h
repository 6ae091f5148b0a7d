/*
 * How numbers are spread: count, sum, least and largest exactly, and any
 * percentile to 3 %, in memory that does not grow. Two can be added up.
 */
#ifndef CORE_BASE_SPREAD_H
#define CORE_BASE_SPREAD_H

#include <stdint.h>

enum {
	SPREAD_BITS = 5, /* 32 classes between a power of two and the next */
	SPREAD_CLASSES = (64 - SPREAD_BITS + 1) << SPREAD_BITS,
};

/* All zero is empty. */
struct spread {
	uint64_t n, sum, least, largest; /* least, largest: of n > 0 */
	uint32_t classes[SPREAD_CLASSES];
};

/* All zero is an empty one. The sum stays at its greatest (num_sum_u64). */
void spread_add(struct spread *s, uint64_t value);
void spread_merge(struct spread *to, const struct spread *from);
/*
 * A number that 'percent' of the numbers are not above, and no more than 3 %
 * too large; 0 of none.
 */
uint64_t spread_percentile(const struct spread *s, unsigned percent);

#endif
