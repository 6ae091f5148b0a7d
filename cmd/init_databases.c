/* The databases by their defaults, as the server's own action makes them. */
#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/model/defaults.h"
#include "core/sys/spawn.h"

#define LIVE_ACTION "/etc/e-smith/events/actions/initialize-default-databases"

/* Migrations of a live server are written for its own libraries. */
static int
live_run(struct app *app, struct err *e)
{
	const char *argv[] = { LIVE_ACTION, "init-databases", NULL };
	const struct spawn s = { .argv = argv, .path = LIVE_ACTION };
	int status = 0;
	if (!spawn_run(&s, app->clock, &status, e))
		return err_exit_status(e->code);
	return status == 0 ? 0 : err_exit_status(ERR_NO);
}

static int
init_databases_run(struct app *app, const struct call *call, struct err *e)
{
	struct defaults_result r;
	(void)call;
	if (model_is_live(&app->root))
		return live_run(app, e);
	app->model.release = model_release(&app->root, app->arena);
	/* one that failed was told, and is no reason to stop a server's start
	 */
	return defaults_apply(&app->model, render_note_text, app, &r, e)
		   ? 0
		   : err_exit_status(e->code);
}

const struct command command_init_databases = {
	.words = "init-databases",
	.summary = N_("make databases and bring them up to date"),
	.text = N_("For every database below /etc/e-smith/db: runs the "
		   "fragments of migrate/, gives records the properties of "
		   "defaults/KEY/PROPERTY that they lack, and sets those of "
		   "force/KEY/PROPERTY. As with the server's own action the "
		   "exit status is 0 even when a database failed."),
	.flags = COMMAND_CHANGES | COMMAND_NO_ROOT,
	.run = init_databases_run,
};
