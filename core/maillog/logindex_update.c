/* Making the index of a log, and bringing it up to date. */
#include "core/base/i18n.h"
#include "core/maillog/logindex_int.h"
#include "core/sys/file.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	READ_SIZE = 256 * 1024,
	BACK = 64,       /* bytes kept before those looked at next */
	AHEAD = 64,      /* bytes that must follow for a key to be whole */
	PROBE = 4096,    /* to look for the start of a line in */
	STAMP_SURE = 64, /* of so many bytes the stamp is not cut off */
	SLICE = 1024,    /* the keys of so many are in one column, or more */
	STEPS = 16,      /* a chunk has at least this part of the most */
	FILLED = LOGCOLUMN_BITS * 11 / 20, /* bits that a column shall have */
};

struct indexing {
	const struct logindex_work *work;
	struct logindex *old; /* NULL: none */
	const struct logplan *plan;
	struct logcolumns kept; /* of the old one, until they are taken over */
	struct vec files, chunks, marks;
	struct logcolumns columns;
	uint64_t step; /* bytes of the next chunk, as full as the last one */
	uint64_t done;
	bool changed, full; /* full: no room for more */
	char *block;
};

static bool
no_memory(struct err *e)
{
	return err_set(e, ERR_TEMPORARY, "%s", _("out of memory"));
}

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
		    read_block(fd, w->block + len, READ_SIZE, from, to);
		if (got <= 0)
			return false;
		len += (size_t)got;
		from += (uint64_t)got;
		size_t seen = from < to ? (len > AHEAD ? len - AHEAD : 0) : len;
		if (seen <= next)
			continue;
		struct str text = str_n(w->block, len);
		uint64_t base = from - len;
		*full = (base == c->from && !add_line(w, c, base, text)) ||
			!add_slices(w, c, base, text, next, seen);
		if (*full)
			return false;
		size_t drop = seen > BACK ? seen - BACK : 0;
		memmove(w->block, w->block + drop, len - drop);
		len -= drop;
		next = seen - drop;
	}
	return true;
}

/*
 * Where a chunk may end at or behind 'at': before a line with a time. False
 * when there is none up to 'size'.
 */
static bool
chunk_end(struct indexing *w, int fd, uint64_t at, uint64_t size, uint64_t *end)
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

/* Read one chunk; *c has its ends. One that cannot be read ends the file. */
static bool
make_chunk(struct indexing *w, int fd, struct logindex_chunk *c, struct err *e)
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
	return vec_push(&w->chunks, c) || no_memory(e);
}

/* What the old index has of the file. */
static bool
keep_chunks(struct indexing *w, const struct logindex_file *old, struct err *e)
{
	for (uint32_t i = 0; i < old->n; i++) {
		struct logindex_chunk c = w->old->chunks[old->first + i];
		const char *from =
		    w->kept.bytes.data + (size_t)c.column * LOGCOLUMN_BYTES;
		const struct logindex_mark *mark = &w->old->marks[c.mark];
		c.column = (uint32_t)logcolumns_n(&w->columns);
		c.mark = (uint32_t)w->marks.len;
		w->full = w->chunks.len == LOGINDEX_CHUNKS_MAX ||
			  w->marks.len + c.n_marks > LOGINDEX_MARKS_MAX ||
			  !buf_add(&w->columns.bytes, from,
			      (size_t)c.n_columns * LOGCOLUMN_BYTES);
		if (w->full)
			return true;
		for (uint16_t k = 0; k < c.n_marks; k++)
			if (!vec_push(&w->marks, &mark[k]))
				return no_memory(e);
		if (!vec_push(&w->chunks, &c))
			return no_memory(e);
	}
	return true;
}

static bool
has_time(const struct indexing *w)
{
	return clock_mono_ms(w->work->clock) < w->work->until_ms;
}

/* Index the file of a part behind 'at', as far as it is finished. */
static bool
read_on(struct indexing *w, const struct logpart *part, uint64_t size,
    uint64_t at, struct err *e)
{
	char last = 0;
	/* a line without an end may still go on */
	bool finished = !part->is_open_end && size > 0 &&
			pread(part->fd, &last, 1, (off_t)size - 1) == 1 &&
			last == '\n';
	while (at < size && !w->full) {
		struct logindex_chunk c = { .from = at };
		size_t before = w->chunks.len;
		if (!has_time(w))
			return true;
		if (size - at <= w->step ||
		    !chunk_end(w, part->fd, at + w->step, size, &c.to)) {
			if (!finished)
				return true;
			c.to = size;
		}
		if (!make_chunk(w, part->fd, &c, e))
			return false;
		if (w->chunks.len == before)
			return true;
		at = c.to;
		if (w->work->progress != NULL)
			w->work->progress(
			    w->work->ctx, w->done + at, w->plan->size);
	}
	return true;
}

