/* Numbers in classes whose width grows with them. */
#include "core/base/spread.h"

#include "core/base/num.h"

#include <stddef.h>

enum {
	HUNDRED = 100,
	HALF = 1 << SPREAD_BITS,
};

/* Small numbers have a class each; of others the first six bits decide. */
static size_t
class_of(uint64_t value)
{
	unsigned shift = 0;
	while (value >> shift >= 2 * HALF)
		shift++;
	return ((size_t)shift << SPREAD_BITS) + (size_t)(value >> shift);
}

/* The largest number of a class. */
static uint64_t
end_of(size_t class)
{
	size_t shift = class < 2 * HALF ? 0 : (class >> SPREAD_BITS) - 1;
	uint64_t first = class - (shift << SPREAD_BITS);
	return ((first + 1) << shift) - 1;
}

void
spread_add(struct spread *s, uint64_t value)
{
	if (s->n == 0 || value < s->least)
		s->least = value;
	if (value > s->largest)
		s->largest = value;
	s->n++;
	s->sum = num_sum_u64(s->sum, value);
	s->classes[class_of(value)]++;
}

void
spread_merge(struct spread *to, const struct spread *from)
{
	if (from->n == 0)
		return;
	if (to->n == 0 || from->least < to->least)
		to->least = from->least;
	if (from->largest > to->largest)
		to->largest = from->largest;
	to->n += from->n;
	to->sum = num_sum_u64(to->sum, from->sum);
	for (size_t i = 0; i < SPREAD_CLASSES; i++)
		to->classes[i] += from->classes[i];
}

uint64_t
spread_percentile(const struct spread *s, unsigned percent)
{
	/* in double: a count times a hundred may not fit */
	double need = (double)s->n * percent / HUNDRED;
	uint64_t upto = 0;
	for (size_t i = 0; i < SPREAD_CLASSES && s->n > 0; i++) {
		upto += s->classes[i];
		if (upto > 0 && (double)upto >= need)
			return end_of(i) < s->largest ? end_of(i) : s->largest;
	}
	return s->largest;
}
