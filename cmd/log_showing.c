/* Which lines of logs are shown: all, those around a match, or the last. */
#include "cmd/log_showing.h"

#include "cmd/app.h"
#include "cmd/render.h"

#include <stdlib.h>
#include <string.h>

enum {
	KEPT_MAX = 24 << 20, /* bytes of lines held back */
	BACK_FACTOR = 8,
	BACK_FIRST = 64,
};

static void
forget_first(struct showing *w)
{
	struct kept *k = &w->ring[w->first];
	w->ring_bytes -= k->line.raw.len;
	w->ring_matches -= k->matched;
	free(k->bytes);
	w->first = (w->first + 1) % w->size;
	w->n--;
}

static bool
ring_grow(struct showing *w, struct err *e)
{
	size_t size = w->size > 0 ? w->size * 2 : 64;
	struct kept *ring = calloc(size, sizeof(*ring));
	if (ring == NULL)
		return err_no_memory(e);
	for (size_t i = 0; i < w->n; i++)
		ring[i] = w->ring[(w->first + i) % w->size];
	free(w->ring);
	w->ring = ring;
	w->size = size;
	w->first = 0;
	return true;
}

static bool
hold(struct showing *w, size_t source, const struct logline *line, bool matched,
    struct err *e)
{
	while (w->n > 0 && w->ring_bytes + line->raw.len > KEPT_MAX)
		forget_first(w);
	if (w->n == w->size && !ring_grow(w, e))
		return false;
	struct kept *k = &w->ring[(w->first + w->n) % w->size];
	k->bytes = malloc(line->raw.len > 0 ? line->raw.len : 1);
	if (k->bytes == NULL)
		return err_no_memory(e);
	if (line->raw.len > 0)
		memcpy(k->bytes, line->raw.ptr, line->raw.len);
	k->source = source;
	k->line = *line;
	k->line.raw = str_n(k->bytes, line->raw.len);
	k->line.text = str_sub(k->line.raw,
	    (size_t)(line->text.ptr - line->raw.ptr), line->raw.len);
	k->matched = matched;
	w->ring_bytes += line->raw.len;
	w->ring_matches += matched;
	w->n++;
	return true;
}

static void
print_event(struct showing *w, const struct log_event *event)
{
	if (!w->document_wanted) {
		if (w->gap && !w->app->jsonl)
			render_raw(w->app, STR("--\n"));
		w->gap = false;
		log_print(&w->print, event);
		return;
	}
	json_object_begin(&w->json);
	log_event_json(&w->print, &w->json, event);
	json_object_end(&w->json);
	render_raw(w->app, buf_str(&w->document));
	buf_reset(&w->document);
}

static void
print_line(struct showing *w, size_t source, const struct logline *line)
{
	struct log_event event;
	const struct logsource *s = &w->set.sources[source];
	log_event_make(s->service, s->form, line, &event);
	print_event(w, &event);
}

/* Everything held back, in its order. */
static void
print_held(struct showing *w)
{
	while (w->n > 0) {
		struct kept *k = &w->ring[w->first];
		print_line(w, k->source, &k->line);
		forget_first(w);
	}
}

static void
note_match(struct showing *w, const struct logline *line)
{
	w->matched++;
	if (line->key_ns == INT64_MIN)
		return;
	if (w->first_ns == INT64_MIN)
		w->first_ns = line->key_ns;
	w->last_ns = line->key_ns;
}

/* Lines are printed as they come, with context around matches. */
static bool
pass_on(struct showing *w, size_t source, const struct logline *line,
    const struct log_event *event, bool matched, struct err *e)
{
	if (matched) {
		uint64_t held = w->read - w->n;
		w->gap = (w->before > 0 || w->after > 0) &&
			 w->printed_until > 0 && held > w->printed_until + 1;
		print_held(w);
		print_event(w, event);
		w->after_left = w->after;
		w->printed_until = w->read;
	} else if (w->after_left > 0) {
		w->after_left -= !line->more;
		print_event(w, event);
		w->printed_until = w->read;
	} else if (w->before > 0) {
		if (!hold(w, source, line, false, e))
			return false;
		while (w->n > (size_t)w->before)
			forget_first(w);
	}
	return true;
}

