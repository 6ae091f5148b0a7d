/* The commands webmail: a host name that leads to the webmail (F114). */
#include "cmd/app_dns.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "cmd/task.h"
#include "core/base/i18n.h"
#include "core/model/own.h"

#include <string.h>

/* Does the name lead anywhere? Told, and never in the way. */
static void
note_dns(struct app *app, const char *host, struct str server)
{
	const struct dns_how how = { 0 };
	struct dns *dns = app_dns(app, NULL);
	const struct dns_answer *a =
	    dns != NULL ? dns_ask(dns, app->arena, str_of(host), DNS_A, &how)
			: NULL;

	if (a != NULL && a->status == DNS_OK)
		return;
	if (a != NULL && (a->status == DNS_NODATA || a->status == DNS_NXDOMAIN))
		render_note(app,
		    _("! '%s' is not in the DNS yet; publish: %s. IN CNAME "
		      "%.*s."),
		    host, host, STR_ARG(server));
	else
		render_note(app,
		    _("! whether '%s' is in the DNS could not be asked"), host);
}

static int
run_alias(struct app *app, const struct call *call, struct err *e)
{
	const char *host = call->args[0];
	struct own_names own;
	struct task t;

	if (!model_root_check(app->model.root, e) ||
	    !own_names_read(&app->model, &own, e))
		return err_exit_status(e->code);
	if (str_eq_nocase(str_of(host), own.host)) {
		err_set(e, ERR_USAGE,
		    _("'%s' is this server itself, whose webmail is at "
		      "/webmail"),
		    host);
		return err_exit_status(e->code);
	}
	task_begin(app, &t);
	task_wish(&t, "domain.add", host, "domain");
	task_wish(&t, "webmail.host-template", host, "ProxyPassVirtualHosts");
	task_wish(&t, "webmail.host-target", host,
	    arena_printf(app->arena, "http://%.*s/webmail", STR_ARG(own.host)));
	int status = task_store(&t, call, e);
	if (status == 0)
		note_dns(app, host, own.host);
	return status;
}

static int
run_unalias(struct app *app, const struct call *call, struct err *e)
{
	struct task t;

	task_begin(app, &t);
	task_wish(&t, "webmail.host-template", call->args[0], NULL);
	task_wish(&t, "webmail.host-target", call->args[0], NULL);
	return task_store(&t, call, e);
}

const struct command command_webmail_alias = {
	.words = "webmail alias",
	.summary = N_("let a host name lead to the webmail"),
	.text = N_("HOST, as mail.example.com, becomes a domain of this server "
		   "whose pages are those of the webmail. Its name in the DNS "
		   "is looked up and, where it is missing, the record to "
		   "publish is told. One change."),
	.args = { { "HOST", ARG_TEXT, ARG_ONE, NULL } },
	.options = { SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_alias,
};

const struct command command_webmail_unalias = {
	.words = "webmail unalias",
	.summary = N_("a host name leads to the webmail no more"),
	.text = N_("The domain stays; smemail db domains delete HOST takes it "
		   "away."),
	.args = { { "HOST", ARG_TEXT, ARG_ONE, NULL } },
	.options = { SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_unalias,
};
