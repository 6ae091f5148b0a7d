/*
 * The commands user, group, pseudonym, domain and network: the mail settings
 * of one record. What they do is the same for each; a table makes the records.
 */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "core/base/i18n.h"
#include "core/model/people.h"

/* The kind is the first word of the command. */
static enum setting_target
kind_of(struct app *app, const struct call *call)
{
	struct str rest;
	struct str word = str_cut(str_of(call->command->words), ' ', &rest);

	return setting_target_of(arena_cstr(app->arena, word));
}

/* A list and of what. */
struct listed {
	enum setting_target kind;
	struct people people;
};

static void
record_json(struct app *app, struct json *j, void *listed, size_t i)
{
	const struct listed *l = listed;
	const struct people_row *row = &l->people.rows[i];

	(void)app;
	json_key(j, "kind");
	json_cstr(j, setting_target_word(l->kind));
	json_key(j, "name");
	json_cstr(j, row->name);
	json_key(j, "title");
	json_cstr(j, row->title);
	json_key(j, "problem");
	json_cstr(j, row->problem);
	for (size_t k = 0; k < l->people.n_columns; k++) {
		json_key(j, l->people.columns[k].key);
		json_str(j, row->cells[k]);
	}
}

static void
list_table(struct app *app, enum setting_target kind, const struct people *p)
{
	bool titled =
	    kind != SETTING_TARGET_PSEUDONYM && kind != SETTING_TARGET_NETWORK;
	size_t first = titled ? 2 : 1, n = first + p->n_columns;
	struct render_column *columns =
	    ARENA_ARRAY(app->arena, n, struct render_column);
	struct str *cells = ARENA_ARRAY(app->arena, n * p->n_rows, struct str);

	columns[0].head = N_("NAME");
	if (titled)
		columns[1].head = N_("TITLE");
	for (size_t k = 0; k < p->n_columns; k++)
		columns[first + k].head = p->columns[k].head;
	for (size_t i = 0; i < p->n_rows; i++) {
		struct str *c = &cells[i * n];
		c[0] = str_of(p->rows[i].name);
		if (titled)
			c[1] = str_of(p->rows[i].title);
		for (size_t k = 0; k < p->n_columns; k++)
			c[first + k] = p->rows[i].cells[k].len > 0
					   ? p->rows[i].cells[k]
					   : STR("-");
	}
	render_table(app, columns, n, cells, p->n_rows);
	for (size_t i = 0; i < p->n_rows; i++)
		if (p->rows[i].problem != NULL)
			render_note(app, "! %s", p->rows[i].problem);
}

static int
run_list(struct app *app, const struct call *call, struct err *e)
{
	struct listed l = { .kind = kind_of(app, call) };
	struct settings_store *st = NULL;
	bool ok = settings_begin(app, &st, e) &&
		  people_list(st, l.kind, &l.people, e);

	if (ok && settings_wants_json(app))
		settings_json_rows(
		    app, "smemail.people/1", record_json, &l, l.people.n_rows);
	else if (ok && l.people.n_rows > 0)
		list_table(app, l.kind, &l.people);
	if (ok && l.people.n_rows == 0)
		ok = err_set(e, ERR_NO, _("there is no %s"),
		    setting_target_word(l.kind));
	settings_close(st);
	return ok ? 0 : err_exit_status(e->code);
}

static void
show_table(struct app *app, const struct settings_row *rows, size_t n)
{
	struct str *cells =
	    ARENA_ARRAY(app->arena, n * SETTINGS_COLUMNS, struct str);

	for (size_t i = 0; i < n; i++)
		settings_cells(app, &rows[i], &cells[i * SETTINGS_COLUMNS]);
	render_table(app, settings_columns, SETTINGS_COLUMNS, cells, n);
	for (size_t i = 0; i < n; i++)
		settings_note_problem(app, &rows[i]);
}

static int
run_show(struct app *app, const struct call *call, struct err *e)
{
	struct settings_store *st = NULL;
	const struct setting *const *settings;
	struct settings_row *rows = NULL;
	size_t n = 0;
	bool ok = settings_begin(app, &st, e);

	if (ok) {
		n = people_settings(&app->model, kind_of(app, call), &settings);
		rows = ARENA_ARRAY(app->arena, n + 1, struct settings_row);
	}
	for (size_t i = 0; ok && i < n; i++)
		ok = settings_read(st, settings[i], call->args[0], &rows[i], e);
	settings_close(st);
	if (!ok)
		return err_exit_status(e->code);
	if (settings_wants_json(app))
		settings_json_listed(app, rows, n);
	else
		show_table(app, rows, n);
	return 0;
}

static int
run_get(struct app *app, const struct call *call, struct err *e)
{
	struct settings_store *st = NULL;
	const struct setting *s = NULL;
	struct settings_row row;
	bool ok = settings_begin(app, &st, e);

	if (ok)
		s = people_setting(
		    &app->model, kind_of(app, call), call->args[1], e);
	ok = s != NULL && settings_read(st, s, call->args[0], &row, e);
	settings_close(st);
	if (!ok)
		return err_exit_status(e->code);
	if (settings_wants_json(app)) {
		settings_json_listed(app, &row, 1);
	} else {
		render_line(app, "%.*s", STR_ARG(row.value));
		settings_note_problem(app, &row);
	}
	return 0;
}

