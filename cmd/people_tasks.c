/*
 * Hiding accounts from the outside (F118-F120), and who is left out of the
 * mail of a group (F122-F124).
 */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "cmd/task.h"
#include "core/base/i18n.h"

#include <string.h>

static const char *
kind_word(struct app *app, const struct call *call)
{
	struct str rest;

	return arena_cstr(
	    app->arena, str_cut(str_of(call->command->words), ' ', &rest));
}

/* F120: it only fills badrcptto, from which system accounts are exempt. */
static bool
check_name(const char *name, struct err *e)
{
	static const char *const exempt[] = { "admin", "root", "postmaster",
		"everyone", "shared" };

	for (size_t i = 0; i < ARRAY_LEN(exempt); i++)
		if (strcmp(name, exempt[i]) == 0) {
			err_set(e, ERR_USAGE,
			    _("'%s' is an account of the system: hiding it has "
			      "no effect, its mail arrives all the same"),
			    name);
			return err_next(
			    e, _("hide the pseudonyms that lead to "
				 "it: smemail pseudonym hide NAME"));
		}
	return true;
}

static bool
add_all(struct app *app, struct task *t, const char *id, const char *value,
    struct err *e)
{
	struct settings_store *st = NULL;
	const char *const *names = NULL;
	size_t n = 0;
	bool ok = settings_begin(app, &st, e) &&
		  settings_targets(st, setting_find(str_of(id)), value == NULL,
		      &names, &n, e);

	for (size_t i = 0; ok && i < n; i++)
		if (check_name(names[i], NULL))
			task_wish(t, id, names[i], value);
	settings_close(st);
	return ok;
}

static int
hide(struct app *app, const struct call *call, const char *value, struct err *e)
{
	const char *kind = kind_word(app, call);
	const char *id = arena_printf(app->arena, "%s.visible", kind);
	struct task t;

	task_begin(app, &t);
	if (call_has(call, "all") == (call->n_args > 0)) {
		err_set(e, ERR_USAGE, _("name accounts, or --all"));
		err_next(e, "smemail %s list", kind);
		return err_exit_status(e->code);
	}
	for (size_t i = 0; i < call->n_args; i++) {
		if (value != NULL && !check_name(call->args[i], e))
			return err_exit_status(e->code);
		task_wish(&t, id, call->args[i], value);
	}
	if (call_has(call, "all") && !add_all(app, &t, id, value, e))
		return err_exit_status(e->code);
	if (t.n > 0 || settings_wants_json(app))
		return task_store(&t, call, e);
	render_line(app, _("nothing to change"));
	return 0;
}

static int
run_hide(struct app *app, const struct call *call, struct err *e)
{
	return hide(app, call, "internal", e);
}

static int
run_unhide(struct app *app, const struct call *call, struct err *e)
{
	return hide(app, call, NULL, e);
}

/* The list with these names added or taken out; NULL when it is empty. */
static bool
changed_list(struct app *app, const char *id, const char *group,
    const char *names, bool add, const char **out, struct err *e)
{
	struct settings_store *st = NULL;
	struct settings_row row;
	const char **have, **given;
	size_t n_have, n_given;
	bool ok =
	    settings_begin(app, &st, e) &&
	    settings_read_value(st, setting_find(str_of(id)), group, &row, e);
	const char *list = NULL;

	settings_close(st);
	if (!ok)
		return false;
	task_split(arena_cstr(app->arena, row.value), ',', app, &have, &n_have);
	task_split(names, ',', app, &given, &n_given);
	for (size_t i = 0; i < n_have + n_given; i++) {
		const char *one = i < n_have ? have[i] : given[i - n_have];
		bool named = false, known = false;
		for (size_t k = 0; k < n_given; k++)
			named = named || strcmp(given[k], one) == 0;
		for (size_t k = 0; i >= n_have && k < n_have; k++)
			known = known || strcmp(have[k], one) == 0;
		if (known || (!add && named))
			continue;
		list = list == NULL
			   ? one
			   : arena_printf(app->arena, "%s,%s", list, one);
	}
	*out = list;
	return true;
}

static bool
check_accounts(
    struct app *app, enum setting_target kind, const char *names, struct err *e)
{
	const struct setting *probe =
	    setting_find(kind == SETTING_TARGET_USER ? STR("user.visible")
						     : STR("group.visible"));
	struct settings_store *st = NULL;
	const char **given;
	size_t n;
	bool ok = settings_begin(app, &st, e);

