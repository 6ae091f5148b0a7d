/*
 * Tools of e-smith that work on the whole root: signal-event and
 * expand-template as the server has them, and what events there are.
 */
#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/event/event.h"
#include "core/model/expand.h"
#include "core/model/files.h"
#include "core/model/signal.h"
#include "core/sys/spawn.h"

#include <string.h>

enum {
	STATUS_USAGE = 255, /* as db: the reference's own is left over errno */
	STATUS_FAILED = 1,
	WORDS_MAX = 64
};

/* On a live server its own program does the work. */
static int
live_run(
    struct app *app, const struct call *call, const char *path, struct err *e)
{
	const char *argv[WORDS_MAX + 2] = { path };
	int status = 0;
	for (size_t i = 0; i < call->n_args && i < WORDS_MAX; i++)
		argv[i + 1] = call->args[i];
	const struct spawn s = { .argv = argv, .path = path };
	if (!spawn_run(&s, app->clock, &status, e))
		return err_exit_status(e->code);
	return status == 0 ? 0 : STATUS_FAILED;
}

static int
signal_run(struct app *app, const struct call *call, struct err *e)
{
	struct signal_result r;
	if (call->n_args == 0 || call->args[0][0] == '\0') {
		render_note(
		    app, "%s", _("usage: signal-event EVENT [ARGUMENT]..."));
		return STATUS_USAGE;
	}
	if (model_is_live(&app->root))
		return live_run(app, call, "/sbin/e-smith/signal-event", e);
	app->model.release = model_release(&app->root, app->arena);
	if (!signal_event(
		&app->model, call->args[0], call->args + 1, NULL, &r, e))
		return err_exit_status(e->code);
	if (r.failed == 0)
		return 0;
	/* what handlers did is in the log (ES-124) */
	if (r.failed > r.handlers_failed)
		*e = r.first;
	return STATUS_FAILED;
}

struct expand_call {
	const char *path, *output, *queue;
	bool strict; /* a failure gives an exit status other than 0 */
};

/*
 * "--expand_queue=DIR" or "--expand_queue DIR"; the name may be cut short
 * (ES-88). NULL: the word is another one, or its value is missing.
 */
static const char *
option_value(const struct call *call, size_t *i, const char *name)
{
	const char *word = call->args[*i];
	size_t n = strcspn(word, "=");
	if (strncmp(word, "--", 2) != 0 || n < 3 || n - 2 > strlen(name) ||
	    strncmp(word + 2, name, n - 2) != 0)
		return NULL;
	return word[n] == '=' ? word + n + 1 : call->args[++*i];
}

static bool
expand_words(const struct call *call, struct expand_call *x)
{
	*x = (struct expand_call){ .path = NULL };
	for (size_t i = 0; i < call->n_args; i++) {
		const char *word = call->args[i];
		const char *value = option_value(call, &i, "output_filename");
		if (value != NULL)
			x->output = value;
		else if ((value = option_value(call, &i, "expand_queue")) !=
			 NULL)
			x->queue = value;
		else if (strcmp(word, "--strict") == 0)
			x->strict = true;
		else if (word[0] == '-' && word[1] == '-')
			return false;
		else if (x->path == NULL)
			x->path = word;
	}
	return x->path != NULL && x->path[0] != '\0';
}

/* ES-103 */
static void
announce_show(void *ctx, const char *path)
{
	render_line(ctx, "DEBUG: Expanding template fragment %s", path);
}

static int
expand_run(struct app *app, const struct call *call, struct err *e)
{
	struct expand_call words;
	struct expand *x = NULL;
	if (!expand_words(call, &words)) {
		render_note(app, "%s",
		    _("usage: expand-template [--output_filename=FILE] "
		      "[--expand_queue=DIR] [--strict] PATH"));
		return STATUS_USAGE;
	}
	if (model_is_live(&app->root))
		return live_run(app, call, "/sbin/e-smith/expand-template", e);
	app->model.release = model_release(&app->root, app->arena);
	const char *const queue[] = { words.queue, NULL };
	const struct expand_target target = {
		.path = words.path,
		.output = words.output,
		.queue = words.queue != NULL ? queue : NULL,
	};
	bool ok = expand_open(&app->model, &app->root, &x, e);
	if (ok) {
		expand_notes(x, render_note_text, app);
		expand_announce(x, announce_show);
		expand_changes(x);
	}
	if (ok && !expand_configured(x, e)) {
		expand_close(x);
		return STATUS_FAILED;
	}
	ok = ok && expand_file(x, &target, e);
	expand_close(x);
	if (ok || words.strict)
		return ok ? 0 : STATUS_FAILED;
	/* the reference tells, and ends with 0 (ES-87 to ES-89) */
	render_error(app, e);
	err_clear(e);
	return 0;
}

