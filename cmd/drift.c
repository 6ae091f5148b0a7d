/* The commands diff and drift. */
#include "core/model/drift.h"

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
	CHANGES_PENDING = 3
};

static void
hunks_show(struct app *app, const struct plan_file *f)
{
	struct str rest = f->hunks, line;
	render_line(app, "--- %s", f->is_new ? "/dev/null" : f->path);
	render_line(app, "+++ %s", f->path);
	while (str_next_line(&rest, &line))
		render_line(app, "%.*s", STR_ARG(line));
}

static bool
is_wanted(const struct call *call, const char *path)
{
	size_t n = strlen(path);
	if (call->n_args == 0)
		return true;
	for (size_t i = 0; i < call->n_args; i++) {
		size_t k = strlen(call->args[i]);
		/* "/etc/…/local.cf", or its end "local.cf" */
		if (k <= n && strcmp(path + n - k, call->args[i]) == 0 &&
		    (k == n || path[n - k - 1] == '/'))
			return true;
	}
	return false;
}

static void
diff_json(struct app *app, struct json *j, void *rows, size_t i)
{
	const struct plan_file *const *all = rows;
	(void)app;
	json_key(j, "path");
	json_cstr(j, all[i]->path);
	json_key(j, "new");
	json_bool(j, all[i]->is_new);
	json_key(j, "added");
	json_int(j, (int64_t)all[i]->added);
	json_key(j, "removed");
	json_int(j, (int64_t)all[i]->removed);
	json_key(j, "diff");
	json_str(j, all[i]->hunks);
}

static int
diff_run(struct app *app, const struct call *call, struct err *e)
{
	struct plan *p;
	size_t n = 0;
	if (!plan_make(&app->model, NULL, 0, &p, e))
		return err_exit_status(e->code);
	const struct plan_file **files =
	    ARENA_ARRAY(app->arena, p->n_files + 1, const struct plan_file *);
	for (size_t i = 0; i < p->n_files; i++)
		if (is_wanted(call, p->files[i].path))
			files[n++] = &p->files[i];
	if (settings_wants_json(app)) {
		settings_json_rows(
		    app, "smemail.diff/1", diff_json, (void *)files, n);
	} else {
		plan_problem_note(app, p->problem);
		if (p->unseen)
			render_note(app, "%s",
			    _("on this server its own templates make the "
			      "files; smemail cannot compare them"));
		for (size_t i = 0; i < n; i++)
			hunks_show(app, files[i]);
	}
	return call_has(call, "exit-code") && n > 0 ? CHANGES_PENDING : 0;
}

static const char *
drift_text(const struct drift_row *row)
{
	switch (row->kind) {
	case DRIFT_EDITED:
		return _("was changed after the last apply; the next one "
			 "writes over it");
	case DRIFT_MISSING:
		return _("was removed after the last apply; the next one "
			 "makes it again");
	case DRIFT_DIFFERS:
		return _("differs from what the databases say");
	case DRIFT_STALE:
		return _("belongs to no template: nothing is made of it");
	case DRIFT_SKIPPED:
		return _("has a name that is left out: nothing is made of it");
	case DRIFT_SAME:
		return _("says what the standard fragment says: it can go");
	case DRIFT_HIDES:
		break;
	}
	return row->n_settings > 0
		   ? _("stands in the place of a standard fragment; without "
		       "effect there:")
		   : _("stands in the place of a standard fragment");
}

static void
row_show(struct app *app, const struct drift_row *row)
{
	struct buf names = BUF_INIT(64 * 1024);
	struct str rest = row->diff, line;
	for (size_t i = 0; i < row->n_settings; i++)
		buf_addf(&names, " %s", row->settings[i]);
	render_prose(app, 9, "%-8s %s", drift_kind_word(row->kind), row->path);
	if (row->changed_s > 0)
		render_prose(app, 9, "         %s%s (%s)", drift_text(row),
		    buf_cstr(&names), when_shown(app, row->changed_s));
	else
		render_line(
		    app, "         %s%s", drift_text(row), buf_cstr(&names));
	while (str_next_line(&rest, &line))
		render_line(app, "  %.*s", STR_ARG(line));
	buf_clear(&names);
}

static void
drift_json(struct app *app, struct json *j, void *rows, size_t i)
{
	const struct drift_row *row = &((const struct drift_row *)rows)[i];
	char text[CLOCK_RFC3339_SIZE];
	(void)app;
	json_key(j, "state");
	json_cstr(j, drift_kind_word(row->kind));
	json_key(j, "path");
	json_cstr(j, row->path);
	json_key(j, "template");
	json_cstr(j, row->made);
	json_key(j, "changed");
	json_cstr(
	    j, row->changed_s > 0 ? clock_rfc3339(row->changed_s, text) : NULL);
	json_key(j, "diff");
	if (row->diff.len > 0)
		json_str(j, row->diff);
	else
		json_null(j);
	json_key(j, "settings");
	json_array_begin(j);
	for (size_t k = 0; k < row->n_settings; k++)
		json_cstr(j, row->settings[k]);
	json_array_end(j);
}

static int
drift_run(struct app *app, const struct call *call, struct err *e)
{
	struct drift_row *rows;
	size_t n;
	(void)call;
	if (!drift_find(&app->model, &rows, &n, e))
		return err_exit_status(e->code);
	if (settings_wants_json(app))
		settings_json_rows(app, "smemail.drift/1", drift_json, rows, n);
	for (size_t i = 0; !settings_wants_json(app) && i < n; i++)
		row_show(app, &rows[i]);
	if (!settings_wants_json(app) && n == 0)
		render_note(app, "%s",
		    _("every file is as the databases say, and no custom "
		      "fragment hides a setting"));
	return n > 0 ? 1 : 0;
}

const struct command command_diff = {
	.words = "diff",
	.summary = N_("show what apply would change in files, for patch"),
	.text = N_("Prints a unified diff of every generated file that an "
		   "apply would change, or of those named by their path or "
		   "its end."),
	.args = {
		{ .name = "FILE", .kind = ARG_TEXT, .count = ARG_ANY },
	},
	.options = {
		{
			.name = "exit-code",
			.help = N_("exit 3 when something differs"),
		},
	},
	.run = diff_run,
};

const struct command command_drift = {
	.words = "drift",
	.summary =
	    N_("find hand-edited files and fragments that hide settings"),
	.text = N_("Lists files that are not as the last apply left them, and "
		   "custom fragments that belong to no template, that have a "
		   "name which is left out, that say what the standard says, "
		   "or that hide settings. What waits for an apply is no "
		   "drift. Exit status 1 when there is any."),
	.run = drift_run,
};
