/* Scans of spamd that gave no result (LG-38). */
#include "core/maillog/stats_int.h"

enum {
	RUNS_AT_MOST_S = 600 /* what began less before the end may still run */
};

/* A child does one message at a time: what it had begun gave no result. */
static void
goes_on(struct stats_part *p, uint32_t pid, int64_t ns, bool scans)
{
	struct open_entry *e = opens_at(&p->ends.scans, pid);
	if (e == NULL)
		return;
	if (!e->used)
		e->began_first = true;
	p->sums.spamd.aborted += e->used && e->is_open;
	e->used = true;
	e->is_open = scans;
	e->ns = ns;
}

void
stats_scan_connects(struct stats_part *p, uint32_t pid, int64_t ns)
{
	goes_on(p, pid, ns, false);
}

void
stats_scan_begins(struct stats_part *p, uint32_t pid, int64_t ns)
{
	goes_on(p, pid, ns, true);
}

void
stats_scan_ends(struct stats_part *p, uint32_t pid)
{
	struct open_entry *e = opens_at(&p->ends.scans, pid);
	if (e == NULL)
		return;
	e->used = true; /* else it began in an earlier part, if anywhere */
	e->is_open = false;
}

void
stats_scan_join(
    struct stats *out, struct stats_ends *to, const struct stats_ends *from)
{
	struct open_entry *later;
	for (size_t at = 0; (later = opens_next(&from->scans, &at)) != NULL;) {
		struct open_entry *e = opens_at(&to->scans, later->key);
		if (e == NULL)
			continue;
		out->spamd.aborted +=
		    e->used && e->is_open && later->began_first;
		bool first = e->used ? e->began_first : later->began_first;
		*e = *later;
		e->began_first = first;
	}
	opens_forget(&to->scans);
}

void
stats_scan_finish(struct stats *out, const struct stats_ends *ends)
{
	const struct open_entry *e;
	for (size_t at = 0; (e = opens_next(&ends->scans, &at)) != NULL;)
		out->spamd.aborted +=
		    e->is_open &&
		    out->last_ns / NS_PER_S - e->ns / NS_PER_S > RUNS_AT_MOST_S;
}
