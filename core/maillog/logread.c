/* Lines out of the bytes of a plan. */
#include "core/maillog/logread.h"

#include "core/base/find.h"
#include "core/maillog/logread_int.h"

#include <stdlib.h>
#include <string.h>

int64_t
logread_key(struct tai64n t)
{
	if (t.unix_s >= INT64_MAX / NS_PER_S)
		return INT64_MAX - 1;
	if (t.unix_s <= INT64_MIN / NS_PER_S)
		return INT64_MIN + 1;
	return t.unix_s * NS_PER_S + t.ns;
}

void
logread_look_back(struct logread *r, const char *begin, const char *at)
{
	while (at > begin) {
		const char *lf = memrchr(begin, '\n', (size_t)(at - 1 - begin));
		const char *start = lf != NULL ? lf + 1 : begin;
		struct str line = str_n(start, (size_t)(at - 1 - start));
		struct stamp stamp = stamp_parse(line, r->plan->now_s);
		if (stamp.kind != STAMP_NONE) {
			r->key_ns = logread_key(stamp.time);
			r->in_range = r->key_ns >= r->plan->range.from_ns &&
				      r->key_ns < r->plan->range.to_ns;
			return;
		}
		at = start;
	}
}

/*
 * Pass whole lines in the buffer without the needle: to the line of the first
 * one, or to the last line, which may not be whole.
 */
static void
pass_lines(struct logread *r)
{
	const char *from = r->buffer + r->at;
	const char *lf = memrchr(from, '\n', r->len - r->at);
	r->found = false;
	if (lf == NULL)
		return;
	const char *end = lf + 1;
	const char *hit =
	    find_bytes(from, (size_t)(end - from), r->needle, r->nocase);
	const char *to = end;
	r->found = hit != NULL;
	if (hit != NULL) {
		lf = hit > from ? memrchr(from, '\n', (size_t)(hit - from))
				: NULL;
		to = lf != NULL ? lf + 1 : from;
	}
	if (to > from && (to == r->buffer + r->len || *to != '@'))
		logread_look_back(r, from, to);
	if (to > from)
		r->skip_line = false; /* it was among them */
	r->at += (size_t)(to - from);
}

/* The next raw line or piece; false at the end. */
static bool
cut_line(struct logread *r, struct logline *line, struct err *e)
{
	size_t scanned = 0;
	line->more = line->unfinished = r->found = false;
	for (;;) {
		if (r->needle.len > 0 && scanned == 0 && !r->in_long) {
			pass_lines(r);
			if (r->end_pos - (int64_t)(r->len - r->at) >= r->to)
				return false;
		}
		const char *from = r->buffer + r->at;
		size_t n = r->len - r->at;
		const char *lf = n > scanned
				     ? memchr(from + scanned, '\n', n - scanned)
				     : NULL;
		line->continued = r->in_long;
		if (lf != NULL) {
			line->raw = str_n(from, (size_t)(lf - from));
			r->at += line->raw.len + 1;
			r->in_long = false;
			return true;
		}
		if (r->cut && n > 0) {
			line->raw = str_n(from, n);
			r->at = r->len;
			r->cut = r->in_long = false;
			return true;
		}
		r->cut = false;
		if (n >= LOGREAD_LINE_MAX) {
			line->raw = str_n(from, LOGREAD_LINE_MAX);
			r->at += LOGREAD_LINE_MAX;
			line->more = r->in_long = true;
			return true;
		}
		scanned = n;
		if (logread_fill(r, e)) {
			/* what came may be passed, once the line is whole */
			if (r->needle.len > 0)
				scanned = 0;
			continue;
		}
		if (e != NULL && e->code != ERR_NONE)
			return false;
		n = r->len - r->at;
		if (n == 0)
			return false;
		line->raw = str_n(r->buffer + r->at, n);
		line->unfinished = true;
		r->at = r->len;
		r->in_long = false;
		return true;
	}
}

static void
read_stamp(struct logread *r, struct logline *line)
{
	struct str raw = line->raw;
	if (line->continued)
		line->stamp = (struct stamp){ .kind = STAMP_NONE };
	else
		line->stamp = stamp_parse(raw, r->plan->now_s);
	if (line->stamp.kind != STAMP_NONE)
		r->key_ns = logread_key(line->stamp.time);
	line->key_ns = r->key_ns;
	line->text =
	    str_n(raw.ptr + line->stamp.text, raw.len - line->stamp.text);
}

/* Where the line begins in the plan. */
static int64_t
start_of(const struct logread *r, const struct logline *line)
{
	return r->end_pos -
	       (int64_t)(r->len - (size_t)(line->raw.ptr - r->buffer));
}

/*
 * Is the line one of this reader's share? False and *behind: none that
 * follows is.
 */
