/* Verdicts by hour, found whatever the order of the labels is. */
#include "core/maillog/stats_int.h"

enum {
	HOURS_MAX = 64 * 1024, /* seven years */
	NEAR = 3               /* lines come in order of time, mostly */
};

void
stats_hours_init(struct stats_hours *hours)
{
	*hours = (struct stats_hours){ VEC_INIT(struct stats_hour), IDMAP_INIT,
		{ .hour = 0 } };
}

void
stats_hours_clear(struct stats_hours *hours)
{
	vec_clear(&hours->rows);
	idmap_clear(&hours->at);
}

static struct stats_hour *
row(struct stats_hours *hours, size_t i)
{
	return VEC_AT(&hours->rows, struct stats_hour, i);
}

struct stats_hour *
stats_hour_at(struct stats_hours *hours, int64_t hour)
{
	size_t n = hours->rows.len;
	for (size_t i = n; i > 0 && i + NEAR > n; i--)
		if (row(hours, i - 1)->hour == hour)
			return row(hours, i - 1);
	uintptr_t at = (uintptr_t)idmap_get(&hours->at, (uint64_t)hour);
	if (at > 0)
		return row(hours, at - 1);
	if (n >= HOURS_MAX)
		return &hours->rest;
	struct stats_hour fresh = { .hour = hour };
	if (!vec_push(&hours->rows, &fresh))
		return NULL;
	if (!idmap_put(
		&hours->at, (uint64_t)hour, (void *)(uintptr_t)(n + 1))) {
		hours->rows.len = n;
		return NULL;
	}
	return row(hours, n);
}

uint64_t
stats_hour_total(const struct stats_hour *h)
{
	uint64_t sum = 0;
	for (size_t i = STATS_SOURCES; i < STATS_COLUMNS; i++)
		sum += h->n[i];
	return sum;
}

static void
add(struct stats_hour *to, const struct stats_hour *from)
{
	if (to == NULL)
		return;
	for (size_t k = 0; k < STATS_COLUMNS; k++)
		to->n[k] += from->n[k];
	to->deferred += from->deferred;
}

void
stats_hours_add(struct stats_hours *to, const struct stats_hours *from)
{
	for (size_t i = 0; i < from->rows.len; i++) {
		const struct stats_hour *h =
		    VEC_AT(&from->rows, const struct stats_hour, i);
		add(stats_hour_at(to, h->hour), h);
	}
	add(&to->rest, &from->rest);
}

size_t
stats_hours_bytes(const struct stats_hours *hours)
{
	return hours->rows.len *
	       (sizeof(struct stats_hour) + 2 * sizeof(struct idmap_slot));
}

static int
by_hour(const void *a, const void *b)
{
	const struct stats_hour *x = a, *y = b;
	return x->hour < y->hour ? -1 : x->hour > y->hour;
}

void
stats_hours_end(struct stats_hours *hours)
{
	vec_sort(&hours->rows, by_hour);
	idmap_clear(&hours->at);
}
