/* Where a word stands in the logs: the newest stretches of time first. */
#include "core/base/find.h"
#include "core/maillog/logindex.h"
#include "core/maillog/story_find_int.h"
#include "core/maillog/story_int.h"

#include <stdlib.h>

enum {
	WINDOW_S = 1800, /* looked through first; then twice as much */
	WINDOW_GROWS = 2,
	WINDOW_HITS = 100,  /* one with so many is large enough */
	STRETCH_S = 3600,   /* joined in one go, at most */
	STRETCH_HITS = 800, /* about as many stories as are ever shown */
	STRETCH_LEAST_S = 60,
	NEAR_LEAST_S = 15,
	NEAR_BYTES = 1 << 18, /* joined as fast as another place is found */
	COARSE_S = 10,        /* hits so near each other are one */
	STRETCHES_MAX = 65536,
	AHEAD_MAX = 8 << 20, /* bytes of a window that are read ahead */
};

static struct story_stretch *
stretch_at(const struct story_look *l, size_t i)
{
	return VEC_AT(&l->stretches, struct story_stretch, i);
}

static int
by_time(const void *a, const void *b)
{
	const struct story_stretch *x = a, *y = b;
	return x->from_ns < y->from_ns ? -1 : x->from_ns > y->from_ns;
}

/* Is 'at_ns' so little behind 'from_ns' that both are one place? */
static bool
is_one(const struct story_look *l, int64_t from_ns, int64_t at_ns)
{
	/* halves, as the whole may be more than 64 bits hold */
	return (at_ns >> 1) - (from_ns >> 1) <= l->coarse_ns >> 1;
}

/* Join what is near each other; what is known rises from here on. */
static void
merge_near(struct story_look *l)
{
	size_t n = 0;
	vec_sort(&l->stretches, by_time);
	for (size_t i = 0; i < l->stretches.len; i++) {
		struct story_stretch one = *stretch_at(l, i);
		struct story_stretch *last =
		    n > 0 ? stretch_at(l, n - 1) : NULL;
		if (last != NULL && is_one(l, last->from_ns, one.to_ns)) {
			last->hits += one.hits;
			if (one.to_ns > last->to_ns)
				last->to_ns = one.to_ns;
		} else {
			*stretch_at(l, n++) = one;
		}
	}
	l->stretches.len = n;
}

static bool
add_hit(struct story_look *l, int64_t at_ns, struct err *e)
{
	struct story_stretch hit = { at_ns, at_ns, 1 };
	struct story_stretch *last =
	    l->stretches.len > 0 ? stretch_at(l, l->stretches.len - 1) : NULL;
	if (last != NULL && at_ns >= last->from_ns &&
	    is_one(l, last->from_ns, at_ns)) {
		last->hits++;
		if (at_ns > last->to_ns)
			last->to_ns = at_ns;
		return true;
	}
	/* a word that is everywhere needs no exact times */
	while (l->stretches.len >= STRETCHES_MAX) {
		l->coarse_ns *= 2;
		merge_near(l);
	}
	return vec_push(&l->stretches, &hit) || err_no_memory(e);
}

/* Does the number stand there, and not as a part of another? */
static bool
has_number(struct str text, struct str number)
{
	const char *p = text.ptr, *end = text.ptr + text.len;
	while ((p = find_bytes(p, (size_t)(end - p), number, true)) != NULL) {
		const char *behind = p + number.len;
		if ((p == text.ptr || !ascii_is_alnum(p[-1])) &&
		    (behind == end || !ascii_is_alnum(*behind)))
			return true;
		p++;
	}
	return false;
}

/* All lines with the needle in one log. */
static bool
look_in(struct story_look *l, const struct logsource *source,
    const struct logplan *plan, struct err *e)
{
	struct logline line;
	bool ok = true;
	struct logread *r = logread_open(plan, 0, UINT64_MAX, e);
	if (r == NULL)
		return false;
	logread_need(r, l->needle, true);
	while (ok && logread_next(r, &line, e)) {
		if (l->number.len > 0 && !has_number(line.raw, l->number))
			continue;
		/* a mailbox that is looked into is no story */
		if (source->form == MAILLOG_FORM_DOVECOT &&
		    !story_pids_need(l->pids, source->form, line.text))
			continue;
		l->found++;
		story_pids_add_line(l->pids, source->form, line.text);
		ok = add_hit(l, line.key_ns, e);
	}
	logread_close(r);
	return ok && (e == NULL || e->code == ERR_NONE);
}