static bool
is_ours(struct logread *r, const struct logline *line, bool *behind)
{
	*behind = false;
	if (!line->continued) {
		int64_t start = start_of(r, line);
		*behind = start >= r->to;
		r->dropping = r->skip_line || start < r->from;
		r->skip_line = false;
	}
	return !r->dropping;
}

static void
count_line(struct logread *r, const struct logline *line)
{
	r->count.bytes += line->raw.len + !line->more;
	if (line->continued)
		return;
	r->count.lines++;
	if (line->stamp.kind != STAMP_NONE)
		r->count.labelled++;
	else
		r->count.unlabelled++;
}

/* Lines behind the one given, up to here, are ours and wanted. */
static size_t
plain_end(const struct logread *r)
{
	if (r->needle.len > 0 || r->in_long)
		return 0;
	int64_t left = r->to - r->end_pos;
	if (left >= 0)
		return r->len;
	return (uint64_t)-left < r->len ? r->len - (size_t)-left : 0;
}

/* Whatever comes next. */
NOINLINE static bool
any_line(struct logread *r, struct logline *line, struct err *e)
{
	const struct logrange *range = &r->plan->range;
	bool behind;
	for (;;) {
		if (!cut_line(r, line, e))
			return false;
		bool rest = r->skip_line, ours = is_ours(r, line, &behind);
		if (behind)
			return false;
		if (rest)
			continue;
		read_stamp(r, line);
		if (line->stamp.kind != STAMP_NONE)
			r->in_range = line->key_ns >= range->from_ns &&
				      line->key_ns < range->to_ns;
		if (!r->in_range || !ours)
			continue;
		if (r->needle.len > 0 && !r->found &&
		    find_bytes(line->raw.ptr, line->raw.len, r->needle,
			r->nocase) == NULL)
			continue;
		count_line(r, line);
		r->plain = plain_end(r);
		return true;
	}
}

/*
 * Nearly all lines: whole, with a label, in the range, in the middle of a
 * share. False: the long way tells what it is.
 */
static bool
plain_line(struct logread *r, struct logline *line)
{
	const struct logrange *range = &r->plan->range;
	const char *p = r->buffer + r->at;
	struct tai64n t;
	if (r->at >= r->plain || r->len - r->at <= TAI64N_SIZE ||
	    p[TAI64N_SIZE] != ' ' || !tai64n_read_recent(p, &t))
		return false;
	const char *text = p + TAI64N_SIZE + 1;
	const char *lf = find_near(text, r->buffer + r->len, '\n');
	int64_t key_ns = t.unix_s * NS_PER_S + t.ns;
	if (lf == NULL || key_ns < range->from_ns || key_ns >= range->to_ns)
		return false;
	line->raw = str_n(p, (size_t)(lf - p));
	line->text = str_n(text, (size_t)(lf - text));
	line->stamp = (struct stamp){ .kind = STAMP_TAI64N,
		.time = t,
		.len = TAI64N_SIZE,
		.text = TAI64N_SIZE + 1 };
	line->key_ns = r->key_ns = key_ns;
	line->continued = line->more = line->unfinished = false;
	r->in_range = true;
	r->at += line->raw.len + 1;
	r->count.bytes += line->raw.len + 1;
	r->count.lines++;
	r->count.labelled++;
	return true;
}

bool
logread_next(struct logread *r, struct logline *line, struct err *e)
{
	return plain_line(r, line) || any_line(r, line, e);
}

struct logread *
logread_open(
    const struct logplan *plan, uint64_t from, uint64_t to, struct err *e)
{
	struct logread *r = calloc(1, sizeof(*r));
	if (r != NULL)
		r->buffer = malloc(2 * LOGREAD_FIRST);
	if (r == NULL || r->buffer == NULL) {
		free(r);
		err_no_memory(e);
		return NULL;
	}
	r->plan = plan;
	r->from = INT64_MIN;
	r->to = to < INT64_MAX ? (int64_t)to : INT64_MAX;
	r->size = 2 * LOGREAD_FIRST;
	r->step = LOGREAD_FIRST;
	r->key_ns = INT64_MIN;
	r->in_range = plan->range.from_ns == INT64_MIN;
	if (!logread_open_at(r, from, e)) {
		logread_close(r);
		return NULL;
	}
	return r;
}

void
logread_close(struct logread *r)
{
	if (r == NULL)
		return;
	if (r->open)
		logbytes_close(&r->bytes);
	free(r->buffer);
	free(r);
}

void
logread_need(struct logread *r, struct str needle, bool nocase)
{
	r->needle = needle;
	r->nocase = nocase;
}

uint64_t
logread_at(const struct logread *r)
{
	int64_t at = r->end_pos - (int64_t)(r->len - r->at);
	return at > 0 ? (uint64_t)at : 0;
}

const struct logcount *
logread_count(const struct logread *r)
{
	return &r->count;
}
