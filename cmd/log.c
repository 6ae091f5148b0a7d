/* log follow: services live, one line an event. */
#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/line_filter.h"
#include "core/base/num.h"
#include "core/maillog/parse.h"
#include "core/maillog/tai64n.h"
#include "core/model/logs.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	EXIT_INTERRUPTED = 130,
	EXIT_READER_GONE = 141,
	LINES_DEFAULT = 10,
	FILTERED_WITHIN = 50000, /* lines looked back for those that pass */
	STORY_MAX = 5 << 20,     /* a line of 1 MiB, escaped */
	JSON_MAX = 32 << 20,
	TIME_WIDTH = 19, /* 2026-03-17 14:08:01 */
	VERDICT_WIDTH = 8,
};

static volatile sig_atomic_t interrupted;

static void
on_interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

/* One call of log follow. */
struct following {
	struct app *app;
	struct log_follow *follow;
	struct tai64n_zone zone;
	bool raw, verdicts;
	struct line_filter filter;
	size_t service_width;
	size_t skip;      /* lines of the past that pass, not asked for */
	int64_t left;     /* events still to be printed; -1: no end */
	int64_t until_ms; /* monotonic; -1: no end */
	struct buf story;
};

static void
json_field(struct json *j, const char *key, struct str value)
{
	json_key(j, key);
	if (value.len > 0)
		json_str(j, value);
	else
		json_null(j);
}

static void
json_time(struct following *w, struct json *j, const struct log_event *event)
{
	char text[TAI64N_TEXT_SIZE];
	struct tai64n t = { event->unix_s, event->ns };
	size_t n = event->ns >= 0
		       ? tai64n_time_text(&w->zone, t, TAI64N_ISO, text)
		       : 0;
	json_field(j, "time", str_n(text, n));
}

/* Score as a number with the digits it was written with. */
static void
json_score(struct json *j, struct str score)
{
	char text[32];
	size_t point = str_find(score, '.', 0);
	json_key(j, "score");
	if (score.len == 0 || score.len >= sizeof(text)) {
		json_null(j);
		return;
	}
	memcpy(text, score.ptr, score.len);
	text[score.len] = '\0';
	json_double(j, strtod(text, NULL),
	    point < score.len ? (int)(score.len - point - 1) : 0);
}

static void
event_json(struct following *w, const struct log_event *event)
{
	struct buf out = BUF_INIT(JSON_MAX);
	struct json j;
	struct str rest = event->to, one;
	bool verdict = event->verdict != LOG_VERDICT_NONE;
	json_init(&j, &out);
	json_object_begin(&j);
	json_key(&j, "schema");
	json_cstr(&j, "smemail.log.follow/1");
	json_time(w, &j, event);
	json_field(&j, "label", event->label);
	json_key(&j, "service");
	json_cstr(&j, event->service);
	json_key(&j, "kind");
	json_cstr(&j, event->kind);
	json_field(&j, "verdict", str_of(log_verdict_word(event->verdict)));
	json_key(&j, "pid");
	if (event->pid != 0)
		json_int(&j, event->pid);
	else
		json_null(&j);
	json_field(
	    &j, "severity", str_of(maillog_severity_name(event->severity)));
	json_key(&j, "client");
	json_object_begin(&j);
	json_field(&j, "ip", event->host);
	json_field(&j, "name", event->client_name);
	json_object_end(&j);
	json_field(&j, "helo", event->helo);
	json_field(&j, "from", event->from);
	json_key(&j, "to");
	json_array_begin(&j);
	while (log_recipient_next(&rest, &one))
		json_str(&j, one);
	json_array_end(&j);
	json_field(&j, "rule", event->rule);
	json_field(&j, "code", event->code);
	json_key(&j, "text");
	json_str(&j, verdict ? event->reason : event->text);
	json_score(&j, event->score);
	json_key(&j, "continued");
	json_bool(&j, event->continued);
	json_key(&j, "raw");
	json_str(&j, event->raw);
	json_object_end(&j);
	buf_add_char(&out, '\n');
	render_raw(w->app, buf_str(&out));
	buf_clear(&out);
}

static void
event_text(struct following *w, const struct log_event *event)
{
	const size_t widths[] = { TIME_WIDTH, w->service_width, VERDICT_WIDTH,
		0 };
	struct str time = STR("-");
	buf_reset(&w->story);
	if (event->verdict != LOG_VERDICT_NONE) {
		log_event_route(event, &w->story);
		buf_add_cstr(&w->story, "  ");
	}
	log_event_reason(event, &w->story);
	if (event->ns >= 0 && tai64n_zone_second(&w->zone, event->unix_s))
		time = str_n(w->zone.text, w->zone.len);
	const struct str cells[] = { time, str_of(event->service),
		str_of(log_verdict_word(event->verdict)), buf_str(&w->story) };
	/* why something was refused must be seen whole */
	render_stream_row(w->app, cells, widths, ARRAY_LEN(cells),
	    event->verdict != LOG_VERDICT_NONE ? TIME_WIDTH + 2 : 0);
}

