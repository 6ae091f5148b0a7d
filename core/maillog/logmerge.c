/* A merge of few sources: the one ahead is read until another is older. */
#include "core/maillog/logmerge.h"

#include <stdlib.h>

struct lane {
	struct logread *read;
	struct logline line;
	bool has_line;
};

struct logmerge {
	size_t n;
	size_t at; /* the source whose line was given */
	bool given;
	/* the lane at 'at' stays ahead while its times are below the one and
	   not above the other */
	int64_t below_ns, most_ns;
	logmerge_wants *wants; /* NULL: every line */
	void *ctx;
	struct lane lanes[];
};

/* The next line of a lane that is wanted. */
static void
lane_next(struct logmerge *m, size_t i, struct err *e)
{
	struct lane *lane = &m->lanes[i];
	do
		lane->has_line = logread_next(lane->read, &lane->line, e);
	while (lane->has_line && m->wants != NULL &&
	       !m->wants(m->ctx, i, &lane->line));
}

static bool
lane_failed(const struct lane *lane, const struct err *e)
{
	return !lane->has_line && e != NULL && e->code != ERR_NONE;
}

struct logmerge *
logmerge_open(const struct logsource *sources, size_t n, struct err *e)
{
	struct str none = STR_EMPTY;
	return logmerge_open_part(sources, n, UINT64_MAX, none, false, e);
}

struct logmerge *
logmerge_open_part(const struct logsource *sources, size_t n, uint64_t lines,
    struct str needle, bool nocase, struct err *e)
{
	struct logmerge *m = calloc(1, sizeof(*m) + n * sizeof(struct lane));
	if (m == NULL) {
		err_no_memory(e);
		return NULL;
	}
	for (; m->n < n; m->n++) {
		struct lane *lane = &m->lanes[m->n];
		const struct logplan *plan = sources[m->n].plan;
		lane->read = logread_open(plan,
		    lines < UINT64_MAX ? logplan_back(plan, lines) : 0,
		    UINT64_MAX, e);
		if (lane->read == NULL)
			break;
		logread_need(lane->read, needle, nocase);
		lane_next(m, m->n, e);
		if (lane_failed(lane, e)) {
			logread_close(lane->read);
			break;
		}
	}
	if (m->n == n)
		return m;
	logmerge_close(m);
	return NULL;
}

void
logmerge_want(struct logmerge *m, logmerge_wants *wants, void *ctx)
{
	m->wants = wants;
	m->ctx = ctx;
}

void
logmerge_close(struct logmerge *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->n; i++)
		logread_close(m->lanes[i].read);
	free(m);
}

/* A piece of a line comes before anything else. */
static bool
is_before(const struct lane *a, const struct lane *b)
{
	return a->line.continued || a->line.key_ns < b->line.key_ns;
}

static bool
is_ahead(const struct logmerge *m, const struct lane *lane)
{
	return lane->line.continued || (lane->line.key_ns < m->below_ns &&
					   lane->line.key_ns <= m->most_ns);
}

/* The lane whose line comes next; NULL at the end. */
static struct lane *
choose(struct logmerge *m)
{
	struct lane *found = NULL;
	for (size_t i = 0; i < m->n; i++) {
		struct lane *lane = &m->lanes[i];
		if (!lane->has_line ||
		    (found != NULL && !is_before(lane, found)))
			continue;
		found = lane;
		m->at = i;
	}
	m->below_ns = m->most_ns = INT64_MAX;
	for (size_t i = 0; i < m->n; i++) {
		const struct lane *lane = &m->lanes[i];
		int64_t *bound = i < m->at ? &m->below_ns : &m->most_ns;
		if (i != m->at && lane->has_line && lane->line.key_ns < *bound)
			*bound = lane->line.key_ns;
	}
	return found;
}

bool
logmerge_next(
    struct logmerge *m, struct logline *line, size_t *source, struct err *e)
{
	struct lane *lane = &m->lanes[m->at];
	if (m->given) {
		lane_next(m, m->at, e);
		if (lane_failed(lane, e))
			return false;
	}
	if (!m->given || !lane->has_line || !is_ahead(m, lane))
		lane = choose(m);
	m->given = lane != NULL;
	if (lane == NULL)
		return false;
	*line = lane->line;
	*source = m->at;
	return true;
}
