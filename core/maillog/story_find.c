/* Two passes: where the word stands, then the stories around it. */
#include "core/maillog/story_find.h"

#include "core/maillog/logindex.h"
#include "core/maillog/story_find_int.h"

#include <stdlib.h>

enum {
	BEFORE_S = 3600, /* a connection may have begun so long before */
	AFTER_S = 300,   /* queue windows are over by then */
	LEAD_S = 5,      /* tried first: most sessions are shorter */
	LEAD_GROWS = 5,
	TAIL_S = 8,             /* most deliveries are over by then */
	AHEAD = 16,             /* stretches that are read ahead */
	AHEAD_MAX = 512 * 1024, /* bytes of one, of each log */
	CHECK_LINES = 32,
	PATIENCE = 3, /* stretches read on where they told of nothing */
};

/* One join of a stretch of time. */
struct finding {
	const struct story_find *f;
	int64_t from_ns, to_ns;  /* only stories of this time */
	int64_t last_ns;         /* behind it only what is open matters */
	int64_t ahead_ns;        /* read ahead from then on */
	struct story_pids *pids; /* NULL: of all connections */
	size_t told;             /* stories, in all */
	bool patient;            /* read on until AFTER_S in any case */
	bool missed;             /* a connection that is not among them */
	bool began_earlier;      /* a beginning that is not there */
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
	if (!story_what_matches(w->f->what, s))
		return;
	if ((s->doubts & STORY_BEGAN_EARLIER) != 0)
		w->began_earlier = true;
	/* found by its queue: the lines of its connection are wanted too */
	if (w->pids != NULL && s->pid != 0 &&
	    !story_pids_has(w->pids, s->pid)) {
		story_pids_add(w->pids, s->pid);
		w->missed = true;
	}
	if (at < w->from_ns || at > w->to_ns)
		return;
	w->told++;
	w->f->found(w->f->ctx, s);
}

/* Is everything told that the last line with the word may be about? */
static bool
is_over(
    const struct finding *w, const struct stories *s, int64_t at, int64_t last)
{
	if (at <= last || story_what_waits(w->f->what, s))
		return false;
	if (w->pids == NULL || w->patient)
		return at > story_later(last, AFTER_S);
	return at > story_later(last, AFTER_S) || !stories_has_wanted(s);
}

static bool
is_needed(void *ctx, size_t source, const struct logline *line)
{
	const struct finding *w = ctx;
	enum maillog_form form = w->f->sources[source].form;
	/* where hardly a line is needed, one must show how late it is */
	return line->continued ||
	       (form != MAILLOG_FORM_QPSMTPD && line->key_ns > w->last_ns) ||
	       story_pids_need(w->pids, form, line->text);
}

