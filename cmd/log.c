/* log follow: services live, one line an event. */
#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/log_filter.h"
#include "cmd/log_print.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/model/logs.h"
#include "core/sys/file.h"

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
	PLACES_MAX = 256 * 1024,
	FILTERED_WITHIN = 50000, /* lines looked back for those that pass */
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
	struct log_printer print;
	struct log_filter filter;
	size_t skip;        /* lines of the past that pass, not asked for */
	int64_t left;       /* events still to be printed; -1: no end */
	int64_t until_ms;   /* monotonic; -1: no end */
	const char *resume; /* file of the places; NULL: none */
	struct buf places;  /* as stored last */
};

static void
event_print(struct following *w, const struct log_event *event)
{
	if (!log_filter_passes(&w->filter, event))
		return;
	if (w->skip > 0) {
		w->skip -= !event->more;
		return;
	}
	log_print(&w->print, event);
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

/* Store where the follower stands; nothing is written twice. */
static bool
places_store(struct following *w, struct err *e)
{
	static const struct file_replace how = {
		.mode = 0600, .uid = (uid_t)-1, .gid = (gid_t)-1
	};
	struct buf now = BUF_INIT(PLACES_MAX);
	if (w->resume == NULL)
		return true;
	/* what was printed must not come again */
	bool ok = render_flush(w->app);
	log_follow_places(w->follow, &now);
	if (ok && !str_eq(buf_str(&now), buf_str(&w->places)))
		ok = file_replace(w->resume, buf_str(&now), &how, e);
	buf_reset(&w->places);
	buf_add_str(&w->places, buf_str(&now));
	buf_clear(&now);
	return ok;
}

static bool
places_read(struct following *w, struct err *e)
{
	struct err why = ERR_INIT;
	buf_add_cstr(&w->places, "");
	if (w->resume == NULL || file_read(w->resume, NULL, &w->places, &why) ||
	    why.sys_errno == ENOENT)
		return true;
	*e = why;
	return false;
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
		else if (!waiting || !places_store(w, e))
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
	if (e->code == ERR_NONE && !places_store(w, e))
		status = err_exit_status(e->code);
	sigaction(SIGINT, &before, NULL);
	return status;
}

/* Services are those of a tree; paths need none. */
static bool
names_allowed(struct app *app, const char *const *names, struct err *e)
{
	bool paths = names[0] != NULL;
	for (size_t i = 0; names[i] != NULL; i++)
		paths = paths && strchr(names[i], '/') != NULL;
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
	size_t seen = 0;
	size_t back = log_filter_is_empty(&w->filter) ? lines : FILTERED_WITHIN;
	const struct model_ctx *m = &w->app->model;
	struct str places = STR_EMPTY;
	if (w->resume != NULL) {
		if (!places_read(w, e))
			return false;
		places = str_of(buf_cstr(&w->places));
		/* a log without a place is read as asked for */
		return log_follow_open_at(
		    m, names, lines, places, &w->follow, e);
	}
	if (!log_follow_open(m, names, back, &w->follow, e))
		return false;
	if (log_filter_is_empty(&w->filter))
		return true;
	while (log_follow_next(w->follow, &event, &waiting, NULL))
		seen += !event.more && log_filter_passes(&w->filter, &event);
	log_follow_close(w->follow);
	w->skip = seen > lines ? seen - lines : 0;
	return log_follow_open(m, names, back, &w->follow, e);
}

static int
log_follow_run(struct app *app, const struct call *call, struct err *e)
{
	enum {
		SECONDS_MAX = 100000000
	};
	struct following w = { .app = app,
		.left = -1,
		.until_ms = -1,
		.resume = call_option(call, "resume"),
		.places = BUF_INIT(PLACES_MAX) };
	int64_t lines = LINES_DEFAULT, seconds = -1;
	const char *const *names = NULL;
	int status = 0;
	log_filter_init(&w.filter);
	log_print_init(
	    &w.print, app, "smemail.log.follow/1", call_has(call, "raw"));
	if (log_filter_words(&w.filter, call, 0, &names, e) &&
	    names_allowed(app, names, e) &&
	    log_count_option(call, "lines", INT64_MAX / 2, &lines, e) &&
	    log_count_option(call, "count", INT64_MAX, &w.left, e) &&
	    log_count_option(call, "timeout", SECONDS_MAX, &seconds, e) &&
	    log_filter_options(&w.filter, app, call, e)) {
		if (seconds >= 0)
			w.until_ms = clock_mono_ms(app->clock) + seconds * 1000;
		log_print_width(&w.print,
		    names[0] != NULL ? names : log_services(&app->model));
		if (follow_open(
			&w, names[0] != NULL ? names : NULL, (size_t)lines, e))
			status = follow_guarded(&w, e);
	}
	if (e->code != ERR_NONE)
		status = err_exit_status(e->code);
	log_follow_close(w.follow);
	log_filter_clear(&w.filter);
	log_print_clear(&w.print);
	buf_clear(&w.places);
	return status;
}

const struct command command_log_follow = {
	.words = "log follow",
	.summary = N_("show the log lines of services as they are written"),
	.text = N_("Shows the last lines of the logs of the services, then each "
		   "new line, through rotation, losing and repeating nothing. "
		   "Several services are merged in the order of time; without "
		   "a name all mail services are followed. A name with a slash "
		   "is the path of a log directory or file. A word like "
		   "from:anna@ keeps the lines that fit, as for log show. Ends "
		   "with Ctrl-C."),
	.args = {
		{ .name = "SERVICE", .kind = ARG_SERVICE, .count = ARG_ANY },
	},
	.options = {
		{ .name = "lines",
		    .letter = 'n',
		    .value = "N",
		    .kind = ARG_INT,
		    .help = N_("begin with the last N lines that pass (10)") },
		LOG_FILTER_OPTIONS,
		{ .name = "raw",
		    .help = N_("lines as they are in the file") },
		{ .name = "count",
		    .value = "N",
		    .kind = ARG_INT,
		    .help = N_("end after N lines") },
		{ .name = "resume",
		    .value = "FILE",
		    .kind = ARG_FILE,
		    .help = N_("go on where the follower stood that kept its "
			       "place in FILE, and keep it there") },
		{ .name = "timeout",
		    .value = "SECONDS",
		    .kind = ARG_INT,
		    .help = N_("end after so long; exit 1 if --count has not "
			       "been reached") },
	},
	.flags = COMMAND_NO_ROOT,
	.run = log_follow_run,
};
