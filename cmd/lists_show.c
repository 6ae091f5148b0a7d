/* The commands lists show and export. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "core/base/i18n.h"
#include "core/model/lists.h"

/* The lists themselves, with how many entries each has. */
struct overview {
	const struct lists_list *lists;
	size_t *counts;
	const char **states;
};

static const char *
verdict_word(const struct lists_list *l)
{
	return l->accepts ? N_("accept") : N_("refuse");
}

/* "disabled" where the switch that it counts with is off. */
static const char *
switch_state(struct settings_store *st, const struct lists_list *l)
{
	struct settings_row row;

	if (l->sw == NULL ||
	    !settings_read_value(
		st, setting_find(str_of(l->sw)), NULL, &row, NULL) ||
	    str_is(row.value, "enabled"))
		return "";
	return "disabled";
}

static void
overview_json(struct app *app, struct json *j, void *rows, size_t i)
{
	const struct overview *o = rows;
	const struct lists_list *l = &o->lists[i];

	(void)app;
	json_key(j, "list");
	json_cstr(j, l->name);
	json_key(j, "verdict");
	json_cstr(j, verdict_word(l));
	json_key(j, "phase");
	json_cstr(j, l->phase);
	json_key(j, "entries");
	json_int(j, (int64_t)o->counts[i]);
	json_key(j, "forms");
	json_cstr(j, l->forms);
	json_key(j, "setting");
	json_cstr(j, l->setting);
	json_key(j, "enabled");
	json_bool(j, o->states[i][0] == '\0');
}

static void
overview_table(struct app *app, const struct overview *o, size_t n)
{
	static const struct render_column columns[] = {
		{ .head = N_("LIST") },
		{ .head = N_("VERDICT") },
		{ .head = N_("PHASE") },
		{ .head = N_("ENTRIES"), .right = true },
		{ .head = N_("WHAT") },
	};
	struct str *cells =
	    ARENA_ARRAY(app->arena, n * ARRAY_LEN(columns), struct str);

	for (size_t i = 0; i < n; i++) {
		struct str *c = &cells[i * ARRAY_LEN(columns)];
		const struct lists_list *l = &o->lists[i];
		bool off = o->states[i][0] != '\0';
		c[0] = str_of(l->name);
		c[1] = str_of(_(verdict_word(l)));
		c[2] = str_of(l->phase);
		c[3] = str_of(arena_printf(app->arena, "%zu", o->counts[i]));
		c[4] =
		    str_of(arena_printf(app->arena, off ? "%s (%s %s)" : "%s",
			_(l->help), l->sw, o->states[i]));
	}
	render_table(app, columns, ARRAY_LEN(columns), cells, n);
}

static int
show_all(struct app *app, struct settings_store *st, struct err *e)
{
	size_t n;
	struct overview o = { .lists = lists_all(&n) };

	o.counts = ARENA_ARRAY(app->arena, n, size_t);
	o.states = ARENA_ARRAY(app->arena, n, const char *);
	for (size_t i = 0; i < n; i++) {
		struct lists_entry *entries;
		if (!lists_entries(st, &o.lists[i], &entries, &o.counts[i], e))
			return err_exit_status(e->code);
		o.states[i] = switch_state(st, &o.lists[i]);
	}
	if (settings_wants_json(app))
		settings_json_rows(
		    app, "smemail.lists/1", overview_json, &o, n);
	else
		overview_table(app, &o, n);
	return 0;
}

struct shown {
	const struct lists_list *list;
	const struct lists_entry *entries;
};

static void
entry_json(struct app *app, struct json *j, void *rows, size_t i)
{
	const struct shown *s = rows;

	(void)app;
	json_key(j, "list");
	json_cstr(j, s->list->name);
	json_key(j, "entry");
	json_cstr(j, s->entries[i].text);
	json_key(j, "problem");
	json_cstr(j, s->entries[i].problem);
}

static int
show_one(struct app *app, struct settings_store *st, const struct lists_list *l,
    struct err *e)
{
	struct lists_entry *entries;
	size_t n;

	if (!lists_entries(st, l, &entries, &n, e))
		return err_exit_status(e->code);
	if (settings_wants_json(app)) {
		struct shown s = { l, entries };
		settings_json_rows(
		    app, "smemail.lists-entries/1", entry_json, &s, n);
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		render_line(app, "%s", entries[i].text);
	for (size_t i = 0; i < n; i++)
		if (entries[i].problem != NULL)
			render_note(app, "! %s", entries[i].problem);
	render_note(
	    app, P_("%zu entry; %s", "%zu entries; %s", n), n, _(l->acts));
	if (switch_state(st, l)[0] != '\0') {
		render_note(app, _("! not in force: %s is disabled"), l->sw);
		render_next(app, "smemail set %s enabled", l->sw);
	}
	return 0;
}

static int
run_show(struct app *app, const struct call *call, struct err *e)
{
	struct settings_store *st = NULL;
	const struct lists_list *l = NULL;
	int status = ERR_USAGE;

	if (!settings_begin(app, &st, e))
		return err_exit_status(e->code);
	if (call->n_args == 0)
		status = show_all(app, st, e);
	else if ((l = lists_find(call->args[0], e)) != NULL)
		status = show_one(app, st, l, e);
	else
		status = err_exit_status(e->code);
	settings_close(st);
	return status;
}

static int
run_export(struct app *app, const struct call *call, struct err *e)
{
	const struct lists_list *l = lists_find(call->args[0], e);
	struct settings_store *st = NULL;
	struct lists_entry *entries;
	size_t n;
	bool ok = l != NULL && settings_begin(app, &st, e) &&
		  lists_entries(st, l, &entries, &n, e);

	settings_close(st);
	if (!ok)
		return err_exit_status(e->code);
	for (size_t i = 0; i < n; i++)
		render_line(app, "%s", entries[i].text);
	return 0;
}

const struct command command_lists_show = {
	.words = "lists show",
	.summary = N_("show the nine lists, or the entries of one"),
	.text = N_("The lists that refuse and accept hosts, HELO names and "
		   "senders, in the order in which they act: dnsbl, rhsbl, "
		   "badhelo, badmailfrom, blacklist_from, whitelisthosts, "
		   "whitelisthelo, whitelistsenders, whitelist_from."),
	.args = { { "LIST", ARG_TEXT, ARG_OPTIONAL, NULL } },
	.run = run_show,
};

const struct command command_lists_export = {
	.words = "lists export",
	.summary = N_("print the entries of a list, one a line"),
	.text = N_("As lists import reads them."),
	.args = { { "LIST", ARG_TEXT, ARG_ONE, NULL } },
	.run = run_export,
};
