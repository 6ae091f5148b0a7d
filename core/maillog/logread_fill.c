/* Bytes into the buffer of a reader, part after part of its plan. */
#include "core/base/i18n.h"
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
	int64_t key;
	if (!before->at_end || !after->at_start)
		return false;
	return !before->was_killed || !logread_first_key(r->plan, after, &key);
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
		return err_set(e, ERR_TEMPORARY, "%s", _("out of memory"));
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

/* Begin with a file: its first line may be another reader's (LG-14). */
static void
begin_part(struct logread *r, size_t i)
{
	char last;
	if (i == 0)
		return;
	const struct logpart *before =
	    VEC_AT(&r->plan->parts, const struct logpart, i - 1);
	const struct logpart *p =
	    VEC_AT(&r->plan->parts, const struct logpart, i);
	if (before->pack != LOGPACK_NONE || before->to == 0 ||
	    pread(before->fd, &last, 1, (off_t)before->to - 1) != 1)
		return;
	r->skip_line = last != '\n' && goes_on(r, before, p);
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
	begin_part(r, i);
	return true;
}
