/* The commands plan and apply. */
#include "core/model/plan.h"

#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/when.h"
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "core/model/journal.h"

#include <stdio.h>
#include <string.h>

enum {
	CHANGES_PENDING = 3,
	NAME_COLUMNS_MAX = 40,
	STEPS_MAX = 512,
	DETAIL_COLUMNS = 55
};

static const struct journal_apply *
last_apply(struct app *app)
{
	static const struct journal none;
	struct journal j = none;
	return journal_read(&app->model, &j, NULL) ? journal_last_apply(&j)
						   : NULL;
}

static void
nothing_show(struct app *app)
{
	const struct journal_apply *last = last_apply(app);
	if (last == NULL)
		render_line(app, _("nothing to apply"));
	else
		render_line(app,
		    _("nothing to apply; last apply: change %ld, %s, %s"),
		    last->change, when_shown(app, last->time_s), last->who);
}

/* Does the new value carry the setting's risk? */
static bool
is_risky(const struct plan_setting *s)
{
	const struct setting *d = s->setting;
	if (d == NULL || d->risk == SETTING_RISK_NONE ||
	    strcmp(s->new_value, "-") == 0)
		return false;
	if (d->risk_value != NULL)
		return strcmp(d->risk_value, s->new_value) == 0;
	return d->default_value == NULL ||
	       strcmp(d->default_value, s->new_value) != 0;
}

static bool
list_has(struct str list, const char *separators, struct str entry)
{
	while (list.len > 0) {
		size_t n = 0;
		while (n < list.len && strchr(separators, list.ptr[n]) == NULL)
			n++;
		if (str_eq(str_trim(str_sub(list, 0, n)), entry))
			return true;
		list = str_sub(list, n + 1, list.len);
	}
	return false;
}

/* Entries of 'list' that 'other' lacks, each with a sign in front. */
static void
entries_add(struct buf *out, struct str list, struct str other,
    const char *separators, char sign)
{
	while (list.len > 0) {
		size_t n = 0;
		while (n < list.len && strchr(separators, list.ptr[n]) == NULL)
			n++;
		struct str entry = str_trim(str_sub(list, 0, n));
		list = str_sub(list, n + 1, list.len);
		if (entry.len == 0 || str_is(entry, "-") ||
		    list_has(other, separators, entry))
			continue;
		buf_addf(out, "%s%c %.*s", out->len > 0 ? ", " : "", sign,
		    STR_ARG(entry));
	}
}

/* "4 -> 5", or the entries that come and go. */
static const char *
change_shown(struct app *app, const struct plan_setting *s)
{
	struct buf text = BUF_INIT(64 * 1024);
	const struct setting *d = s->setting;
	if (d != NULL && (d->flags & SETTING_LIST) != 0) {
		struct str old = str_of(s->old_value);
		struct str new = str_of(s->new_value);
		const char *sep =
		    strchr(d->separator != NULL ? d->separator : ",", ':')
			? ",:"
			: ",";
		entries_add(&text, old, new, sep, '-');
		entries_add(&text, new, old, sep, '+');
	}
	if (text.len == 0)
		buf_addf(&text, "%s -> %s", s->old_value, s->new_value);
	const char *copy = arena_cstr(app->arena, buf_str(&text));
	buf_clear(&text);
	return copy;
}

static const char *
risk_shown(struct app *app, const struct plan_setting *s)
{
	char *words =
	    arena_cstr(app->arena, str_of(setting_risk_word(s->setting->risk)));
	for (char *c = words; *c != '\0'; c++)
		if (*c == '-')
			*c = ' ';
	return words;
}

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
		bool risky = is_risky(s);
		render_line(app, "%c %-*s  %s%s%s", risky ? '!' : ' ',
		    (int)width, s->name, change_shown(app, s),
		    risky ? "   " : "", risky ? risk_shown(app, s) : "");
	}
}

