/* Picking the stretches of a log that may hold a text. */
#include "core/maillog/logindex_int.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	/* of one thing: the last ones are of its longest windows */
	THING_KEYS = 6,
	THINGS = LOGINDEX_KEYS / THING_KEYS,
	START_SIZE = 128,
};

/* Keys of one thing, an '@' or a number: one column has all of them. */
struct thing {
	size_t n;
	uint64_t keys[THING_KEYS];
};

/* All things must be in a stretch. */
struct wanted {
	size_t n;
	struct thing things[THINGS];
};

static void
want(void *ctx, uint64_t hash)
{
	struct thing *t = ctx;
	t->keys[t->n++ % THING_KEYS] = hash;
}

static void
add_thing(struct wanted *w, struct thing t)
{
	if (t.n > THING_KEYS)
		t.n = THING_KEYS;
	if (t.n > 0 && w->n < THINGS)
		w->things[w->n++] = t;
}

static void
want_all(
    struct wanted *w, const struct str *needles, size_t n, struct str number)
{
	struct thing t = { .n = 0 };
	for (size_t i = 0; i < n; i++)
		for (size_t at = 0; at < needles[i].len; at++) {
			t.n = 0;
			logindex_keys(needles[i], at, at + 1, want, &t);
			add_thing(w, t);
		}
	t.n = 0;
	logindex_number_keys(number, want, &t);
	add_thing(w, t);
}

/* All of it at once, so that the disk has a queue. */
static void
read_ahead(const struct logindex *x, const struct wanted *w)
{
	off_t n = (off_t)logrow_bytes(x->header.n_columns) + LOGROW_CHECK;
	for (size_t i = 0; i < w->n; i++)
		for (size_t k = 0; k < w->things[i].n * LOGCOLUMN_HASHES; k++) {
			uint64_t key = w->things[i].keys[k / LOGCOLUMN_HASHES];
			uint32_t row =
			    logcolumns_bit(key, k % LOGCOLUMN_HASHES);
			(void)posix_fadvise(x->fd,
			    (off_t)logindex_row_at(x, row), n,
			    POSIX_FADV_WILLNEED);
		}
}

static bool
bit_at(const unsigned char *bits, size_t i)
{
	return (bits[i / 8] >> i % 8 & 1) != 0;
}

/* The columns that have all keys of the thing. */
static void
columns_with(const struct logindex *x, const struct thing *t,
    unsigned char *columns, unsigned char *row)
{
	size_t n = logrow_bytes(x->header.n_columns);
	memset(columns, 0xff, n);
	for (size_t k = 0; k < t->n * LOGCOLUMN_HASHES; k++) {
		uint64_t key = t->keys[k / LOGCOLUMN_HASHES];
		uint32_t bit = logcolumns_bit(key, k % LOGCOLUMN_HASHES);
		if (!logindex_row(x, bit, row))
			continue; /* damaged: it tells nothing */
		for (size_t i = 0; i < n; i++)
			columns[i] &= row[i];
	}
}

/* Leave those stretches that have one of the columns. */
static void
leave(struct logindex_asked *a, const struct logindex *x,
    const unsigned char *columns)
{
	for (uint32_t i = 0; i < x->header.n_chunks; i++) {
		const struct logindex_chunk *c = &x->chunks[i];
		bool has = c->column + c->n_columns > x->header.n_columns;
		for (uint32_t k = 0; !has && k < c->n_columns; k++)
			has = bit_at(columns, c->column + k);
		if (!has)
			a->may[i / 8] &= (unsigned char)~(1u << i % 8);
	}
}

static void
keys_of(const struct wanted *w, struct logindex_asked *out)
{
	out->n = 0;
	for (size_t i = 0; i < w->n; i++)
		for (size_t k = 0; k < w->things[i].n; k++)
			out->keys[out->n++] = w->things[i].keys[k];
}

/* Which stretches have what is wanted? */
static void
ask(const struct logindex *x, const struct wanted *w)
{
	unsigned char columns[LOGINDEX_COLUMNS_MAX / 8];
	unsigned char row[LOGINDEX_COLUMNS_MAX / 8];
	struct logindex_asked *a = x->asked, now;
	keys_of(w, &now);
	if (a->is_set && a->n == now.n &&
	    memcmp(a->keys, now.keys, now.n * sizeof(*now.keys)) == 0)
		return;
	a->is_set = true;
	a->n = now.n;
	memcpy(a->keys, now.keys, now.n * sizeof(*now.keys));
	memset(a->may, 0xff, sizeof(a->may));
	read_ahead(x, w);
	for (size_t i = 0; i < w->n; i++) {
		columns_with(x, &w->things[i], columns, row);
		leave(a, x, columns);
	}
}

