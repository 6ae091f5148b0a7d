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

void
story_scan_line(struct stories *s, size_t source, const struct logline *line,
    const struct maillog_event *ev)
{
	s->saw_spamd = true;
	if (ev->pid == 0)
		return;
	struct scan_open *scan = running(s, source, ev->pid);
	if (scan != NULL && ev->kind == MAILLOG_SPAMD_CONNECTION) {
		story_scan_free(s, scan);
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

static bool
same_score(struct str a, struct str b)
{
	int64_t x, y;
	return maillog_decimal(a, 1, &x) && maillog_decimal(b, 1, &y) && x == y;
}

static void
take(struct stories *s, struct tale *t, struct scan_open *scan,
    enum story_sure sure)
{
	struct story *o = &t->s;
	struct arena *a = t->arena;
	o->scan = sure;
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
	story_keep_all(a, &t->lines, &scan->lines);
	story_scan_free(s, scan);
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
		    !fits(t, scan, by_mid))
			continue;
		found = scan; /* the last one ended nearest to the verdict */
		n++;
	}
	if (found == NULL) {
		if (s->saw_spamd && o->score.len > 0)
			t->s.scan = STORY_MISSING;
		return;
	}
	if (!by_mid)
		t->s.doubts |= STORY_NO_MID;
	if (!by_mid && n > 1)
		t->s.doubts |= STORY_SCANS_ALIKE;
	take(s, t, found, by_mid ? STORY_SURE : STORY_PROBABLE);
}