static int
event_list_run(struct app *app, const struct call *call, struct err *e)
{
	static const struct render_column columns[] = {
		{ N_("EVENT"), false },
		{ N_("WHAT FOR"), false },
	};
	const char *const *names;
	size_t n;
	(void)call;
	if (!event_names(&app->root, app->arena, &names, &n, e))
		return err_exit_status(e->code);
	if (app->json) {
		struct json j;
		struct buf buf;
		render_json_begin(app, &j, &buf, "smemail.event.list/1");
		json_key(&j, "rows");
		json_array_begin(&j);
		for (size_t i = 0; i < n; i++) {
			const struct event *ev = event_find(names[i]);
			json_object_begin(&j);
			json_key(&j, "name");
			json_cstr(&j, names[i]);
			json_key(&j, "summary");
			json_cstr(&j, ev != NULL ? ev->summary : NULL);
			json_object_end(&j);
		}
		json_array_end(&j);
		render_json_end(app, &j, &buf);
		return 0;
	}
	struct str *cells = ARENA_ARRAY(app->arena, n * 2 + 1, struct str);
	for (size_t i = 0; i < n; i++) {
		const struct event *ev = event_find(names[i]);
		cells[2 * i] = str_of(names[i]);
		cells[2 * i + 1] =
		    str_of(ev != NULL ? _(ev->summary) : _("of this root"));
	}
	render_table(app, columns, ARRAY_LEN(columns), cells, n);
	return 0;
}

/* What an event does, in its order. */
struct event_view {
	struct event_step *steps;
	struct event_service *services;
	const char *const *paths;
	size_t n_steps, n_services, n_paths;
};

