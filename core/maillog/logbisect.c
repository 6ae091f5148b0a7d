/*
 * The lines of a time range in one plain file, without reading the rest: a
 * binary search, made sure of by looking around (LG-12, LG-13).
 */
#include "core/maillog/logread_int.h"

#include <stdlib.h>
#include <unistd.h>

enum {
	PROBE_SIZE = 64 * 1024,
	FIRST_PROBE = 8 * 1024,   /* anywhere else: a line is seldom longer */
	LABEL_MAX = 64,           /* so much of a line tells its time */
	SMALL_SIZE = 1024 * 1024, /* not worth a search */
	SURE_SIZE = 16 * 1024 * 1024, /* every time in it is looked at */
	SAMPLES = 32, /* of a longer one must rise, or it is read whole */
};

struct search {
	int fd;
	uint64_t begin, size; /* between them it is looked for */
	int64_t now_s;
	char *block; /* the bytes read last: [block_at, block_at + block_len) */
	uint64_t block_at;
	size_t block_len;
};

/*
 * The bytes from 'at' on, as many as are at hand or were read now; *last when
 * the file ends with them. Little is read where nothing was read before:
 * looking for a time touches many places, and each may have to come from disk.
 */
static struct str
window(struct search *s, uint64_t at, bool *last)
{
	uint64_t skip = at - s->block_at;
	bool near = at >= s->block_at && skip <= s->block_len;
	size_t left = near ? s->block_len - (size_t)skip : 0;
	uint64_t end = s->block_at + s->block_len;
	if (left < LABEL_MAX && (left == 0 || end < s->size)) {
		size_t want =
		    near && s->block_len > 0 ? PROBE_SIZE : FIRST_PROBE;
		ssize_t got = pread(s->fd, s->block, want, (off_t)at);
		s->block_at = at;
		s->block_len = got > 0 ? (size_t)got : 0;
		skip = 0;
		left = s->block_len;
		end = at + left;
	}
	*last = left == 0 || end >= s->size;
	return str_n(s->block + skip, left);
}

/*
 * The first labelled line that begins in [at, limit): its offset and key. A
 * line that 'at' stands within does not begin there.
 */
static bool
line_after(struct search *s, uint64_t at, uint64_t limit, uint64_t *offset,
    int64_t *key)
{
	bool inside = at > s->begin, last;
	if (inside)
		at--;
	while (at < limit) {
		struct str text = window(s, at, &last);
		const char *start = text.ptr;
		while (text.len > 0) {
			size_t end = str_find(text, '\n', 0);
			uint64_t begins = at + (uint64_t)(text.ptr - start);
			struct stamp t = { .kind = STAMP_NONE };
			if (begins >= limit)
				return false;
			if (!inside)
				t = stamp_parse(
				    str_sub(text, 0, end), s->now_s);
			if (t.kind != STAMP_NONE) {
				*offset = begins;
				*key = logread_key(t.time);
				return true;
			}
			if (end == text.len) {
				/* the line goes on behind the block */
				bool whole_block = text.ptr == start;
				if (inside || whole_block) {
					inside = true;
					text.ptr += text.len;
				}
				break;
			}
			inside = false;
			text = str_sub(text, end + 1, text.len);
		}
		uint64_t next = at + (uint64_t)(text.ptr - start);
		if (next == at || last)
			return false;
		at = next;
	}
	return false;
}

/* Does every time rise? */
static bool
all_rise(struct search *s)
{
	int64_t before = INT64_MIN, key;
	uint64_t offset, at = s->begin;
	while (line_after(s, at, s->size, &offset, &key)) {
		if (key < before)
			return false;
		before = key;
		at = offset + 1;
	}
	return true;
}

/* Do times rise from sample to sample? */
static bool
samples_rise(struct search *s)
{
	int64_t before = INT64_MIN, key;
	uint64_t offset, step = (s->size - s->begin) / SAMPLES;
	for (uint64_t i = 0; i < SAMPLES; i++) {
		if (!line_after(s, s->begin + step * i, s->size, &offset, &key))
			continue;
		if (key < before)
			return false;
		before = key;
	}
	return true;
}

