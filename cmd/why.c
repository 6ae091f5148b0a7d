/* The command why: what happened to a message, by which rule and setting. */
#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/log_filter.h"
#include "cmd/log_index.h"
#include "cmd/render.h"
#include "cmd/why_print.h"
#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/maillog/story_time.h"
#include "core/maillog/tai64n.h"
#include "core/model/why_find.h"

#include <string.h>
#include <time.h>

static void
tell_nothing(struct app *app, const struct why_list *l)
{
	struct tai64n_zone zone = { 0 };
	if (l->oldest_ns != INT64_MIN &&
	    tai64n_zone_second(&zone, l->oldest_ns / NS_PER_S))
		render_note(app,
		    _("no message matches %s in the logs of %s, which reach "
		      "back to %s"),
		    l->words, l->looked, zone.text);
	else
		render_note(app, _("no message matches %s"), l->words);
	/* a name mistyped, or known by another */
	const char *at = strchr(l->word, '@');
	if (at != NULL && at != l->word && strpbrk(l->word, "<: ") == NULL)
		render_next(app, "smemail why %s",
		    escape_shell_word(app->arena, str_of(at)));
}

/* What was found may be by a word of a text, or by another form of it. */
static void
tell_word(struct app *app, const struct why_list *l, const char *asked)
{
	const char *shown = why_word_shown(l->word);
	if (l->n > 0 && !str_eq(str_trim(str_of(asked)), str_of(shown)) &&
	    !str_eq(str_of(asked), str_of(l->word)))
		render_note(app, _("found by '%s'"), shown);
}

/* Rows as they become known; a lone one is held, to be told in full. */
struct listing {
	struct app *app;
	const struct why *first;
	size_t n;
};

static void
list_row(void *ctx, const struct why *w)
{
	struct listing *l = ctx;
	if (++l->n == 1) {
		l->first = w;
		return;
	}
	if (l->n == 2)
		why_head(l->app, 1, l->first);
	why_head(l->app, l->n, w);
	(void)render_flush(l->app);
}

/* What '--until' takes to go on behind the oldest row, which is shown again. */
static int64_t
older_ns(const struct why_list *l)
{
	return story_later(l->rows[l->n - 1]->time_ns / NS_PER_S * NS_PER_S, 1);
}

static const char *
older_than(struct app *app, const struct why_list *l)
{
	char text[32];
	struct tm tm;
	time_t at = (time_t)(older_ns(l) / NS_PER_S);
	if (localtime_r(&at, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) == 0)
		return "";
	return arena_cstr(app->arena, str_of(text));
}

static void
tell_older(struct app *app, const struct why_list *l)
{
	/* that many were seen; nobody counted what lies further back */
	if (l->is_cut)
		render_note(app, _("the newest ones; older ones: --until '%s'"),
		    older_than(app, l));
	else if (l->more > 0)
		render_note(app, _("and %zu older ones: --until '%s'"), l->more,
		    older_than(app, l));
}

static void
list_end(struct app *app, const struct why_list *l, const char *word)
{
	render_line(app, P_("%zu message", "%zu messages", l->n), l->n);
	tell_older(app, l);
	render_next(app, "smemail why %s --pick 1",
	    escape_shell_word(app->arena, str_of(word)));
}

static void
show_json(struct app *app, const struct why_list *l, const char *word)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.why/1");
	json_key(&j, "asked");
	json_cstr(&j, word);
	/* null: not counted, as it was not looked further back */
	json_key(&j, "more");
	if (l->is_cut)
		json_null(&j);
	else
		json_int(&j, (int64_t)l->more);
	bool is_older = l->is_cut || l->more > 0;
	why_time_json(&j, "older_until", is_older ? older_ns(l) : INT64_MIN);
	json_key(&j, "rows");
	json_array_begin(&j);
	for (size_t i = 0; i < l->n; i++)
		why_json(&j, l->rows[i]);
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

static bool
show(struct app *app, const struct call *call, const struct why_list *l,
    int64_t pick, struct err *e)
{
	if (pick > (int64_t)l->n && l->n > 0)
		return err_set(e, ERR_NO, _("cannot pick %lld: there are %zu"),
		    (long long)pick, l->n);
	if (app->json)
		show_json(app, l, l->word);
	else if (l->n == 0)
		tell_nothing(app, l);
	else if (pick > 0 || l->n == 1)
		why_text(app, l->rows[pick > 0 ? pick - 1 : 0],
		    call_has(call, "raw"));
	else
		list_end(app, l, l->word);
	return true;
}

static bool
pick_option(const struct call *call, int64_t *pick, struct err *e)
{
	const char *text = call_option(call, "pick");
	return text == NULL ||
	       num_parse_i64(str_of(text), 1, WHY_FOUND_MAX, pick) ||
	       err_set(e, ERR_USAGE,
		   _("cannot set '--%s': '%s' is not a whole number from 1 to "
		     "%d"),
		   "pick", text, (int)WHY_FOUND_MAX);
}

static int
why_run(struct app *app, const struct call *call, struct err *e)
{
	struct logrange range;
	struct why_list l;
	struct listing listing = { .app = app };
	struct why_sink sink = { list_row, &listing };
	int64_t pick = 0;
	if (!log_range_options(app, call, &range, e) ||
	    !pick_option(call, &pick, e) ||
	    !why_find(&app->model, call->args[0], call_option(call, "logs"),
		range, fileno(app->in), app->json || pick > 0 ? NULL : &sink,
		&l, e))
		return err_exit_status(e->code);
	struct str notes = str_of(l.notes), note;
	while (str_next_line(&notes, &note))
		render_note(app, "log: %.*s", STR_ARG(note));
	if (!show(app, call, &l, pick, e))
		return err_exit_status(e->code);
	tell_word(app, &l, call->args[0]);
	log_index_refresh(app, call);
	return err_exit_status(l.n > 0 ? ERR_NONE : ERR_NO);
}

const struct command command_why = {
	.words = "why",
	.summary = N_("what happened to a message, and which setting decided"),
	.text = N_("Finds messages in the logs of all services by Message-ID, "
		   "address (@DOMAIN: any of it), IP address, time, number of "
		   "the queue (qp:N), its id in Postfix (id:ID), or any text of "
		   "a bounce or log line, and tells what became of each: the "
		   "verdict in words, the plugin and the setting that decided, "
		   "since when it has that value, and the commands that would "
		   "change it. Several messages are listed, the newest first. "
		   "Exits with 1 when none is found, and says how far back the "
		   "logs reach."),
	.args = {
		{ .name = "WHAT", .kind = ARG_TEXT, .count = ARG_ONE },
	},
	.options = {
		LOG_RANGE_OPTIONS,
		{ .name = "pick",
		    .value = "N",
		    .kind = ARG_INT,
		    .help = N_("show the Nth of the messages listed") },
		{ .name = "raw",
		    .help = N_("with the log lines of the message") },
	},
	.flags = COMMAND_NO_ROOT,
	.run = why_run,
};
