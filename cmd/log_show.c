/* log show, log search, log errors: lines of whole logs in time order. */
#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/log_filter.h"
#include "cmd/log_index.h"
#include "cmd/log_print.h"
#include "cmd/render.h"
#include "core/base/i18n.h"

#include <stdlib.h>
#include <string.h>

enum {
	TERMINAL_LINES = 50, /* without a range, at a terminal */
	CONTEXT_MAX = 10000, /* lines */
	KEPT_MAX = 24 << 20, /* bytes of lines held back */
	JSON_MAX = 32 << 20,
	BACK_FACTOR = 8,
	BACK_FIRST = 64,
};

/* A line held back: for context, or until the last ones are known. */
struct kept {
	size_t source;
	struct logline line; /* its views are in 'bytes' */
	char *bytes;
	bool matched;
};

/* One call. */
struct showing {
	struct app *app;
	struct log_set set;
	struct log_filter filter;
	struct log_printer print;
	struct json json;
	struct buf document;
	int64_t before, after; /* lines of context */
	bool document_wanted;  /* one of JSON, not a line of it each */
	int64_t last;          /* only so many matches; -1: all */

	struct kept *ring;
	size_t size, first, n; /* of the ring */
	size_t ring_bytes, ring_matches;
	int64_t after_left;
	uint64_t printed_until, read; /* numbers of lines */
	uint64_t matched, total;
	int64_t first_ns, last_ns;
	bool gap;
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
		return err_set(e, ERR_TEMPORARY, "%s", _("out of memory"));
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
		return err_set(e, ERR_TEMPORARY, "%s", _("out of memory"));
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

static void
tell_notes(struct showing *w)
{
	struct str notes = buf_str(&w->set.notes), note;
	while (str_next_line(&notes, &note))
		render_note(w->app, "log: %.*s", STR_ARG(note));
}

static const char *
time_text(struct showing *w, int64_t ns, char out[TAI64N_TEXT_SIZE])
{
	int64_t s = ns / NS_PER_S - (ns % NS_PER_S < 0);
	if (!tai64n_zone_second(&w->print.zone, s))
		return "-";
	memcpy(out, w->print.zone.text, w->print.zone.len);
	out[w->print.zone.len] = '\0';
	return out;
}

/* What was looked through, where nothing was found. */
static void
tell_nothing(struct showing *w)
{
	char at[TAI64N_TEXT_SIZE];
	struct buf names = BUF_INIT(4096);
	int64_t ns;
	log_set_names(&w->set, &names);
	if (log_set_oldest(&w->set, &ns))
		render_note(w->app,
		    _("nothing found in the logs of %s, which reach back to "
		      "%s"),
		    buf_cstr(&names), time_text(w, ns, at));
	else
		render_note(w->app, _("nothing found in the logs of %s"),
		    buf_cstr(&names));
	buf_clear(&names);
}

static void
tell_count(struct showing *w)
{
	char first[TAI64N_TEXT_SIZE], last[TAI64N_TEXT_SIZE];
	if (!w->app->terminal || w->first_ns == INT64_MIN)
		return;
	if (w->total > 0)
		render_note(w->app, _("%llu of %llu lines, %s to %s"),
		    (unsigned long long)w->matched,
		    (unsigned long long)w->total,
		    time_text(w, w->first_ns, first),
		    time_text(w, w->last_ns, last));
	else
		render_note(w->app, _("%llu lines, %s to %s"),
		    (unsigned long long)w->matched,
		    time_text(w, w->first_ns, first),
		    time_text(w, w->last_ns, last));
}

/* Leave out what the index rules out; lines between are context. */
static bool
pick(struct showing *w, struct err *e)
{
	struct str needles[QUERY_MAX];
	if (w->before > 0 || w->after > 0)
		return true;
	size_t n = log_filter_needles(&w->filter, needles);
	return log_set_pick(&w->set, needles, n, e);
}

static bool
show(struct showing *w, struct err *e)
{
	tell_notes(w);
	bool ok = pick(w, e);
	if (!ok)
		return false;
	if (w->document_wanted) {
		render_json_begin(
		    w->app, &w->json, &w->document, w->print.schema);
		json_key(&w->json, "lines");
		json_array_begin(&w->json);
	}
	ok = w->last >= 0 ? read_last(w, e) : read_lines(w, UINT64_MAX, e);
	if (!ok || !w->document_wanted)
		return ok;
	json_array_end(&w->json);
	json_key(&w->json, "matched");
	json_int(&w->json, (int64_t)w->matched);
	render_json_end(w->app, &w->json, &w->document);
	return true;
}

static bool
context_options(struct showing *w, const struct call *call, struct err *e)
{
	int64_t both = 0;
	if (!log_count_option(call, "context", CONTEXT_MAX, &both, e))
		return false;
	w->before = w->after = both;
	return log_count_option(call, "before", CONTEXT_MAX, &w->before, e) &&
	       log_count_option(call, "after", CONTEXT_MAX, &w->after, e) &&
	       log_count_option(call, "lines", INT64_MAX / 2, &w->last, e);
}

/* 'texts' words are texts; 'least' is the severity shown. */
static int
show_run(struct app *app, const struct call *call, size_t texts,
    enum maillog_severity least, const char *schema, struct err *e)
{
	struct showing w = { .app = app,
		.document_wanted = app->json && !app->jsonl,
		.last = -1,
		.first_ns = INT64_MIN,
		.last_ns = INT64_MIN };
	const char *const *names;
	struct logrange range;
	int status = 0;
	log_filter_init(&w.filter);
	log_print_init(&w.print, app, schema, call_has(call, "raw"));
	buf_init(&w.document, JSON_MAX);
	bool ok = log_filter_words(&w.filter, call, texts, &names, e) &&
		  log_filter_options(&w.filter, app, call, e) &&
		  log_range_options(app, call, &range, e) &&
		  context_options(&w, call, e);
	if (w.filter.severity < least)
		w.filter.severity = least;
	bool whole = range.from_ns == INT64_MIN && range.to_ns == INT64_MAX;
	if (ok && w.last < 0 && app->terminal && whole &&
	    log_filter_is_empty(&w.filter) && !app->json && !app->jsonl)
		w.last = TERMINAL_LINES;
	ok = ok && log_set_open(&app->model, names, call_option(call, "logs"),
		       range, fileno(app->in), &w.set, e);
	if (ok) {
		const char *all[LOG_SET_MAX + 1] = { NULL };
		for (size_t i = 0; i < w.set.n; i++)
			all[i] = w.set.names[i];
		log_print_width(&w.print, all);
		ok = show(&w, e);
	}
	if (ok && w.matched == 0 && !app->json)
		tell_nothing(&w);
	else if (ok)
		tell_count(&w);
	if (ok && texts > 0)
		log_index_refresh(app, call);
	if (!ok)
		status = err_exit_status(e->code);
	else if (w.matched == 0 && texts > 0)
		status = err_exit_status(ERR_NO);
	while (w.n > 0)
		forget_first(&w);
	free(w.ring);
	buf_clear(&w.document);
	log_set_close(&w.set);
	log_filter_clear(&w.filter);
	log_print_clear(&w.print);
	return status;
}

static int
log_show_run(struct app *app, const struct call *call, struct err *e)
{
	return show_run(app, call, 0, MAILLOG_DEBUG, "smemail.log.show/1", e);
}

static int
log_search_run(struct app *app, const struct call *call, struct err *e)
{
	return show_run(app, call, 1, MAILLOG_DEBUG, "smemail.log.search/1", e);
}

static int
log_errors_run(struct app *app, const struct call *call, struct err *e)
{
	return show_run(
	    app, call, 0, MAILLOG_WARNING, "smemail.log.errors/1", e);
}

/* clang-format off */
#define SHOW_OPTIONS                                                           \
	LOG_RANGE_OPTIONS,                                                     \
	LOG_FILTER_OPTIONS,                                                    \
	{ .name = "lines",                                                     \
	    .letter = 'n',                                                     \
	    .value = "N",                                                      \
	    .kind = ARG_INT,                                                   \
	    .help = N_("only the last N lines that pass") },                   \
	{ .name = "after",                                                     \
	    .letter = 'A',                                                     \
	    .value = "N",                                                      \
	    .kind = ARG_INT,                                                   \
	    .help = N_("also N lines after each one that passes") },           \
	{ .name = "before",                                                    \
	    .letter = 'B',                                                     \
	    .value = "N",                                                      \
	    .kind = ARG_INT,                                                   \
	    .help = N_("also N lines before each one that passes") },          \
	{ .name = "context",                                                   \
	    .letter = 'C',                                                     \
	    .value = "N",                                                      \
	    .kind = ARG_INT,                                                   \
	    .help = N_("also N lines before and after") },                     \
	{ .name = "raw", .help = N_("lines as they are in the file") }
/* clang-format on */

const struct command command_log_show = {
	.words = "log show",
	.summary = N_("show the log lines of services"),
	.text = N_("Shows the lines of the logs of the services, rotated and "
		   "compressed files included, merged in the order of time. "
		   "Without a name all mail services are shown; a name with a "
		   "slash is the path of a log directory or file, - standard "
		   "input, journal the journal of the system. Words like "
		   "from:anna@, to:, ip:192.0.2.0/24, host:, helo:, plugin:, "
		   "mid:, user:, virus:, qp:, msg:, pid:, verdict:refused, "
		   "kind: and score>5 keep the lines that fit all of them; ! "
		   "in front keeps the others. At a terminal, without a range "
		   "or filter, the last 50 lines are shown."),
	.args = {
		{ .name = "SERVICE", .kind = ARG_SERVICE, .count = ARG_ANY },
	},
	.options = { SHOW_OPTIONS },
	.flags = COMMAND_NO_ROOT,
	.run = log_show_run,
};

const struct command command_log_search = {
	.words = "log search",
	.summary = N_("search the logs of services"),
	.text = N_("Shows the lines in which TEXT stands, letter case aside "
		   "unless it has a capital; /RE/ is a pattern. TEXT may be a "
		   "word like from:anna@ as for log show, and more of them may "
		   "follow. Exits with 1 when nothing is found."),
	.args = {
		{ .name = "TEXT", .kind = ARG_TEXT, .count = ARG_ONE,
		    .words = query_words },
		{ .name = "SERVICE", .kind = ARG_SERVICE, .count = ARG_ANY },
	},
	.options = { SHOW_OPTIONS },
	.flags = COMMAND_NO_ROOT,
	.run = log_search_run,
};

const struct command command_log_errors = {
	.words = "log errors",
	.summary = N_("show warnings and errors in the logs of services"),
	.text = N_("Shows the lines that an administrator should see: what "
		   "programs call a warning or an error, mail that bounced, "
		   "limits that were reached, scans that failed. Refused mail "
		   "is none of them."),
	.args = {
		{ .name = "SERVICE", .kind = ARG_SERVICE, .count = ARG_ANY },
	},
	.options = { SHOW_OPTIONS },
	.flags = COMMAND_NO_ROOT,
	.run = log_errors_run,
};
