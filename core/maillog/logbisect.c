/*
 * The lines of a time range in one plain file, without reading the rest: a
 * binary search, made sure of by looking around (LG-12, LG-13).
 */
#include "core/maillog/logread_int.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PROBE_SIZE = 64 * 1024,
	SMALL_SIZE = 1024 * 1024, /* read whole: as fast, and sure */
	SAMPLES = 32,             /* must rise, or the file is read whole */
};

struct search {
	int fd;
	uint64_t size;
	int64_t now_s;
	char *block;
};

/*
 * The first labelled line that begins in [at, limit): its offset and key. A
 * line that 'at' stands within does not begin there.
 */
static bool
line_after(const struct search *s, uint64_t at, uint64_t limit,
    uint64_t *offset, int64_t *key)
{
	bool inside = at > 0;
	if (inside)
		at--;
	while (at < limit) {
		ssize_t got = pread(s->fd, s->block, PROBE_SIZE, (off_t)at);
		if (got <= 0)
			return false;
		struct str text = str_n(s->block, (size_t)got);
		while (text.len > 0) {
			size_t end = str_find(text, '\n', 0);
			uint64_t begins = at + (uint64_t)(text.ptr - s->block);
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
				bool whole_block = text.ptr == s->block;
				if (inside || whole_block) {
					inside = true;
					text.ptr += text.len;
				}
				break;
			}
			inside = false;
			text = str_sub(text, end + 1, text.len);
		}
		uint64_t next = at + (uint64_t)(text.ptr - s->block);
		if (next == at || (size_t)got < PROBE_SIZE)
			return false;
		at = next;
	}
	return false;
}

/* Do times rise from sample to sample? */
static bool
rises(const struct search *s)
{
	int64_t before = INT64_MIN, key;
	uint64_t offset;
	for (uint64_t i = 0; i < SAMPLES; i++) {
		if (!line_after(
			s, s->size / SAMPLES * i, s->size, &offset, &key))
			continue;
		if (key < before)
			return false;
		before = key;
	}
	return true;
}

/* The offset of the first line not older than 'key', if times rise. */
static uint64_t
first_since(const struct search *s, int64_t key)
{
	uint64_t low = 0, high = s->size, offset;
	int64_t found;
	while (high - low > PROBE_SIZE) {
		uint64_t middle = low + (high - low) / 2;
		if (!line_after(s, middle, high, &offset, &found) ||
		    found >= key)
			high = middle;
		else
			low = offset + 1;
	}
	while (line_after(s, low, s->size, &offset, &found) && found < key)
		low = offset + 1;
	return low == 0 || offset >= low ? offset : s->size;
}

/* Is any time in [from, to) on the wrong side of 'key'? */
static bool
any_since(const struct search *s, uint64_t from, uint64_t to, int64_t key)
{
	uint64_t offset;
	int64_t found;
	while (line_after(s, from, to, &offset, &found)) {
		if (found >= key)
			return true;
		from = offset + 1;
	}
	return false;
}

static bool
any_before(const struct search *s, uint64_t from, uint64_t to, int64_t key)
{
	uint64_t offset;
	int64_t found;
	while (line_after(s, from, to, &offset, &found)) {
		if (found < key)
			return true;
		from = offset + 1;
	}
	return false;
}

/* Small steps of the clock: widen while the neighbourhood has lines of it. */
static uint64_t
widen_back(const struct search *s, uint64_t at, int64_t key)
{
	while (at > 0) {
		uint64_t back = at > PROBE_SIZE ? at - PROBE_SIZE : 0;
		if (!any_since(s, back, at, key))
			return at;
		at = back;
	}
	return 0;
}

static uint64_t
widen_on(const struct search *s, uint64_t at, int64_t key)
{
	while (at < s->size) {
		uint64_t on =
		    s->size - at > PROBE_SIZE ? at + PROBE_SIZE : s->size;
		if (!any_before(s, at, on, key))
			return at;
		at = on;
	}
	return s->size;
}

/* The start of the line at or behind 'at'. */
static uint64_t
at_line(const struct search *s, uint64_t at)
{
	uint64_t offset;
	int64_t key;
	if (at == 0 || at >= s->size)
		return at;
	return line_after(s, at, s->size, &offset, &key) ? offset : s->size;
}

void
logread_bisect(int fd, uint64_t size, const struct logrange *range,
    int64_t now_s, uint64_t *from, uint64_t *to)
{
	struct search s = { .fd = fd, .size = size, .now_s = now_s };
	*from = 0;
	*to = size;
	if (size <= SMALL_SIZE ||
	    (range->from_ns == INT64_MIN && range->to_ns == INT64_MAX))
		return;
	s.block = malloc(PROBE_SIZE);
	if (s.block != NULL && rises(&s)) {
		if (range->from_ns != INT64_MIN)
			*from = at_line(
			    &s, widen_back(&s, first_since(&s, range->from_ns),
				    range->from_ns));
		if (range->to_ns != INT64_MAX)
			*to = at_line(
			    &s, widen_on(&s, first_since(&s, range->to_ns),
				    range->to_ns));
		if (*to < *from)
			*to = *from;
	}
	free(s.block);
}
