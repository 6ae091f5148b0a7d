/* Two passes: where the word stands, then the stories around it. */
#include "core/maillog/story_find.h"

#include "core/base/i18n.h"
#include "core/base/vec.h"
#include "core/maillog/logindex.h"

#include <stdlib.h>

enum {
	BEFORE_S = 3600, /* a connection may have begun so long before */
	AFTER_S = 300,   /* queue windows are over by then */
	SLICE_S = 3600,  /* of the log, looked at in one go, newest first */
	LEAD_S = 900,    /* a session that began so long before is whole */
	CHECK_LINES = 4096,
};

struct finding {
	const struct story_find *f;
	int64_t from_ns, to_ns; /* only stories of this time */
};

/* A stretch of time with lines that hold the word. */
struct slice {
	int64_t from_ns, to_ns;
};

int64_t
story_time(const struct story *s)
{
	if (s->verdict_ns != INT64_MIN)
		return s->verdict_ns;
	if (s->begun_ns != INT64_MIN)
		return s->begun_ns;
	if (s->new_ns != INT64_MIN)
		return s->new_ns;
	return s->n_steps > 0 ? s->steps[0].key_ns : INT64_MIN;
}

static void
told(void *ctx, const struct story *s)
{
	struct finding *w = ctx;
	int64_t at = story_time(s);
	if (at >= w->from_ns && at <= w->to_ns &&
	    story_what_matches(w->f->what, s))
		w->f->found(w->f->ctx, s);
}

/* 's' seconds before or after, within what 64 bits hold. */
static int64_t
earlier(int64_t ns, int64_t s)
{
	int64_t by = s * NS_PER_S;
	return ns < INT64_MIN + by ? INT64_MIN : ns - by;
}

static int64_t
later(int64_t ns, int64_t s)
{
	int64_t by = s * NS_PER_S;
	return ns > INT64_MAX - by ? INT64_MAX : ns + by;
}

/* The times of lines with the needle in one log. */
static bool
look_in(const struct logplan *plan, struct str needle, struct vec *hits,
    struct err *e)
{
	struct logline line;
	bool ok = true;
	struct logread *r = logread_open(plan, 0, UINT64_MAX, e);
	if (r == NULL)
		return false;
	logread_need(r, needle, true);
	while (ok && logread_next(r, &line, e)) {
		const struct slice *last =
		    hits->len > 0
			? VEC_AT(hits, const struct slice, hits->len - 1)
			: NULL;
		struct slice hit = { line.key_ns, line.key_ns };
		/* many lines of one moment are one hit */
		if (last != NULL && last->from_ns == line.key_ns)
			continue;
		ok = vec_push(hits, &hit) ||
		     err_set(e, ERR_TEMPORARY, "%s", _("out of memory"));
	}
	logread_close(r);
	return ok && (e == NULL || e->code == ERR_NONE);
}

/* The same of one log after the other, where the index does not rule it out. */
static bool
look(const struct story_find *f, struct str needle, struct vec *hits,
    struct err *e)
{
	bool ok = true;
	for (size_t i = 0; ok && i < f->n; i++) {
		struct logplan *plan = logindex_pick(
		    f->sources[i].index, f->sources[i].plan, &needle, 1, e);
		ok = plan != NULL && look_in(plan, needle, hits, e);
		logplan_free(plan);
	}
	return ok;
}

static int
by_time(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;
	return x->from_ns < y->from_ns ? -1 : x->from_ns > y->from_ns;
}

/* Hits of the same hour become one slice. */
static void
cut_slices(struct vec *hits)
{
	size_t n = 0;
	vec_sort(hits, by_time);
	for (size_t i = 0; i < hits->len; i++) {
		struct slice *hit = VEC_AT(hits, struct slice, i);
		struct slice *last =
		    n > 0 ? VEC_AT(hits, struct slice, n - 1) : NULL;
		if (last != NULL &&
		    hit->from_ns <= later(last->from_ns, SLICE_S))
			last->to_ns = hit->to_ns;
		else
			*VEC_AT(hits, struct slice, n++) = *hit;
	}
	hits->len = n;
}

