/* Bytes into the buffer of a reader, part after part of its plan. */
#include "core/maillog/logread_int.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	READ_SIZE = 256 * 1024, /* larger blocks are not faster (T-16) */
	BUFFER_MAX = LOGREAD_LINE_MAX + 2 * READ_SIZE,
	BACK_SIZE = 64 * 1024,
};

/* Open the part after the last one; false at the end or on failure. */
static bool
next_part(struct logread *r, struct err *e)
{
	const struct vec *parts = &r->plan->parts;
	const struct logpart *before = NULL;
	if (r->open) {
		logbytes_close(&r->bytes);
		r->open = false;
		before = VEC_AT(parts, const struct logpart, r->part);
		r->part++;
	}
	if (r->part >= parts->len) {
		r->done = true;
		return false;
	}
	const struct logpart *p = VEC_AT(parts, const struct logpart, r->part);
	if (r->ending || (before != NULL && (int64_t)p->before >= r->to)) {
		/* LG-14: the line begun may go on in the next file */
		r->ending = true;
		if (r->at == r->len || !p->at_start || before == NULL ||
		    !before->at_end) {
			r->done = true;
			return false;
		}
	}
	/* the line that those without a time belong to was left out */
	if (before != NULL && !before->at_end && p->at_start)
		r->in_range = false;
	r->end_pos = (int64_t)p->before;
	if (!logbytes_open(&r->bytes, r->plan, p, p->from, e)) {
		r->done = true;
		return false;
	}
	r->open = true;
	return true;
}

/* LG-14: may the line that 'before' left unfinished go on in 'after'? */
static bool
goes_on(const struct logread *r, const struct logpart *before,
    const struct logpart *after)
{
	if (!before->at_end || !after->at_start)
		return false;
	/* of a packed file none can tell cheaply how it ends: where another
	   reader begins behind it, both must come to the same end */
	return (!before->was_killed && before->pack == LOGPACK_NONE) ||
	       !logread_starts(r->plan, after);
}

/* At the end of a part: what is left of its last line? */
static void
end_part(struct logread *r)
{
	const struct vec *parts = &r->plan->parts;
	if (r->at == r->len || r->part + 1 >= parts->len)
		return;
	r->cut = !goes_on(r, VEC_AT(parts, const struct logpart, r->part),
	    VEC_AT(parts, const struct logpart, r->part + 1));
}

static bool
make_room(struct logread *r, struct err *e)
{
	if (r->at > 0) {
		memmove(r->buffer, r->buffer + r->at, r->len - r->at);
		r->len -= r->at;
		r->at = 0;
	}
	if (r->size - r->len >= r->step)
		return true;
	size_t size = r->size;
	while (size - r->len < r->step)
		size = size * 2 < BUFFER_MAX ? size * 2 : BUFFER_MAX;
	char *more = realloc(r->buffer, size);
	if (more == NULL)
		return err_no_memory(e);
	r->buffer = more;
	r->size = size;
	return true;
}

bool
logread_fill(struct logread *r, struct err *e)
{
	r->plain = 0;
	if (!make_room(r, e))
		return false;
	while (!r->done) {
		if (!r->open && !next_part(r, e))
			return false;
		ssize_t got =
		    logbytes_read(&r->bytes, r->buffer + r->len, r->step, e);
		if (got < 0) {
			r->done = true;
			return false;
		}
		if (got > 0) {
			r->len += (size_t)got;
			if (r->step < READ_SIZE)
				r->step += r->step / 2;
			/* the sizes of packed files tell nothing */
			if (r->bytes.part->pack == LOGPACK_NONE)
				r->end_pos += got;
			return true;
		}
		end_part(r);
		if (r->cut)
			return true;
		if (!next_part(r, e))
			return false;
	}
	return false;
}

/*
 * Begin inside a part. A little before it, so that lines without a time know
 * the time of the line they belong to.
 */
static bool
open_inside(
    struct logread *r, const struct logpart *p, uint64_t from, struct err *e)
{
	uint64_t offset = p->from + (from - p->before);
	uint64_t back =
	    offset - p->from < BACK_SIZE ? offset - p->from : BACK_SIZE;
	if (!logbytes_open(&r->bytes, r->plan, p, offset - back, e))
		return false;
	r->open = true;
	r->from = (int64_t)from;
	r->end_pos = (int64_t)(from - back);
	r->skip_line = offset - back > p->from;
	return true;
}

/* The last bytes of a part into 'tail'; how many, 0: it cannot be read. */
static size_t
read_tail(const struct logread *r, const struct logpart *part, char *tail,
    bool *whole)
{
	struct logbytes bytes;
	uint64_t length = part->to - part->from;
	bool packed = part->pack != LOGPACK_NONE;
	uint64_t from =
	    packed || length <= BACK_SIZE ? part->from : part->to - BACK_SIZE;
	size_t n = 0;
	ssize_t got;
	*whole = from == part->from;
	if (!logbytes_open(&bytes, r->plan, part, from, NULL))
		return 0;
	do {
		if (n == BACK_SIZE) { /* the end is what is wanted */
			n = BACK_SIZE / 2;
			memmove(tail, tail + n, n);
			*whole = false;
		}
		got = logbytes_read(&bytes, tail + n, BACK_SIZE - n, NULL);
		n += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	logbytes_close(&bytes);
	return n;
}

/*
 * Begin with a file whose first lines belong to the one before: the first may
 * be the rest of a line (LG-14), which is another reader's, and those without
 * a time are of the time of the last line there (LG-12).
 */
static bool
begin_within(struct logread *r, const struct logpart *before, struct err *e)
{
	bool whole;
	char *tail = malloc(BACK_SIZE + 1);
	if (tail == NULL)
		return err_no_memory(e);
	size_t n = read_tail(r, before, tail, &whole);
	if (n > 0) {
		const char *begin = tail;
		r->skip_line = tail[n - 1] != '\n';
		tail[n] = '\n';
		n += r->skip_line;
		if (!whole) {
			begin = memchr(tail, '\n', n);
			begin++;
		}
		logread_look_back(r, begin, tail + n);
	}
	free(tail);
	return true;
}

/* Begin with a file. */
static bool
begin_part(struct logread *r, size_t i, struct err *e)
{
	char last;
	if (i == 0)
		return true;
	const struct logpart *before =
	    VEC_AT(&r->plan->parts, const struct logpart, i - 1);
	const struct logpart *p =
	    VEC_AT(&r->plan->parts, const struct logpart, i);
	if (!p->at_start)
		return true;
	if (!before->at_end) {
		r->in_range = false;
		return true;
	}
	if (!logread_starts(r->plan, p))
		return begin_within(r, before, e);
	if (before->pack == LOGPACK_NONE && before->to > 0 &&
	    pread(before->fd, &last, 1, (off_t)before->to - 1) == 1)
		r->skip_line = last != '\n' && !before->was_killed;
	return true;
}

bool
logread_open_at(struct logread *r, uint64_t from, struct err *e)
{
	const struct vec *parts = &r->plan->parts;
	size_t i = 0;
	while (i + 1 < parts->len &&
	       VEC_AT(parts, const struct logpart, i + 1)->before <= from)
		i++;
	r->part = i;
	if (i == parts->len)
		return true;
	const struct logpart *p = VEC_AT(parts, const struct logpart, i);
	if (from > p->before && p->pack == LOGPACK_NONE)
		return open_inside(r, p, from, e);
	return begin_part(r, i, e);
}
