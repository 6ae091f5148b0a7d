/* A merge of few sources: the one ahead is read until another is older. */
#include "core/maillog/logmerge.h"

#include "core/base/i18n.h"

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
	struct lane lanes[];
};

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
		err_set(e, ERR_TEMPORARY, "%s", _("out of memory"));
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
		lane->has_line = logread_next(lane->read, &lane->line, e);
		if (!lane->has_line && e != NULL && e->code != ERR_NONE) {
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

bool
logmerge_next(
    struct logmerge *m, struct logline *line, size_t *source, struct err *e)
{
	struct lane *found = NULL;
	if (m->given) {
		struct lane *lane = &m->lanes[m->at];
		lane->has_line = logread_next(lane->read, &lane->line, e);
		if (!lane->has_line && e != NULL && e->code != ERR_NONE)
			return false;
	}
	m->given = false;
	for (size_t i = 0; i < m->n; i++) {
		struct lane *lane = &m->lanes[i];
		if (!lane->has_line ||
		    (found != NULL && !is_before(lane, found)))
			continue;
		found = lane;
		m->at = i;
	}
	if (found == NULL)
		return false;
	m->given = true;
	*line = found->line;
	*source = m->at;
	return true;
}
