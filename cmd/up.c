/* The commands up and down: run the services of an embedded root. */
#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/daemon.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/model/service.h"
#include "core/model/tree.h"

static void
up_json(struct app *app, const struct tree_state *t, bool was_up)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.up/1");
	json_key(&j, "changed");
	json_bool(&j, !was_up);
	json_key(&j, "pid");
	json_int(&j, t->runsvdir);
	json_key(&j, "smtp_port");
	json_int(&j, t->port);
	json_key(&j, "smtp_enabled");
	json_bool(&j, !t->disabled);
	render_json_end(app, &j, &buf);
}

/* What is there to be started or stopped. */
static int
dry_run(struct app *app, struct err *e)
{
	struct service_row *rows;
	size_t n;
	struct json j;
	struct buf buf;
	if (!tree_check_embedded(&app->model, e) ||
	    !service_rows(&app->model, &rows, &n, e))
		return err_exit_status(e->code);
	if (app->json) {
		render_json_begin(app, &j, &buf, "smemail.up.dry-run/1");
		json_key(&j, "rows");
		json_array_begin(&j);
	}
	for (size_t i = 0; i < n; i++) {
		if (!app->json) {
			render_line(
			    app, "%-4s  %s", rows[i].state, rows[i].name);
			continue;
		}
		json_object_begin(&j);
		json_key(&j, "name");
		json_cstr(&j, rows[i].name);
		json_key(&j, "state");
		json_cstr(&j, rows[i].state);
		json_object_end(&j);
	}
	if (app->json) {
		json_array_end(&j);
		render_json_end(app, &j, &buf);
	}
	render_dry_run(app);
	return 0;
}

static int
up_run(struct app *app, const struct call *call, struct err *e)
{
	char filterd[SYS_PATH_MAX];
	struct tree_state t;
	bool was_up;
	if (call_has(call, "dry-run"))
		return dry_run(app, e);
	if (!tree_check_embedded(&app->model, e) ||
	    !daemon_find("smemail-filterd", filterd, e) ||
	    !tree_up(&app->model, filterd, &t, &was_up, e))
		return err_exit_status(e->code);
	if (app->json) {
		up_json(app, &t, was_up);
		return 0;
	}
	render_line(app, "%s", was_up ? _("up already") : _("up"));
	if (t.disabled)
		render_line(app, _("off  qpsmtpd  disabled by smtp.status"));
	else
		render_line(app, "ok   qpsmtpd  127.0.0.1:%d", t.port);
	render_next(app, "smemail --root %s service list", app->root.prefix);
	return 0;
}

static int
down_run(struct app *app, const struct call *call, struct err *e)
{
	bool was_up;
	if (call_has(call, "dry-run"))
		return dry_run(app, e);
	if (!tree_down(&app->model, &was_up, e))
		return err_exit_status(e->code);
	if (app->json) {
		struct json j;
		struct buf buf;
		render_json_begin(app, &j, &buf, "smemail.down/1");
		json_key(&j, "changed");
		json_bool(&j, was_up);
		render_json_end(app, &j, &buf);
		return 0;
	}
	render_line(app, "%s", was_up ? _("down") : _("down already"));
	return 0;
}

const struct command command_up = {
	.words = "up",
	.summary = N_("start the services of this root"),
	.text = N_("Starts the services below --root under runit, on "
		   "loopback ports, as whoever runs it; they go on when the "
		   "terminal is closed. Returns when the mail server greets. "
		   "The services of the machine itself (root '/') are not "
		   "smemail's to start."),
	.options = { DRY_RUN_OPTION },
	.flags = COMMAND_CHANGES,
	.run = up_run,
};

const struct command command_down = {
	.words = "down",
	.summary = N_("stop the services of this root"),
	.text = N_("Stops everything that up started and waits until it has "
		   "ended."),
	.options = { DRY_RUN_OPTION },
	.flags = COMMAND_CHANGES,
	.run = down_run,
};
