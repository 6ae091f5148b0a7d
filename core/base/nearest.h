/* The nearest of several names, for "did you mean". */
#ifndef CORE_BASE_NEAREST_H
#define CORE_BASE_NEAREST_H

#include "core/base/str.h"

#include <stddef.h>

/* Begin with only 'wanted' set; 'best' is empty while none is near enough. */
struct nearest {
	struct str wanted;
	struct str best;
	size_t distance; /* of 'best' */
};

/*
 * Letters added, dropped, changed or swapped to make 'b' of 'a'; letter case
 * and the signs between words (- _ / blank) count as the same. SIZE_MAX when
 * either is longer than any name.
 */
size_t nearest_distance(struct str a, struct str b);
/* Consider one more name; it must outlive the search. */
void nearest_try(struct nearest *n, struct str name);

#endif