/* Only the last matches are wanted. */
static bool
hold_last(struct showing *w, size_t source, const struct logline *line,
    bool matched, struct err *e)
{
	if (!matched)
		return true;
	if (!hold(w, source, line, true, e))
		return false;
	while (w->ring_matches > (size_t)w->last)
		forget_first(w);
	return true;
}

/* All lines of the sources, 'lines' of each at most. */
static bool
read_lines(struct showing *w, uint64_t lines, struct err *e)
{
	struct logline line;
	struct log_event event;
	size_t source;
	struct str needle = STR_EMPTY;
	bool exact = false, ok = true, matched = false;
	/* the lines between are wanted for context */
	if (w->before == 0 && w->after == 0)
		(void)log_filter_needle(&w->filter, &needle, &exact);
	struct logmerge *m = logmerge_open_part(
	    w->set.sources, w->set.n, lines, needle, !exact, e);
	if (m == NULL)
		return false;
	while (ok && w->app->out_errno == 0 &&
	       logmerge_next(m, &line, &source, e)) {
		const struct logsource *s = &w->set.sources[source];
		log_event_make(s->service, s->form, &line, &event);
		/* pieces go the way of their line */
		if (!line.continued) {
			w->read++;
			matched = log_filter_passes(&w->filter, &event);
			if (matched)
				note_match(w, &line);
		}
		ok = w->last >= 0
			 ? hold_last(w, source, &line, matched, e)
			 : pass_on(w, source, &line, &event, matched, e);
	}
	w->total = needle.len > 0 ? 0 : w->read;
	logmerge_close(m);
	return ok && (e == NULL || e->code == ERR_NONE);
}

/*
 * From when on all logs are read when 'lines' of each are; INT64_MIN when that
 * is all of them.
 */
static bool
read_since(struct showing *w, uint64_t lines, int64_t *since_ns, struct err *e)
{
	*since_ns = INT64_MIN;
	for (size_t i = 0; i < w->set.n; i++) {
		const struct logplan *plan = w->set.sources[i].plan;
		struct logline line;
		uint64_t back = logplan_back(plan, lines);
		if (back == 0)
			continue;
		struct logread *r = logread_open(plan, back, UINT64_MAX, e);
		if (r == NULL)
			return false;
		if (logread_next(r, &line, e) && line.key_ns > *since_ns)
			*since_ns = line.key_ns;
		logread_close(r);
	}
	return true;
}

/* The last matches: read further back until there are enough. */
static bool
read_last(struct showing *w, struct err *e)
{
	uint64_t lines = (uint64_t)w->last + BACK_FIRST;
	int64_t since_ns;
	bool enough = false;
	while (!enough) {
		while (w->n > 0)
			forget_first(w);
		w->matched = w->read = 0;
		w->first_ns = w->last_ns = INT64_MIN;
		if (!read_since(w, lines, &since_ns, e) ||
		    !read_lines(
			w, since_ns == INT64_MIN ? UINT64_MAX : lines, e))
			return false;
		/* a log read less far back may have later ones */
		enough = since_ns == INT64_MIN ||
			 (w->ring_matches >= (size_t)w->last &&
			     (w->n == 0 ||
				 w->ring[w->first].line.key_ns >= since_ns));
		lines = lines > UINT64_MAX / BACK_FACTOR ? UINT64_MAX
							 : lines * BACK_FACTOR;
	}
	w->matched = w->ring_matches;
	w->total = 0;
	if (w->n > 0)
		w->first_ns = w->ring[w->first].line.key_ns;
	print_held(w);
	return true;
}

bool
showing_read(struct showing *w, struct err *e)
{
	return w->last >= 0 ? read_last(w, e) : read_lines(w, UINT64_MAX, e);
}

void
showing_clear(struct showing *w)
{
	while (w->n > 0)
		forget_first(w);
	free(w->ring);
	w->ring = NULL;
}
