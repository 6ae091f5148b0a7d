/* Reading the index of a log. */
#include "core/maillog/logindex.h"

#include "core/base/i18n.h"
#include "core/maillog/logindex_int.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
read_at(int fd, void *to, size_t n, uint64_t offset)
{
	char *p = to;
	while (n > 0) {
		ssize_t got = pread(fd, p, n, (off_t)offset);
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
		offset += (uint64_t)got;
	}
	return true;
}

/* Only of the administrator or the user, and nobody else's to write. */
static bool
is_ours(int fd, uint64_t *size)
{
	struct stat st;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (st.st_uid != 0 && st.st_uid != geteuid()) ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0 || st.st_size < 0)
		return false;
	*size = (uint64_t)st.st_size;
	return *size <= 2 * (uint64_t)LOGINDEX_MAX;
}

static bool
header_is_good(const struct logindex_header *h)
{
	return memcmp(h->magic, LOGINDEX_MAGIC, sizeof(h->magic)) == 0 &&
	       h->version == LOGINDEX_VERSION && h->order == 0x01020304 &&
	       h->n_files <= LOGINDEX_FILES_MAX &&
	       h->n_chunks <= LOGINDEX_CHUNKS_MAX &&
	       h->n_marks <= LOGINDEX_MARKS_MAX &&
	       h->n_columns <= LOGINDEX_COLUMNS_MAX;
}

/* Chunks follow one another from the start of their file on. */
static bool
chunks_are_good(const struct logindex *x, const struct logindex_file *f)
{
	uint64_t at = 0;
	if (f->n == 0 || f->first > x->header.n_chunks ||
	    f->n > x->header.n_chunks - f->first)
		return false;
	for (uint32_t i = 0; i < f->n; i++) {
		const struct logindex_chunk *c = &x->chunks[f->first + i];
		if (c->from != at || c->to <= c->from || c->to > f->size ||
		    c->n_columns == 0 || c->column > x->header.n_columns ||
		    c->n_columns > x->header.n_columns - c->column ||
		    c->mark > x->header.n_marks ||
		    c->n_marks > x->header.n_marks - c->mark)
			return false;
		at = c->to;
	}
	return true;
}

uint64_t
logindex_row_at(const struct logindex *x, uint32_t row)
{
	const struct logindex_header *h = &x->header;
	return sizeof(*h) + h->n_files * sizeof(*x->files) +
	       h->n_chunks * sizeof(*x->chunks) +
	       h->n_marks * sizeof(*x->marks) +
	       row * (logrow_bytes(h->n_columns) + LOGROW_CHECK);
}

bool
logindex_row(const struct logindex *x, uint32_t row, unsigned char *bits)
{
	unsigned char bytes[LOGINDEX_COLUMNS_MAX / 8 + LOGROW_CHECK];
	size_t n = logrow_bytes(x->header.n_columns);
	uint32_t sum;
	if (!read_at(x->fd, bytes, n + LOGROW_CHECK, logindex_row_at(x, row)))
		return false;
	memcpy(&sum, bytes + n, sizeof(sum));
	memcpy(bits, bytes, n);
	return sum == logrow_checksum(row, bytes, n);
}

uint64_t
logindex_checksum(const struct logindex_header *h, const void *files,
    const void *chunks, const void *marks)
{
	uint64_t sum = logindex_hash(
	    h->n_columns, files, h->n_files * sizeof(struct logindex_file));
	sum = logindex_hash(
	    sum, chunks, h->n_chunks * sizeof(struct logindex_chunk));
	return logindex_hash(
	    sum, marks, h->n_marks * sizeof(struct logindex_mark));
}

static bool
load(struct logindex *x, uint64_t size)
{
	struct logindex_header *h = &x->header;
	if (!read_at(x->fd, h, sizeof(*h), 0) || !header_is_good(h))
		return false;
	size_t files = h->n_files * sizeof(*x->files);
	size_t chunks = h->n_chunks * sizeof(*x->chunks);
	size_t marks = h->n_marks * sizeof(*x->marks);
	if (logindex_row_at(x, LOGCOLUMN_BITS) > size)
		return false;
	x->files = malloc(files + 1);
	x->chunks = malloc(chunks + 1);
	x->marks = malloc(marks + 1);
	x->asked = calloc(1, sizeof(*x->asked));
	if (x->files == NULL || x->chunks == NULL || x->marks == NULL ||
	    x->asked == NULL || !read_at(x->fd, x->files, files, sizeof(*h)) ||
	    !read_at(x->fd, x->chunks, chunks, sizeof(*h) + files) ||
	    !read_at(x->fd, x->marks, marks, sizeof(*h) + files + chunks) ||
	    logindex_checksum(h, x->files, x->chunks, x->marks) != h->checksum)
		return false;
	for (uint32_t i = 0; i < h->n_files; i++)
		if (!chunks_are_good(x, &x->files[i]))
			return false;
	return true;
}

struct logindex *
logindex_open(const char *path)
{
	struct logindex *x = calloc(1, sizeof(*x));
	uint64_t size;
	if (x == NULL)
		return NULL;
	x->fd = open(
	    path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (x->fd >= 0 && is_ours(x->fd, &size) && size >= sizeof(x->header) &&
	    load(x, size))
		return x;
	logindex_close(x);
	return NULL;
}

void
logindex_close(struct logindex *x)
{
	if (x == NULL)
		return;
	if (x->fd >= 0)
		close(x->fd);
	free(x->files);
	free(x->chunks);
	free(x->marks);
	free(x->asked);
	free(x);
}

bool
logindex_ends(int fd, uint64_t to, uint64_t *mark)
{
	char bytes[LOGINDEX_ENDS];
	size_t n = to < sizeof(bytes) ? (size_t)to : sizeof(bytes);
	if (!read_at(fd, bytes, n, to - n))
		return false;
	*mark = logindex_hash(n, bytes, n);
	return true;
}

/*
 * Is the file the one that was read? One read to its end must not have been
 * touched; one that was growing has its first bytes, and where the reading
 * ended, still.
 */
static bool
is_same(const struct logindex *x, const struct logindex_file *f, int fd,
    const struct stat *st)
{
	uint64_t end = x->chunks[f->first + f->n - 1].to, mark;
	int64_t mtime =
	    (int64_t)st->st_mtim.tv_sec * NS_PER_S + st->st_mtim.tv_nsec;
	if (end == f->size && (uint64_t)st->st_size == f->size)
		return mtime == f->mtime_ns;
	return (uint64_t)st->st_size > end &&
	       logindex_ends(
		   fd, end < LOGINDEX_ENDS ? end : LOGINDEX_ENDS, &mark) &&
	       mark == f->head && logindex_ends(fd, end, &mark) &&
	       mark == f->tail;
}

const struct logindex_file *
logindex_find(const struct logindex *x, const struct logpart *part)
{
	struct stat st;
	if (x == NULL || part->pack != LOGPACK_NONE || part->fd < 0 ||
	    fstat(part->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	for (uint32_t i = 0; i < x->header.n_files; i++)
		if (x->files[i].ino == (uint64_t)st.st_ino)
			return is_same(x, &x->files[i], part->fd, &st)
				   ? &x->files[i]
				   : NULL;
	return NULL;
}

bool
logindex_starts(struct str text, int64_t now_s)
{
	return stamp_parse(str_sub(text, 0, str_find(text, '\n', 0)), now_s)
		   .kind != STAMP_NONE;
}
