/* Two passes: where the word stands, then the stories around it. */
#include "core/maillog/story_find.h"

#include "core/base/i18n.h"

#include <stdlib.h>

enum {
	BEFORE_S = 3600, /* a connection may have begun so long before */
	AFTER_S = 300,   /* queue windows are over by then */
	CHECK_LINES = 4096,
};

struct finding {
	const struct story_find *f;
};

static void
told(void *ctx, const struct story *s)
{
	struct finding *w = ctx;
	if (story_what_matches(w->f->what, s))
		w->f->found(w->f->ctx, s);
}

/* The first and the last time of lines with the needle; false without any. */
static bool
look(const struct story_find *f, struct str needle, int64_t *first,
    int64_t *last, struct err *e)
{
	bool any = false;
	*first = INT64_MAX;
	*last = INT64_MIN;
	for (size_t i = 0; i < f->n; i++) {
		struct logline line;
		struct logread *r =
		    logread_open(f->sources[i].plan, 0, UINT64_MAX, e);
		if (r == NULL)
			return false;
		logread_need(r, needle, true);
		while (logread_next(r, &line, e)) {
			any = true;
			if (line.key_ns < *first)
				*first = line.key_ns;
			if (line.key_ns > *last)
				*last = line.key_ns;
		}
		logread_close(r);
		if (e != NULL && e->code != ERR_NONE)
			return false;
	}
	return any;
}

/* Join all that the sources give; behind 'last_ns' only what is still open. */
static bool
join(const struct story_find *f, const struct logsource *sources,
    int64_t last_ns, struct err *e)
{
	struct finding w = { .f = f };
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
	bool ok = m != NULL && (e == NULL || e->code == ERR_NONE);
	if (ok)
		stories_end(s);
	logmerge_close(m);
	stories_free(s);
	return ok;
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

/* The same logs for the time from 'from_ns' on. */
static bool
join_from(
    const struct story_find *f, int64_t from_ns, int64_t last_ns, struct err *e)
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
	ok = ok && join(f, near, last_ns, e);
	while (n > 0)
		logplan_free(near[--n].plan);
	free(near);
	return ok;
}

bool
story_find(const struct story_find *f, struct err *e)
{
	struct str needle;
	int64_t first = f->what->from_ns, last = f->what->to_ns;
	for (size_t i = 0; i < f->n; i++)
		if (logplan_is_stream(f->sources[i].plan))
			return join(f, f->sources, INT64_MAX, e);
	if (story_what_needle(f->what, &needle) &&
	    !look(f, needle, &first, &last, e))
		return e == NULL || e->code == ERR_NONE;
	return join_from(f, earlier(first, BEFORE_S), later(last, AFTER_S), e);
}
