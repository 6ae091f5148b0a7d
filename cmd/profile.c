/* The commands profile list, show and apply. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "cmd/task.h"
#include "core/base/i18n.h"
#include "core/model/profile.h"

#include <string.h>

struct listed {
	const struct profile *profiles;
	size_t *differ; /* settings that are not as the profile has them */
};

static void
profile_json(struct app *app, struct json *j, void *rows, size_t i)
{
	const struct listed *l = rows;

	(void)app;
	json_key(j, "name");
	json_cstr(j, l->profiles[i].name);
	json_key(j, "summary");
	json_cstr(j, _(l->profiles[i].help));
	json_key(j, "differ");
	json_int(j, (int64_t)l->differ[i]);
}

static bool
count_differ(struct settings_store *st, const struct profile *p, size_t *n,
    struct err *e)
{
	struct profile_row *rows;
	size_t count;

	*n = 0;
	if (!profile_rows(st, p, &rows, &count, e))
		return false;
	for (size_t i = 0; i < count; i++)
		*n += rows[i].differs;
	return true;
}

static int
run_list(struct app *app, const struct call *call, struct err *e)
{
	static const struct render_column columns[] = {
		{ .head = N_("PROFILE") },
		{ .head = N_("DIFFERS IN"), .right = true },
		{ .head = N_("WHAT") },
	};
	struct settings_store *st = NULL;
	size_t n;
	struct listed l = { .profiles = profile_all(&n) };
	struct str *cells =
	    ARENA_ARRAY(app->arena, n * ARRAY_LEN(columns), struct str);
	bool ok = settings_begin(app, &st, e);

	(void)call;
	l.differ = ARENA_ARRAY(app->arena, n, size_t);
	for (size_t i = 0; ok && i < n; i++) {
		struct str *c = &cells[i * ARRAY_LEN(columns)];
		ok = count_differ(st, &l.profiles[i], &l.differ[i], e);
		c[0] = str_of(l.profiles[i].name);
		c[1] = str_of(arena_printf(app->arena, "%zu", l.differ[i]));
		c[2] = str_of(_(l.profiles[i].help));
	}
	settings_close(st);
	if (!ok)
		return err_exit_status(e->code);
	if (settings_wants_json(app))
		settings_json_rows(
		    app, "smemail.profiles/1", profile_json, &l, n);
	else
		render_table(app, columns, ARRAY_LEN(columns), cells, n);
	return 0;
}

static const char *
row_name(struct app *app, const struct profile_row *r)
{
	return r->wish.target == NULL
		   ? r->wish.setting->id
		   : arena_printf(app->arena, "%s %s", r->wish.setting->id,
			 r->wish.target);
}

static void
row_json(struct app *app, struct json *j, void *rows, size_t i)
{
	const struct profile_row *r = (struct profile_row *)rows + i;

	(void)app;
	json_key(j, "setting");
	json_cstr(j, r->wish.setting->id);
	json_key(j, "target");
	json_cstr(j, r->wish.target);
	json_key(j, "now");
	json_str(j, r->now);
	json_key(j, "value");
	json_cstr(j, r->wish.value);
	json_key(j, "differs");
	json_bool(j, r->differs);
}

/* How many rows behind this one change the same setting to the same value. */
static size_t
same_as_next(const struct profile_row *rows, size_t n, size_t i)
{
	size_t more = 0;

	while (i + more + 1 < n && rows[i].differs &&
	       rows[i + more + 1].differs &&
	       rows[i + more + 1].wish.setting == rows[i].wish.setting &&
	       strcmp(rows[i + more + 1].wish.value, rows[i].wish.value) == 0)
		more++;
	return more;
}

static void
rows_text(struct app *app, const struct profile *p,
    const struct profile_row *rows, size_t n)
{
	static const struct render_column columns[] = {
		{ .head = N_("SETTING") },
		{ .head = N_("NOW") },
		{ .head = N_("PROFILE") },
		{ .head = NULL },
	};
	struct str *cells =
	    ARENA_ARRAY(app->arena, n * ARRAY_LEN(columns) + 1, struct str);
	size_t differ = 0, lines = 0;

	for (size_t i = 0; i < n; i++) {
		struct str *c = &cells[lines * ARRAY_LEN(columns)];
		size_t more = same_as_next(rows, n, i);
		differ += rows[i].differs;
		if (more > 0) { /* the last of them tells for all */
			i += more;
			differ += rows[i].differs;
			lines++;
			c[0] = str_of(arena_printf(app->arena, "%s (%zu)",
			    rows[i].wish.setting->id, more + 1));
			c[1] = STR("-");
			c[2] = str_of(rows[i].wish.value);
			c[3] = str_of(_("differs"));
			continue;
		}
		lines++;
		c[0] = str_of(row_name(app, &rows[i]));
		c[1] = rows[i].now.len > 0 ? rows[i].now : STR("-");
		c[2] = str_of(rows[i].wish.value);
		c[3] = str_of(rows[i].differs ? _("differs") : _("as it is"));
	}
	render_note(app, "%s", _(p->text));
	render_table(app, columns, ARRAY_LEN(columns), cells, lines);
	if (differ > 0)
		render_next(app, "smemail profile apply %s", p->name);
}

static int
run_show(struct app *app, const struct call *call, struct err *e)
{
	const struct profile *p = profile_find(call->args[0], e);
	struct settings_store *st = NULL;
	struct profile_row *rows;
	size_t n;
	bool ok = p != NULL && settings_begin(app, &st, e) &&
		  profile_rows(st, p, &rows, &n, e);

	settings_close(st);
	if (!ok)
		return err_exit_status(e->code);
	if (settings_wants_json(app))
		settings_json_rows(app, "smemail.profile/1", row_json, rows, n);
	else
		rows_text(app, p, rows, n);
	return 0;
}

static int
run_apply(struct app *app, const struct call *call, struct err *e)
{
	const struct profile *p = profile_find(call->args[0], e);
	struct settings_store *st = NULL;
	struct profile_row *rows;
	struct task t;
	size_t n;
	bool ok = p != NULL && settings_begin(app, &st, e) &&
		  profile_rows(st, p, &rows, &n, e);

	settings_close(st);
	if (!ok)
		return err_exit_status(e->code);
	task_begin(app, &t);
	for (size_t i = 0; i < n; i++)
		if (rows[i].differs)
			task_wish(&t, rows[i].wish.setting->id,
			    rows[i].wish.target, rows[i].wish.value);
	if (t.n > 0 || settings_wants_json(app))
		return task_store(&t, call, e);
	render_line(app, _("%s: everything is so already"), p->name);
	return 0;
}

static const char *const names[] = { "recommended", "bayes-autolearn",
	"conservative-rbl", "rbl-behind-forwarder", "no-clear-passwords",
	NULL };

const struct command command_profile_list = {
	.words = "profile list",
	.summary = N_("list the profiles: settings that make sense together"),
	.text = N_("With how many settings of each are other on this server."),
	.run = run_list,
};

const struct command command_profile_show = {
	.words = "profile show",
	.summary = N_("show a profile and what it would change"),
	.text = N_("One line a setting: as it is, and as the profile has it."),
	.args = { { "PROFILE", ARG_TEXT, ARG_ONE, names } },
	.run = run_show,
};

const struct command command_profile_apply = {
	.words = "profile apply",
	.summary = N_("store the settings of a profile"),
	.text = N_("All of them in one change, and only those that differ. "
		   "Look first with profile show, or --dry-run."),
	.args = { { "PROFILE", ARG_TEXT, ARG_ONE, names } },
	.options = { SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_apply,
};
