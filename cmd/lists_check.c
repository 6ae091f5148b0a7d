/* The command lists check. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "core/base/i18n.h"
#include "core/model/lists.h"

static void
finding_json(struct app *app, struct json *j, void *rows, size_t i)
{
	const struct lists_finding *f = (struct lists_finding *)rows + i;

	(void)app;
	json_key(j, "list");
	json_cstr(j, f->list->name);
	json_key(j, "entry");
	json_cstr(j, f->entry);
	json_key(j, "kind");
	json_cstr(j, f->kind);
	json_key(j, "text");
	json_cstr(j, f->text);
	json_key(j, "cure");
	json_cstr(j, f->cure);
}

static void
findings_text(struct app *app, const struct lists_finding *f, size_t n)
{
	static const struct render_column columns[] = {
		{ .head = NULL },
		{ .head = NULL },
		{ .head = NULL },
	};
	struct str *cells =
	    ARENA_ARRAY(app->arena, n * ARRAY_LEN(columns) + 1, struct str);

	for (size_t i = 0; i < n; i++) {
		struct str *c = &cells[i * ARRAY_LEN(columns)];
		c[0] = str_of(f[i].kind);
		c[1] = str_of(f[i].list->name);
		c[2] = str_of(arena_printf(
		    app->arena, _("%s: %s"), f[i].entry, f[i].text));
	}
	render_table(app, columns, ARRAY_LEN(columns), cells, n);
	render_note(app, P_("%zu finding", "%zu findings", n), n);
	if (n > 0 && f[0].cure != NULL)
		render_next(app, "%s", f[0].cure);
}

static int
fix(struct app *app, const struct call *call, struct settings_store *st,
    const struct lists_finding *f, size_t n, struct err *e)
{
	struct settings_how how = settings_how(app, call);
	struct lists_change c;

	if (!lists_fix(st, f, n, &c, e))
		return err_exit_status(e->code);
	if (c.n == 0) {
		render_note(app, _("nothing that has one right answer"));
		return n > 0 ? 1 : 0;
	}
	return settings_store(app, c.wishes, c.n, &how, e);
}

static int
run_check(struct app *app, const struct call *call, struct err *e)
{
	const struct lists_list *l = NULL;
	struct settings_store *st = NULL;
	struct lists_finding *found;
	size_t n;
	int status;

	if (call->n_args > 0 && (l = lists_find(call->args[0], e)) == NULL)
		return err_exit_status(e->code);
	if (!settings_begin(app, &st, e) ||
	    !lists_check(st, l, &found, &n, e)) {
		settings_close(st);
		return err_exit_status(e->code);
	}
	if (call_has(call, "fix"))
		status = fix(app, call, st, found, n, e);
	else
		status = n > 0 ? 1 : 0;
	if (!call_has(call, "fix") && settings_wants_json(app))
		settings_json_rows(
		    app, "smemail.lists-check/1", finding_json, found, n);
	else if (!call_has(call, "fix"))
		findings_text(app, found, n);
	settings_close(st);
	return status;
}

const struct command command_lists_check = {
	.words = "lists check",
	.summary = N_("find what is wrong in the lists"),
	.text = N_("Entries in the form of another list, twice, covered by a "
		   "wider one, refused here and accepted there, too wide; dead "
		   "zones and zones parted by the wrong sign. --fix puts right "
		   "what has one right answer. Exit status 1 when something is "
		   "found."),
	.args = { { "LIST", ARG_TEXT, ARG_OPTIONAL, NULL } },
	.options = { { .name = "fix",
			 .help = N_("put right what has one right answer") },
	    SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_check,
};