static bool
may_hold(const struct logindex *x, uint32_t chunk)
{
	return bit_at(x->asked->may, chunk);
}

struct picking {
	const struct logindex *x;
	const struct logplan *from;
	struct logplan *to;
	uint64_t lo, hi; /* the stretch that grows */
};

static bool
flush(struct picking *w, const struct logpart *part)
{
	bool ok =
	    w->lo == w->hi || logplan_add_stretch(w->to, part, w->lo, w->hi);
	w->lo = w->hi;
	return ok;
}

/* Add [from, to) of the part, joined with what was added before. */
static bool
take(struct picking *w, const struct logpart *part, uint64_t from, uint64_t to)
{
	if (from < part->from)
		from = part->from;
	if (to > part->to)
		to = part->to;
	if (from >= to)
		return true;
	if (w->hi != from) {
		if (!flush(w, part))
			return false;
		w->lo = from;
	}
	w->hi = to;
	return true;
}

/* The plan found it already, where it has the same index. */
static const struct logindex_file *
known(const struct logindex *x, const struct logplan *p,
    const struct logpart *part)
{
	return p->index == x ? part->known : logindex_find(x, part);
}

/* 'whole': its lines hang together with those of another file. */
static bool
pick_part(struct picking *w, const struct logpart *part, bool whole)
{
	const struct logindex_file *f =
	    whole ? NULL : known(w->x, w->from, part);
	uint64_t end = part->from;
	bool ok = true;
	w->lo = w->hi = part->from;
	if (f == NULL)
		return logplan_add_stretch(w->to, part, part->from, part->to);
	for (uint32_t i = 0; ok && i < f->n; i++) {
		const struct logindex_chunk *c = &w->x->chunks[f->first + i];
		bool outside = c->to <= part->from || c->from >= part->to;
		if (!outside && may_hold(w->x, f->first + i))
			ok = take(w, part, c->from, c->to);
		end = c->to;
	}
	/* what came after the index was made */
	return ok && take(w, part, end, part->to) && flush(w, part);
}

/* Does the index know that 'a' ends with a line, and 'b' begins with a time? */
static bool
known_apart(const struct logindex *x, const struct logplan *p,
    const struct logpart *a, const struct logpart *b)
{
	const struct logindex_file *f = known(x, p, a);
	const struct logindex_file *g = known(x, p, b);
	return f != NULL && g != NULL &&
	       x->chunks[f->first + f->n - 1].to == a->to &&
	       (x->chunks[g->first].flags & LOGINDEX_TIMED) != 0;
}

/*
 * May lines of 'b' need those of 'a', the file before: one that began there
 * (LG-14), or those without a time at its start?
 */
static bool
hang_together(const struct logindex *x, const struct logplan *p,
    const struct logpart *a, const struct logpart *b)
{
	char last, start[START_SIZE];
	if (!a->at_end || !b->at_start || known_apart(x, p, a, b))
		return false;
	if (a->pack != LOGPACK_NONE || b->pack != LOGPACK_NONE || a->to == 0)
		return true;
	ssize_t n = pread(b->fd, start, sizeof(start), 0);
	return pread(a->fd, &last, 1, (off_t)a->to - 1) != 1 || last != '\n' ||
	       n <= 0 || !logindex_starts(str_n(start, (size_t)n), p->now_s);
}

static const struct logpart *
part_at(const struct logplan *p, size_t i)
{
	return VEC_AT(&p->parts, const struct logpart, i);
}

static bool
pick_parts(struct picking *w)
{
	bool before = false, ok = true;
	size_t n = w->from->parts.len;
	for (size_t i = 0; ok && i < n; i++) {
		const struct logpart *part = part_at(w->from, i);
		bool after = i + 1 < n && hang_together(w->x, w->from, part,
					      part_at(w->from, i + 1));
		ok = pick_part(w, part, before || after);
		before = after;
	}
	return ok;
}

struct logplan *
logindex_pick(const struct logindex *x, const struct logplan *p,
    const struct str *needles, size_t n, struct str number, struct err *e)
{
	struct picking w = { .x = x, .from = p };
	struct wanted wanted = { .n = 0 };
	want_all(&wanted, needles, n, number);
	if (wanted.n == 0)
		w.x = NULL;
	if (w.x != NULL)
		ask(x, &wanted);
	w.to = logplan_like(p, e);
	if (w.to != NULL && pick_parts(&w))
		return w.to;
	logplan_free(w.to);
	err_no_memory(e);
	return NULL;
}

struct logplan *
logindex_pick_deliveries(
    const struct logindex *x, const struct logplan *p, struct err *e)
{
	return logindex_pick(x, p, NULL, 0, LOGINDEX_DELIVERED, e);
}
