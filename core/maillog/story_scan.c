/* Scans of spamd: one child does one message at a time (LG-38, LG-45). */
#include "core/maillog/story_int.h"
#include "core/maillog/story_time.h"

#include <string.h>

void
story_scan_free(struct stories *s, struct scan_open *scan)
{
	s->n_scans--;
	list_remove(&scan->node);
	arena_free(scan->arena);
}

static struct scan_open *
running(struct stories *s, size_t source, uint32_t pid)
{
	LIST_FOREACH(node, &s->running)
	{
		struct scan_open *scan =
		    LIST_ITEM(node, struct scan_open, node);
		if (scan->source == source && scan->pid == pid)
			return scan;
	}
	return NULL;
}

static struct scan_open *
scan_begin(struct stories *s, size_t source, uint32_t pid, int64_t at_ns)
{
	struct arena *a;
	struct scan_open *scan = story_record(s, sizeof(*scan), &a);
	if (scan == NULL)
		return NULL;
	scan->arena = a;
	scan->source = source;
	scan->pid = pid;
	scan->start_ns = at_ns;
	scan->end_ns = STORY_NO_TIME;
	list_append(&s->running, &scan->node);
	s->n_scans++;
	return scan;
}

/* spamd alters some bytes of an id: blanks, commas, what is not ASCII. */
static bool
same_mid(struct str header, struct str scanned)
{
	if (header.len != scanned.len)
		return false;
	for (size_t i = 0; i < header.len; i++)
		if (header.ptr[i] != scanned.ptr[i] && scanned.ptr[i] != '_' &&
		    scanned.ptr[i] != '?')
			return false;
	return true;
}

static bool
has_mid(struct str mid)
{
	return mid.len > 2 && !str_is(mid, "(unknown)");
}

static void
scan_facts(struct tale *t, const struct scan_open *scan)
{
	struct story *o = &t->s;
	struct arena *a = t->arena;
	o->scan_pid = scan->pid;
	o->scan_start_ns = scan->start_ns;
	o->scan_end_ns = scan->end_ns;
	o->scan_score = story_str(a, scan->score);
	o->scan_required = story_str(a, scan->required);
	o->scan_rules = story_str(a, scan->rules);
	o->scan_seconds = story_str(a, scan->seconds);
	o->scan_size = scan->size;
	o->scan_spam = scan->spam;
	if (o->mid.len == 0 && has_mid(scan->mid))
		o->mid = story_str(a, scan->mid);
}

/* A line of a scan whose verdict came first, and is still open perhaps. */
static void
late_line(struct stories *s, struct scan_open *scan, const struct logline *line,
    const struct maillog_event *ev)
{
	bool over = ev->kind == MAILLOG_SPAMD_RESULT;
	LIST_FOREACH(node, &s->tales)
	{
		struct tale *t = LIST_ITEM(node, struct tale, node);
		if ((t->s.doubts & STORY_SCAN_ABORTED) == 0 ||
		    t->s.scan_pid != scan->pid ||
		    !same_mid(t->s.mid, scan->mid))
			continue;
		story_keep(s, t->arena, &t->lines, scan->source, line, ev);
		scan_facts(t, scan);
		if (over)
			t->s.doubts &= ~(unsigned)STORY_SCAN_ABORTED;
		break;
	}
	if (over)
		story_scan_free(s, scan);
}

/* The child has gone on to another message. */
static void
scan_abort(struct stories *s, struct scan_open *scan, int64_t at_ns)
{
	if (scan->claimed || !has_mid(scan->mid)) {
		story_scan_free(s, scan);
		return;
	}
	scan->aborted = true;
	scan->end_ns = at_ns;
	list_remove(&scan->node);
	list_append(&s->scanned, &scan->node);
}

