/* log trace: the way of a message through all services. */
#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/log_filter.h"
#include "cmd/log_index.h"
#include "cmd/render.h"
#include "cmd/story_print.h"
#include "cmd/typed.h"
#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/maillog/story_find.h"

#include <stdlib.h>
#include <string.h>

enum {
	MATCHES_MAX = 1000,
	TEXT_MAX = 4 << 20, /* of one story */
	ALL_MAX = 24 << 20, /* of all that is kept */
	DOCUMENT_MAX = 64 << 20,
};

/* A story found: its text, ready to be shown. */
struct match {
	int64_t begun_ns;
	uint64_t id;
	struct buf head; /* one line */
	struct buf text; /* the whole, or JSON */
};

struct tracing {
	struct app *app;
	struct log_set set;
	struct vec matches; /* struct match */
	size_t bytes;
	size_t more;  /* found, but not kept */
	bool symbols; /* a line a connection, as they end */
};

static void
found(void *ctx, const struct story *s)
{
	struct tracing *w = ctx;
	struct match m = { .begun_ns = story_first_ns(s), .id = s->id };
	struct story_printer p = { .app = w->app, .set = &w->set };
	if (w->app->jsonl) { /* as they end, however many */
		w->more++;
		buf_init(&m.text, TEXT_MAX);
		story_json(&p, s, &m.text);
		buf_add_char(&m.text, '\n');
		render_raw(w->app, buf_str(&m.text));
		buf_clear(&m.text);
		return;
	}
	if (w->symbols) {
		w->more++;
		if (s->pid == 0) /* no connection */
			return;
		buf_init(&m.text, TEXT_MAX);
		story_symbols(&p, s, &m.text);
		buf_add_char(&m.text, '\n');
		render_raw(w->app, buf_str(&m.text));
		buf_clear(&m.text);
		return;
	}
	if (w->matches.len == MATCHES_MAX || w->bytes > ALL_MAX) {
		w->more++;
		return;
	}
	buf_init(&m.head, TEXT_MAX);
	buf_init(&m.text, TEXT_MAX);
	if (w->app->json && !w->app->jsonl) {
		story_json(&p, s, &m.text);
	} else {
		story_head(&p, s, &m.head);
		story_text(&p, s, &m.text);
	}
	w->bytes += m.head.len + m.text.len;
	if (!vec_push(&w->matches, &m)) {
		buf_clear(&m.head);
		buf_clear(&m.text);
		w->more++;
	}
}