static void
event_raw(struct following *w, const struct log_event *event)
{
	if (w->app->terminal) {
		buf_reset(&w->story);
		escape_terminal(&w->story, event->raw);
		buf_add_char(&w->story, '\n');
		render_raw(w->app, buf_str(&w->story));
		return;
	}
	render_raw(w->app, event->raw);
	if (!event->more)
		render_raw(w->app, STR("\n"));
}

/* The words a filter sees, here as on the screen: verdict, service, line. */
static bool
passes(struct following *w, const struct log_event *event)
{
	if (w->verdicts && event->verdict == LOG_VERDICT_NONE)
		return false;
	if (line_filter_is_empty(&w->filter))
		return true;
	buf_reset(&w->story);
	buf_addf(&w->story, "%s %s ", log_verdict_word(event->verdict),
	    event->service);
	log_event_route(event, &w->story);
	buf_add_char(&w->story, ' ');
	log_event_reason(event, &w->story);
	buf_add_char(&w->story, ' ');
	buf_add_str(&w->story, event->text);
	return line_filter_keeps(&w->filter, buf_str(&w->story));
}

static bool
is_filtered(const struct following *w)
{
	return w->verdicts || !line_filter_is_empty(&w->filter);
}

static void
event_print(struct following *w, const struct log_event *event)
{
	if (!passes(w, event))
		return;
	if (w->skip > 0) {
		w->skip -= !event->more;
		return;
	}
	if (w->app->json || w->app->jsonl)
		event_json(w, event);
	else if (w->raw)
		event_raw(w, event);
	else
		event_text(w, event);
	if (w->left > 0 && !event->more)
		w->left--;
}

/*
 * Sleep until there may be more: false when following ends here, with *status.
 * The output is watched for its reader going away.
 */
