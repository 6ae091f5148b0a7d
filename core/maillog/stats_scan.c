/*
 * Scans of spamd that gave no result (LG-38). A child does one message at a
 * time: as many of its beginnings as have no result were aborted. Beginnings
 * and results pair like parentheses, whatever the parts are that a log is read
 * in: a part leaves results without a beginning, then beginnings without one.
 */
#include "core/maillog/stats_int.h"

enum {
	RUNS_AT_MOST_S = 600 /* what began less before the end may still run */
};

/* The last thing the child was seen to begin; INT64_MIN: nothing runs. */
static struct open_entry *
child_at(struct stats_part *p, uint32_t pid, int64_t ns)
{
	struct open_entry *e = opens_at(&p->ends.scans, pid);
	if (e == NULL)
		return NULL;
	e->used = true;
	e->ns = ns;
	return e;
}

void
stats_scan_begins(struct stats_part *p, uint32_t pid, int64_t ns)
{
	struct open_entry *e = child_at(p, pid, ns);
	if (e == NULL)
		return;
	e->is_open = true;
	e->scans.begun++;
}

/* The child waits for another message: none of it is under way. */
void
stats_scan_connects(struct stats_part *p, uint32_t pid)
{
	(void)child_at(p, pid, INT64_MIN);
}

void
stats_scan_ends(struct stats_part *p, uint32_t pid)
{
	struct open_entry *e = child_at(p, pid, INT64_MIN);
	if (e == NULL)
		return;
	if (e->scans.begun > 0)
		e->scans.begun--;
	else
		e->scans.ended++;
	e->is_open = e->scans.begun > 0;
}

void
stats_scan_join(struct stats_ends *to, const struct stats_ends *from)
{
	const struct open_entry *later;
	for (size_t at = 0; (later = opens_next(&from->scans, &at)) != NULL;) {
		struct open_entry *e = opens_at(&to->scans, later->key);
		if (e == NULL)
			continue;
		uint32_t ended = later->scans.ended, begun = e->scans.begun;
		e->scans.begun -= ended < begun ? ended : begun;
		e->scans.begun += later->scans.begun;
		e->used = true;
		e->is_open = e->scans.begun > 0;
		e->ns = later->ns;
	}
	opens_forget(&to->scans);
}

void
stats_scan_finish(struct stats *out, const struct stats_ends *ends)
{
	const struct open_entry *e;
	for (size_t at = 0; (e = opens_next(&ends->scans, &at)) != NULL;) {
		bool runs = e->is_open && e->ns / NS_PER_S + RUNS_AT_MOST_S >=
					      out->last_ns / NS_PER_S;
		out->spamd.aborted += e->scans.begun - runs;
	}
}
