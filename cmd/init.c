/* The command init: lay out the tree of a mail system below a folder. */
#include "core/model/init.h"

#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/daemon.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/base/num.h"

static void
result_json(struct app *app, const struct init_result *r)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.init/1");
	json_key(&j, "root");
	json_cstr(&j, app->root.prefix);
	json_key(&j, "existed");
	json_bool(&j, r->existed);
	json_key(&j, "release");
	json_cstr(&j, r->release);
	json_key(&j, "domain");
	json_cstr(&j, r->domain);
	json_key(&j, "user");
	json_cstr(&j, r->user);
	json_key(&j, "smtp_port");
	json_int(&j, r->smtp_port);
	json_key(&j, "files");
	json_int(&j, (int64_t)r->files);
	render_json_end(app, &j, &buf);
}

static int
init_run(struct app *app, const struct call *call, struct err *e)
{
	char filterd[SYS_PATH_MAX];
	struct init_result r;
	int64_t base = INIT_PORT_BASE;
	const char *port_base = call_option(call, "port-base");
	if (port_base != NULL &&
	    !num_parse_i64(str_of(port_base), 1, INIT_PORT_BASE_MAX, &base)) {
		err_set(e, ERR_USAGE,
		    _("'%s' is not a port base: whole number, 1 to %d"),
		    port_base, INIT_PORT_BASE_MAX);
		return err_exit_status(e->code);
	}
	if (!daemon_find("smemail-filterd", filterd, e))
		return err_exit_status(e->code);
	struct init_wish wish = {
		.release = call_option(call, "release"),
		.domain = call_option(call, "domain"),
		.user = call_option(call, "user"),
		.port_base = (int)base,
		.filterd = filterd,
		.dry_run = call_has(call, "dry-run"),
	};
	if (!init_root(&app->model, &wish, &r, e))
		return err_exit_status(e->code);
	if (app->json) {
		result_json(app, &r);
		return 0;
	}
	if (r.existed)
		render_line(app, _("'%s' is a root already; nothing changed"),
		    app->root.prefix);
	else if (!wish.dry_run)
		render_line(app, _("laid out %zu files below '%s'"), r.files,
		    app->root.prefix);
	render_line(app, "release  %s", r.release);
	render_line(app, "domain   %s", r.domain);
	render_line(app, "user     %s", r.user);
	render_line(app, "smtp     127.0.0.1:%d", r.smtp_port);
	if (wish.dry_run)
		render_dry_run(app);
	else
		render_next(app, "smemail --root %s up", app->root.prefix);
	return 0;
}

const struct command command_init = {
	.words = "init",
	.summary = N_("lay out a mail system below a folder"),
	.text = N_(
	    "Makes the folders, databases, templates and services of an SME "
	    "Server below the folder named by --root, so that its mail system "
	    "can be run there by anybody, on loopback only. The folder must "
	    "be empty or new. A client on 127.0.0.x counts as the local "
	    "network, one on any other address of 127/8 as a stranger. Each "
	    "recipient's mail goes to home/e-smith/files/users/NAME/Maildir; "
	    "nothing is sent to other machines."),
	.options = {
		{ "release", 0, "RELEASE", ARG_TEXT,
		    N_("behave as SME 9.1, 10 (default) or 11") },
		{ "domain", 0, "DOMAIN", ARG_HOST,
		    N_("first domain (example.test)") },
		{ "user", 0, "NAME", ARG_TEXT, N_("first user") },
		{ "port-base", 0, "N", ARG_INT,
		    N_("ports N+525 for SMTP, N+465, N+587 (2000)") },
		DRY_RUN_OPTION,
	},
	.flags = COMMAND_CHANGES | COMMAND_NO_ROOT,
	.run = init_run,
};
