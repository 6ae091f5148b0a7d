/* The commands lists add, remove and import. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "cmd/task.h"
#include "core/base/i18n.h"
#include "core/model/lists.h"

#include <string.h>

enum {
	TOLD_MAX = 20 /* entries named one by one */
};

/* What became of a change of a list. */
static void
told_json(struct app *app, const struct lists_list *l,
    const struct lists_change *c, bool added, bool dry_run)
{
	struct json j;
	struct buf buf;

	render_json_begin(app, &j, &buf, "smemail.lists-change/1");
	json_key(&j, "list");
	json_cstr(&j, l->name);
	json_key(&j, added ? "added" : "removed");
	json_array_begin(&j);
	for (size_t i = 0; i < c->n_touched; i++)
		json_cstr(&j, c->touched[i]);
	json_array_end(&j);
	json_key(&j, "unchanged");
	json_int(&j, (int64_t)c->known);
	json_key(&j, "dry_run");
	json_bool(&j, dry_run);
	render_json_end(app, &j, &buf);
}

static void
told_text(struct app *app, const struct lists_list *l,
    const struct lists_change *c, bool added, bool dry_run)
{
	const char *end =
	    dry_run ? _("not stored (dry run)") : _("stored, not applied");

	for (size_t i = 0; i < c->n_touched && c->n_touched <= TOLD_MAX; i++)
		render_line(app, _("%s: %c %s, %s"), l->name, added ? '+' : '-',
		    c->touched[i], end);
	if (c->n_touched > TOLD_MAX)
		render_line(app,
		    added ? _("%s: %zu entries changed, %s")
			  : _("%s: %zu entries removed, %s"),
		    l->name, c->n_touched, end);
	if (c->known > 0 && added)
		render_line(app,
		    P_("%s: %zu there already", "%s: %zu there already",
			c->known),
		    l->name, c->known);
	else if (c->known > 0)
		render_line(app,
		    P_("%s: %zu not there", "%s: %zu not there", c->known),
		    l->name, c->known);
	if (c->n_touched > 0 && !dry_run)
		render_next(app, "smemail plan");
}

/* Conflicts with other lists that the new entries bring. */
static void
note_conflicts(
    struct app *app, const struct lists_list *l, const struct lists_change *c)
{
	struct settings_store *st = NULL;
	struct lists_finding *found;
	size_t n = 0;

	if (c->n_touched == 0 || c->n_touched > TOLD_MAX ||
	    settings_wants_json(app) || !settings_open(&app->model, &st, NULL))
		return;
	if (lists_check(st, l, &found, &n, NULL))
		for (size_t i = 0; i < n; i++)
			for (size_t k = 0; k < c->n_touched; k++)
				if (strcmp(found[i].kind, "wide") != 0 &&
				    strcmp(found[i].entry, c->touched[k]) == 0)
					render_note(app, _("! %s: %s"),
					    found[i].entry, found[i].text);
	settings_close(st);
}

/* One record holds what SpamAssassin accepts and refuses: the last word wins.
 */
static void
note_moved(struct app *app, const struct lists_change *c,
    const struct settings_outcome *outcomes)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->wishes[i].target != NULL && c->wishes[i].value != NULL &&
		    outcomes[i].changed && !outcomes[i].old_is_default)
			render_note(app, _("! %s: was %.*s until now"),
			    c->wishes[i].target,
			    STR_ARG(outcomes[i].old_value));
}

static int
store_change(struct app *app, const struct call *call,
    const struct lists_list *l, const struct lists_change *c, bool added,
    struct err *e)
{
	struct settings_how how = settings_how(app, call);
	struct settings_outcome *outcomes =
	    ARENA_ARRAY(app->arena, c->n + 1, struct settings_outcome);

	if (c->n > 0 &&
	    !settings_store_all(app, c->wishes, c->n, &how, outcomes, e))
		return err_exit_status(e->code);
	if (settings_wants_json(app))
		told_json(app, l, c, added, how.dry_run);
	else
		told_text(app, l, c, added, how.dry_run);
	note_moved(app, c, outcomes);
	if (added && !how.dry_run)
		note_conflicts(app, l, c);
	return 0;
}

/* Texts in the form of the list; those converted are told. */
static bool
normal_all(struct app *app, const struct lists_list *l,
    const char *const *texts, size_t n, const char **out, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		struct buf normal = BUF_INIT(SETTING_VALUE_MAX);
		bool ok = lists_normal(l, str_of(texts[i]), &normal, e);
		out[i] = arena_cstr(app->arena, buf_str(&normal));
		buf_clear(&normal);
		if (!ok)
			return false;
		if (strcmp(out[i], texts[i]) != 0 && n <= TOLD_MAX)
			render_note(app, _("! '%s' is written '%s' in %s"),
			    texts[i], out[i], l->name);
	}
	return true;
}

