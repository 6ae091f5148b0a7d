/* The dispatcher: match, parse, check, run, report. */
#include "cmd/dispatch.h"

#include "cmd/help.h"
#include "cmd/match.h"
#include "cmd/options.h"
#include "cmd/render.h"
#include "cmd/typed.h"
#include "core/base/i18n.h"
#include "core/model/confirm.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	EXIT_READER_GONE = 141
};

/* Match command words, with global options before, between and after. */
static bool
command_match(struct app *app, struct parse *p, struct err *e)
{
	struct match m;
	match_begin(&m, app->arena);
	while (p->at < p->n && match_continues(&m)) {
		const char *word = p->words[p->at];
		const struct command *whole = match_complete(&m);
		if (option_looks_like(word)) {
			if (whole != NULL)
				break;
			if (!option_global_take(app, p, e))
				return false;
			continue;
		}
		if (!match_word(&m, str_of(word))) {
			if (whole != NULL)
				break;
			return match_unknown(&m, app->arena, word, e);
		}
		p->at++;
	}
	p->command = match_complete(&m);
	if (p->command != NULL || m.depth == 0)
		return true;
	p->group = match_words(&m, app->arena);
	if (p->help || p->version)
		return true;
	if (!m.exact) { /* half a word that leads to no command yet */
		err_set(e, ERR_USAGE,
		    _("unknown command '%s'; did you mean '%s'"),
		    p->words[p->at - 1], p->group);
		return err_next(e, "smemail %s --help", p->group);
	}
	err_set(e, ERR_USAGE, _("'%s' needs one more word: %s"), p->group,
	    match_choices(&m, app->arena));
	return err_next(e, "smemail %s --help", p->group);
}

/* Without a command the screen opens, where there is one. */
static bool
default_command(struct app *app, struct parse *p, struct err *e)
{
	struct match m;
	match_begin(&m, app->arena);
	bool screen = app->terminal && isatty(STDIN_FILENO) == 1 &&
		      match_word(&m, STR("tui"));
	p->command = screen ? match_complete(&m) : NULL;
	if (p->command != NULL)
		return true;
	err_set(e, ERR_USAGE, _("no command given"));
	return err_next(e, "smemail --help");
}

static bool
root_open(struct app *app, const struct command *c, struct err *e)
{
	/* an empty $DIR in a script must not mean the machine itself */
	if (app->root_option != NULL && app->root_option[0] == '\0') {
		err_set(e, ERR_USAGE, _("option '--root' is empty"));
		return err_next(e, _("name a root with --root DIR"));
	}
	bool ok = root_init(&app->root, app->root_option, e);
	app->model.root = &app->root; /* of this copy of the context */
	app->model.arena = app->arena;
	if (!ok && (c->flags & COMMAND_NO_ROOT)) { /* it may come to be */
		const char *dir = app->root_option != NULL
				      ? app->root_option
				      : getenv("SMEMAIL_ROOT");
		err_clear(e);
		ok = root_init_new(&app->root, dir, e);
	}
	if (!ok || (c->flags & COMMAND_NO_ROOT))
		return ok;
	app->model.release = model_release(&app->root, app->arena);
	return model_root_check(&app->root, e);
}

/* What was printed must have arrived, else the status cannot be 0. */
static int
output_finish(struct app *app, int status)
{
	if (render_flush(app))
		return status;
	int reason = app->out_errno;
	clearerr(app->out);
	if (reason == EPIPE)
		return EXIT_READER_GONE;
	struct err e = ERR_INIT;
	err_set_errno(&e, reason, "%s", _("cannot write to standard output"));
	e.code = ERR_TEMPORARY; /* another file may take it */
	render_error(app, &e);
	app->out_errno = 0;
	return err_exit_status(e.code);
}

static int
command_call(struct app *app, const struct call *call, struct err *e)
{
	int status = call->command->run(app, call, e);
	/* what a name should be like stands in the help */
	if (e->code == ERR_USAGE && e->next[0] == '\0' &&
	    typed_has_names(call->command))
		err_next(e, "smemail %s --help", call->command->words);
	if (e->code != ERR_NONE && status == 0)
		status = err_exit_status(e->code);
	return status;
}

/* A change that nobody confirmed is taken back before anything else. */
static bool
changes_attend(struct app *app, const struct command *c, struct err *e)
{
	struct confirm waits;
	long undone = 0;
	if (c->flags & (COMMAND_NO_ROOT | COMMAND_HIDDEN | COMMAND_RAW))
		return true;
	if (!confirm_attend(&app->model, &undone, &waits, e))
		return err_context(e,
		    _("change %ld was not confirmed in time, and could not be "
		      "taken back"),
		    waits.change);
	if (undone > 0)
		render_note(app,
		    _("! change %ld was not confirmed in time and is taken "
		      "back"),
		    undone);
	return true;
}

static int
parsed_run(struct app *app, struct parse *p, struct err *e)
{
	if (p->version) {
		render_line(app, "smemail %s", SMEMAIL_VERSION);
		return 0;
	}
	if (p->help)
		return help_show(app, p->command, p->group, e);
	if (!root_open(app, p->command, e) ||
	    !changes_attend(app, p->command, e))
		return err_exit_status(e->code);
	typed_settle(app, &p->call);
	return command_call(app, &p->call, e);
}

/* A mistake before --json was reached is told as asked for all the same. */
static void
json_look_ahead(struct app *app, const struct parse *p)
{
	for (size_t i = 0; i < p->n && strcmp(p->words[i], "--") != 0; i++)
		if (strcmp(p->words[i], "--json") == 0 ||
		    strcmp(p->words[i], "--jsonl") == 0)
			app->json = true;
}

int
dispatch_run(struct app *app, const char *const *words, size_t n)
{
	struct err e = ERR_INIT;
	struct parse p = { .words = words, .n = n };
	bool ok = command_match(app, &p, &e);
	if (ok && p.command == NULL && p.group == NULL && !p.help && !p.version)
		ok = default_command(app, &p, &e);
	if (ok && p.command != NULL)
		ok = call_parse(app, &p, &e);
	if (!ok)
		json_look_ahead(app, &p);
	int status = ok ? parsed_run(app, &p, &e) : err_exit_status(e.code);
	if (e.code != ERR_NONE)
		render_error(app, &e);
	return output_finish(app, status);
}

int
dispatch_raw(struct app *app, const struct command *command,
    const char *const *words, size_t n)
{
	struct err e = ERR_INIT;
	struct call call = { .command = command, .n_args = n };
	assert(command->flags & COMMAND_RAW);
	call.args = ARENA_ARRAY(app->arena, n + 1, const char *);
	if (n > 0)
		memcpy(call.args, words, n * sizeof(*words));
	int status = root_open(app, command, &e) ? command_call(app, &call, &e)
						 : err_exit_status(e.code);
	if (e.code != ERR_NONE)
		render_error(app, &e);
	return output_finish(app, status);
}