/* Join all that the sources give; behind 'last_ns' only what is still open. */
static bool
join(const struct story_find *f, const struct logsource *sources,
    struct slice only, int64_t last_ns, struct err *e)
{
	struct finding w = { f, only.from_ns, only.to_ns };
	struct stories_options o = {
		.steps = f->steps, .done = told, .ctx = &w
	};
	struct stories *s = stories_new(&o);
	struct logmerge *m = s != NULL ? logmerge_open(sources, f->n, e) : NULL;
	struct logline line;
	struct maillog_event ev;
	size_t source, n = 0;
	if (s == NULL)
		err_set(e, ERR_TEMPORARY, "%s", _("out of memory"));
	while (m != NULL && logmerge_next(m, &line, &source, e)) {
		if (++n % CHECK_LINES == 0 && line.key_ns > last_ns &&
		    !story_what_waits(f->what, s))
			break;
		maillog_parse_stamped(
		    sources[source].form, line.stamp.kind, line.text, &ev);
		stories_line(s, source, &line, &ev);
	}
	bool ok = m != NULL && (e == NULL || e->code == ERR_NONE) &&
		  stories_end(s, e);
	logmerge_close(m);
	stories_free(s);
	return ok;
}

/* The same logs for the time from 'from_ns' on. */
static bool
join_from(const struct story_find *f, struct slice only, int64_t from_ns,
    int64_t last_ns, struct err *e)
{
	struct logsource *near = calloc(f->n, sizeof(*near));
	struct logrange range = { from_ns, INT64_MAX };
	bool ok =
	    near != NULL || err_set(e, ERR_TEMPORARY, "%s", _("out of memory"));
	size_t n = 0;
	for (; ok && n < f->n; n++) {
		near[n] = f->sources[n];
		near[n].plan = logplan_narrow(f->sources[n].plan, range, e);
		ok = near[n].plan != NULL;
	}
	ok = ok && join(f, near, only, last_ns, e);
	while (n > 0)
		logplan_free(near[--n].plan);
	free(near);
	return ok;
}

/*
 * The newest slice first. A story belongs to the slice of its moment, though
 * it is joined to its end, so that none comes twice.
 */
static bool
join_slices(const struct story_find *f, const struct vec *slices, struct err *e)
{
	for (size_t i = slices->len; i-- > 0 && !f->enough(f->ctx);) {
		struct slice s = *VEC_AT(slices, const struct slice, i);
		struct slice only = { INT64_MIN, s.to_ns };
		/* what began before its first line that holds the word, and has
		   no such line in the slice before */
		if (i > 0)
			only.from_ns =
			    VEC_AT(slices, const struct slice, i - 1)->to_ns +
			    1;
		only.to_ns = i + 1 < slices->len ? s.to_ns : INT64_MAX;
		if (!join_from(f, only, earlier(s.from_ns, LEAD_S),
			later(s.to_ns, AFTER_S), e))
			return false;
		if (i > 0 && f->settled != NULL)
			f->settled(f->ctx);
	}
	return true;
}

bool
story_find(const struct story_find *f, struct err *e)
{
	static const struct slice always = { INT64_MIN, INT64_MAX };
	struct str needle;
	struct vec hits = VEC_INIT(struct slice);
	int64_t first = f->what->from_ns, last = f->what->to_ns;
	bool ok = true;
	for (size_t i = 0; i < f->n; i++)
		if (logplan_is_stream(f->sources[i].plan))
			return join(f, f->sources, always, INT64_MAX, e);
	if (!story_what_needle(f->what, &needle))
		return join_from(f, always, earlier(first, BEFORE_S),
		    later(last, AFTER_S), e);
	ok = look(f, needle, &hits, e);
	if (ok && hits.len > 0) {
		cut_slices(&hits);
		first = VEC_AT(&hits, struct slice, 0)->from_ns;
		last = VEC_AT(&hits, struct slice, hits.len - 1)->to_ns;
		ok = f->enough != NULL
			 ? join_slices(f, &hits, e)
			 : join_from(f, always, earlier(first, BEFORE_S),
			       later(last, AFTER_S), e);
	}
	vec_clear(&hits);
	return ok;
}