/* The window of one log, where the index does not rule it out. */
static struct logplan *
pick_of_source(const struct story_look *l, const struct logsource *source,
    struct logrange range, struct err *e)
{
	struct logplan *near = NULL;
	const struct logplan *plan = source->plan;
	if (range.from_ns != INT64_MIN || range.to_ns != INT64_MAX) {
		near = logplan_narrow(plan, range, e);
		if (near == NULL)
			return NULL;
		plan = near;
	}
	struct logplan *picked =
	    logindex_pick(source->index, plan, &l->needle, 1, l->number, e);
	/* what the index leaves of a window is in many places */
	if (picked != NULL && source->index != NULL)
		logahead_plan(l->ahead, picked, AHEAD_MAX);
	logplan_free(near);
	return picked;
}

/*
 * Everything from 'from_ns' up to what was looked at already. The disk is told
 * of what is wanted of all logs before any is read.
 */
static bool
look_back_to(struct story_look *l, int64_t from_ns, struct err *e)
{
	struct logrange range = { from_ns, l->from_ns };
	struct logplan **picked = calloc(l->n, sizeof(struct logplan *));
	bool ok = picked != NULL || err_no_memory(e);
	l->found = 0;
	for (size_t i = 0; ok && i < l->n; i++) {
		picked[i] = pick_of_source(l, &l->sources[i], range, e);
		ok = picked[i] != NULL;
	}
	for (size_t i = 0; ok && i < l->n; i++)
		ok = look_in(l, &l->sources[i], picked[i], e);
	for (size_t i = 0; picked != NULL && i < l->n; i++)
		logplan_free(picked[i]);
	free(picked);
	if (!ok)
		return false;
	merge_near(l);
	l->from_ns = from_ns;
	return true;
}

/* The last line of a log that has a time; INT64_MIN: none. */
static bool
newest_of(const struct logplan *plan, int64_t *key_ns, struct err *e)
{
	struct logline line;
	struct logread *r =
	    logread_open(plan, logplan_back(plan, 1), UINT64_MAX, e);
	*key_ns = INT64_MIN;
	if (r == NULL)
		return false;
	while (logread_next(r, &line, e))
		if (line.key_ns > *key_ns)
			*key_ns = line.key_ns;
	logread_close(r);
	return e == NULL || e->code == ERR_NONE;
}

/* Is a window as dear as the whole: files that are unpacked to look in? */
static bool
is_packed(const struct logplan *plan)
{
	struct logfile file;
	for (size_t i = 0; logplan_file(plan, i, &file); i++)
		if (file.packed)
			return true;
	return false;
}

/* How far the logs go back from their newest line on, and their bytes. */
static void
set_near(struct story_look *l, int64_t newest_ns)
{
	int64_t oldest_ns = newest_ns, key;
	uint64_t bytes = 1;
	for (size_t i = 0; i < l->n; i++) {
		bytes += logplan_size(l->sources[i].plan);
		if (logplan_oldest(l->sources[i].plan, &key) && key < oldest_ns)
			oldest_ns = key;
	}
	/* ends of the world apart: years */
	int64_t span_s = newest_ns / NS_PER_S - oldest_ns / NS_PER_S + 1;
	double near_s = (double)span_s * NEAR_BYTES / (double)bytes;
	l->near_s = near_s > STRETCH_S ? STRETCH_S : (int64_t)near_s;
	if (l->near_s < NEAR_LEAST_S)
		l->near_s = NEAR_LEAST_S;
}

