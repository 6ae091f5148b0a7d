/* The commands pairs: who may not write to whom. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "cmd/task.h"
#include "core/base/i18n.h"
#include "core/model/pairs.h"

#include <string.h>

#define SETTING "lists.from-to"

/* What is stored, and whether anybody reads it. */
struct state {
	struct pair *pairs;
	size_t n;
	struct pairs_plugin plugin;
};

static bool
read_state(struct app *app, struct state *s, struct err *e)
{
	struct settings_store *st = NULL;
	bool ok = settings_begin(app, &st, e) &&
		  pairs_list(st, &s->pairs, &s->n, e) &&
		  pairs_plugin(st, &s->plugin, e);

	settings_close(st);
	return ok;
}

static void
pair_json(struct json *j, const struct pair *p)
{
	json_object_begin(j);
	json_key(j, "from");
	json_cstr(j, p->from);
	json_key(j, "to");
	json_cstr(j, p->to);
	json_key(j, "problem");
	json_cstr(j, p->problem);
	json_object_end(j);
}

static void
show_json(struct app *app, const struct state *s)
{
	struct json j;
	struct buf buf;

	render_json_begin(app, &j, &buf, "smemail.pairs/1");
	json_key(&j, "plugin");
	json_cstr(&j, s->plugin.name);
	json_key(&j, "outside");
	json_bool(&j, s->plugin.outside);
	json_key(&j, "internal");
	json_bool(&j, s->plugin.inside);
	settings_json_texts(&j, "leftovers", s->plugin.leftovers);
	json_key(&j, "rows");
	json_array_begin(&j);
	for (size_t i = 0; i < s->n; i++)
		pair_json(&j, &s->pairs[i]);
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

/* What keeps the pairs out of force. */
static void
note_plugin(struct app *app, const struct state *s)
{
	for (size_t i = 0; s->plugin.leftovers[i] != NULL; i++)
		render_note(app, _("! a leftover of another release: %s"),
		    s->plugin.leftovers[i]);
	if (s->plugin.leftovers[0] != NULL)
		render_next(app, "smemail pairs enable --force");
	else if (!s->plugin.outside && s->n > 0) {
		render_note(app,
		    _("! not in force: the plugin %s is not "
		      "loaded"),
		    s->plugin.name);
		render_next(app, "smemail pairs enable");
	}
}

static int
run_show(struct app *app, const struct call *call, struct err *e)
{
	static const struct render_column columns[] = {
		{ .head = N_("FROM") },
		{ .head = N_("TO") },
	};
	struct state s;
	struct str *cells;

	(void)call;
	if (!read_state(app, &s, e))
		return err_exit_status(e->code);
	if (settings_wants_json(app)) {
		show_json(app, &s);
		return 0;
	}
	cells = ARENA_ARRAY(app->arena, 2 * s.n + 1, struct str);
	for (size_t i = 0; i < s.n; i++) {
		cells[2 * i] = str_of(s.pairs[i].from);
		cells[2 * i + 1] = str_of(s.pairs[i].to);
	}
	if (s.n > 0)
		render_table(app, columns, ARRAY_LEN(columns), cells, s.n);
	else
		render_note(app, _("there is no pair"));
	for (size_t i = 0; i < s.n; i++)
		if (s.pairs[i].problem != NULL)
			render_note(app, "! %s", s.pairs[i].problem);
	note_plugin(app, &s);
	return 0;
}

/* Store, then say what else is missing. */
static int
store(struct task *t, const struct call *call, struct err *e)
{
	struct state s;
	int status = task_store(t, call, e);

	if (status == 0 && !settings_wants_json(t->app) &&
	    read_state(t->app, &s, NULL))
		note_plugin(t->app, &s);
	return status;
}

/* The pair as it stands in the file, else as it would be written. */
static const char *
stored_pair(struct settings_store *st, const char *target)
{
	struct pair *pairs;
	size_t n;

	if (pairs_list(st, &pairs, &n, NULL))
		for (size_t i = 0; i < n; i++) {
			struct str rest,
			    from = str_cut(str_of(target), '\t', &rest);
			if (str_eq_nocase(from, str_of(pairs[i].from)) &&
			    str_eq_nocase(rest, str_of(pairs[i].to)))
				return pairs[i].target;
		}
	return target;
}

static int
change_one(
    struct app *app, const struct call *call, const char *value, struct err *e)
{
	struct settings_store *st = NULL;
	const char *target = NULL;
	struct task t;
	bool ok = settings_begin(app, &st, e) &&
		  pairs_target(st, call->args[0], call->args[1], &target, e);

	if (ok)
		target =
		    arena_cstr(app->arena, str_of(stored_pair(st, target)));
	settings_close(st);
	if (!ok)
		return err_exit_status(e->code);
	task_begin(app, &t);
	task_wish(&t, SETTING, target, value);
	return store(&t, call, e);
}

static int
run_add(struct app *app, const struct call *call, struct err *e)
{
	return change_one(app, call, "refuse", e);
}

static int
run_remove(struct app *app, const struct call *call, struct err *e)
{
	return change_one(app, call, NULL, e);
}

/* Leftovers of the other name go with it; files of others need --force. */
static int
switch_plugin(struct app *app, const struct call *call, bool on, struct err *e)
{
	bool inside = call_has(call, "internal");
	const char *value = on ? "present" : NULL;
	struct state s;
	struct task t;

	if (!read_state(app, &s, e))
		return err_exit_status(e->code);
	task_begin(app, &t);
	if (on || !inside)
		task_wish(
		    &t, pairs_switch(&app->model, false, false), NULL, value);
	if (inside || !on)
		task_wish(
		    &t, pairs_switch(&app->model, true, false), NULL, value);
	for (size_t i = 0; i < 2 && s.plugin.leftovers[0] != NULL; i++)
		task_wish(
		    &t, pairs_switch(&app->model, i == 1, true), NULL, NULL);
	return task_store(&t, call, e);
}

static int
run_enable(struct app *app, const struct call *call, struct err *e)
{
	return switch_plugin(app, call, true, e);
}

static int
run_disable(struct app *app, const struct call *call, struct err *e)
{
	return switch_plugin(app, call, false, e);
}

/* "FROM TO" of a line, one or more blanks between. */
static bool
line_target(struct app *app, struct settings_store *st, const char *line,
    const char **target, struct err *e)
{
	struct str rest = str_of(line), from, to;

	if (!str_next_word(&rest, &from) || !str_next_word(&rest, &to) ||
	    str_trim(rest).len > 0)
		return err_set(e, ERR_USAGE,
		    _("'%s' is not a sender and a recipient"), line);
	return pairs_target(st, arena_cstr(app->arena, from),
	    arena_cstr(app->arena, to), target, e);
}

static int
run_import(struct app *app, const struct call *call, struct err *e)
{
	struct settings_store *st = NULL;
	struct task_lines lines;
	struct pair *have;
	struct task t;
	size_t n = 0;
	bool ok = task_read_lines(app, call->args[0], &lines, e) &&
		  settings_begin(app, &st, e) && pairs_list(st, &have, &n, e);

	task_begin(app, &t);
	for (size_t i = 0; ok && call_has(call, "replace") && i < n; i++)
		task_wish(&t, SETTING, have[i].target, NULL);
	for (size_t i = 0; ok && i < lines.n; i++) {
		const char *target;
		ok = line_target(app, st, lines.texts[i], &target, e);
		if (ok)
			task_wish(&t, SETTING, target, "refuse");
		else
			err_context(e, _("line %zu"), lines.numbers[i]);
	}
	settings_close(st);
	return ok ? store(&t, call, e) : err_exit_status(e->code);
}

static int
run_export(struct app *app, const struct call *call, struct err *e)
{
	struct state s;

	(void)call;
	if (!read_state(app, &s, e))
		return err_exit_status(e->code);
	for (size_t i = 0; i < s.n; i++)
		render_line(app, "%s %s", s.pairs[i].from, s.pairs[i].to);
	return 0;
}

const struct command command_pairs_show = {
	.words = "pairs show",
	.summary = N_("show who may not write to whom"),
	.text =
	    N_("Pairs of sender and recipient (badmailfromto). Such mail is "
	       "refused as if the recipient did not exist. Says whether the "
	       "plugin is loaded, and finds fragments of its old name."),
	.run = run_show,
};

#define PAIR_ARGS                                                              \
	{                                                                      \
		{ "FROM", ARG_TEXT, ARG_ONE, NULL },                           \
		{                                                              \
			"TO", ARG_TEXT, ARG_ONE, NULL                          \
		}                                                              \
	}

const struct command command_pairs_add = {
	.words = "pairs add",
	.summary = N_("forbid a sender to write to a recipient"),
	.text = N_("FROM is user@host or @host, TO user@host; no wildcards."),
	.args = PAIR_ARGS,
	.options = { SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_add,
};

const struct command command_pairs_remove = {
	.words = "pairs remove",
	.summary = N_("take a pair out"),
	.text = N_("The sender may write to the recipient again."),
	.args = PAIR_ARGS,
	.options = { SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_remove,
};

const struct command command_pairs_enable = {
	.words = "pairs enable",
	.summary = N_("load the plugin that reads the pairs"),
	.text = N_("Under its name on this release: check_badmailfromto up to "
		   "9.1, badmailfromto from 9.2 on. Fragments of the other "
		   "name are removed; those written by hand need --force."),
	.options = { { .name = "internal",
			 .help = N_("for mail from the local networks too") },
	    SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_enable,
};

const struct command command_pairs_disable = {
	.words = "pairs disable",
	.summary = N_("do not load that plugin any more"),
	.text = N_("The pairs stay, out of force."),
	.options = { { .name = "internal",
			 .help = N_("for mail from the local networks only") },
	    SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_disable,
};

const struct command command_pairs_import = {
	.words = "pairs import",
	.summary = N_("add the pairs of a file"),
	.text = N_("A line holds sender and recipient, blanks between; '#' "
		   "begins a comment; '-' reads standard input. All of it or "
		   "nothing."),
	.args = { { "FILE", ARG_FILE, ARG_ONE, NULL } },
	.options = { { .name = "replace",
			 .help = N_("remove what the file does not name") },
	    SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_import,
};

const struct command command_pairs_export = {
	.words = "pairs export",
	.summary = N_("print the pairs, one a line"),
	.text = N_("As pairs import reads them."),
	.run = run_export,
};