static int
run_set(struct app *app, const struct call *call, struct err *e)
{
	return settings_set_words(
	    app, call, call->args + 1, call->args[0], kind_of(app, call), e);
}

static int
run_unset(struct app *app, const struct call *call, struct err *e)
{
	struct settings_store *st;
	struct settings_wish *wishes =
	    ARENA_ARRAY(app->arena, call->n_args, struct settings_wish);
	struct settings_how how;
	size_t n = call->n_args - 1;

	if (!settings_begin(app, &st, e))
		return err_exit_status(e->code);
	settings_close(st);
	for (size_t i = 0; i < n; i++) {
		wishes[i].target = call->args[0];
		wishes[i].setting = people_setting(
		    &app->model, kind_of(app, call), call->args[i + 1], e);
		if (wishes[i].setting == NULL)
			return err_exit_status(e->code);
	}
	how = settings_how(app, call);
	return settings_store(app, wishes, n, &how, e);
}

/* clang-format off */
#define PEOPLE(kind, NAME, list, show, get, set, unset)                        \
	const struct command command_##kind##_list = {                         \
		.words = #kind " list",                                        \
		.summary = list,                                               \
		.text = N_("One line each, with the settings that matter "     \
			   "most."),                                           \
		.run = run_list,                                               \
	};                                                                     \
	const struct command command_##kind##_show = {                         \
		.words = #kind " show",                                        \
		.summary = show,                                               \
		.text = N_("One line a setting: value, default, and whether "  \
			   "it is stored."),                                   \
		.args = { { NAME, ARG_TARGET, ARG_ONE, NULL } },               \
		.run = run_show,                                               \
	};                                                                     \
	const struct command command_##kind##_get = {                          \
		.words = #kind " get",                                         \
		.summary = get,                                                \
		.text = N_("Prints the value in force: what is stored, or "    \
			   "the default."),                                    \
		.args = { { NAME, ARG_TARGET, ARG_ONE, NULL },                 \
		    { "SETTING", ARG_SETTING, ARG_ONE, NULL } },               \
		.run = run_get,                                                \
	};                                                                     \
	const struct command command_##kind##_set = {                          \
		.words = #kind " set",                                         \
		.summary = set,                                                \
		.text = N_("SETTING is an id or its end: spam.user-sort, "     \
			   "user.forward, forward. Several are stored "        \
			   "together as SETTING=VALUE SETTING=VALUE ..."),     \
		.args = { { NAME, ARG_TARGET, ARG_ONE, NULL },                 \
		    { "SETTING", ARG_SETTING, ARG_ONE, NULL },                 \
		    { "VALUE", ARG_VALUE, ARG_ANY, NULL } },                   \
		.options = { { .name = "stdin",                                \
				 .help = N_("read the value from standard "    \
					    "input") },                        \
		    SETTINGS_STORE_OPTIONS },                                  \
		.flags = COMMAND_CHANGES,                                      \
		.run = run_set,                                                \
	};                                                                     \
	const struct command command_##kind##_unset = {                        \
		.words = #kind " unset",                                       \
		.summary = unset,                                              \
		.text = N_("The default counts again. Nothing else changes "   \
			   "until apply."),                                    \
		.args = { { NAME, ARG_TARGET, ARG_ONE, NULL },                 \
		    { "SETTING", ARG_SETTING, ARG_MANY, NULL } },              \
		.options = { SETTINGS_STORE_OPTIONS },                         \
		.flags = COMMAND_CHANGES,                                      \
		.run = run_unset,                                              \
	};
/* clang-format on */

PEOPLE(user, "USER", N_("list the users with their mail settings"),
    N_("show the mail settings of a user"), N_("print one setting of a user"),
    N_("store a setting of a user"), N_("remove what is stored for a user"))
PEOPLE(group, "GROUP", N_("list the groups with their mail settings"),
    N_("show the mail settings of a group"), N_("print one setting of a group"),
    N_("store a setting of a group"), N_("remove what is stored for a group"))
PEOPLE(pseudonym, "PSEUDONYM", N_("list the pseudonyms and their accounts"),
    N_("show the mail settings of a pseudonym"),
    N_("print one setting of a pseudonym"),
    N_("store a setting of a pseudonym"),
    N_("remove what is stored for a pseudonym"))
PEOPLE(domain, "DOMAIN", N_("list the domains with their mail settings"),
    N_("show the mail settings of a domain"),
    N_("print one setting of a domain"), N_("store a setting of a domain"),
    N_("remove what is stored for a domain"))
PEOPLE(network, "NETWORK", N_("list the local networks"),
    N_("show the mail settings of a network"),
    N_("print one setting of a network"), N_("store a setting of a network"),
    N_("remove what is stored for a network"))
