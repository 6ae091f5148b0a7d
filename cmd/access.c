/*
 * The commands access: who may reach a service, as one level that stands for
 * several properties, by the names of the server's panel (F172).
 */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "cmd/task.h"
#include "core/base/i18n.h"
#include "core/base/json.h"
#include "core/base/nearest.h"

#include <string.h>

enum {
	PROPS_MAX = 4,
	LEVELS_MAX = 4
};

struct level {
	const char *name;
	const char *values[PROPS_MAX]; /* of the service's ids */
};

struct service {
	const char *name;
	const char *ids[PROPS_MAX];
	struct level levels[LEVELS_MAX];
};

static const struct service services[] = {
	{ "imap",
	    { "imap.status", "imap.access", "imaps.status", "imaps.access" },
	    { { "disabled", { "enabled", "localhost", "enabled", "private" } },
		{ "local", { "enabled", "private", "enabled", "private" } },
		{ "publicSSL", { "enabled", "private", "enabled", "public" } },
		{ "public", { "enabled", "public", "enabled", "public" } } } },
	{ "pop3",
	    { "pop3.status", "pop3.access", "pop3s.status", "pop3s.access" },
	    { { "disabled",
		  { "disabled", "disabled", "disabled", "disabled" } },
		{ "local", { "enabled", "private", "enabled", "private" } },
		{ "publicSSL", { "enabled", "private", "enabled", "public" } },
		{ "public", { "enabled", "public", "enabled", "public" } } } },
	{ "smtp",
	    { "smtp.status", "auth.smtp", "smtp.access", "auth.smtp-scope" },
	    { { "noauth", { "enabled", "disabled", "public", "private" } },
		{ "localAuth", { "enabled", "enabled", "public", "private" } },
		{ "publicAuth",
		    { "enabled", "enabled", "public", "public" } } } },
	{ "smtps", { "smtps.status", "smtps.access" },
	    { { "disabled", { "disabled", "disabled" } },
		{ "local", { "enabled", "local" } },
		{ "public", { "enabled", "public" } } } },
	{ "submission", { "submission.status", "submission.access" },
	    { { "disabled", { "disabled", "disabled" } },
		{ "local", { "enabled", "local" } },
		{ "public", { "enabled", "public" } } } },
	{ "webmail", { "webmail.roundcube-status", "webmail.roundcube-access" },
	    { { "disabled", { "disabled" } },
		{ "localnetworkSSL", { "enabled", "private" } },
		{ "enabledSSL", { "enabled", "public" } } } },
};

static bool
is_here(struct app *app, const char *id)
{
	return id != NULL &&
	       setting_on_release(setting_find(str_of(id)), app->model.release);
}

/* A service that this release has. */
static const struct service *
service_find(struct app *app, const char *name, struct err *e)
{
	struct nearest near = { .wanted = str_of(name) };

	for (size_t i = 0; i < ARRAY_LEN(services); i++) {
		if (!is_here(app, services[i].ids[0]))
			continue;
		if (strcmp(name, services[i].name) == 0)
			return &services[i];
		nearest_try(&near, str_of(services[i].name));
	}
	err_set(e, ERR_USAGE, _("no service '%s' with levels of access"), name);
	if (near.best.len > 0)
		err_next(e, "smemail access show %.*s", STR_ARG(near.best));
	else
		err_next(e, "smemail access show");
	return NULL;
}

/* "disabled, local, publicSSL, public" */
static const char *
level_names(struct app *app, const struct service *s)
{
	const char *all = s->levels[0].name;

	for (size_t i = 1; i < LEVELS_MAX && s->levels[i].name != NULL; i++)
		all =
		    arena_printf(app->arena, "%s, %s", all, s->levels[i].name);
	return all;
}

static const struct level *
level_find(
    struct app *app, const struct service *s, const char *name, struct err *e)
{
	for (size_t i = 0; i < LEVELS_MAX && s->levels[i].name != NULL; i++)
		if (str_eq_nocase(str_of(name), str_of(s->levels[i].name)))
			return &s->levels[i];
	err_set(e, ERR_USAGE, _("'%s' has no level '%s'; there are %s"),
	    s->name, name, level_names(app, s));
	return NULL;
}

/* The values in force, of this release. */
static bool
values_read(struct app *app, struct settings_store *st, const struct service *s,
    struct str *values, struct err *e)
{
	for (size_t i = 0; i < PROPS_MAX; i++) {
		values[i] = (struct str)STR_EMPTY;
		if (is_here(app, s->ids[i]) &&
		    !task_value(app, st, s->ids[i], &values[i], e))
			return false;
	}
	return true;
}

/* The level that the values make, or NULL: a mix. */
static const char *
level_of(struct app *app, const struct service *s, const struct str *values)
{
	for (size_t i = 0; i < LEVELS_MAX && s->levels[i].name != NULL; i++) {
		const struct level *l = &s->levels[i];
		bool fits = true;
		for (size_t k = 0; k < PROPS_MAX; k++)
			fits = fits && (l->values[k] == NULL ||
					   !is_here(app, s->ids[k]) ||
					   str_is(values[k], l->values[k]));
		if (fits)
			return l->name;
	}
	return NULL;
}