/* Join all that the sources give; behind 'last_ns' only what is still open. */
static bool
join(struct finding *w, const struct logsource *sources, int64_t last_ns,
    struct err *e)
{
	struct stories_options o = {
		.steps = w->f->steps, .only = w->pids, .done = told, .ctx = w
	};
	struct stories *s = stories_new(&o);
	struct logmerge *m =
	    s != NULL ? logmerge_open(sources, w->f->n, e) : NULL;
	struct logline line;
	struct maillog_event ev;
	size_t source, n = 0;
	w->last_ns = last_ns;
	if (s == NULL)
		err_no_memory(e);
	if (m != NULL && w->pids != NULL)
		logmerge_want(m, is_needed, w);
	while (m != NULL && logmerge_next(m, &line, &source, e)) {
		if (++n % CHECK_LINES == 0 &&
		    is_over(w, s, line.key_ns, last_ns))
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

/* Of one log what stories are made of, from then on. */
static struct logplan *
plan_from(const struct logsource *source, int64_t from_ns, struct err *e)
{
	struct logrange range = { from_ns, INT64_MAX };
	struct logplan *near = logplan_narrow(source->plan, range, e);
	if (near == NULL || source->form != MAILLOG_FORM_DOVECOT)
		return near;
	struct logplan *less = logindex_pick_deliveries(source->index, near, e);
	logplan_free(near);
	return less;
}

/* The same logs for the time from 'from_ns' on. */
static bool
join_from(struct finding *w, int64_t from_ns, int64_t last_ns, struct err *e)
{
	const struct story_find *f = w->f;
	struct logsource *near = calloc(f->n, sizeof(*near));
	bool ok = near != NULL || err_no_memory(e);
	size_t n = 0;
	for (; ok && n < f->n; n++) {
		near[n] = f->sources[n];
		near[n].plan = plan_from(&f->sources[n], from_ns, e);
		ok = near[n].plan != NULL;
	}
	ok = ok && join(w, near, last_ns, e);
	while (n > 0)
		logplan_free(near[--n].plan);
	free(near);
	return ok;
}

/*
 * Join one stretch. First with little before it and of the connections with
 * the word alone; where that turns out to be too little, once more with more.
 * 'from_ns': what is older belongs to the stretch before.
 */
static bool
join_leads(struct finding *w, const struct story_stretch *s, int64_t from_ns,
    struct err *e)
{
	int64_t lead_s = LEAD_S;
	for (;;) {
		int64_t begin_ns = story_earlier(s->from_ns, lead_s);
		/* nor is anything seen here that is older than this */
		w->from_ns = from_ns > begin_ns ? from_ns : begin_ns;
		if (from_ns == INT64_MIN)
			w->from_ns = from_ns; /* there is none before */
		w->missed = w->began_earlier = false;
		if (!join_from(w, begin_ns, s->to_ns, e))
			return false;
		if (!w->missed && (!w->began_earlier || lead_s == STORY_LEAD_S))
			return true;
		if (w->began_earlier)
			lead_s = lead_s * LEAD_GROWS < STORY_LEAD_S
				     ? lead_s * LEAD_GROWS
				     : STORY_LEAD_S;
		w->f->again(w->f->ctx);
	}
}

/*
 * The same; a word that stands there and is in no story may be of lines that
 * come later in their file than younger ones: the clock was set back (LG-13).
 */
static bool
join_stretch(struct finding *w, const struct story_stretch *s, int64_t from_ns,
    size_t *patience, struct err *e)
{
	if (!join_leads(w, s, from_ns, e))
		return false;
	if (w->told > 0 || *patience == 0)
		return true;
	(*patience)--;
	w->patient = true;
	w->f->again(w->f->ctx);
	bool ok = join_leads(w, s, from_ns, e);
	w->patient = false;
	return ok;
}

/* Have read from disk what most likely is joined, of all logs at once. */
static void
read_ahead(const struct story_look *l, const struct story_stretch *s)
{
	struct logrange range = { story_earlier(s->from_ns, LEAD_S),
		story_later(s->to_ns, TAIL_S) };
	for (size_t i = 0; i < l->n; i++) {
		const struct logsource *source = &l->sources[i];
		/* without an index it takes reading to know where that is */
		if (source->index == NULL ||
		    source->form == MAILLOG_FORM_DOVECOT)
			continue;
		struct logplan *near =
		    logplan_narrow(source->plan, range, NULL);
		if (near != NULL)
			logahead_plan(l->ahead, near, AHEAD_MAX);
		logplan_free(near);
	}
}

static void
read_ahead_once(struct finding *w, const struct story_look *l,
    const struct story_stretch *s)
{
	if (s->from_ns >= w->ahead_ns)
		return;
	read_ahead(l, s);
	w->ahead_ns = s->from_ns;
}

static void
read_ahead_next(struct finding *w, const struct story_look *l,
    const struct story_stretch *now)
{
	struct story_stretch next;
	read_ahead_once(w, l, now);
	for (size_t i = 0; i < AHEAD && story_look_peek(l, i, &next); i++)
		read_ahead_once(w, l, &next);
}

/*
 * The newest stretch first. A story belongs to the stretch of its moment,
 * though it is joined to its end, so that none comes twice.
 */
static bool
join_newest_first(struct story_look *l, struct finding *w, struct err *e)
{
	const struct story_find *f = w->f;
	struct story_stretch s;
	int64_t before_ns;
	size_t patience = PATIENCE;
	w->to_ns = w->ahead_ns = INT64_MAX;
	while (!f->enough(f->ctx) && story_look_next(l, &s, &before_ns, e)) {
		bool last = story_look_is_over(l);
		read_ahead_next(w, l, &s);
		if (!last && before_ns == INT64_MIN)
			before_ns = story_earlier(s.from_ns, STORY_LEAD_S);
		if (!join_stretch(
			w, &s, last ? INT64_MIN : before_ns + 1, &patience, e))
			return false;
		if (last)
			break;
		if (f->settled != NULL)
			f->settled(f->ctx);
		w->to_ns = w->from_ns - 1;
	}
	return e == NULL || e->code == ERR_NONE;
}

/* All stories with the word, in the order in which they end. */
static bool
join_all(struct story_look *l, struct finding *w, struct err *e)
{
	struct story_stretch s;
	w->pids = NULL;
	if (story_look_all(l, &s, e))
		return join_from(
		    w, story_earlier(s.from_ns, BEFORE_S), s.to_ns, e);
	return e == NULL || e->code == ERR_NONE;
}

bool
story_find(const struct story_find *f, struct err *e)
{
	struct story_pids *pids = calloc(1, sizeof(*pids));
	struct finding w = { .f = f, .from_ns = INT64_MIN, .to_ns = INT64_MAX };
	struct story_look l = {
		.sources = f->sources, .n = f->n, .pids = pids
	};
	bool ok;
	for (size_t i = 0; i < f->n; i++)
		if (logplan_is_stream(f->sources[i].plan)) {
			free(pids);
			return join(&w, f->sources, INT64_MAX, e);
		}
	if (!story_what_needle(f->what, &l.needle)) {
		free(pids);
		return join_from(&w, story_earlier(f->what->from_ns, BEFORE_S),
		    f->what->to_ns, e);
	}
	story_what_number(f->what, &l.number);
	w.pids = pids;
	l.ahead = f->enough != NULL ? logahead_new() : NULL;
	ok = pids != NULL || err_no_memory(e);
	ok = ok && story_look_begin(&l, e);
	if (ok)
		ok = f->enough != NULL ? join_newest_first(&l, &w, e)
				       : join_all(&l, &w, e);
	story_look_end(&l);
	logahead_free(l.ahead);
	free(pids);
	return ok;
}
