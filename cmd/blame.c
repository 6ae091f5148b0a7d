/* The command blame. */
#include "cmd/history_int.h"

#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/plan.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "cmd/when.h"
#include "core/base/i18n.h"

#include <string.h>

enum {
	BLAME_COLUMNS = 4
};

/* Every entry of one setting, newest first. */
static size_t
blame_entries(struct app *app, const struct journal *j, const char *setting,
    const char *target, const struct journal_entry ***out)
{
	size_t n = 0;
	*out = ARENA_ARRAY(
	    app->arena, j->n_entries + 1, const struct journal_entry *);
	for (size_t i = j->n_entries; i > 0; i--) {
		const struct journal_entry *entry = &j->entries[i - 1];
		if (strcmp(entry->setting, setting) == 0 &&
		    (target == NULL || strcmp(entry->target, target) == 0))
			(*out)[n++] = entry;
	}
	return n;
}

static void
blame_json(struct app *app, struct json *j, void *rows, size_t i)
{
	const struct journal_entry *const *all = rows;
	const struct journal_entry *entry = all[i];
	json_key(j, "change");
	if (entry->applied != 0)
		json_int(j, entry->applied);
	else
		json_null(j);
	history_who_json(j, entry);
	history_values_json(app, j, entry);
}

static void
blame_show(
    struct app *app, const struct journal_entry *const *entries, size_t n)
{
	static const struct render_column columns[BLAME_COLUMNS] = {
		{ N_("CHANGE"), true },
		{ N_("WHEN"), false },
		{ N_("WHO"), false },
		{ N_("WHAT"), false },
	};
	struct str *cells =
	    ARENA_ARRAY(app->arena, n * BLAME_COLUMNS + 1, struct str);
	for (size_t i = 0; i < n; i++) {
		struct str *c = &cells[i * BLAME_COLUMNS];
		const struct journal_entry *entry = entries[i];
		c[0] = entry->applied != 0
			   ? str_of(arena_printf(
				 app->arena, "%lld", (long long)entry->applied))
			   : STR("-");
		c[1] = str_of(when_shown(app, entry->time_s));
		c[2] = str_of(entry->who);
		c[3] = str_of(arena_printf(app->arena, "%s%s%s -> %s",
		    entry->target, entry->target[0] != '\0' ? _(": ") : "",
		    history_value(&app->model, entry, false),
		    history_value(&app->model, entry, true)));
	}
	render_table(app, columns, BLAME_COLUMNS, cells, n);
}

/* The journal and the database may tell different stories. */
static void
blame_foreign(struct app *app, struct settings_store *st,
    const struct setting *s, const struct journal_entry *last)
{
	struct settings_row row;
	const char *target =
	    last != NULL && last->target[0] != '\0' ? last->target : NULL;
	if (last == NULL || last->secret ||
	    !settings_read_value(st, s, target, &row, NULL))
		return;
	if (row.is_stored != last->new_stored ||
	    (row.is_stored && !str_eq(row.stored, last->new_value)))
		render_note(app,
		    _("! another program has changed it since: now %s"),
		    settings_shown(app, &row));
}

static int
blame_run(struct app *app, const struct call *call, struct err *e)
{
	struct settings_store *st = NULL;
	const struct journal *j;
	const struct journal_entry **entries;
	const struct setting *s =
	    settings_lookup(&app->model, call->args[0], e);
	if (s == NULL || !settings_begin(app, &st, e))
		return err_exit_status(e->code);
	if (!settings_journal(st, &j, e)) {
		settings_close(st);
		return err_exit_status(e->code);
	}
	size_t n =
	    blame_entries(app, j, s->id, call_option(call, "for"), &entries);
	if (settings_wants_json(app)) {
		settings_json_rows(
		    app, "smemail.blame/1", blame_json, (void *)entries, n);
	} else {
		plan_problem_note(app, j->problem);
		if (n > 0)
			blame_show(app, entries, n);
		blame_foreign(app, st, s, n > 0 ? entries[0] : NULL);
	}
	settings_close(st);
	if (n > 0)
		return 0;
	err_set(e, ERR_NO, _("smemail has not changed '%s'"), s->id);
	err_next(e, "smemail describe %s", s->id);
	return err_exit_status(e->code);
}

const struct command command_blame = {
	.words = "blame",
	.summary = N_("tell who changed a setting, and when"),
	.text = N_("Lists every change of one setting that smemail made, "
		   "newest first, and tells when another program has changed "
		   "it since."),
	.args = {
		{ .name = "NAME", .kind = ARG_SETTING, .count = ARG_ONE },
	},
	.options = {
		SETTINGS_FOR_OPTION,
	},
	.run = blame_run,
};