/* "imap.status enabled, imap.access private" */
static const char *
values_text(struct app *app, const struct service *s, const struct str *values)
{
	const char *all = "";

	for (size_t i = 0; i < PROPS_MAX; i++)
		if (is_here(app, s->ids[i]))
			all = arena_printf(app->arena, "%s%s%s %.*s", all,
			    i > 0 ? ", " : "", s->ids[i],
			    STR_ARG(values[i].len > 0 ? values[i] : STR("-")));
	return all;
}

static const struct render_column columns[] = {
	{ .head = N_("SERVICE") },
	{ .head = N_("LEVEL") },
	{ .head = N_("SETTINGS") },
};

struct shown {
	const char *service, *level, *values;
};

static void
show_json(struct app *app, const struct shown *rows, size_t n)
{
	struct json j;
	struct buf buf;

	render_json_begin(app, &j, &buf, "smemail.access/1");
	json_key(&j, "rows");
	json_array_begin(&j);
	for (size_t i = 0; i < n; i++) {
		json_object_begin(&j);
		json_key(&j, "service");
		json_cstr(&j, rows[i].service);
		json_key(&j, "level");
		json_cstr(&j, rows[i].level);
		json_key(&j, "settings");
		json_cstr(&j, rows[i].values);
		json_object_end(&j);
	}
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

static void
show_text(struct app *app, const struct shown *rows, size_t n)
{
	struct str *cells =
	    ARENA_ARRAY(app->arena, n * ARRAY_LEN(columns) + 1, struct str);
	size_t mixes = 0;

	for (size_t i = 0; i < n; i++) {
		struct str *c = &cells[i * ARRAY_LEN(columns)];
		c[0] = str_of(rows[i].service);
		c[1] = str_of(
		    rows[i].level != NULL ? rows[i].level : _("(a mix)"));
		c[2] = str_of(rows[i].values);
		mixes += rows[i].level == NULL;
	}
	render_table(app, columns, ARRAY_LEN(columns), cells, n);
	if (mixes > 0)
		render_note(
		    app, _("a mix fits no level; "
			   "smemail access set SERVICE LEVEL mends it"));
}

/* Exit status 1 when something fits no level. */
static int
run_show(struct app *app, const struct call *call, struct err *e)
{
	const struct service *only = NULL;
	struct settings_store *st = NULL;
	struct shown rows[ARRAY_LEN(services)];
	size_t n = 0;
	bool ok = true, mix = false;

	if (call->n_args > 0) {
		only = service_find(app, call->args[0], e);
		if (only == NULL)
			return err_exit_status(e->code);
	}
	ok = settings_begin(app, &st, e);
	for (size_t i = 0; ok && i < ARRAY_LEN(services); i++) {
		const struct service *s = &services[i];
		struct str values[PROPS_MAX];
		if (!is_here(app, s->ids[0]) || (only != NULL && s != only))
			continue;
		ok = values_read(app, st, s, values, e);
		if (!ok)
			break;
		rows[n++] = (struct shown){ s->name, level_of(app, s, values),
			values_text(app, s, values) };
		mix = mix || rows[n - 1].level == NULL;
	}
	settings_close(st);
	if (!ok)
		return err_exit_status(e->code);
	if (settings_wants_json(app))
		show_json(app, rows, n);
	else
		show_text(app, rows, n);
	return mix ? 1 : 0;
}

static int
run_set(struct app *app, const struct call *call, struct err *e)
{
	const struct service *s = service_find(app, call->args[0], e);
	const struct level *l =
	    s != NULL ? level_find(app, s, call->args[1], e) : NULL;
	struct task t;

	if (l == NULL)
		return err_exit_status(e->code);
	task_begin(app, &t);
	for (size_t i = 0; i < PROPS_MAX; i++)
		if (l->values[i] != NULL && is_here(app, s->ids[i]))
			task_wish(&t, s->ids[i], NULL, l->values[i]);
	return task_store(&t, call, e);
}

const struct command command_access_show = {
	.words = "access show",
	.summary = N_("show who may reach each service, as one level"),
	.text = N_("The levels are those of the server's panel. Settings that "
		   "fit none are shown as a mix; the exit status is then 1."),
	.args = { { "SERVICE", ARG_TEXT, ARG_OPTIONAL, NULL } },
	.run = run_show,
};

const struct command command_access_set = {
	.words = "access set",
	.summary = N_("set who may reach a service"),
	.text = N_("imap, pop3: disabled, local, publicSSL, public. smtp: "
		   "noauth, localAuth, publicAuth. smtps, submission: "
		   "disabled, local, public. webmail (SME 11): disabled, "
		   "localnetworkSSL, enabledSSL. One change."),
	.args = { { "SERVICE", ARG_TEXT, ARG_ONE, NULL },
	    { "LEVEL", ARG_TEXT, ARG_ONE, NULL } },
	.options = { SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_set,
};
