/* The command plan. */
#include "core/model/plan.h"

#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/plan.h"
#include "cmd/render.h"
#include "cmd/when.h"
#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "core/model/confirm.h"
#include "core/model/journal.h"
#include "core/sys/file.h"

enum {
	CHANGES_PENDING = 3,
	NAME_COLUMNS_MAX = 40,
	SAVED_MAX = 4 << 20,
	SAVED_MODE = 0600
};

const struct journal_apply *
plan_last_apply(struct app *app)
{
	static const struct journal none;
	struct journal j = none;
	return journal_read(&app->model, &j, NULL) ? journal_last_apply(&j)
						   : NULL;
}

void
plan_nothing_show(struct app *app)
{
	const struct journal_apply *last = plan_last_apply(app);
	if (last == NULL)
		render_line(app, _("nothing to apply"));
	else
		render_line(app,
		    _("nothing to apply; last apply: change %ld, %s, %s"),
		    last->change, when_shown(app, last->time_s), last->who);
}

/* Does the new value carry the setting's risk? */
static void
settings_show(struct app *app, const struct plan *p)
{
	size_t width = 0;
	if (p->n_settings == 0)
		return;
	for (size_t i = 0; i < p->n_settings; i++) {
		size_t n = utf8_columns(str_of(p->settings[i].name));
		if (n > width && n <= NAME_COLUMNS_MAX)
			width = n;
	}
	render_line(app, "%s", _("settings"));
	for (size_t i = 0; i < p->n_settings; i++) {
		const struct plan_setting *s = &p->settings[i];
		bool risky = plan_setting_is_risky(s);
		render_line(app, "%c %-*s  %s%s%s", risky ? '!' : ' ',
		    (int)width, s->name, plan_change_words(s, app->arena),
		    risky ? "   " : "",
		    risky ? setting_risk_shown(s->setting->risk) : "");
	}
}

static void
files_show(struct app *app, const struct plan *p)
{
	if (p->n_files > 0 || p->unseen)
		render_line(app, "%s", _("files"));
	for (size_t i = 0; i < p->n_files; i++) {
		struct str rest = p->files[i].diff, line;
		render_line(app, "  %s%s", p->files[i].path,
		    p->files[i].is_new ? _("   new") : "");
		while (str_next_line(&rest, &line))
			if (line.ptr[0] != ' ')
				render_line(app, "  %.*s", STR_ARG(line));
	}
	if (p->unseen)
		render_line(app, "  %s",
		    p->n_files > 0
			? _("others as the server's own templates make them")
			: _("as the server's own templates make them"));
}

static void
event_show(struct app *app, const struct plan *p, const struct plan_event *ev)
{
	const char *files = "";
	const char *services = plan_services_words(ev, app->arena);
	if (!p->live)
		files = arena_printf(app->arena, _("%zu files, %zu differ"),
		    ev->files, ev->files_changed);
	render_line(app, "  %s%s%s   %s%s%s",
	    ev->name[0] != '\0' ? ev->name : _("without an event"),
	    ev->argument != NULL ? " " : "",
	    ev->argument != NULL ? ev->argument : "", files,
	    *files != '\0' && *services != '\0' ? "; " : "", services);
}

static void
events_show(struct app *app, const struct plan *p)
{
	if (p->n_events > 0 || p->loose.n_services > 0)
		render_line(app, "%s", _("events"));
	for (size_t i = 0; i < p->n_events; i++)
		event_show(app, p, &p->events[i]);
	if (p->loose.n_services > 0)
		event_show(app, p, &p->loose);
	if (p->reboots)
		render_note(app, _("! the server must be restarted for some of "
				   "it; smemail never does that by itself"));
}

void
plan_problem_note(struct app *app, const char *problem)
{
	if (problem != NULL)
		render_note(app, "! %s", problem);
}

void
plan_confirm_note(struct app *app)
{
	struct confirm c;
	if (!confirm_read(&app->model, &c) || c.change == 0)
		return;
	int64_t left = confirm_left_s(&app->model, &c);
	render_note(app,
	    P_("! change %ld is taken back in %lld second unless it is "
	       "confirmed",
		"! change %ld is taken back in %lld seconds unless it is "
		"confirmed",
		(unsigned long)left),
	    c.change, (long long)left);
	render_next(app, "smemail apply --keep %ld", c.change);
}

void
plan_show(struct app *app, const struct plan *p)
{
	plan_problem_note(app, p->problem);
	if (plan_is_empty(p)) {
		plan_nothing_show(app);
		return;
	}
	if (p->resumes)
		render_line(app, "%s",
		    _("an apply was cut short; its events are run again"));
	settings_show(app, p);
	files_show(app, p);
	events_show(app, p);
	const char *settings = arena_printf(app->arena,
	    P_("%zu setting", "%zu settings", p->n_settings), p->n_settings);
	const char *files = arena_printf(
	    app->arena, P_("%zu file", "%zu files", p->n_files), p->n_files);
	const char *events = arena_printf(app->arena,
	    P_("%zu event", "%zu events", p->n_events), p->n_events);
	render_note(app, "%s, %s, %s", settings, files, events);
}

static bool
plan_save(const struct plan *p, const char *path, struct err *e)
{
	struct buf text = BUF_INIT(SAVED_MAX);
	const struct file_replace how = {
		.mode = SAVED_MODE,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
	};
	base_text(&p->base, &text);
	bool ok = file_replace(path, buf_str(&text), &how, e);
	buf_clear(&text);
	return ok;
}

static int
plan_run(struct app *app, const struct call *call, struct err *e)
{
	struct plan *p;
	const char *saved = call_option(call, "output");
	if (!plan_make(&app->model, NULL, 0, &p, e) ||
	    (saved != NULL && !plan_save(p, saved, e)))
		return err_exit_status(e->code);
	bool empty = plan_is_empty(p);
	if (app->json) {
		plan_json(app, p);
	} else {
		plan_show(app, p);
		plan_confirm_note(app);
		if (!empty && saved != NULL)
			render_next(app, "smemail apply %s",
			    escape_shell_word(app->arena, str_of(saved)));
		else if (!empty)
			render_next(app, "smemail apply");
	}
	return call_has(call, "exit-code") && !empty ? CHANGES_PENDING : 0;
}

const struct command command_plan = {
	.words = "plan",
	.summary = N_("show what apply would do"),
	.text = N_("Shows the settings stored since the last apply, the lines "
		   "that change in generated files, and the events and "
		   "services that follow. Nothing is written. A plan kept "
		   "with -o is applied as it was shown, or not at all."),
	.options = {
		{
			.name = "exit-code",
			.help = N_("exit 3 when something waits"),
		},
		{
			.name = "output",
			.letter = 'o',
			.value = "FILE",
			.kind = ARG_FILE,
			.help = N_("keep it as a file for apply"),
		},
	},
	.run = plan_run,
};
