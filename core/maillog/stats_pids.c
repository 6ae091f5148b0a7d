/* Marks of processes. */
#include "core/maillog/stats_pids.h"

#include <stdlib.h>
#include <string.h>

enum {
	FIRST_CAP = 64,
	ROWS_MAX = 192 * 1024, /* six million pids; further ones have no mark */
	ROW_BITS = 5,
};

void
pids_clear(struct pids *p)
{
	free(p->rows);
	memset(p, 0, sizeof(*p));
}

/* The row of 'place', or the free one where it belongs. */
static struct pid_row *
slot_of(struct pid_row *rows, size_t cap, uint32_t place)
{
	size_t at = (place * 0x9e3779b1u >> 12 ^ place) & (cap - 1);
	while (rows[at].place != 0 && rows[at].place != place)
		at = (at + 1) & (cap - 1);
	return &rows[at];
}

static bool
grow(struct pids *p)
{
	size_t cap = p->cap > 0 ? p->cap * 2 : FIRST_CAP;
	struct pid_row *rows = calloc(cap, sizeof(*rows));
	if (rows == NULL)
		return false;
	for (size_t i = 0; i < p->cap; i++)
		if (p->rows[i].place != 0)
			*slot_of(rows, cap, p->rows[i].place) = p->rows[i];
	free(p->rows);
	p->rows = rows;
	p->cap = cap;
	return true;
}

static struct pid_row *
row_at(struct pids *p, uint32_t place)
{
	if (p->len >= ROWS_MAX && slot_of(p->rows, p->cap, place)->place == 0)
		return NULL;
	if ((p->len + 1) * 4 > p->cap * 3 && !grow(p)) {
		p->failed = true;
		return NULL;
	}
	struct pid_row *row = slot_of(p->rows, p->cap, place);
	if (row->place == 0) {
		row->place = place;
		p->len++;
	}
	return row;
}

struct pid_row *
pids_row(struct pids *p, uint32_t pid)
{
	return row_at(p, (pid >> ROW_BITS) + 1);
}

bool
pids_is_open(const struct pids *p, uint32_t pid)
{
	if (p->len == 0)
		return false;
	const struct pid_row *row =
	    slot_of(p->rows, p->cap, (pid >> ROW_BITS) + 1);
	return (row->open & pids_bit(pid)) != 0;
}

static uint64_t
bits(uint32_t v)
{
	uint64_t n = 0;
	for (; v != 0; v &= v - 1)
		n++;
	return n;
}

uint64_t
pids_join(struct pids *to, const struct pids *later)
{
	uint64_t lost = 0;
	for (size_t i = 0; i < later->cap; i++) {
		const struct pid_row *new = &later->rows[i];
		struct pid_row *old =
		    new->place != 0 ? row_at(to, new->place) : NULL;
		if (old == NULL)
			continue;
		lost += bits(old->open & new->began);
		old->began |= new->began & ~old->seen;
		old->open = (old->open & ~new->seen) | new->open;
		old->seen |= new->seen;
	}
	to->failed = to->failed || later->failed;
	return lost;
}

uint64_t
pids_open(const struct pids *p)
{
	uint64_t n = 0;
	for (size_t i = 0; i < p->cap; i++)
		n += bits(p->rows[i].open);
	return n;
}
