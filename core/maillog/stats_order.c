/* Scores in the order of their connections. */
#include "core/maillog/stats_order.h"

#include "core/maillog/stats.h"

#include <stdlib.h>
#include <string.h>

enum {
	/* pids are given in a row: so many processes may begin while a
	   connection lasts. A power of two. */
	SLOTS = 1 << 14,
	/* scores that wait for one of an earlier connection; what comes later
	   than that is added where it comes */
	WINDOW = 1 << 15,
};

struct order_slot {
	uint32_t pid;
	uint32_t nth; /* from 1; 0: free */
	bool announced;
};

struct order_score {
	uint32_t nth; /* of the connection; 0: it began earlier, if anywhere */
	uint32_t who; /* its pid; of scores that were joined, their own turn */
	int32_t milli;
	uint8_t sum;
};

void
order_init(struct stats_order *o)
{
	*o = (struct stats_order){ .scores = VEC_INIT(struct order_score) };
}

void
order_clear(struct stats_order *o)
{
	free(o->slots);
	vec_clear(&o->scores);
	order_init(o);
}

static struct order_slot *
slot_of(const struct stats_order *o, uint32_t pid)
{
	return &o->slots[pid & (SLOTS - 1)];
}

static bool
have_slots(struct stats_order *o)
{
	if (o->slots == NULL)
		o->slots = calloc(SLOTS, sizeof(*o->slots));
	o->failed = o->failed || o->slots == NULL;
	return o->slots != NULL;
}

bool
order_begin(struct stats_order *o, uint32_t pid, bool announced)
{
	if (!have_slots(o))
		return true;
	struct order_slot *slot = slot_of(o, pid);
	if (!announced && slot->announced && slot->pid == pid) {
		slot->announced = false;
		return false;
	}
	*slot = (struct order_slot){ pid, ++o->n, announced };
	return true;
}

/* Which connection has that pid now; 0: none that is known. */
static uint32_t
nth_of(const struct stats_order *o, uint32_t pid)
{
	const struct order_slot *slot = o->slots ? slot_of(o, pid) : NULL;
	return slot != NULL && slot->pid == pid ? slot->nth : 0;
}

void
order_add(
    struct stats_order *o, uint32_t pid, enum stats_sum sum, int64_t milli)
{
	struct order_score s = { .nth = nth_of(o, pid),
		.who = pid,
		.milli = milli > INT32_MAX   ? INT32_MAX
			 : milli < INT32_MIN ? INT32_MIN
					     : (int32_t)milli,
		.sum = (uint8_t)sum };
	if (milli != 0 && !vec_push(&o->scores, &s))
		o->failed = true;
}

static int
by_turn(const void *va, const void *vb)
{
	const struct order_score *a = va, *b = vb;
	if (a->nth != b->nth)
		return a->nth < b->nth ? -1 : 1;
	return a->who < b->who ? -1 : a->who > b->who;
}

/* Add up the first 'n' of the scores that wait. */
static void
add_up(struct stats_order *o, size_t n)
{
	vec_sort(&o->scores, by_turn);
	struct order_score *all = VEC_AT(&o->scores, struct order_score, 0);
	for (size_t i = 0; i < n; i++)
		o->sums[all[i].sum] += (double)all[i].milli / STATS_MILLI;
	o->scores.len -= n;
	memmove(all, all + n, o->scores.len * sizeof(*all));
	for (size_t i = 0; i < o->scores.len; i++)
		all[i].who = (uint32_t)i;
}

static void
join_slots(struct stats_order *to, const struct stats_order *later)
{
	if (later->slots == NULL || !have_slots(to))
		return;
	for (size_t i = 0; i < SLOTS; i++)
		if (later->slots[i].nth != 0) {
			to->slots[i] = later->slots[i];
			to->slots[i].nth += to->n;
		}
	to->n += later->n;
}

void
order_join(struct stats_order *to, const struct stats_order *later)
{
	for (size_t i = 0; i < later->scores.len; i++) {
		struct order_score s =
		    *VEC_AT(&later->scores, const struct order_score, i);
		uint32_t before = s.nth == 0 ? nth_of(to, s.who) : 0;
		s.nth = before > 0 ? before : to->n + s.nth;
		s.who = (uint32_t)to->scores.len;
		if (!vec_push(&to->scores, &s))
			to->failed = true;
		if (to->scores.len >= WINDOW)
			add_up(to, WINDOW / 2);
	}
	join_slots(to, later);
	to->failed = to->failed || later->failed;
}

void
order_end(struct stats_order *o)
{
	if (o->scores.len > 0)
		add_up(o, o->scores.len);
}

size_t
order_bytes(const struct stats_order *o)
{
	return o->scores.len * sizeof(struct order_score);
}