void
story_scan_line(struct stories *s, size_t source, const struct logline *line,
    const struct maillog_event *ev)
{
	s->saw_spamd = true;
	if (ev->pid == 0)
		return;
	struct scan_open *scan = running(s, source, ev->pid);
	if (scan != NULL && ev->kind == MAILLOG_SPAMD_CONNECTION) {
		scan_abort(s, scan, line->key_ns);
		scan = NULL;
	}
	if (scan == NULL && ev->kind != MAILLOG_SPAMD_CONNECTION &&
	    ev->kind != MAILLOG_SPAMD_START && ev->kind != MAILLOG_SPAMD_DONE &&
	    ev->kind != MAILLOG_SPAMD_RESULT)
		return;
	if (scan == NULL)
		scan = scan_begin(s, source, ev->pid, line->key_ns);
	if (scan == NULL)
		return;
	struct arena *a = scan->arena;
	story_keep(s, a, &scan->lines, source, line, ev);
	if (ev->kind == MAILLOG_SPAMD_START) {
		scan->mid = story_str(a, ev->scan.mid);
	} else if (ev->kind == MAILLOG_SPAMD_DONE) {
		scan->score = story_str(a, ev->scan.score);
		scan->required = story_str(a, ev->scan.required);
		scan->has_score = true; /* exact, unlike the result's */
		scan->spam = ev->scan.spam;
		scan->size = ev->scan.size;
	} else if (ev->kind == MAILLOG_SPAMD_RESULT) {
		if (!scan->has_score) {
			scan->score = story_str(a, ev->scan.score);
			scan->required = story_str(a, ev->scan.required);
		}
		scan->mid = story_str(a, ev->scan.mid);
		scan->rules = story_str(a, ev->scan.rules);
		scan->seconds = story_str(a, ev->scan.seconds);
		scan->spam = ev->scan.spam;
		scan->size = ev->scan.size;
		scan->end_ns = line->key_ns;
		list_remove(&scan->node);
		list_append(&s->scanned, &scan->node);
	}
	if (scan->claimed)
		late_line(s, scan, line, ev);
}

static bool
same_score(struct str a, struct str b)
{
	int64_t x, y;
	return maillog_decimal(a, 1, &x) && maillog_decimal(b, 1, &y) && x == y;
}

/* Can the scan be that of the verdict? */
static bool
fits(const struct tale *t, const struct scan_open *scan, bool by_mid)
{
	const struct story *o = &t->s;
	if (by_mid)
		return same_mid(o->mid, scan->mid);
	return (o->score.len == 0 || same_score(o->score, scan->score)) &&
	       (o->mid.len == 0 || !has_mid(scan->mid));
}

/*
 * The scan of that id that has no result when the verdict comes: aborted, if
 * none follows (LG-38).
 */
static bool
claim_running(struct stories *s, struct tale *t, int64_t from_ns)
{
	LIST_FOREACH(node, &s->running)
	{
		struct scan_open *scan =
		    LIST_ITEM(node, struct scan_open, node);
		if (scan->claimed ||
		    scan->start_ns < story_earlier(from_ns, 1) ||
		    !same_mid(t->s.mid, scan->mid))
			continue;
		scan->claimed = true;
		t->s.scan = STORY_SURE;
		t->s.doubts |= STORY_SCAN_ABORTED;
		scan_facts(t, scan);
		story_keep_all(t->arena, &t->lines, &scan->lines);
		return true;
	}
	return false;
}

void
story_scan_claim(struct stories *s, struct tale *t, int64_t spooling_ns)
{
	const struct story *o = &t->s;
	bool by_mid = has_mid(o->mid);
	int64_t from = spooling_ns;
	struct scan_open *found = NULL;
	size_t n = 0;
	if (from == STORY_NO_TIME) {
		/* that line is logged at high levels only */
		if (!by_mid && o->score.len == 0)
			return;
		from = story_earlier(o->verdict_ns, 300);
	}
	LIST_FOREACH(node, &s->scanned)
	{
		struct scan_open *scan =
		    LIST_ITEM(node, struct scan_open, node);
		if (scan->start_ns < story_earlier(from, 1) ||
		    scan->end_ns > story_later(o->verdict_ns, 1) ||
		    !fits(t, scan, by_mid) || (scan->aborted && !by_mid))
			continue;
		if (scan->aborted && found != NULL)
			continue;
		found = scan; /* the last one ended nearest to the verdict */
		n++;
	}
	if (found == NULL && by_mid && claim_running(s, t, from))
		return;
	if (found == NULL) {
		if (s->saw_spamd && o->score.len > 0)
			t->s.scan = STORY_MISSING;
		return;
	}
	if (!by_mid)
		t->s.doubts |= STORY_NO_MID;
	if (!by_mid && n > 1)
		t->s.doubts |= STORY_SCANS_ALIKE;
	if (found->aborted)
		t->s.doubts |= STORY_SCAN_ABORTED;
	t->s.scan = by_mid ? STORY_SURE : STORY_PROBABLE;
	scan_facts(t, found);
	story_keep_all(t->arena, &t->lines, &found->lines);
	story_scan_free(s, found);
}