static void
event_show_json(struct app *app, const char *name, const struct event_view *v)
{
	static const char *const kinds[] = { "expand", "adjust", "handler" };
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.event.show/1");
	json_key(&j, "name");
	json_cstr(&j, name);
	json_key(&j, "steps");
	json_array_begin(&j);
	for (size_t i = 0; i < v->n_steps; i++) {
		json_object_begin(&j);
		json_key(&j, "kind");
		json_cstr(&j, kinds[v->steps[i].kind]);
		json_key(&j, "name");
		json_cstr(&j, v->steps[i].name);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_key(&j, "files");
	json_array_begin(&j);
	for (size_t i = 0; i < v->n_paths; i++)
		json_cstr(&j, v->paths[i]);
	json_array_end(&j);
	json_key(&j, "services");
	json_array_begin(&j);
	for (size_t i = 0; i < v->n_services; i++) {
		json_object_begin(&j);
		json_key(&j, "name");
		json_cstr(&j, v->services[i].name);
		json_key(&j, "words");
		json_cstr(&j, v->services[i].words);
		json_object_end(&j);
	}
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

static void
event_show_text(struct app *app, const struct event_view *v)
{
	for (size_t i = 0; i < v->n_steps; i++) {
		const struct event_step *s = &v->steps[i];
		render_line(app, "%s%s", s->sort,
		    s->kind == EVENT_HANDLER && !s->runnable
			? _("   skipped, not executable")
			: "");
		for (size_t k = 0; s->kind == EVENT_EXPAND && k < v->n_paths;
		     k++)
			render_line(app, "  %s", v->paths[k]);
		for (size_t k = 0; s->kind == EVENT_ADJUST && k < v->n_services;
		     k++)
			render_line(app, "  %s (%s)", v->services[k].name,
			    v->services[k].words);
	}
}

static int
event_show_run(struct app *app, const struct call *call, struct err *e)
{
	const char *name = call->args[0];
	struct event_view v;
	if (!event_check(&app->root, name, e) ||
	    !event_steps(
		&app->root, name, app->arena, &v.steps, &v.n_steps, e) ||
	    !event_services(
		&app->root, name, app->arena, &v.services, &v.n_services, e) ||
	    !files_of_event(
		&app->model, NULL, name, NULL, &v.paths, &v.n_paths, e))
		return err_exit_status(e->code);
	if (app->json)
		event_show_json(app, name, &v);
	else
		event_show_text(app, &v);
	return 0;
}

/* The same, for people: what came of it is told. */
static int
event_run_run(struct app *app, const struct call *call, struct err *e)
{
	struct signal_result r;
	if (call_has(call, "dry-run")) {
		int status = event_show_run(app, call, e);
		if (status == 0)
			render_dry_run(app);
		return status;
	}
	if (model_is_live(&app->root))
		return live_run(app, call, "/sbin/e-smith/signal-event", e);
	app->model.release = model_release(&app->root, app->arena);
	if (!signal_event(
		&app->model, call->args[0], call->args + 1, NULL, &r, e))
		return err_exit_status(e->code);
	render_line(app, _("%s: %zu files, %zu changed"), call->args[0],
	    r.files, r.files_changed);
	for (size_t i = 0; i < r.n_services; i++)
		render_line(app, "%s (%s)%s", r.services[i].name,
		    r.services[i].words,
		    r.services[i].outcome == SIGNAL_TOLD ? ""
							 : _(": not told"));
	if (r.failed == 0)
		return 0;
	*e = r.first;
	err_next(e, "smemail event show %s", call->args[0]);
	return STATUS_FAILED;
}

const struct command command_event_run = {
	.words = "event run",
	.summary = N_("run a system event and tell what came of it"),
	.text = N_("Expands the event's templates, runs its handlers and "
		   "adjusts its services. Exit status 1 when a step failed; "
		   "all others are run all the same."),
	.args = { { "EVENT", ARG_EVENT, ARG_ONE, NULL },
	    { "ARGUMENT", ARG_TEXT, ARG_ANY, NULL } },
	.options = { DRY_RUN_OPTION },
	.flags = COMMAND_CHANGES,
	.run = event_run_run,
};

const struct command command_signal_event = {
	.words = "signal-event",
	.summary = N_("run a system event, as the server's tool"),
	.text = N_("Expands the event's templates, runs its handlers and "
		   "adjusts its services. What it did is in the log of "
		   "events. Exit status 1 when a step failed; all others are "
		   "run all the same."),
	.args = { { "EVENT", ARG_EVENT, ARG_ONE, NULL },
	    { "ARGUMENT", ARG_TEXT, ARG_ANY, NULL } },
	.flags = COMMAND_CHANGES | COMMAND_RAW,
	.run = signal_run,
};

const struct command command_expand_template = {
	.words = "expand-template",
	.summary = N_("make a file by its template, as the server's tool"),
	.text = N_("Merges the fragments of PATH and writes the file if it "
		   "differs. As with the server's tool a failure is told, "
		   "and the exit status is 0 all the same; --strict makes it "
		   "1. Blocks in braces are evaluated by perl with "
		   "Text::Template, which is started only for them."),
	.args = { { "PATH", ARG_FILE, ARG_ONE, NULL } },
	.options = {
		{ "output_filename", 0, "FILE", ARG_FILE,
		    N_("write there instead") },
		{ "expand_queue", 0, "DIR", ARG_DIR,
		    N_("the only folder looked into for fragments") },
		{ "strict", 0, NULL, ARG_TEXT,
		    N_("exit 1 when it cannot be expanded") },
	},
	.flags = COMMAND_CHANGES | COMMAND_RAW,
	.run = expand_run,
};

const struct command command_event_list = {
	.words = "event list",
	.summary = N_("list the events of this root"),
	.text = N_("The events known to smemail, with what they are for, and "
		   "those that only this root has."),
	.run = event_list_run,
};

const struct command command_event_show = {
	.words = "event show",
	.summary = N_("show what an event expands and adjusts"),
	.text = N_("In the order in which it happens: the files made by "
		   "templates, the handlers run, the services told."),
	.args = { { "EVENT", ARG_EVENT, ARG_ONE, NULL } },
	.run = event_show_run,
};