static bool
wait_more(struct following *w, int *status)
{
	struct pollfd fds[] = {
		{ .fd = log_follow_fd(w->follow), .events = POLLIN },
		{ .fd = fileno(w->app->out) },
	};
	struct timespec limit, *timeout = NULL;
	fflush(w->app->out);
	if (w->until_ms >= 0) {
		int64_t ms = w->until_ms - clock_mono_ms(w->app->clock);
		if (ms <= 0) {
			*status = w->left > 0 ? err_exit_status(ERR_NO) : 0;
			return false;
		}
		limit.tv_sec = (time_t)(ms / 1000);
		limit.tv_nsec = (long)(ms % 1000 * NS_PER_MS);
		timeout = &limit;
	}
	/* an interrupt between the question and the sleep must not be lost */
	sigset_t block, before;
	int ready = 0;
	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigprocmask(SIG_BLOCK, &block, &before);
	if (!interrupted)
		ready = ppoll(fds, ARRAY_LEN(fds), timeout, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (ready > 0 && (fds[1].revents & (POLLERR | POLLHUP)) != 0) {
		*status = EXIT_READER_GONE;
		return false;
	}
	return true;
}

static int
follow_loop(struct following *w, struct err *e)
{
	struct log_event event;
	bool waiting;
	int status = 0;
	while (w->left != 0) {
		if (interrupted)
			return EXIT_INTERRUPTED;
		bool got = log_follow_next(w->follow, &event, &waiting, e);
		const char *note = log_follow_note(w->follow);
		if (note != NULL)
			render_note(w->app, "log: %s", note);
		if (got)
			event_print(w, &event);
		else if (!waiting)
			return err_exit_status(e->code);
		else if (!wait_more(w, &status))
			return status;
	}
	return 0;
}

static int
follow_guarded(struct following *w, struct err *e)
{
	struct sigaction action = { .sa_handler = on_interrupt,
		.sa_flags = SA_RESTART };
	struct sigaction before;
	sigemptyset(&action.sa_mask);
	interrupted = 0;
	sigaction(SIGINT, &action, &before);
	int status = follow_loop(w, e);
	sigaction(SIGINT, &before, NULL);
	return status;
}

static bool
number_option(const struct call *call, const char *name, int64_t max,
    int64_t *out, struct err *e)
{
	const char *text = call_option(call, name);
	if (text == NULL || num_parse_i64(str_of(text), 0, max, out))
		return true;
	return err_set(e, ERR_USAGE,
	    _("cannot set '--%s': '%s' is not a whole number from 0 to %lld"),
	    name, text, (long long)max);
}

/* Services are those of a tree; paths need none. */
static bool
names_allowed(struct app *app, const struct call *call, struct err *e)
{
	bool paths = call->n_args > 0;
	for (size_t i = 0; i < call->n_args; i++)
		paths = paths && strchr(call->args[i], '/') != NULL;
	return paths || model_root_check(&app->root, e);
}

/*
 * Open so that 'lines' lines of the past are shown; of a filtered log these
 * are lines that pass, for which the past is read once to count them.
 */
static bool
follow_open(
    struct following *w, const char *const *names, size_t lines, struct err *e)
{
	struct log_event event;
	bool waiting;
	size_t seen = 0, back = is_filtered(w) ? FILTERED_WITHIN : lines;
	const struct model_ctx *m = &w->app->model;
	if (!log_follow_open(m, names, back, &w->follow, e))
		return false;
	if (!is_filtered(w))
		return true;
	while (log_follow_next(w->follow, &event, &waiting, NULL))
		seen += !event.more && passes(w, &event);
	log_follow_close(w->follow);
	w->skip = seen > lines ? seen - lines : 0;
	return log_follow_open(m, names, back, &w->follow, e);
}

/* --keep and --drop, each value a filter of its own. */
static bool
filters_add(struct following *w, const struct call *call, const char *option,
    const char *mark)
{
	struct str values = str_of(call_option(call, option)), one;
	bool ok = true;
	while (ok && str_next_line(&values, &one))
		ok = line_filter_add(
		    &w->filter, str_of(arena_printf(w->app->arena, "%s%.*s",
				    mark, STR_ARG(one))));
	return ok;
}

static int
log_follow_run(struct app *app, const struct call *call, struct err *e)
{
	enum {
		SECONDS_MAX = 100000000
	};
	struct following w = { .app = app,
		.raw = call_has(call, "raw"),
		.verdicts = call_has(call, "verdicts"),
		.service_width = strlen("qpsmtpd"),
		.left = -1,
		.until_ms = -1,
		.story = BUF_INIT(STORY_MAX) };
	int64_t lines = LINES_DEFAULT, seconds = -1;
	const char *const *names;
	if (!names_allowed(app, call, e) ||
	    !number_option(call, "lines", INT64_MAX / 2, &lines, e) ||
	    !number_option(call, "count", INT64_MAX, &w.left, e) ||
	    !number_option(call, "timeout", SECONDS_MAX, &seconds, e))
		return err_exit_status(e->code);
	if (seconds >= 0)
		w.until_ms = clock_mono_ms(app->clock) + seconds * 1000;
	names = call->n_args > 0 ? call->args : log_services(&app->model);
	for (size_t i = 0; names[i] != NULL; i++)
		if (strlen(names[i]) > w.service_width &&
		    strchr(names[i], '/') == NULL)
			w.service_width = strlen(names[i]);
	int status = 0;
	line_filter_init(&w.filter);
	if (!filters_add(&w, call, "keep", "") ||
	    !filters_add(&w, call, "drop", "!"))
		err_set(e, ERR_USAGE, _("too many filters"));
	else if (follow_open(&w, call->n_args > 0 ? call->args : NULL,
		     (size_t)lines, e))
		status = follow_guarded(&w, e);
	if (e->code != ERR_NONE)
		status = err_exit_status(e->code);
	log_follow_close(w.follow);
	line_filter_clear(&w.filter);
	buf_clear(&w.story);
	return status;
}

const struct command command_log_follow = {
	.words = "log follow",
	.summary = N_("show the log lines of services as they are written"),
	.text = N_("Shows the last lines of the logs of the services, then each "
		   "new line, through rotation, losing and repeating nothing. "
		   "Several services are merged in the order of time; without "
		   "a name all mail services are followed. A name with a slash "
		   "is the path of a log directory or file. Ends with Ctrl-C."),
	.args = {
		{ .name = "SERVICE", .kind = ARG_SERVICE, .count = ARG_ANY },
	},
	.options = {
		{ .name = "lines",
		    .letter = 'n',
		    .value = "N",
		    .kind = ARG_INT,
		    .help = N_("begin with the last N lines that pass (10)") },
		{ .name = "verdicts",
		    .help = N_("only what was queued, refused or deferred") },
		{ .name = "keep",
		    .value = "TEXT",
		    .many = true,
		    .help = N_("only lines with TEXT (a|b: either; /re/: a "
			       "pattern); may be given again") },
		{ .name = "drop",
		    .value = "TEXT",
		    .many = true,
		    .help = N_("no lines with TEXT; may be given again") },
		{ .name = "raw",
		    .help = N_("lines as they are in the file") },
		{ .name = "count",
		    .value = "N",
		    .kind = ARG_INT,
		    .help = N_("end after N lines") },
		{ .name = "timeout",
		    .value = "SECONDS",
		    .kind = ARG_INT,
		    .help = N_("end after so long; exit 1 if --count has not "
			       "been reached") },
	},
	.flags = COMMAND_NO_ROOT,
	.run = log_follow_run,
};
