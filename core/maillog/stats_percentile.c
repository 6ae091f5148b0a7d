/* How large most of the numbers are that a table counts by name. */
#include "core/maillog/stats.h"

#include "core/base/vec.h"

enum {
	HUNDRED = 100
};

struct decimal {
	int64_t milli;
	uint64_t n;
};

static int
by_value(const void *va, const void *vb)
{
	const struct decimal *a = va, *b = vb;
	return a->milli < b->milli ? -1 : a->milli > b->milli;
}

int64_t
stats_percentile(const struct tally *decimals, unsigned percent)
{
	struct vec sorted = VEC_INIT(struct decimal);
	uint64_t all = 0, upto = 0;
	int64_t found = 0;
	for (size_t i = 0; i < decimals->len; i++) {
		struct decimal d = { .n = decimals->rows[i].n[0] };
		if (maillog_decimal(decimals->rows[i].key, 3, &d.milli) &&
		    vec_push(&sorted, &d))
			all += d.n;
	}
	vec_sort(&sorted, by_value);
	/* in double: a count times a hundred may not fit */
	double need = (double)all * percent / HUNDRED;
	for (size_t i = 0; i < sorted.len; i++) {
		const struct decimal *d =
		    VEC_AT(&sorted, const struct decimal, i);
		found = d->milli;
		upto += d->n;
		if ((double)upto >= need)
			break;
	}
	vec_clear(&sorted);
	return found;
}