static bool
index_part(struct indexing *w, const struct logpart *part, struct err *e)
{
	struct stat st;
	if (part->pack != LOGPACK_NONE || part->fd < 0 ||
	    fstat(part->fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_size <= 0 || w->files.len == LOGINDEX_FILES_MAX)
		return true;
	const struct logindex_file *old = logindex_find(w->old, part);
	struct logindex_file f = { .ino = (uint64_t)st.st_ino,
		.size = (uint64_t)st.st_size,
		.mtime_ns =
		    (int64_t)st.st_mtim.tv_sec * NS_PER_S + st.st_mtim.tv_nsec,
		.first = (uint32_t)w->chunks.len };
	if (old != NULL && !keep_chunks(w, old, e))
		return false;
	uint64_t at = 0;
	if (w->chunks.len > f.first)
		at = VEC_AT(
		    &w->chunks, const struct logindex_chunk, w->chunks.len - 1)
			 ->to;
	if (!read_on(w, part, f.size, at, e))
		return false;
	w->done += f.size;
	f.n = (uint32_t)w->chunks.len - f.first;
	if (f.n == 0)
		return true;
	uint64_t end =
	    VEC_AT(&w->chunks, const struct logindex_chunk, w->chunks.len - 1)
		->to;
	if (!logindex_ends(
		part->fd, end < LOGINDEX_ENDS ? end : LOGINDEX_ENDS, &f.head) ||
	    !logindex_ends(part->fd, end, &f.tail)) {
		w->chunks.len = f.first;
		return true;
	}
	return vec_push(&w->files, &f) || no_memory(e);
}

/* Is so much new, or anything gone, that reading it all anew pays? */
static bool
is_worth_it(const struct indexing *w)
{
	uint64_t fresh = 0;
	uint32_t known = 0;
	if (w->old == NULL)
		return true;
	for (size_t i = 0; i < w->plan->parts.len; i++) {
		const struct logpart *part =
		    VEC_AT(&w->plan->parts, const struct logpart, i);
		const struct logindex_file *f = logindex_find(w->old, part);
		if (part->pack == LOGPACK_NONE)
			fresh += part->to;
		if (f == NULL)
			continue;
		fresh -= w->old->chunks[f->first + f->n - 1].to;
		known++;
	}
	return known != w->old->header.n_files || fresh > w->work->least;
}

static bool
write_index(struct indexing *w, const char *path, struct err *e)
{
	struct logindex_header h = { .version = LOGINDEX_VERSION,
		.order = 0x01020304,
		.n_files = (uint32_t)w->files.len,
		.n_chunks = (uint32_t)w->chunks.len,
		.n_marks = (uint32_t)w->marks.len,
		.n_columns = (uint32_t)logcolumns_n(&w->columns) };
	struct file_replace how = { .mode = 0600,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.transient = true };
	size_t files = w->files.len * w->files.size;
	size_t chunks = w->chunks.len * w->chunks.size;
	size_t marks = w->marks.len * w->marks.size;
	struct buf out =
	    BUF_INIT(sizeof(h) + files + chunks + marks + w->columns.bytes.max +
		     (size_t)LOGCOLUMN_BITS * (LOGROW_CHECK + 1));
	memcpy(h.magic, LOGINDEX_MAGIC, sizeof(h.magic));
	h.checksum =
	    logindex_checksum(&h, w->files.data, w->chunks.data, w->marks.data);
	buf_add(&out, &h, sizeof(h));
	buf_add(&out, w->files.data, files);
	buf_add(&out, w->chunks.data, chunks);
	buf_add(&out, w->marks.data, marks);
	bool ok = logcolumns_write(&w->columns, &out) || no_memory(e);
	ok = ok && file_replace(path, buf_str(&out), &how, e);
	buf_clear(&out);
	return ok;
}

/* The old one, if all of it can be read. */
static void
take_old(struct indexing *w)
{
	if (w->old == NULL || logcolumns_read(w->old, &w->kept))
		return;
	logindex_close(w->old);
	w->old = NULL;
}

bool
logindex_update(const char *path, const struct logplan *p,
    const struct logindex_work *work, struct err *e)
{
	struct indexing w = { .work = work,
		.old = logindex_open(path),
		.plan = p,
		.files = VEC_INIT(struct logindex_file),
		.chunks = VEC_INIT(struct logindex_chunk),
		.marks = VEC_INIT(struct logindex_mark),
		.columns = { BUF_INIT(LOGINDEX_MAX), 0 },
		.kept = { BUF_INIT(LOGINDEX_MAX), 0 },
		.step = work->chunk,
		.block = malloc(READ_SIZE + BACK + AHEAD) };
	bool ok = w.block != NULL || no_memory(e);
	size_t n = ok && is_worth_it(&w) ? p->parts.len : 0;
	if (n > 0)
		take_old(&w);
	for (size_t i = n; ok && i > 0; i--)
		ok = index_part(
		    &w, VEC_AT(&p->parts, const struct logpart, i - 1), e);
	if (n > 0 && w.old != NULL && w.old->header.n_files != w.files.len)
		w.changed = true; /* some are gone */
	buf_clear(&w.kept.bytes);
	if (ok && n > 0 && (w.changed || (w.old == NULL && w.files.len > 0)))
		ok = write_index(&w, path, e);
	vec_clear(&w.files);
	vec_clear(&w.chunks);
	vec_clear(&w.marks);
	buf_clear(&w.columns.bytes);
	free(w.block);
	logindex_close(w.old);
	return ok;
}
