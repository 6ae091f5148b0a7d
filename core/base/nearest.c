/* Edit distance with swaps (optimal string alignment), bounded. */
#include "core/base/nearest.h"

#include <stdint.h>

enum {
	NAME_MAX_LEN = 64 /* longer names are like nothing */
};

/* Letter case and the signs between words aside. */
static char
plain(char c)
{
	return c == '_' || c == ' ' || c == '/' ? '-' : ascii_lower(c);
}

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;
	return m < c ? m : c;
}

size_t
nearest_distance(struct str a, struct str b)
{
	if (a.len > NAME_MAX_LEN || b.len > NAME_MAX_LEN)
		return SIZE_MAX;
	size_t row[3][NAME_MAX_LEN + 1] = { { 0 } };
	size_t *older = row[0], *old = row[1], *now = row[2];
	for (size_t j = 0; j <= b.len; j++)
		old[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		now[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			char x = plain(a.ptr[i - 1]), y = plain(b.ptr[j - 1]);
			now[j] = min3(
			    now[j - 1] + 1, old[j] + 1, old[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == plain(b.ptr[j - 2]) &&
			    y == plain(a.ptr[i - 2]) &&
			    older[j - 2] + 1 < now[j])
				now[j] = older[j - 2] + 1;
		}
		size_t *spare = older;
		older = old;
		old = now;
		now = spare;
	}
	return old[b.len];
}

void
nearest_try(struct nearest *n, struct str name)
{
	if (n->wanted.len == 0)
		return;
	/* a beginning counts as near, whatever is missing at its end */
	size_t d = str_starts_nocase(name, n->wanted)
		       ? 1
		       : nearest_distance(n->wanted, name);
	size_t limit = n->wanted.len < 4 ? 1 : n->wanted.len / 3 + 1;
	if (d > limit || (n->best.len > 0 && d >= n->distance))
		return;
	n->best = name;
	n->distance = d;
}
