/* Times of the stretches of a log: which of them a range of time needs. */
#include "core/maillog/logindex_int.h"

/* A bound of what is needed, as it grows. */
struct extent {
	uint64_t from, to;
};

static void
include(struct extent *x, uint64_t from, uint64_t to)
{
	if (from >= to)
		return;
	if (from < x->from)
		x->from = from;
	if (to > x->to)
		x->to = to;
}

static bool
is_timed(const struct logindex_chunk *c)
{
	return (c->flags & LOGINDEX_TIMED) != 0;
}

bool
logindex_first_key(
    const struct logindex *x, const struct logindex_file *f, int64_t *key_ns)
{
	const struct logindex_chunk *c = &x->chunks[f->first];
	*key_ns = c->first_ns;
	/* else the least of its times need not be the first */
	return is_timed(c) && (c->flags & LOGINDEX_RISING) != 0;
}

/* The lines of the range in a stretch. */
static void
include_chunk(struct extent *x, const struct logindex_chunk *c,
    const struct logplan *p, int fd)
{
	uint64_t from = c->from, to = c->to;
	const struct logrange *r = &p->range;
	if (is_timed(c) && (c->last_ns < r->from_ns || c->first_ns >= r->to_ns))
		return;
	/* one that is within needs no look */
	if (is_timed(c) && (c->flags & LOGINDEX_RISING) != 0 &&
	    (c->first_ns < r->from_ns || c->last_ns >= r->to_ns))
		logread_bisect(fd, r, p->now_s, true, &from, &to);
	include(x, from, to);
}

bool
logindex_range(const struct logindex *x, const struct logindex_file *f,
    const struct logplan *p, struct logpart *part)
{
	struct extent found = { UINT64_MAX, 0 };
	const struct logindex_chunk *c = &x->chunks[f->first];
	uint64_t size = part->to, end = c[f->n - 1].to;
	for (uint32_t i = 0; i < f->n; i++)
		if (!is_timed(&c[i]))
			return false;
	for (uint32_t i = 0; i < f->n; i++)
		include_chunk(&found, &c[i], p, part->fd);
	/* what came after the index was made */
	if (end < size) {
		uint64_t from = end, to = size;
		logread_bisect(
		    part->fd, &p->range, p->now_s, false, &from, &to);
		include(&found, from, to);
	}
	if (found.to == 0)
		found.from = found.to = size;
	part->from = found.from;
	part->to = found.to;
	return true;
}
