/* The commands archive: a copy of all mail, or of outgoing mail (F096-F099). */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/settings.h"
#include "cmd/task.h"
#include "core/base/i18n.h"

static const char *const ids[] = { "archive.bcc", "archive.bcc-user",
	"archive.bcc-mode", "archive.outgoing-only", NULL };

static int
run_show(struct app *app, const struct call *call, struct err *e)
{
	(void)call;
	return task_show(app, ids, e);
}

static bool
exclude(const struct call *call, const char *a, const char *b, struct err *e)
{
	if (!call_has(call, a) || !call_has(call, b))
		return true;
	return err_set(
	    e, ERR_USAGE, _("--%s and --%s exclude one another"), a, b);
}

static int
run_enable(struct app *app, const struct call *call, struct err *e)
{
	struct task t;

	if (!exclude(call, "hidden", "visible", e) ||
	    !exclude(call, "outgoing-only", "all", e))
		return err_exit_status(e->code);
	task_begin(app, &t);
	task_wish(&t, "archive.bcc", NULL, "enabled");
	if (call_has(call, "user"))
		task_wish(
		    &t, "archive.bcc-user", NULL, call_option(call, "user"));
	if (call_has(call, "hidden"))
		task_wish(&t, "archive.bcc-mode", NULL, "bcc");
	if (call_has(call, "visible"))
		task_wish(&t, "archive.bcc-mode", NULL, "cc");
	if (call_has(call, "outgoing-only"))
		task_wish(&t, "archive.outgoing-only", NULL, "outgoing");
	if (call_has(call, "all"))
		task_wish(&t, "archive.outgoing-only", NULL, NULL);
	return task_store(&t, call, e);
}

static int
run_disable(struct app *app, const struct call *call, struct err *e)
{
	struct task t;

	task_begin(app, &t);
	task_wish(&t, "archive.bcc", NULL, "disabled");
	return task_store(&t, call, e);
}

const struct command command_archive_show = {
	.words = "archive show",
	.summary = N_("show whether mail is copied, and where to"),
	.text = N_("The settings of the area Delivery that concern copies."),
	.run = run_show,
};

const struct command command_archive_enable = {
	.words = "archive enable",
	.summary = N_("copy all mail, or outgoing mail, to an account"),
	.text = N_("A header shows the copy unless --hidden; users have a "
		   "right to know. --outgoing-only covers mail from outside "
		   "logins and from the local networks."),
	.options = { { .name = "user",
			 .value = "USER",
			 .kind = ARG_TEXT,
			 .help = N_("the account that gets the copies") },
	    { .name = "hidden", .help = N_("no header tells of the copy") },
	    { .name = "visible", .help = N_("a header tells of the copy") },
	    { .name = "outgoing-only", .help = N_("outgoing mail only") },
	    { .name = "all", .help = N_("all mail again") },
	    SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_enable,
};

const struct command command_archive_disable = {
	.words = "archive disable",
	.summary = N_("copy no mail any more"),
	.text = N_("The account and its mail stay."),
	.options = { SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_disable,
};
