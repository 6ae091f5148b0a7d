/* Plans made of other plans, and what a plan tells. */
#include "core/base/i18n.h"
#include "core/maillog/logindex_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	BLOCK = 64 * 1024, /* read at once from the end */
	START_SIZE = 128,  /* a stamp and more */
};

bool
logread_starts(const struct logplan *p, const struct logpart *part)
{
	struct logbytes bytes;
	char start[START_SIZE];
	size_t n = 0;
	ssize_t got = 1;
	if (!logbytes_open(&bytes, p, part, 0, NULL))
		return false;
	while (got > 0 && n < sizeof(start)) {
		got = logbytes_read(&bytes, start + n, sizeof(start) - n, NULL);
		n += got > 0 ? (size_t)got : 0;
	}
	logbytes_close(&bytes);
	return logindex_starts(str_n(start, n), p->now_s);
}

bool
logplan_is_stream(const struct logplan *p)
{
	for (size_t i = 0; i < p->parts.len; i++) {
		int fd = VEC_AT(&p->parts, const struct logpart, i)->fd;
		if (fd < 0 || lseek(fd, 0, SEEK_CUR) < 0)
			return true;
	}
	return false;
}

/* The part again, for the range of 'to'; *end: nothing behind it is needed. */
static bool
narrow_part(struct logplan *to, const struct logpart *from, bool *end)
{
	struct logpart part = *from;
	struct stat st;
	*end = false;
	if (part.has_label && part.label_ns < to->range.from_ns)
		return true;
	if (part.pack == LOGPACK_NONE) {
		/* what nothing follows may have grown */
		if (part.is_open_end && fstat(part.fd, &st) == 0)
			part.size = (uint64_t)st.st_size;
		part.from = 0;
		part.to = part.size;
	}
	return logpart_hold(&part) &&
	       logplan_add_part(to, &part, part.is_open_end, end);
}

struct logplan *
logplan_like(const struct logplan *p, struct err *e)
{
	struct logplan *n = calloc(1, sizeof(*n));
	if (n == NULL || (n->shown = strdup(p->shown)) == NULL) {
		free(n);
		err_no_memory(e);
		return NULL;
	}
	n->parts = (struct vec)VEC_INIT(struct logpart);
	n->index = p->index;
	n->range = p->range;
	n->clock = p->clock;
	n->now_s = p->now_s;
	n->has_oldest = p->has_oldest;
	n->oldest_ns = p->oldest_ns;
	return n;
}

bool
logplan_add_stretch(
    struct logplan *to, const struct logpart *part, uint64_t from, uint64_t end)
{
	struct logpart one = *part;
	if (!logpart_hold(&one))
		return false;
	one.from = from;
	one.to = end;
	one.at_start = part->at_start && from == part->from;
	one.at_end = part->at_end && end == part->to;
	one.is_open_end = part->is_open_end && one.at_end;
	one.before = to->size;
	to->size += end - from;
	to->killed += one.at_end && one.was_killed;
	if (vec_push(&to->parts, &one))
		return true;
	logpart_drop(&one);
	return false;
}

struct logplan *
logplan_narrow(const struct logplan *p, struct logrange range, struct err *e)
{
	struct logplan *n = logplan_like(p, e);
	if (n == NULL)
		return NULL;
	n->has_oldest = false;
	if (range.from_ns > n->range.from_ns)
		n->range.from_ns = range.from_ns;
	if (range.to_ns < n->range.to_ns)
		n->range.to_ns = range.to_ns;
	bool end = false, ok = true;
	for (size_t i = 0; ok && !end && i < p->parts.len; i++)
		ok = narrow_part(
		    n, VEC_AT(&p->parts, const struct logpart, i), &end);
	if (ok)
		return n;
	err_set_errno(e, errno, _("cannot read '%s'"), p->shown);
	logplan_free(n);
	return NULL;
}

void
logplan_drop_parts(struct logplan *p)
{
	for (size_t i = 0; i < p->parts.len; i++)
		logpart_drop(VEC_AT(&p->parts, struct logpart, i));
	p->parts.len = 0;
	p->size = 0;
	p->killed = 0;
	p->has_oldest = false;
}

void
logplan_free(struct logplan *p)
{
	if (p == NULL)
		return;
	logplan_drop_parts(p);
	vec_clear(&p->parts);
	free(p->shown);
	free(p);
}

uint64_t
logplan_size(const struct logplan *p)
{
	return p->size;
}

bool
logplan_oldest(const struct logplan *p, int64_t *key_ns)
{
	*key_ns = p->oldest_ns;
	return p->has_oldest;
}

size_t
logplan_killed(const struct logplan *p)
{
	return p->killed;
}

/* Offset in [from, to) of the file behind '*left' newlines from the end. */
static bool
scan_back(const struct logpart *part, uint64_t *left, uint64_t *offset)
{
	char block[BLOCK];
	uint64_t end = part->to;
	while (end > part->from) {
		uint64_t n =
		    end - part->from < BLOCK ? end - part->from : BLOCK;
		ssize_t got =
		    pread(part->fd, block, (size_t)n, (off_t)(end - n));
		if (got != (ssize_t)n)
			return false;
		const char *p = block + got;
		while (
		    (p = memrchr(block, '\n', (size_t)(p - block))) != NULL) {
			if ((*left)-- > 0)
				continue;
			*offset = end - n + (uint64_t)(p - block) + 1;
			return true;
		}
		end -= n;
	}
	return false;
}

uint64_t
logplan_back(const struct logplan *p, uint64_t lines)
{
	uint64_t left = lines, offset;
	for (size_t i = p->parts.len; i-- > 0;) {
		const struct logpart *part =
		    VEC_AT(&p->parts, const struct logpart, i);
		if (part->pack != LOGPACK_NONE ||
		    lseek(part->fd, 0, SEEK_CUR) < 0)
			return part->before;
		if (scan_back(part, &left, &offset))
			return part->before + (offset - part->from);
	}
	return 0;
}

bool
logplan_file(const struct logplan *p, size_t i, struct logfile *out)
{
	if (i >= p->parts.len)
		return false;
	const struct logpart *part = VEC_AT(&p->parts, struct logpart, i);
	*out = (struct logfile){ .name = part->name,
		.at = part->before,
		.bytes = part->to - part->from,
		.packed = part->pack != LOGPACK_NONE };
	return true;
}
