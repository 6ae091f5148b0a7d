/* The commands on services. */
#include "core/model/service.h"

#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "core/base/i18n.h"

#include <string.h>
#include <time.h>

enum {
	COLUMNS = 6,
	ANSWER_NO = 1,

	MIB = 1024 * 1024
};

static const char *
since_shown(struct app *app, const struct service_row *r)
{
	char text[32] = "-";
	time_t at = (time_t)r->status.since_s;
	struct tm tm;
	if (r->status.since_s == 0)
		return "-";
	if (localtime_r(&at, &tm) != NULL)
		strftime(text, sizeof(text), "%d %b %H:%M:%S", &tm);
	return arena_cstr(app->arena, str_of(text));
}

static const char *
memory_shown(struct app *app, const struct service_row *r)
{
	if (r->memory_bytes == 0)
		return "-";
	if (r->memory_bytes < 10 * MIB)
		return arena_printf(app->arena, "%.1f MB",
		    (double)r->memory_bytes / (double)MIB);
	return arena_printf(
	    app->arena, "%lld MB", (long long)(r->memory_bytes / MIB));
}

static const char *
state_shown(struct app *app, const struct service_row *r)
{
	return r->why[0] == '\0'
		   ? r->state
		   : arena_printf(app->arena, "%s (%s)", r->state, r->why);
}

static void
row_json(struct json *j, const struct service_row *r)
{
	char time[CLOCK_RFC3339_SIZE];
	json_object_begin(j);
	json_key(j, "name");
	json_cstr(j, r->name);
	json_key(j, "state");
	json_cstr(j, r->state);
	json_key(j, "why");
	json_cstr(j, r->why);
	json_key(j, "enabled");
	json_bool(j, r->enabled);
	json_key(j, "pid");
	if (r->status.pid > 0)
		json_int(j, r->status.pid);
	else
		json_null(j);
	json_key(j, "since");
	json_cstr(j, r->status.since_s > 0
			 ? clock_rfc3339(r->status.since_s, time)
			 : NULL);
	json_key(j, "uptime_s");
	json_int(j, r->uptime_s);
	json_key(j, "memory_bytes");
	json_int(j, r->memory_bytes);
	json_key(j, "listens");
	json_cstr(j, r->listens[0] != '\0' ? r->listens : NULL);
	json_object_end(j);
}

static void
rows_json(struct app *app, const char *schema, const struct service_row *rows,
    size_t n)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, schema);
	json_key(&j, "supervisor");
	json_cstr(&j, supervisor_runit.name);
	json_key(&j, "rows");
	json_array_begin(&j);
	for (size_t i = 0; i < n; i++)
		row_json(&j, &rows[i]);
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

static void
rows_show(struct app *app, const struct service_row *rows, size_t n)
{
	static const struct render_column columns[COLUMNS] = {
		{ N_("SERVICE"), false },
		{ N_("STATE"), false },
		{ N_("SINCE"), false },
		{ N_("PID"), true },
		{ N_("MEMORY"), true },
		{ N_("LISTENS ON"), false },
	};
	struct str *cells = ARENA_ARRAY(app->arena, n * COLUMNS, struct str);
	for (size_t i = 0; i < n; i++) {
		const struct service_row *r = &rows[i];
		struct str *c = &cells[i * COLUMNS];
		c[0] = str_of(r->name);
		c[1] = str_of(state_shown(app, r));
		c[2] = str_of(since_shown(app, r));
		c[3] = r->status.pid > 0 ? str_of(arena_printf(app->arena,
					       "%ld", (long)r->status.pid))
					 : STR("-");
		c[4] = str_of(memory_shown(app, r));
		c[5] = str_of(r->listens[0] != '\0' ? r->listens : "-");
	}
	render_table(app, columns, COLUMNS, cells, n);
}

static int
list_run(struct app *app, const struct call *call, struct err *e)
{
	struct service_row *rows;
	size_t n;
	(void)call;
	if (!service_rows(&app->model, &rows, &n, e))
		return err_exit_status(e->code);
	if (app->json) {
		rows_json(app, "smemail.service.list/1", rows, n);
		return 0;
	}
	if (n == 0) {
		render_note(app, _("there are no services below '%s'"),
		    app->root.prefix);
		return ANSWER_NO;
	}
	rows_show(app, rows, n);
	return 0;
}

/* One service, or all: 1 when one that should run does not. */
static int
status_run(struct app *app, const struct call *call, struct err *e)
{
	struct service_row *rows, one;
	size_t n = 1;
	bool named = call->n_args > 0;
	if (named ? !service_row_of(&app->model, call->args[0], &one, e)
		  : !service_rows(&app->model, &rows, &n, e))
		return err_exit_status(e->code);
	if (named)
		rows = &one;
	if (app->json)
		rows_json(app, "smemail.service.status/1", rows, n);
	else
		rows_show(app, rows, n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].state, "ok") != 0 &&
		    (named || strcmp(rows[i].state, "off") != 0))
			return ANSWER_NO;
	return 0;
}

static int
act_run(struct app *app, const struct call *call, struct err *e)
{
	const char *action = strchr(call->command->words, ' ') + 1;
	struct service_row row;
	bool dry = call_has(call, "dry-run");
	if (!service_act(&app->model, call->args[0], action, dry, &row, e))
		return err_exit_status(e->code);
	if (app->json)
		rows_json(app, "smemail.service.status/1", &row, 1);
	else
		rows_show(app, &row, 1);
	if (dry)
		render_dry_run(app);
	return 0;
}

const struct command command_service_list = {
	.words = "service list",
	.summary = N_("list services and their state"),
	.text = N_("One line each: state, since when, process, memory, and the "
		   "addresses it listens on."),
	.run = list_run,
};

const struct command command_service_status = {
	.words = "service status",
	.summary = N_("show whether services run"),
	.text = N_("Exit status 1 when a service that should run does not."),
	.args = { { "NAME", ARG_SERVICE, ARG_OPTIONAL, NULL } },
	.run = status_run,
};

const struct command command_service_start = {
	.words = "service start",
	.summary = N_("start a service and wait until it runs"),
	.text = N_("A service that is switched off in the databases is not "
		   "started."),
	.args = { { "NAME", ARG_SERVICE, ARG_ONE, NULL } },
	.options = { DRY_RUN_OPTION },
	.flags = COMMAND_CHANGES,
	.run = act_run,
};

const struct command command_service_stop = {
	.words = "service stop",
	.summary = N_("stop a service and wait until it has ended"),
	.text = N_("It stays stopped until it is started again, or until the "
		   "next event or up."),
	.args = { { "NAME", ARG_SERVICE, ARG_ONE, NULL } },
	.options = { DRY_RUN_OPTION },
	.flags = COMMAND_CHANGES,
	.run = act_run,
};

const struct command command_service_restart = {
	.words = "service restart",
	.summary = N_("stop a service and start it anew"),
	.text = N_("Waits until the old one has ended and the new one runs."),
	.args = { { "NAME", ARG_SERVICE, ARG_ONE, NULL } },
	.options = { DRY_RUN_OPTION },
	.flags = COMMAND_CHANGES,
	.run = act_run,
};

const struct command command_service_reload = {
	.words = "service reload",
	.summary = N_("let a service read its configuration again"),
	.text = N_("Sessions under way end with the old configuration. One "
		   "that the service cannot load leaves the old in force."),
	.args = { { "NAME", ARG_SERVICE, ARG_ONE, NULL } },
	.options = { DRY_RUN_OPTION },
	.flags = COMMAND_CHANGES,
	.run = act_run,
};
