/* route ADDRESS: where mail for it would go. */
#include "core/model/route.h"

#include "cmd/app_dns.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/findings.h"
#include "cmd/render.h"
#include "core/base/i18n.h"

static void
route_json(struct app *app, const char *address, const struct findings *f,
    const struct routes *r)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.route/1");
	json_key(&j, "address");
	json_cstr(&j, address);
	json_key(&j, "ends");
	json_array_begin(&j);
	for (size_t i = 0; i < r->n; i++) {
		json_object_begin(&j);
		json_key(&j, "kind");
		json_cstr(&j, r->ends[i].kind);
		json_key(&j, "to");
		json_cstr(&j, r->ends[i].to);
		json_object_end(&j);
	}
	json_array_end(&j);
	findings_json(&j, f);
	render_json_end(app, &j, &buf);
}

static int
run_route(struct app *app, const struct call *call, struct err *e)
{
	struct findings *f = ARENA_NEW(app->arena, struct findings);
	struct routes *r = ARENA_NEW(app->arena, struct routes);
	struct err why = ERR_INIT;
	/* local addresses need no resolver */
	struct dns *dns = app_dns(app, &why);
	if (!route_address(&app->model, dns, call->args[0], f, r, e))
		return err_exit_status(e->code);
	if (!app->json)
		return findings_show(app, f);
	route_json(app, call->args[0], f, r);
	return findings_exit(f);
}

const struct command command_route = {
	.words = "route",
	.summary = N_("tell where mail for an address would go"),
	.text = N_("User, group, pseudonym, another server for the domain, the "
		   "smarthost or the servers of a foreign domain, with the "
		   "setting that decides each step. Exit status 1 when it "
		   "would be refused."),
	.args = { { "ADDRESS", ARG_HOST, ARG_ONE, NULL } },
	.run = run_route,
};