/* Entries that mean everybody are confirmed like a dangerous value. */
static bool
confirm_all(struct app *app, struct settings_store *st, const struct call *call,
    const struct lists_list *l, const char *const *entries, size_t n,
    struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		bool ask;
		const char *text =
		    lists_warning(st, l, str_of(entries[i]), &ask);
		if (text == NULL)
			continue;
		if (!ask)
			render_note(app, _("! %s: %s"), entries[i], text);
		else if (!task_confirm(app, call, entries[i], text, e))
			return false;
	}
	return true;
}

static int
add_texts(struct app *app, const struct call *call, const struct lists_list *l,
    const char *const *texts, size_t n, bool replace, struct err *e)
{
	const char **entries = ARENA_ARRAY(app->arena, n + 1, const char *);
	struct settings_store *st = NULL;
	struct lists_change c;
	bool ok = settings_begin(app, &st, e) &&
		  normal_all(app, l, texts, n, entries, e) &&
		  confirm_all(app, st, call, l, entries, n, e) &&
		  lists_add(st, l, entries, n, replace, &c, e);

	settings_close(st);
	return ok ? store_change(app, call, l, &c, true, e)
		  : err_exit_status(e->code);
}

static int
run_add(struct app *app, const struct call *call, struct err *e)
{
	const struct lists_list *l = lists_find(call->args[0], e);

	if (l == NULL)
		return err_exit_status(e->code);
	return add_texts(
	    app, call, l, call->args + 1, call->n_args - 1, false, e);
}

static int
run_remove(struct app *app, const struct call *call, struct err *e)
{
	const struct lists_list *l = lists_find(call->args[0], e);
	size_t n = call->n_args - 1;
	struct settings_store *st = NULL;
	struct lists_change c;
	bool ok = l != NULL && settings_begin(app, &st, e) &&
		  lists_remove(st, l, call->args + 1, n, &c, e);
	int status;

	settings_close(st);
	if (!ok)
		return err_exit_status(e->code);
	status = store_change(app, call, l, &c, false, e);
	return status == 0 && c.n_touched == 0 ? 1 : status;
}

static int
run_import(struct app *app, const struct call *call, struct err *e)
{
	const struct lists_list *l = lists_find(call->args[0], e);
	const char **good;
	struct task_lines lines;
	size_t n = 0;

	if (l == NULL || !task_read_lines(app, call->args[1], &lines, e))
		return err_exit_status(e->code);
	good = ARENA_ARRAY(app->arena, lines.n + 1, const char *);
	for (size_t i = 0; i < lines.n; i++) {
		struct buf normal = BUF_INIT(SETTING_VALUE_MAX);
		bool ok = lists_normal(l, str_of(lines.texts[i]), &normal, e);
		buf_clear(&normal);
		if (ok)
			good[n++] = lines.texts[i];
		else if (call_has(call, "skip"))
			render_note(app, _("! line %zu skipped: %s"),
			    lines.numbers[i], e->text);
		else {
			err_context(e, _("line %zu"), lines.numbers[i]);
			err_next(e, _("put it right, or leave such lines out "
				      "with --skip"));
			return err_exit_status(e->code);
		}
	}
	err_clear(e);
	if (n == 0) { /* an empty file with --replace would empty the list */
		err_set(e, ERR_USAGE, _("'%s' holds no entry of %s"),
		    call->args[1], l->name);
		return err_exit_status(e->code);
	}
	return add_texts(app, call, l, good, n, call_has(call, "replace"), e);
}

const struct command command_lists_add = {
	.words = "lists add",
	.summary = N_("put entries into a list"),
	.text = N_("Each list has its own form: badmailfrom takes user@host "
		   "and @host, the lists of SpamAssassin *@host, "
		   "whitelistsenders host. One form is converted into the "
		   "other. What concerns everybody, or a domain of this "
		   "server, is asked about. Dead block lists are refused."),
	.args = { { "LIST", ARG_TEXT, ARG_ONE, NULL },
	    { "ENTRY", ARG_TEXT, ARG_MANY, NULL } },
	.options = { SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_add,
};

const struct command command_lists_remove = {
	.words = "lists remove",
	.summary = N_("take entries out of a list"),
	.text = N_("An entry may be written in any of its forms. Exit status "
		   "1 when none of them was there."),
	.args = { { "LIST", ARG_TEXT, ARG_ONE, NULL },
	    { "ENTRY", ARG_TEXT, ARG_MANY, NULL } },
	.options = { SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_remove,
};

const struct command command_lists_import = {
	.words = "lists import",
	.summary = N_("put the lines of a file into a list"),
	.text = N_("One entry a line; '#' begins a comment; '-' reads "
		   "standard input. Nothing is stored when a line is no entry "
		   "of the list, unless --skip leaves it out. All of it is one "
		   "change."),
	.args = { { "LIST", ARG_TEXT, ARG_ONE, NULL },
	    { "FILE", ARG_FILE, ARG_ONE, NULL } },
	.options = { { .name = "replace",
			 .help = N_("remove what the file does not name") },
	    { .name = "skip", .help = N_("leave out lines that are no entry") },
	    SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_import,
};
