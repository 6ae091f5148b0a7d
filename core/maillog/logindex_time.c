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

/* The first of the marks, rising, that is not older than 'ns'. */
static uint32_t
mark_since(const struct logindex_mark *marks, uint32_t n, int64_t ns)
{
	uint32_t low = 0;
	while (low < n) {
		uint32_t middle = low + (n - low) / 2;
		if (marks[middle].ns < ns)
			low = middle + 1;
		else
			n = middle;
	}
	return low;
}

/* The lines of the range in a stretch, and those up to the marks around. */
static void
include_chunk(struct extent *found, const struct logindex *x,
    const struct logindex_chunk *c, const struct logrange *r)
{
	const struct logindex_mark *marks = &x->marks[c->mark];
	uint64_t from = c->from, to = c->to;
	if (is_timed(c) && (c->last_ns < r->from_ns || c->first_ns >= r->to_ns))
		return;
	if (is_timed(c) && (c->flags & LOGINDEX_RISING) != 0) {
		uint32_t i = mark_since(marks, c->n_marks, r->from_ns);
		if (i > 0 && marks[i - 1].at > from)
			from = marks[i - 1].at;
		i = mark_since(marks, c->n_marks, r->to_ns);
		if (i < c->n_marks && marks[i].at < to)
			to = marks[i].at;
	}
	include(found, from, to);
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
		include_chunk(&found, x, &c[i], &p->range);
	/* what came after the index was made */
	if (end < size) {
		uint64_t from = end, to = size;
		logread_bisect(part->fd, &p->range, p->now_s,
		    &part->held->times, &from, &to);
		include(&found, from, to);
	}
	if (found.to == 0)
		found.from = found.to = size;
	part->from = found.from;
	part->to = found.to;
	return true;
}
