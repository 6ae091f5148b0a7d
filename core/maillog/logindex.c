/* Reading the index of a log, and picking the stretches that may hold a text.
 */
#include "core/maillog/logindex.h"

#include "core/base/i18n.h"
#include "core/maillog/logindex_int.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	KEYS_MAX = 64, /* of all needles; more would tell nothing new */
	START_SIZE = 128,
	AHEAD_SIZE = 64 * 1024, /* of filters read at once */
};

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
	       h->n_chunks <= LOGINDEX_CHUNKS_MAX;
}

/* Chunks follow one another from the start of their file on. */
static bool
chunks_are_good(
    const struct logindex *x, const struct logindex_file *f, uint64_t size)
{
	uint64_t at = 0;
	if (f->n == 0 || f->first > x->header.n_chunks ||
	    f->n > x->header.n_chunks - f->first)
		return false;
	for (uint32_t i = 0; i < f->n; i++) {
		const struct logindex_chunk *c = &x->chunks[f->first + i];
		if (c->from != at || c->to <= c->from || c->to > f->size ||
		    c->bits_log2 < LOGFILTER_MIN ||
		    c->bits_log2 > LOGFILTER_MAX || c->offset > size ||
		    logfilter_words(c->bits_log2) * 8 > size - c->offset)
			return false;
		at = c->to;
	}
	return true;
}

static bool
load(struct logindex *x, uint64_t size)
{
	struct logindex_header *h = &x->header;
	if (!read_at(x->fd, h, sizeof(*h), 0) || !header_is_good(h))
		return false;
	size_t files = h->n_files * sizeof(*x->files);
	size_t chunks = h->n_chunks * sizeof(*x->chunks);
	if (files + chunks > size - sizeof(*h))
		return false;
	x->files = malloc(files + 1);
	x->chunks = malloc(chunks + 1);
	if (x->files == NULL || x->chunks == NULL ||
	    !read_at(x->fd, x->files, files, sizeof(*h)) ||
	    !read_at(x->fd, x->chunks, chunks, sizeof(*h) + files) ||
	    logindex_hash(logindex_hash(0, x->files, files), x->chunks,
		chunks) != h->checksum)
		return false;
	for (uint32_t i = 0; i < h->n_files; i++)
		if (!chunks_are_good(x, &x->files[i], size))
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
	free(x);
}

bool
logindex_mark(int fd, uint64_t to, uint64_t *mark)
{
	char bytes[LOGINDEX_MARK];
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
	       logindex_mark(
		   fd, end < LOGINDEX_MARK ? end : LOGINDEX_MARK, &mark) &&
	       mark == f->head && logindex_mark(fd, end, &mark) &&
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

static bool
filter_is_good(const struct logindex_chunk *c, const struct logfilter *f)
{
	size_t bytes = logfilter_words(c->bits_log2) * sizeof(*f->words);
	return logindex_hash(c->bits_log2, f->words, bytes) == c->checksum;
}

bool
logindex_filter(const struct logindex *x, const struct logindex_chunk *c,
    struct logfilter *f)
{
	if (c->bits_log2 < LOGFILTER_MIN || c->bits_log2 > LOGFILTER_MAX)
		return false;
	size_t bytes = logfilter_words(c->bits_log2) * sizeof(*f->words);
	f->bits_log2 = c->bits_log2;
	return read_at(x->fd, f->words, bytes, c->offset) &&
	       filter_is_good(c, f);
}

/* Keys looked for, all of which a stretch must have. */
struct wanted {
	size_t n;
	uint64_t keys[KEYS_MAX];
};

static void
want(void *ctx, uint64_t hash)
{
	struct wanted *w = ctx;
	if (w->n < KEYS_MAX)
		w->keys[w->n++] = hash;
}

struct picking {
	const struct logindex *x;
	const struct logplan *from;
	struct logplan *to;
	struct wanted wanted;
	struct logfilter filter; /* room for the largest there is */
	char *ahead;             /* of the index, from 'ahead_at' on */
	uint64_t ahead_at;
	size_t ahead_n;
	uint64_t lo, hi; /* the stretch that grows */
};

/* Filters of stretches behind each other lie behind each other. */
static bool
next_filter(struct picking *w, const struct logindex_chunk *c)
{
	struct logfilter *f = &w->filter;
	size_t bytes = logfilter_words(c->bits_log2) * sizeof(*f->words);
	if (bytes > AHEAD_SIZE)
		return logindex_filter(w->x, c, f);
	if (c->offset < w->ahead_at ||
	    c->offset + bytes > w->ahead_at + w->ahead_n) {
		ssize_t got =
		    pread(w->x->fd, w->ahead, AHEAD_SIZE, (off_t)c->offset);
		w->ahead_at = c->offset;
		w->ahead_n = got > 0 ? (size_t)got : 0;
		if (w->ahead_n < bytes)
			return false;
	}
	f->bits_log2 = c->bits_log2;
	memcpy(f->words, w->ahead + (c->offset - w->ahead_at), bytes);
	return filter_is_good(c, f);
}

static bool
may_hold(struct picking *w, const struct logindex_chunk *c)
{
	if (!next_filter(w, c))
		return true; /* damaged: it tells nothing */
	for (size_t i = 0; i < w->wanted.n; i++)
		if (!logfilter_has(&w->filter, w->wanted.keys[i]))
			return false;
	return true;
}

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
		if (!outside && may_hold(w, c))
			ok = take(w, part, c->from, c->to);
		end = c->to;
	}
	/* what came after the index was made */
	return ok && take(w, part, end, part->to) && flush(w, part);
}

bool
logindex_starts(struct str text, int64_t now_s)
{
	return stamp_parse(str_sub(text, 0, str_find(text, '\n', 0)), now_s)
		   .kind != STAMP_NONE;
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

/* Room for the largest filter of the index. */
static bool
filter_room(struct picking *w)
{
	unsigned most = LOGFILTER_MIN;
	for (uint32_t i = 0; w->x != NULL && i < w->x->header.n_chunks; i++)
		/* those of no file were not looked at */
		if (w->x->chunks[i].bits_log2 > most &&
		    w->x->chunks[i].bits_log2 <= LOGFILTER_MAX)
			most = w->x->chunks[i].bits_log2;
	w->filter.words =
	    calloc(logfilter_words(most), sizeof(*w->filter.words));
	w->ahead = w->x != NULL ? malloc(AHEAD_SIZE) : NULL;
	return w->filter.words != NULL && (w->x == NULL || w->ahead != NULL);
}

struct logplan *
logindex_pick(const struct logindex *x, const struct logplan *p,
    const struct str *needles, size_t n, struct str number, struct err *e)
{
	struct picking w = { .x = x, .from = p };
	for (size_t i = 0; i < n; i++)
		logindex_keys(needles[i], 0, needles[i].len, want, &w.wanted);
	logindex_number_keys(number, want, &w.wanted);
	if (w.wanted.n == 0)
		w.x = NULL;
	w.to = logplan_like(p, e);
	bool ok = w.to != NULL && filter_room(&w) && pick_parts(&w);
	logfilter_clear(&w.filter);
	free(w.ahead);
	if (ok)
		return w.to;
	logplan_free(w.to);
	err_set(e, ERR_TEMPORARY, "%s", _("out of memory"));
	return NULL;
}