	task_split(names, ',', app, &given, &n);
	for (size_t i = 0; ok && i < n; i++) {
		struct settings_row row;
		ok = settings_read_value(st, probe, given[i], &row, e);
	}
	settings_close(st);
	return ok;
}

static int
exclude(struct app *app, const struct call *call, bool add, struct err *e)
{
	static const struct {
		const char *option, *id;
		enum setting_target kind;
	} kinds[] = {
		{ "user", "group.exclude-users", SETTING_TARGET_USER },
		{ "group", "group.exclude-groups", SETTING_TARGET_GROUP },
	};
	const char *group = call->args[0];
	struct task t;

	task_begin(app, &t);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const char *names = call_option(call, kinds[i].option);
		const char *list;
		if (names == NULL)
			continue;
		/* who is gone may be taken out of the list */
		if ((add && !check_accounts(app, kinds[i].kind, names, e)) ||
		    !changed_list(
			app, kinds[i].id, group, names, add, &list, e))
			return err_exit_status(e->code);
		task_wish(&t, kinds[i].id, group, list);
	}
	if (t.n > 0)
		return task_store(&t, call, e);
	err_set(e, ERR_USAGE, _("name somebody with --user or --group"));
	err_next(e, "smemail group show %s", group);
	return err_exit_status(e->code);
}

static int
run_exclude(struct app *app, const struct call *call, struct err *e)
{
	return exclude(app, call, true, e);
}

static int
run_include(struct app *app, const struct call *call, struct err *e)
{
	return exclude(app, call, false, e);
}

/* clang-format off */
#define HIDE(kind, NAME, hide_text, unhide_text)                               \
	const struct command command_##kind##_hide = {                         \
		.words = #kind " hide",                                        \
		.summary = hide_text,                                          \
		.text = N_("Mail from outside is refused as if there were no " \
			   "such address; sending and mail from the local "    \
			   "networks stay. --all is one change for every "     \
			   "one. Accounts of the system cannot be hidden."),   \
		.args = { { NAME, ARG_TARGET, ARG_ANY, NULL } },               \
		.options = { { .name = "all", .help = N_("every one") },       \
		    SETTINGS_STORE_OPTIONS },                                  \
		.flags = COMMAND_CHANGES,                                      \
		.run = run_hide,                                               \
	};                                                                     \
	const struct command command_##kind##_unhide = {                       \
		.words = #kind " unhide",                                      \
		.summary = unhide_text,                                        \
		.text = N_("Takes hide back."),                                \
		.args = { { NAME, ARG_TARGET, ARG_ANY, NULL } },               \
		.options = { { .name = "all", .help = N_("every one") },       \
		    SETTINGS_STORE_OPTIONS },                                  \
		.flags = COMMAND_CHANGES,                                      \
		.run = run_unhide,                                             \
	};
/* clang-format on */

HIDE(user, "USER", N_("refuse mail from outside for users"),
    N_("accept mail from outside for users again"))
HIDE(group, "GROUP", N_("refuse mail from outside for groups"),
    N_("accept mail from outside for groups again"))
HIDE(pseudonym, "PSEUDONYM", N_("refuse mail from outside for pseudonyms"),
    N_("accept mail from outside for pseudonyms again"))

const struct command command_group_exclude = {
	.words = "group exclude",
	.summary = N_("leave users or groups out of the mail of a group"),
	.text = N_("They stay members, for shares and everything else. "
		   "Several are parted by commas."),
	.args = { { "GROUP", ARG_TARGET, ARG_ONE, NULL } },
	.options = { { .name = "user",
			 .value = "USERS",
			 .kind = ARG_TEXT,
			 .help = N_("these users") },
	    { .name = "group",
		.value = "GROUPS",
		.kind = ARG_TEXT,
		.help = N_("the members of these groups") },
	    SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_exclude,
};

const struct command command_group_include = {
	.words = "group include",
	.summary = N_("send them the mail of the group again"),
	.text = N_("Takes exclude back."),
	.args = { { "GROUP", ARG_TARGET, ARG_ONE, NULL } },
	.options = { { .name = "user",
			 .value = "USERS",
			 .kind = ARG_TEXT,
			 .help = N_("these users") },
	    { .name = "group",
		.value = "GROUPS",
		.kind = ARG_TEXT,
		.help = N_("the members of these groups") },
	    SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_include,
};