/* All of it, where no log goes back beyond the window's begin. */
static bool
look_at_window(struct story_look *l, int64_t end_ns, struct err *e)
{
	int64_t from_ns = story_earlier(end_ns, l->window_s), key;
	bool goes_back = false;
	for (size_t i = 0; i < l->n; i++)
		if (logplan_oldest(l->sources[i].plan, &key) && key < from_ns)
			goes_back = true;
	return look_back_to(l, goes_back ? from_ns : INT64_MIN, e);
}

bool
story_look_begin(struct story_look *l, struct err *e)
{
	int64_t newest_ns = INT64_MIN, key;
	bool packed = false;
	l->stretches = (struct vec)VEC_INIT(struct story_stretch);
	l->from_ns = INT64_MAX;
	l->window_s = WINDOW_S;
	l->coarse_ns = (int64_t)COARSE_S * NS_PER_S;
	for (size_t i = 0; i < l->n; i++) {
		packed = packed || is_packed(l->sources[i].plan);
		if (packed)
			continue;
		if (!newest_of(l->sources[i].plan, &key, e))
			return false;
		if (key > newest_ns)
			newest_ns = key;
	}
	l->near_s = NEAR_LEAST_S;
	if (newest_ns == INT64_MIN || packed)
		return look_back_to(l, INT64_MIN, e);
	set_near(l, newest_ns);
	return look_at_window(l, newest_ns, e);
}

void
story_look_end(struct story_look *l)
{
	vec_clear(&l->stretches);
}

static bool
look_further(struct story_look *l, struct err *e)
{
	if (l->found < WINDOW_HITS)
		l->window_s *= WINDOW_GROWS;
	return look_at_window(l, l->from_ns, e);
}

/* Does it belong to the newest stretch, as far as that is known? */
static bool
is_near(const struct story_look *l, const struct story_stretch *newest,
    const struct story_stretch *older)
{
	if (story_later(older->to_ns, l->near_s) < newest->from_ns ||
	    story_later(older->from_ns, STRETCH_S) < newest->to_ns)
		return false;
	return newest->hits < STRETCH_HITS ||
	       story_later(newest->from_ns, STRETCH_LEAST_S) > newest->to_ns;
}

/* The last time of the first 'n' stretches; INT64_MIN without any. */
static int64_t
last_before(const struct story_look *l, size_t n)
{
	int64_t last = INT64_MIN;
	for (size_t i = 0; i < n; i++)
		if (stretch_at(l, i)->to_ns > last)
			last = stretch_at(l, i)->to_ns;
	return last;
}

bool
story_look_next(struct story_look *l, struct story_stretch *out,
    int64_t *before_ns, struct err *e)
{
	for (;;) {
		size_t i = l->stretches.len;
		if (i > 0) {
			*out = *stretch_at(l, --i);
			while (i > 0 && is_near(l, out, stretch_at(l, i - 1))) {
				const struct story_stretch *older =
				    stretch_at(l, --i);
				out->from_ns = older->from_ns;
				out->hits += older->hits;
				if (older->to_ns > out->to_ns)
					out->to_ns = older->to_ns;
			}
			if (l->from_ns == INT64_MIN ||
			    l->from_ns <=
				story_earlier(out->from_ns, STORY_LEAD_S)) {
				l->stretches.len = i;
				*before_ns = last_before(l, i);
				return true;
			}
		} else if (l->from_ns == INT64_MIN) {
			return false;
		}
		if (!look_further(l, e))
			return false;
	}
}

bool
story_look_peek(const struct story_look *l, size_t i, struct story_stretch *out)
{
	if (i >= l->stretches.len)
		return false;
	*out = *stretch_at(l, l->stretches.len - 1 - i);
	return true;
}

bool
story_look_is_over(const struct story_look *l)
{
	return l->stretches.len == 0 && l->from_ns == INT64_MIN;
}

bool
story_look_all(struct story_look *l, struct story_stretch *out, struct err *e)
{
	if (l->from_ns != INT64_MIN && !look_back_to(l, INT64_MIN, e))
		return false;
	size_t n = l->stretches.len;
	if (n == 0)
		return false;
	*out = (struct story_stretch){ stretch_at(l, 0)->from_ns,
		stretch_at(l, n - 1)->to_ns, n };
	return true;
}
