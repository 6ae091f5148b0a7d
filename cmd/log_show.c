/* log show, log search, log errors: lines of whole logs in time order. */
#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/log_filter.h"
#include "cmd/log_index.h"
#include "cmd/log_showing.h"
#include "cmd/render.h"
#include "core/base/i18n.h"

#include <string.h>

enum {
	TERMINAL_LINES = 50, /* without a range, at a terminal */
	CONTEXT_MAX = 10000, /* lines */
	JSON_MAX = 32 << 20,
};

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
	ok = showing_read(w, e);
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
	showing_clear(&w);
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
	.text = N_("Shows the lines in which TEXT stands, as they were written "
		   "or as they are shown (refused finds what was refused), "
		   "letter case aside "
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
