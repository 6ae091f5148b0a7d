/* The nearest of several names, for "did you mean". */
#ifndef CMD_NEAREST_H
#define CMD_NEAREST_H

#include "core/base/str.h"

#include <stddef.h>

/* Begin with only 'wanted' set; 'best' is empty while none is near enough. */
struct nearest {
	struct str wanted;
	struct str best;
	size_t distance; /* of 'best' */
};

/* Letters added, dropped, changed or swapped to make 'b' of 'a'. */
size_t nearest_distance(struct str a, struct str b);
/* Consider one more name; it must outlive the search. */
void nearest_try(struct nearest *n, struct str name);

#endif