static int
by_time(const void *a, const void *b)
{
	const struct match *x = a, *y = b;
	if (x->begun_ns != y->begun_ns)
		return x->begun_ns < y->begun_ns ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static struct match *
match_at(struct tracing *w, size_t i)
{
	return VEC_AT(&w->matches, struct match, i);
}

static void
print_json(struct tracing *w)
{
	struct json j;
	struct buf out = BUF_INIT(DOCUMENT_MAX);
	render_json_begin(w->app, &j, &out, "smemail.log.trace/1");
	json_key(&j, "stories");
	json_array_begin(&j);
	for (size_t i = 0; i < w->matches.len; i++) {
		if (i > 0)
			buf_add_char(&out, ',');
		buf_add_str(&out, buf_str(&match_at(w, i)->text));
		render_raw(w->app, buf_str(&out));
		buf_reset(&out);
	}
	json_array_end(&j);
	json_key(&j, "more");
	json_int(&j, (int64_t)w->more);
	render_json_end(w->app, &j, &out);
}

/* One in full, several as a list to pick from. */
static bool
print_text(struct tracing *w, const char *word, int64_t pick, struct err *e)
{
	size_t n = w->matches.len;
	if (pick > (int64_t)n)
		return err_set(e, ERR_NO, _("cannot pick %lld: there are %zu"),
		    (long long)pick, n);
	if (pick > 0 || n == 1) {
		render_raw(w->app,
		    buf_str(
			&match_at(w, pick > 0 ? (size_t)pick - 1 : 0)->text));
		return true;
	}
	for (size_t i = 0; i < n; i++) {
		struct str head = buf_str(&match_at(w, i)->head);
		render_prose(w->app, 6, "%4zu  %.*s", i + 1, STR_ARG(head));
	}
	if (w->more > 0)
		render_note(w->app,
		    _("and %zu more; a range of time makes it fewer: --since, "
		      "--until"),
		    w->more);
	if (n > 1)
		render_next(w->app, "smemail log trace %s --pick 1",
		    escape_shell_word(w->app->arena, str_of(word)));
	return true;
}

static bool
find(struct tracing *w, const char *word, struct err *e)
{
	struct story_what what;
	struct story_find f = { .sources = w->set.sources,
		.n = w->set.n,
		.what = &what,
		.steps = true,
		.found = found,
		.ctx = w };
	struct str notes = buf_str(&w->set.notes), note;
	story_what_parse(str_of(word), clock_wall_ns(w->app->clock), &what);
	while (str_next_line(&notes, &note))
		render_note(w->app, "log: %.*s", STR_ARG(note));
	if (!story_find(&f, e))
		return false;
	vec_sort(&w->matches, by_time);
	return true;
}

static void
tell_nothing(struct tracing *w, const char *word)
{
	struct buf names = BUF_INIT(4096);
	struct tai64n_zone zone = { 0 };
	int64_t ns;
	log_set_names(&w->set, &names);
	if (log_set_oldest(&w->set, &ns) &&
	    tai64n_zone_second(&zone, ns / NS_PER_S))
		render_note(w->app,
		    _("nothing about '%s' in the logs of %s, which reach back "
		      "to %s"),
		    word, buf_cstr(&names), zone.text);
	else
		render_note(w->app, _("nothing about '%s' in the logs of %s"),
		    word, buf_cstr(&names));
	buf_clear(&names);
}

static bool
pick_option(const struct call *call, int64_t *pick, struct err *e)
{
	const char *text = call_option(call, "pick");
	if (text == NULL || num_parse_i64(str_of(text), 1, MATCHES_MAX, pick))
		return true;
	return err_set(e, ERR_USAGE,
	    _("cannot set '--%s': '%s' is not a whole number from 1 to %d"),
	    "pick", text, (int)MATCHES_MAX);
}

static int
log_trace_run(struct app *app, const struct call *call, struct err *e)
{
	struct tracing w = { .app = app,
		.matches = VEC_INIT(struct match),
		.symbols = call_has(call, "symbols") && !app->json };
	struct logrange range;
	int64_t pick = 0;
	const char *word =
	    call->n_args > 0 ? typed_word(app, call->args[0]) : "";
	bool ok =
	    log_range_options(app, call, &range, e) &&
	    pick_option(call, &pick, e) &&
	    log_set_open(&app->model, call->n_args > 0 ? call->args + 1 : NULL,
		call_option(call, "logs"), range, fileno(app->in), &w.set, e);
	ok = ok && find(&w, word, e);
	bool any = w.matches.len > 0 || w.more > 0;
	if (ok && app->json && !app->jsonl)
		print_json(&w);
	else if (ok && w.matches.len > 0)
		ok = print_text(&w, word, pick, e);
	else if (ok && !any)
		tell_nothing(&w, word);
	if (ok)
		log_index_refresh(app, call);
	int status = any ? 0 : err_exit_status(ERR_NO);
	if (!ok)
		status = err_exit_status(e->code);
	for (size_t i = 0; i < w.matches.len; i++) {
		buf_clear(&match_at(&w, i)->head);
		buf_clear(&match_at(&w, i)->text);
	}
	vec_clear(&w.matches);
	log_set_close(&w.set);
	return status;
}

const struct command command_log_trace = {
	.words = "log trace",
	.summary = N_("follow a message through the logs of all services"),
	.text = N_("Joins the lines of all services about a message, in the "
		   "order of time: connection, checks, verdict, spam and virus "
		   "scan, queue, deliveries, bounce. WHAT is a Message-ID, an "
		   "address (@DOMAIN: any of it), an IP address, a number "
		   "(qp:, pid:, msg:, delivery: or spamd: in front says which), "
		   "an id of Postfix (id:), a label, a time or a text. Several "
		   "messages are listed; --pick shows one of them. Without "
		   "WHAT all messages of the range are. Exits with 1 when "
		   "there is none."),
	.args = {
		{ .name = "WHAT", .kind = ARG_TEXT, .count = ARG_OPTIONAL },
		{ .name = "SERVICE", .kind = ARG_SERVICE, .count = ARG_ANY },
	},
	.options = {
		LOG_RANGE_OPTIONS,
		{ .name = "pick",
		    .value = "N",
		    .kind = ARG_INT,
		    .help = N_("show the Nth of the messages listed") },
		{ .name = "symbols",
		    .help = N_("a line for each, with a symbol for what each "
			       "plugin of qpsmtpd found: o pass, - skip, X "
			       "fail, x tolerated, ! error") },
	},
	.flags = COMMAND_NO_ROOT,
	.run = log_trace_run,
};
