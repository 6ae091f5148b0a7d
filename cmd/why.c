/* The command why: what happened to a message, by which rule and setting. */
#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/log_filter.h"
#include "cmd/render.h"
#include "cmd/why_print.h"
#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/base/vec.h"
#include "core/maillog/story_find.h"
#include "core/model/logs.h"

#include <string.h>

enum {
	KEPT_MAX = 200, /* newest messages that are explained */
	SHOWN_MAX = 4096,
};

struct asking {
	struct app *app;
	struct log_set set;
	const char *names[LOG_SET_MAX + 1];
	struct settings_store *settings; /* NULL without a tree */
	struct vec found;                /* struct why * */
	size_t more;
};

static void
found(void *ctx, const struct story *s)
{
	struct asking *a = ctx;
	if (a->found.len == KEPT_MAX) {
		a->more++;
		return;
	}
	struct why *w = why_explain(&a->app->model, a->settings, s, a->names);
	if (!vec_push(&a->found, &w))
		a->more++;
}

static const struct why *
at(const struct asking *a, size_t i)
{
	return *VEC_AT(&a->found, struct why *const, i);
}

static bool
enough(void *ctx)
{
	const struct asking *a = ctx;
	return a->found.len == KEPT_MAX;
}

/* A message that was found whole needs no half of it (STORY_BEGAN_EARLIER). */
static void
drop_halves(struct vec *found)
{
	size_t n = 0;
	for (size_t i = 0; i < found->len; i++) {
		struct why *w = *VEC_AT(found, struct why *, i);
		bool half = (w->doubts & STORY_BEGAN_EARLIER) != 0;
		for (size_t k = 0; half && k < found->len; k++) {
			const struct why *o = *VEC_AT(found, struct why *, k);
			half = o == w || o->msg != w->msg || w->msg == 0 ||
			       (o->doubts & STORY_BEGAN_EARLIER) != 0;
			if (!half)
				break;
		}
		if (half || (w->doubts & STORY_BEGAN_EARLIER) == 0)
			*VEC_AT(found, struct why *, n++) = w;
	}
	found->len = n;
}

/* The newest message first: it is the one that is asked about. */
static int
newest_first(const void *x, const void *y)
{
	const struct why *a = *(struct why *const *)x;
	const struct why *b = *(struct why *const *)y;
	if (a->time_ns != b->time_ns)
		return a->time_ns > b->time_ns ? -1 : 1;
	return a->id > b->id ? -1 : a->id < b->id;
}

static bool
find(struct asking *a, const char *word, struct err *e)
{
	struct story_what what;
	struct story_find f = { .sources = a->set.sources,
		.n = a->set.n,
		.what = &what,
		.steps = true,
		.found = found,
		.enough = enough,
		.ctx = a };
	for (size_t i = 0; i < a->set.n; i++)
		a->names[i] = a->set.names[i];
	story_what_parse(str_of(word), clock_wall_ns(a->app->clock), &what);
	if (!story_find(&f, e))
		return false;
	drop_halves(&a->found);
	vec_sort(&a->found, newest_first);
	return true;
}

/* Where it was looked, and how far back that reaches. */
static void
tell_nothing(struct asking *a, const char *word)
{
	struct buf names = BUF_INIT(SHOWN_MAX);
	struct tai64n_zone zone = { 0 };
	int64_t ns;
	log_set_names(&a->set, &names);
	if (log_set_oldest(&a->set, &ns) &&
	    tai64n_zone_second(&zone, ns / NS_PER_S))
		render_note(a->app,
		    _("no message matches '%s' in the logs of %s, which reach "
		      "back to %s"),
		    word, buf_cstr(&names), zone.text);
	else
		render_note(a->app, _("no message matches '%s'"), word);
	buf_clear(&names);
}

static void
list(struct asking *a, const char *word)
{
	struct buf quoted = BUF_INIT(SHOWN_MAX);
	render_line(a->app, P_("%zu message", "%zu messages", a->found.len),
	    a->found.len);
	for (size_t i = 0; i < a->found.len; i++)
		why_head(a->app, i + 1, at(a, i));
	if (a->more > 0)
		render_note(a->app,
		    _("and %zu more; --since and --until make it fewer"),
		    a->more);
	escape_shell(&quoted, str_of(word));
	render_next(a->app, "smemail why %s --pick 1", buf_cstr(&quoted));
	buf_clear(&quoted);
}

static void
show_json(struct asking *a, const char *word)
{
	struct json j;
	struct buf buf;
	render_json_begin(a->app, &j, &buf, "smemail.why/1");
	json_key(&j, "asked");
	json_cstr(&j, word);
	json_key(&j, "more");
	json_int(&j, (int64_t)a->more);
	json_key(&j, "rows");
	json_array_begin(&j);
	for (size_t i = 0; i < a->found.len; i++)
		why_json(&j, at(a, i));
	json_array_end(&j);
	render_json_end(a->app, &j, &buf);
}

static bool
show(struct asking *a, const struct call *call, const char *word, struct err *e)
{
	int64_t pick = 0;
	const char *text = call_option(call, "pick");
	size_t n = a->found.len;
	if (text != NULL && !num_parse_i64(str_of(text), 1, KEPT_MAX, &pick))
		return err_set(e, ERR_USAGE,
		    _("cannot set '--%s': '%s' is not a whole number from 1 to "
		      "%d"),
		    "pick", text, (int)KEPT_MAX);
	if (pick > (int64_t)n && n > 0)
		return err_set(e, ERR_NO, _("cannot pick %lld: there are %zu"),
		    (long long)pick, n);
	if (a->app->json)
		show_json(a, word);
	else if (n == 0)
		tell_nothing(a, word);
	else if (pick > 0 || n == 1)
		why_text(a->app, at(a, pick > 0 ? (size_t)pick - 1 : 0),
		    call_has(call, "raw"));
	else
		list(a, word);
	return true;
}

static int
why_run(struct app *app, const struct call *call, struct err *e)
{
	struct asking a = { .app = app, .found = VEC_INIT(struct why *) };
	struct logrange range;
	const char *word = why_word(&app->model, call->args[0]);
	bool ok = log_range_options(app, call, &range, e) &&
		  log_set_open(&app->model, NULL, call_option(call, "logs"),
		      range, fileno(app->in), &a.set, e);
	if (ok && !settings_open(&app->model, &a.settings, NULL))
		a.settings = NULL;
	ok = ok && find(&a, word, e) && show(&a, call, word, e);
	int status = ok ? err_exit_status(a.found.len > 0 ? ERR_NONE : ERR_NO)
			: err_exit_status(e->code);
	vec_clear(&a.found);
	settings_close(a.settings);
	log_set_close(&a.set);
	return status;
}

const struct command command_why = {
	.words = "why",
	.summary = N_("what happened to a message, and which setting decided"),
	.text = N_("Finds messages in the logs of all services by Message-ID, "
		   "address (@DOMAIN: any of it), IP address, time, number of "
		   "the queue (qp:N), or any text of a bounce or log line, and "
		   "tells what became of each: the verdict in words, the "
		   "plugin and the setting that decided, since when it has "
		   "that value, and the commands that would change it. Several "
		   "messages are listed, the newest first. Exits with 1 when "
		   "none is found, and says how far back the logs reach."),
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
