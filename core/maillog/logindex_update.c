/* Making the index of a log: its files, what stays of an older one. */
#include "core/maillog/logindex_make_int.h"
#include "core/sys/file.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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
				return err_no_memory(e);
		if (!vec_push(&w->chunks, &c))
			return err_no_memory(e);
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
		if (size - at <= w->step || !indexing_chunk_end(w, part->fd,
						at + w->step, size, &c.to)) {
			if (!finished)
				return true;
			c.to = size;
		}
		if (!indexing_make_chunk(w, part->fd, &c, e))
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
	return vec_push(&w->files, &f) || err_no_memory(e);
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
	bool ok = logcolumns_write(&w->columns, &out) || err_no_memory(e);
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
		.block = malloc(INDEXING_BLOCK) };
	bool ok = w.block != NULL || err_no_memory(e);
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