static void
files_show(struct app *app, const struct plan *p)
{
	if (p->live) {
		render_line(app, "%s", _("files"));
		render_line(
		    app, "  %s", _("as the server's own templates make them"));
		return;
	}
	if (p->n_files > 0)
		render_line(app, "%s", _("files"));
	for (size_t i = 0; i < p->n_files; i++) {
		struct str rest = p->files[i].diff, line;
		render_line(app, "  %s%s", p->files[i].path,
		    p->files[i].is_new ? _("   new") : "");
		while (str_next_line(&rest, &line))
			if (line.ptr[0] != ' ')
				render_line(app, "  %.*s", STR_ARG(line));
	}
}

/* "; reloads qpsmtpd, sqpsmtpd; restarts spamd" */
static void
services_add(struct buf *out, const struct plan_event *ev)
{
	static const char *const actions[][2] = {
		{ "reload", N_("reloads") },
		{ "restart", N_("restarts") },
		{ "start", N_("starts") },
		{ "stop", N_("stops") },
	};
	for (size_t a = 0; a < ARRAY_LEN(actions); a++) {
		bool first = true;
		for (size_t i = 0; i < ev->n_services; i++) {
			const struct plan_service *s = &ev->services[i];
			if (strcmp(s->action, actions[a][0]) != 0)
				continue;
			if (first)
				buf_addf(
				    out, "; %s %s", _(actions[a][1]), s->name);
			else
				buf_addf(out, ", %s", s->name);
			first = false;
		}
	}
}

static void
events_show(struct app *app, const struct plan *p)
{
	if (p->n_events > 0)
		render_line(app, "%s", _("events"));
	for (size_t i = 0; i < p->n_events; i++) {
		const struct plan_event *ev = &p->events[i];
		struct buf text = BUF_INIT(16 * 1024);
		if (!p->live)
			buf_addf(&text, _("%zu files, %zu differ"), ev->files,
			    ev->files_changed);
		services_add(&text, ev);
		const char *shown = buf_cstr(&text);
		render_line(app, "  %s%s%s   %s", ev->name,
		    ev->argument != NULL ? " " : "",
		    ev->argument != NULL ? ev->argument : "",
		    shown[0] == ';' ? shown + 2 : shown);
		buf_clear(&text);
	}
}

static void
plan_show(struct app *app, const struct plan *p)
{
	if (plan_is_empty(p)) {
		nothing_show(app);
		return;
	}
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
	render_next(app, "smemail apply");
}

static void
base_json(struct app *app, struct json *j)
{
	const struct journal_apply *last = last_apply(app);
	json_key(j, "base");
	if (last == NULL) {
		json_null(j);
		return;
	}
	char text[CLOCK_RFC3339_SIZE];
	json_object_begin(j);
	json_key(j, "change");
	json_int(j, last->change);
	json_key(j, "time");
	json_cstr(j, clock_rfc3339(last->time_s, text));
	json_key(j, "who");
	json_cstr(j, last->who);
	json_object_end(j);
}

