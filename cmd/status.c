/* The command status: the first screen in words. */
#include "core/model/status.h"

#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/when.h"
#include "core/base/i18n.h"

enum {
	ANSWER_NO = 1,
	LIST_MAX = 4096,
	LABEL_WIDTH = 8
};

static bool
is_whole(const struct status *st)
{
	return st->damage.code == ERR_NONE;
}

static bool
is_ok(const struct status *st)
{
	return st->n_failed == 0 && st->n_missing == 0 && is_whole(st);
}

static const char *
overall(const struct status *st)
{
	return is_ok(st) ? "ok" : "FAIL";
}

static const char *
overall_words(struct app *app, const struct status *st)
{
	if (!is_whole(st))
		return st->damage.text;
	if (st->n_missing > 0)
		return _("a program of the server is missing");
	if (st->n_failed == 0)
		return _("every service that should run does");
	return arena_printf(app->arena,
	    P_("%zu service should run and does not",
		"%zu services should run and do not", st->n_failed),
	    st->n_failed);
}

/* "ok qpsmtpd, FAIL spamd (not started)" */
static const char *
services_words(struct app *app, const struct status *st)
{
	struct buf words = BUF_INIT(LIST_MAX);
	for (size_t i = 0; i < st->n_services; i++) {
		const struct service_row *r = &st->services[i];
		buf_addf(
		    &words, "%s%s %s", i > 0 ? ", " : "", r->state, r->name);
		if (r->why[0] != '\0')
			buf_addf(&words, " (%s)", r->why);
	}
	const char *text = words.len == 0
			       ? _("none under this root")
			       : arena_cstr(app->arena, buf_str(&words));
	buf_clear(&words);
	return text;
}

static const char *
logs_words(struct app *app, const struct status *st)
{
	struct buf words = BUF_INIT(LIST_MAX);
	for (size_t i = 0; st->logs != NULL && st->logs[i] != NULL; i++)
		buf_addf(&words, "%s%s", i > 0 ? " " : "", st->logs[i]);
	const char *text = words.len == 0
			       ? _("none yet")
			       : arena_cstr(app->arena, buf_str(&words));
	buf_clear(&words);
	return text;
}

static const char *
changes_words(struct app *app, const struct status *st)
{
	if (!st->applied)
		return arena_printf(
		    app->arena, _("%zu pending; no apply yet"), st->pending);
	return arena_printf(app->arena,
	    _("%zu pending; last apply: change %ld, %s, %s"), st->pending,
	    st->last.change, when_shown(app, st->last.time_s), st->last.who);
}

/* "the server's own expand-template, signal-event" */
static const char *
engine_words(struct app *app, const struct status *st)
{
	struct buf words = BUF_INIT(LIST_MAX);
	if (!st->live)
		return _("smemail's own templates and events");
	for (size_t i = 0; i < st->n_programs; i++) {
		const struct status_program *p = &st->programs[i];
		buf_addf(&words, "%s%s%s", i > 0 ? ", " : "", p->path,
		    p->there ? "" : _(" (missing)"));
	}
	const char *text = arena_printf(app->arena,
	    _("a server of its own: %.*s"), STR_ARG(buf_str(&words)));
	buf_clear(&words);
	return text;
}

static void
status_show(struct app *app, const struct status *st)
{
	render_fact(app, LABEL_WIDTH, overall(st), overall_words(app, st));
	render_fact(app, LABEL_WIDTH, _("services"), services_words(app, st));
	render_fact(app, LABEL_WIDTH, _("engine"), engine_words(app, st));
	render_fact(app, LABEL_WIDTH, _("changes"), changes_words(app, st));
	render_fact(app, LABEL_WIDTH, _("settings"),
	    is_whole(st)
		? arena_printf(app->arena,
		      _("%zu, of them %zu not at default, %zu not valid"),
		      st->settings, st->settings_set, st->settings_bad)
		: _("???? what is stored cannot be told"));
	render_fact(app, LABEL_WIDTH, _("logs"), logs_words(app, st));
	if (!is_whole(st))
		render_next(app, "%s", st->damage.next);
	else if (st->n_missing > 0)
		render_next(
		    app, "%s", _("install the package e-smith-lib again"));
	else if (st->n_failed > 0)
		render_next(app, "smemail service status");
	else if (st->settings_bad > 0)
		render_next(app, "smemail list --changed");
	else if (st->pending > 0)
		render_next(app, "smemail plan");
}

static void
services_json(struct json *j, const struct status *st)
{
	json_key(j, "services");
	json_array_begin(j);
	for (size_t i = 0; i < st->n_services; i++) {
		const struct service_row *r = &st->services[i];
		json_object_begin(j);
		json_key(j, "name");
		json_cstr(j, r->name);
		json_key(j, "state");
		json_cstr(j, r->state);
		json_key(j, "why");
		json_cstr(j, r->why);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
changes_json(struct json *j, const struct status *st)
{
	char time[CLOCK_RFC3339_SIZE];
	json_key(j, "changes");
	json_object_begin(j);
	json_key(j, "pending");
	json_int(j, (int64_t)st->pending);
	json_key(j, "last");
	if (st->applied) {
		json_object_begin(j);
		json_key(j, "change");
		json_int(j, st->last.change);
		json_key(j, "time");
		json_cstr(j, clock_rfc3339(st->last.time_s, time));
		json_key(j, "who");
		json_cstr(j, st->last.who);
		json_object_end(j);
	} else {
		json_null(j);
	}
	json_object_end(j);
}

static void
engine_json(struct json *j, const struct status *st)
{
	json_key(j, "engine");
	json_object_begin(j);
	json_key(j, "live");
	json_bool(j, st->live);
	json_key(j, "programs");
	json_array_begin(j);
	for (size_t i = 0; i < st->n_programs; i++) {
		json_object_begin(j);
		json_key(j, "path");
		json_cstr(j, st->programs[i].path);
		json_key(j, "there");
		json_bool(j, st->programs[i].there);
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

static void
status_json(struct app *app, const struct status *st)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.status/1");
	json_key(&j, "state");
	json_cstr(&j, overall(st));
	json_key(&j, "damage");
	if (is_whole(st))
		json_null(&j);
	else
		json_cstr(&j, st->damage.text);
	services_json(&j, st);
	engine_json(&j, st);
	changes_json(&j, st);
	json_key(&j, "settings");
	json_object_begin(&j);
	json_key(&j, "count");
	json_int(&j, (int64_t)st->settings);
	json_key(&j, "set");
	json_int(&j, (int64_t)st->settings_set);
	json_key(&j, "not_valid");
	json_int(&j, (int64_t)st->settings_bad);
	json_object_end(&j);
	json_key(&j, "logs");
	json_array_begin(&j);
	for (size_t i = 0; st->logs != NULL && st->logs[i] != NULL; i++)
		json_cstr(&j, st->logs[i]);
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

static int
status_run(struct app *app, const struct call *call, struct err *e)
{
	struct status st;
	(void)call;
	if (!status_read(&app->model, &st, e))
		return err_exit_status(e->code);
	if (app->json || app->jsonl)
		status_json(app, &st);
	else
		status_show(app, &st);
	return is_ok(&st) ? 0 : ANSWER_NO;
}

const struct command command_status = {
	.words = "status",
	.summary = N_("tell how the mail system stands"),
	.text = N_("The first screen in words: services that should run, "
		   "settings that wait for an apply, settings that are not "
		   "valid, databases that are damaged. Asks nothing of the "
		   "network. Exit status 1 when a service that should run does "
		   "not, or a database is damaged."),
	.run = status_run,
};
