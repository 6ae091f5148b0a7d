/* Making the index of a log: the keys and times of one stretch of a file. */
#include "core/maillog/logindex_make_int.h"

#include <unistd.h>

enum {
	PROBE = 4096,    /* to look for the start of a line in */
	STAMP_SURE = 64, /* of so many bytes the stamp is not cut off */
	SLICE = 1024,    /* the keys of so many are in one column, or more */
	STEPS = 16,      /* a chunk has at least this part of the most */
	FILLED = LOGCOLUMN_BITS * 11 / 20, /* bits that a column shall have */
};

static ssize_t
read_block(int fd, char *to, size_t most, uint64_t at, uint64_t end)
{
	uint64_t left = end > at ? end - at : 0;
	return pread(fd, to, left < most ? (size_t)left : most, (off_t)at);
}

/* The time of a line, if it has one. */
static void
add_time(struct logindex_chunk *c, bool is_first, const struct stamp *stamp)
{
	struct stamp t = *stamp;
	if (t.kind == STAMP_NONE) {
		if (is_first)
			c->flags = 0;
		return;
	}
	/* others hang on the year or the zone in which they are read */
	if (t.kind != STAMP_TAI64N && t.kind != STAMP_UNIX &&
	    t.kind != STAMP_UTC)
		c->flags = 0;
	int64_t key = logread_key(t.time);
	if (key < c->last_ns)
		c->flags &= (uint16_t)~LOGINDEX_RISING;
	if (key < c->first_ns)
		c->first_ns = key;
	if (key > c->last_ns)
		c->last_ns = key;
}

/* Where the time of a line is kept, so that lines near it are found. */
static bool
add_mark(struct indexing *w, struct logindex_chunk *c, uint64_t at,
    const struct stamp *t)
{
	struct logindex_mark mark = { at, logread_key(t->time) };
	uint64_t last = c->from;
	if (c->n_marks > 0)
		last = VEC_AT(
		    &w->marks, const struct logindex_mark, w->marks.len - 1)
			   ->at;
	if (t->kind == STAMP_NONE || at - last < LOGINDEX_MARK_STEP ||
	    c->n_marks == UINT16_MAX || w->marks.len == LOGINDEX_MARKS_MAX)
		return true;
	c->n_marks++;
	return vec_push(&w->marks, &mark);
}

/* The line that 'text' begins with, at an offset of the file. */
static bool
add_line(
    struct indexing *w, struct logindex_chunk *c, uint64_t at, struct str text)
{
	struct stamp t = stamp_parse(
	    str_sub(text, 0, str_find(text, '\n', 0)), w->plan->now_s);
	if (c->flags != 0)
		add_time(c, at == c->from, &t);
	logindex_head_keys(
	    str_sub(text, t.text, text.len), logcolumns_add, &w->columns);
	return add_mark(w, c, at, &t);
}

/*
 * Those of all lines that begin behind a byte in [from, to) of a block, which
 * is at 'base' in the file.
 */
static bool
add_lines(struct indexing *w, struct logindex_chunk *c, uint64_t base,
    struct str text, size_t from, size_t to)
{
	const char *p = text.ptr + from, *end = text.ptr + to;
	bool ok = true;
	while (
	    ok && p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		size_t begin = (size_t)(++p - text.ptr);
		if (begin < text.len)
			ok = add_line(
			    w, c, base + begin, str_sub(text, begin, text.len));
	}
	return ok;
}

/* What stands in [from, to) of a block. */
static bool
add_slices(struct indexing *w, struct logindex_chunk *c, uint64_t base,
    struct str text, size_t from, size_t to)
{
	while (from < to) {
		size_t end = to - from > SLICE ? from + SLICE : to;
		if (!logcolumns_go_on(&w->columns) ||
		    !add_lines(w, c, base, text, from, end))
			return false;
		logindex_keys(text, from, end, logcolumns_add, &w->columns);
		logindex_numbers(text, from, end, logcolumns_add, &w->columns);
		from = end;
	}
	return true;
}

/* All keys and times of a chunk of a file; *full: they have no room. */
static bool
add_keys(struct indexing *w, int fd, struct logindex_chunk *c, bool *full)
{
	uint64_t from = c->from, to = c->to;
	c->flags = LOGINDEX_TIMED | LOGINDEX_RISING;
	c->first_ns = INT64_MAX;
	c->last_ns = INT64_MIN;
	size_t len = 0, next = 0; /* bytes of the block; the first not seen */
	while (from < to) {
		ssize_t got =
		    read_block(fd, w->block + len, INDEXING_READ, from, to);
		if (got <= 0)
			return false;
		len += (size_t)got;
		from += (uint64_t)got;
		size_t seen =
		    from < to
			? (len > INDEXING_AHEAD ? len - INDEXING_AHEAD : 0)
			: len;
		if (seen <= next)
			continue;
		struct str text = str_n(w->block, len);
		uint64_t base = from - len;
		*full = (base == c->from && !add_line(w, c, base, text)) ||
			!add_slices(w, c, base, text, next, seen);
		if (*full)
			return false;
		size_t drop = seen > INDEXING_BACK ? seen - INDEXING_BACK : 0;
		memmove(w->block, w->block + drop, len - drop);
		len -= drop;
		next = seen - drop;
	}
	return true;
}

bool
indexing_chunk_end(
    struct indexing *w, int fd, uint64_t at, uint64_t size, uint64_t *end)
{
	while (at < size) {
		ssize_t got = read_block(fd, w->block, PROBE, at, size);
		const char *p = w->block, *lf;
		if (got <= 0)
			return false;
		const char *stop = p + got;
		while ((lf = memchr(p, '\n', (size_t)(stop - p))) != NULL) {
			p = lf + 1;
			/* where it may be cut off, the next line will do */
			if (stop - p < STAMP_SURE ||
			    !logindex_starts(
				str_n(p, (size_t)(stop - p)), w->plan->now_s))
				continue;
			*end = at + (uint64_t)(p - w->block);
			return true;
		}
		at += (uint64_t)got;
	}
	return false;
}

/* The next chunk is as long as one column of the last one's would last. */
static void
set_step(struct indexing *w, const struct logindex_chunk *c)
{
	uint64_t bits = (uint64_t)(c->n_columns - 1) * FILLED + w->columns.set;
	uint64_t step = (c->to - c->from) * FILLED / (bits + 1);
	uint64_t most = w->work->chunk, least = most / STEPS;
	w->step = step > most ? most : step < least ? least : step;
}

bool
indexing_make_chunk(
    struct indexing *w, int fd, struct logindex_chunk *c, struct err *e)
{
	size_t before = w->columns.bytes.len, marks = w->marks.len;
	bool full = w->chunks.len == LOGINDEX_CHUNKS_MAX ||
		    !logcolumns_begin(&w->columns);
	c->column = (uint32_t)(before / LOGCOLUMN_BYTES);
	c->mark = (uint32_t)marks;
	if (full || !add_keys(w, fd, c, &full)) {
		buf_truncate(&w->columns.bytes, before);
		w->marks.len = marks;
		w->full = full;
		return true;
	}
	c->n_columns = (uint32_t)logcolumns_n(&w->columns) - c->column;
	set_step(w, c);
	w->changed = true;
	return vec_push(&w->chunks, c) || err_no_memory(e);
}