static void
settings_json(struct json *j, const struct plan *p)
{
	json_key(j, "settings");
	json_array_begin(j);
	for (size_t i = 0; i < p->n_settings; i++) {
		const struct plan_setting *s = &p->settings[i];
		json_object_begin(j);
		json_key(j, "name");
		json_cstr(j, s->name);
		json_key(j, "old");
		json_cstr(j, s->old_value);
		json_key(j, "new");
		json_cstr(j, s->new_value);
		json_key(j, "risk");
		json_cstr(j,
		    is_risky(s) ? setting_risk_word(s->setting->risk) : NULL);
		json_key(j, "origin");
		json_cstr(j, s->origin);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
files_json(struct json *j, const struct plan *p)
{
	json_key(j, "files");
	json_array_begin(j);
	for (size_t i = 0; i < p->n_files; i++) {
		const struct plan_file *f = &p->files[i];
		json_object_begin(j);
		json_key(j, "path");
		json_cstr(j, f->path);
		json_key(j, "added");
		json_int(j, (int64_t)f->added);
		json_key(j, "removed");
		json_int(j, (int64_t)f->removed);
		json_key(j, "diff");
		json_str(j, f->diff);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
events_json(struct json *j, const struct plan *p)
{
	json_key(j, "events");
	json_array_begin(j);
	for (size_t i = 0; i < p->n_events; i++) {
		const struct plan_event *ev = &p->events[i];
		json_object_begin(j);
		json_key(j, "name");
		json_cstr(j, ev->name);
		json_key(j, "arguments");
		json_array_begin(j);
		if (ev->argument != NULL)
			json_cstr(j, ev->argument);
		json_array_end(j);
		json_key(j, "files");
		json_int(j, (int64_t)ev->files);
		json_key(j, "services");
		json_array_begin(j);
		for (size_t k = 0; k < ev->n_services; k++) {
			json_object_begin(j);
			json_key(j, "name");
			json_cstr(j, ev->services[k].name);
			json_key(j, "action");
			json_cstr(j, ev->services[k].action);
			json_object_end(j);
		}
		json_array_end(j);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
plan_json(struct app *app, const struct plan *p)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.plan/1");
	base_json(app, &j);
	json_key(&j, "pending");
	json_int(&j, (int64_t)p->n_settings);
	settings_json(&j, p);
	files_json(&j, p);
	events_json(&j, p);
	render_json_end(app, &j, &buf);
}

static int
plan_run(struct app *app, const struct call *call, struct err *e)
{
	struct plan *p;
	if (!plan_make(&app->model, NULL, 0, &p, e))
		return err_exit_status(e->code);
	if (app->json)
		plan_json(app, p);
	else
		plan_show(app, p);
	return call_has(call, "exit-code") && !plan_is_empty(p)
		   ? CHANGES_PENDING
		   : 0;
}

/* Steps of an apply: shown as they come, kept for JSON. */
struct steps {
	struct app *app;
	struct plan_step kept[STEPS_MAX];
	size_t n;
};

static void
step_show(void *ctx, const struct plan_step *step)
{
	struct steps *s = ctx;
	if (s->n < STEPS_MAX)
		s->kept[s->n++] = *step;
	if (s->app->json)
		return;
	render_line(s->app, "%-5s %-8s %-*s %7.2f s", step->state, step->name,
	    DETAIL_COLUMNS, step->detail, step->seconds);
	fflush(s->app->out);
}

static void
apply_json(struct app *app, const struct steps *s, long change)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.apply/1");
	json_key(&j, "change");
	if (change > 0)
		json_int(&j, change);
	else
		json_null(&j);
	json_key(&j, "applied");
	json_bool(&j, change > 0);
	json_key(&j, "steps");
	json_array_begin(&j);
	for (size_t i = 0; i < s->n; i++) {
		json_object_begin(&j);
		json_key(&j, "state");
		json_cstr(&j, s->kept[i].state);
		json_key(&j, "name");
		json_cstr(&j, s->kept[i].name);
		json_key(&j, "detail");
		json_cstr(&j, s->kept[i].detail);
		json_key(&j, "seconds");
		json_double(&j, s->kept[i].seconds, 3);
		json_object_end(&j);
	}
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

static int
apply_run(struct app *app, const struct call *call, struct err *e)
{
	struct steps *s = ARENA_NEW(app->arena, struct steps);
	long change = 0;
	(void)call;
	s->app = app;
	if (!plan_apply(&app->model, NULL, 0, step_show, s, &change, e))
		return err_exit_status(e->code);
	if (app->json)
		apply_json(app, s, change);
	else if (change > 0)
		render_line(app, _("change %ld applied"), change);
	else
		nothing_show(app);
	return 0;
}

const struct command command_plan = {
	.words = "plan",
	.summary = N_("show what apply would do"),
	.text = N_("Shows the settings stored since the last apply, the lines "
		   "that change in generated files, and the events and "
		   "services that follow. Nothing is written."),
	.options = {
		{ "exit-code", 0, NULL, ARG_TEXT,
		    N_("exit 3 when something waits") },
	},
	.run = plan_run,
};

const struct command command_apply = {
	.words = "apply",
	.summary = N_("bring stored settings into force"),
	.text = N_("Expands the files concerned, runs each event once, tells "
		   "the services and checks that they answer. A configuration "
		   "that does not expand, or that the mail filter would not "
		   "load, changes nothing."),
	.flags = COMMAND_CHANGES,
	.run = apply_run,
};