/* The offset of the first line not older than 'key', if times rise. */
static uint64_t
first_since(struct search *s, int64_t key)
{
	uint64_t low = s->begin, high = s->size, offset;
	int64_t found;
	while (high - low > FIRST_PROBE) {
		uint64_t middle = low + (high - low) / 2;
		if (!line_after(s, middle, high, &offset, &found) ||
		    found >= key)
			high = middle;
		else
			low = offset + 1;
	}
	while (line_after(s, low, s->size, &offset, &found) && found < key)
		low = offset + 1;
	return low == s->begin || offset >= low ? offset : s->size;
}

/* Has any line in [from, to) a time since 'key', or ('since' is false) before?
 */
static bool
any_is(struct search *s, uint64_t from, uint64_t to, int64_t key, bool since)
{
	uint64_t offset;
	int64_t found;
	while (line_after(s, from, to, &offset, &found)) {
		if ((found >= key) == since)
			return true;
		from = offset + 1;
	}
	return false;
}

/* Small steps of the clock: widen while the neighbourhood has lines of it. */
static uint64_t
widen_back(struct search *s, uint64_t at, int64_t key)
{
	while (at > s->begin) {
		uint64_t back =
		    at - s->begin > PROBE_SIZE ? at - PROBE_SIZE : s->begin;
		if (!any_is(s, back, at, key, true))
			return at;
		at = back;
	}
	return s->begin;
}

static uint64_t
widen_on(struct search *s, uint64_t at, int64_t key)
{
	while (at < s->size) {
		uint64_t on =
		    s->size - at > PROBE_SIZE ? at + PROBE_SIZE : s->size;
		if (!any_is(s, at, on, key, false))
			return at;
		at = on;
	}
	return s->size;
}

/* The start of the line at or behind 'at'. */
static uint64_t
at_line(struct search *s, uint64_t at)
{
	uint64_t offset;
	int64_t key;
	if (at == s->begin || at >= s->size)
		return at;
	return line_after(s, at, s->size, &offset, &key) ? offset : s->size;
}

/* Looked at once: the same file is searched for many a range. */
static enum logtimes_order
order_of(struct search *s, struct logtimes *known)
{
	if (known->order == LOGTIMES_UNKNOWN || known->from != s->begin ||
	    known->to != s->size) {
		known->from = s->begin;
		known->to = s->size;
		known->order = s->size - s->begin > SURE_SIZE ? LOGTIMES_UNSURE
			       : all_rise(s)                  ? LOGTIMES_RISE
							      : LOGTIMES_STEP;
	}
	return known->order;
}

/* Cut [*from, *to) down to the range. */
static void
cut(struct search *s, const struct logrange *range, bool sure, uint64_t *from,
    uint64_t *to)
{
	if (range->from_ns != INT64_MIN) {
		uint64_t at = first_since(s, range->from_ns), offset;
		int64_t key;
		if (!sure)
			at = widen_back(s, at, range->from_ns);
		/* what stands before the first time belongs to what was before
		 */
		if (line_after(s, s->begin, at, &offset, &key))
			*from = at_line(s, at);
	}
	if (range->to_ns != INT64_MAX) {
		uint64_t at = first_since(s, range->to_ns);
		if (!sure)
			at = widen_on(s, at, range->to_ns);
		*to = at_line(s, at);
	}
	if (*to < *from)
		*to = *from;
}

void
logread_bisect(int fd, const struct logrange *range, int64_t now_s,
    struct logtimes *known, uint64_t *from, uint64_t *to)
{
	struct search s = {
		.fd = fd, .begin = *from, .size = *to, .now_s = now_s
	};
	if (s.size <= s.begin || s.size - s.begin <= SMALL_SIZE ||
	    (range->from_ns == INT64_MIN && range->to_ns == INT64_MAX))
		return;
	s.block = malloc(PROBE_SIZE);
	if (s.block == NULL)
		return;
	switch (order_of(&s, known)) {
	case LOGTIMES_RISE:
		cut(&s, range, true, from, to);
		break;
	case LOGTIMES_UNSURE:
		if (samples_rise(&s))
			cut(&s, range, false, from, to);
		break;
	case LOGTIMES_UNKNOWN:
	case LOGTIMES_STEP:
		break;
	}
	free(s.block);
}
