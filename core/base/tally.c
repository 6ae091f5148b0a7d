/* Counting by name. */
#include "core/base/tally.h"

#include "core/base/arena.h"
#include "core/base/num.h"
#include "core/base/random.h"

#include <stdlib.h>
#include <string.h>

enum {
	FIRST_SLOTS = 64
};

void
tally_init(struct tally *t)
{
	memset(t, 0, sizeof(*t));
}

void
tally_clear(struct tally *t)
{
	free(t->rows);
	free(t->slots);
	arena_free(t->keys);
	tally_init(t);
}

void
tally_share(struct tally *t, size_t *room)
{
	t->room = room;
}

/* Is there room for one more name? Then it is taken. */
static bool
take_room(struct tally *t, struct str key)
{
	/* rows and slots grow to twice what is needed, keys are rounded up */
	size_t cost = 2 * (sizeof(struct tally_row) + sizeof(*t->slots)) +
		      key.len + sizeof(max_align_t);
	if (t->room == NULL)
		return true;
	if (*t->room < cost)
		return t->len < TALLY_LEAST;
	*t->room -= cost;
	return true;
}

/* Seeded, so that names from outside cannot be aimed at one slot. */
static uint32_t
hash_of(struct str key)
{
	uint64_t h = random_process_seed() ^ key.len, word;
	const char *p = key.ptr;
	size_t left = key.len;
	for (; left >= 8; left -= 8, p += 8) {
		memcpy(&word, p, 8);
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	word = 0;
	if (left >= 4) { /* the two halves may overlap */
		uint32_t low, high;
		memcpy(&low, p, 4);
		memcpy(&high, p + left - 4, 4);
		word = (uint64_t)high << 32 | low;
	} else {
		for (size_t i = 0; i < left; i++)
			word = word << 8 | (unsigned char)p[i];
	}
	h = (h ^ word) * 0x9e3779b97f4a7c15u;
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93u;
	return (uint32_t)(h >> 32);
}

static bool
grow_slots(struct tally *t)
{
	size_t n = t->n_slots > 0 ? t->n_slots * 2 : FIRST_SLOTS;
	uint32_t *slots = calloc(n, sizeof(*slots));
	if (slots == NULL)
		return false;
	for (size_t i = 0; i < t->len; i++) {
		size_t at = t->rows[i].hash & (n - 1);
		while (slots[at] != 0)
			at = (at + 1) & (n - 1);
		slots[at] = (uint32_t)i + 1;
	}
	free(t->slots);
	t->slots = slots;
	t->n_slots = n;
	return true;
}

static bool
make_room(struct tally *t)
{
	if (t->keys == NULL &&
	    (t->keys = arena_new(SIZE_MAX / 2, NULL, NULL)) == NULL)
		return false;
	if ((t->len + 1) * 4 > t->n_slots * 3 && !grow_slots(t))
		return false;
	if (t->len < t->cap)
		return true;
	size_t cap = t->cap > 0 ? t->cap * 2 : FIRST_SLOTS / 2;
	if (cap > UINT32_MAX / 2)
		return false;
	struct tally_row *rows = realloc(t->rows, cap * sizeof(*rows));
	if (rows == NULL)
		return false;
	t->rows = rows;
	t->cap = cap;
	return true;
}

/* Names are short: eight bytes at once, the last eight may overlap. */
static bool
same_name(struct str a, struct str b)
{
	uint64_t x, y;
	if (a.len != b.len)
		return false;
	if (a.len < 8)
		return a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0;
	for (size_t i = 0; i + 8 < a.len; i += 8) {
		memcpy(&x, a.ptr + i, 8);
		memcpy(&y, b.ptr + i, 8);
		if (x != y)
			return false;
	}
	memcpy(&x, a.ptr + a.len - 8, 8);
	memcpy(&y, b.ptr + b.len - 8, 8);
	return x == y;
}

static struct tally_row *
find(struct tally *t, struct str key, uint32_t hash, size_t *at)
{
	for (*at = hash & (t->n_slots - 1); t->slots[*at] != 0;
	     *at = (*at + 1) & (t->n_slots - 1)) {
		struct tally_row *row = &t->rows[t->slots[*at] - 1];
		if (row->hash == hash && same_name(row->key, key))
			return row;
	}
	return NULL;
}

static struct tally_row *
row_of(struct tally *t, struct str key, uint32_t hash)
{
	size_t at;
	struct tally_row *row;
	if (t->n_slots > 0 && (row = find(t, key, hash, &at)) != NULL)
		return row;
	if (!take_room(t, key))
		return &t->rest;
	if (!make_room(t)) {
		t->failed = true;
		return NULL;
	}
	find(t, key, hash, &at);
	struct str own = arena_str(t->keys, key);
	if (own.ptr == NULL) {
		t->failed = true;
		return NULL;
	}
	row = &t->rows[t->len++];
	*row = (struct tally_row){ .key = own, .hash = hash };
	t->slots[at] = (uint32_t)t->len;
	return row;
}

struct tally_row *
tally_row(struct tally *t, struct str key)
{
	if (key.len > TALLY_KEY_MAX)
		key.len = TALLY_KEY_MAX;
	return row_of(t, key, hash_of(key));
}

void
tally_add(struct tally *t, struct str key, size_t which, uint64_t n)
{
	struct tally_row *row = tally_row(t, key);
	if (row != NULL)
		row->n[which] = num_sum_u64(row->n[which], n);
}

void
tally_merge(struct tally *to, const struct tally *from)
{
	for (size_t i = 0; i < from->len; i++) {
		const struct tally_row *more = &from->rows[i];
		struct tally_row *row = row_of(to, more->key, more->hash);
		for (size_t k = 0; row != NULL && k < TALLY_COUNTS; k++)
			row->n[k] = num_sum_u64(row->n[k], more->n[k]);
	}
	for (size_t k = 0; k < TALLY_COUNTS; k++)
		to->rest.n[k] = num_sum_u64(to->rest.n[k], from->rest.n[k]);
	to->failed = to->failed || from->failed;
}

uint64_t
tally_sum(const struct tally *t, size_t which)
{
	uint64_t sum = t->rest.n[which];
	for (size_t i = 0; i < t->len; i++)
		sum = num_sum_u64(sum, t->rows[i].n[which]);
	return sum;
}

static int
by_name(const void *a, const void *b)
{
	const struct tally_row *x = a, *y = b;
	return str_cmp(x->key, y->key);
}

static int
by_count(const struct tally_row *x, const struct tally_row *y, size_t which)
{
	if (x->n[which] != y->n[which])
		return x->n[which] < y->n[which] ? 1 : -1;
	return by_name(x, y);
}

static int
by_first(const void *a, const void *b)
{
	return by_count(a, b, 0);
}

static int
by_second(const void *a, const void *b)
{
	return by_count(a, b, 1);
}

static int
by_third(const void *a, const void *b)
{
	return by_count(a, b, 2);
}

void
tally_sort(struct tally *t, size_t which)
{
	static int (*const orders[TALLY_COUNTS])(
	    const void *, const void *) = { by_first, by_second, by_third };
	if (t->len > 1)
		qsort(t->rows, t->len, sizeof(*t->rows), orders[which]);
}
