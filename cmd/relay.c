/* The commands relay: who may send without a login (F129-F133). */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "cmd/task.h"
#include "core/base/i18n.h"

#include <string.h>

#define SINGLE "relay.free-clients"
#define CUSTOM "relay.custom-clients"
#define NET    "relay.network-require-auth"

static const char *const ids[] = { "relay.require-auth", SINGLE, CUSTOM,
	"relay.no-lan", "relay.norelayclients", NULL };

static int
run_show(struct app *app, const struct call *call, struct err *e)
{
	(void)call;
	return task_show(app, ids, e);
}

/* The list of a setting with one entry more or less; NULL: empty. */
static bool
changed_list(struct app *app, const char *id, const char *const *entries,
    size_t n, bool add, const char **out, struct err *e)
{
	struct settings_store *st = NULL;
	struct str value, rest;
	const char *list = NULL;
	bool ok =
	    settings_begin(app, &st, e) && task_value(app, st, id, &value, e);

	settings_close(st);
	if (!ok)
		return false;
	rest = value;
	while (rest.ptr != NULL) {
		struct str one = str_trim(str_cut(rest, ',', &rest));
		bool named = false;
		for (size_t i = 0; i < n; i++)
			named = named || str_is(one, entries[i]);
		if (one.len == 0 || named)
			continue;
		list = list == NULL ? arena_cstr(app->arena, one)
				    : arena_printf(app->arena, "%s,%.*s", list,
					  STR_ARG(one));
	}
	for (size_t i = 0; add && i < n; i++)
		list = list == NULL ? entries[i]
				    : arena_printf(app->arena, "%s,%s", list,
					  entries[i]);
	*out = list;
	return true;
}

static bool
change_list(struct task *t, const char *id, const char *const *entries,
    size_t n, bool add, struct err *e)
{
	const char *list;

	if (!changed_list(t->app, id, entries, n, add, &list, e))
		return false;
	task_wish(t, id, NULL, list);
	return true;
}

static int
change(struct app *app, const struct call *call, bool allow, struct err *e)
{
	const char *net = call_option(call, "network");
	const char *custom = call_option(call, "custom");
	struct task t;
	bool ok = true;

	task_begin(app, &t);
	if (call->n_args > 0)
		ok =
		    change_list(&t, SINGLE, call->args, call->n_args, allow, e);
	if (ok && custom != NULL)
		ok = change_list(&t, CUSTOM, &custom, 1, allow, e);
	if (net != NULL)
		task_wish(&t, NET, net, allow ? "disabled" : NULL);
	if (call_has(call, "lan"))
		task_wish(&t, "relay.no-lan", NULL, allow ? NULL : "present");
	if (ok && t.n == 0) {
		ok = err_set(e, ERR_USAGE,
		    _("name an address, --network, "
		      "--custom or --lan"));
		err_next(e, "smemail relay show");
	}
	return ok ? task_store(&t, call, e) : err_exit_status(e->code);
}

static int
run_allow(struct app *app, const struct call *call, struct err *e)
{
	return change(app, call, true, e);
}

static int
run_deny(struct app *app, const struct call *call, struct err *e)
{
	return change(app, call, false, e);
}

#define RELAY_OPTIONS                                                          \
	{ .name = "network",                                                   \
		.value = "NETWORK",                                            \
		.kind = ARG_TEXT,                                              \
		.help = N_("all of this local network") },                     \
	    { .name = "custom",                                                \
		    .value = "CLIENT",                                         \
		    .kind = ARG_TEXT,                                          \
		    .help = N_("prefix (10.10.0.), address or network") },     \
	    { .name = "lan", .help = N_("the local networks as a whole") },    \
	    SETTINGS_STORE_OPTIONS

const struct command command_relay_show = {
	.words = "relay show",
	.summary = N_("show who may send without a login"),
	.text = N_("The settings of the area Relay & Auth that decide it."),
	.run = run_show,
};

const struct command command_relay_allow = {
	.words = "relay allow",
	.summary = N_("let clients send without a login"),
	.text = N_("Single addresses (a printer), a local network, or with "
		   "--custom a prefix. Public addresses and wide networks make "
		   "an open relay and are asked about."),
	.args = { { "ADDRESS", ARG_TEXT, ARG_ANY, NULL } },
	.options = { RELAY_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_allow,
};

const struct command command_relay_deny = {
	.words = "relay deny",
	.summary = N_("take that back"),
	.text = N_("With --lan no local client may send without a login."),
	.args = { { "ADDRESS", ARG_TEXT, ARG_ANY, NULL } },
	.options = { RELAY_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_deny,
};
