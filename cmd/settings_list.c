/* The command list: settings by area, and the areas themselves. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "core/base/i18n.h"
#include "core/model/status.h"

#include <string.h>

enum {
	AREA_COLUMNS = 5,
	WORD_LEAST = 3 /* letters: of fewer nearly all settings tell */
};

/* A row, and how many targets store a value where the setting has targets. */
struct item {
	struct settings_row row;
	bool counted;
	size_t targets;
};

/* Settings of users, domains ... : one row tells how many are set. */
static bool
is_per_target(const struct setting *s)
{
	return s->target != SETTING_TARGET_NONE &&
	       (s->place == SETTING_IN_DB || s->form != NULL ||
		   s->target == SETTING_TARGET_DOMAIN);
}

static bool
read_targets(struct settings_store *st, const struct setting *s,
    struct item *item, struct err *e)
{
	const struct journal *journal;
	const char *const *names;

	item->row = (struct settings_row){
		.setting = s,
		.on_release = true,
		.visible = true,
		.source = SETTINGS_DEFAULT,
	};
	item->counted = s->place == SETTING_IN_DB || s->form != NULL;
	if (!item->counted) {
		item->row.source = SETTINGS_UNKNOWN;
		return true;
	}
	if (!settings_targets(st, s, true, &names, &item->targets, e) ||
	    !settings_journal(st, &journal, e))
		return false;
	if (journal_any_pending(journal, s->id))
		item->row.source = SETTINGS_PENDING;
	else if (item->targets > 0)
		item->row.source = SETTINGS_SET;
	return true;
}

static bool
read_item(struct settings_store *st, const struct setting *s, struct item *item,
    struct err *e)
{
	*item = (struct item){ 0 };
	if (is_per_target(s))
		return read_targets(st, s, item, e);
	return settings_read(st, s, NULL, &item->row, e);
}

static bool
is_changed(const struct item *item)
{
	return item->row.source != SETTINGS_DEFAULT &&
	       item->row.source != SETTINGS_UNKNOWN;
}

/* What list was asked for, and what it found. */
struct view {
	const char **areas;       /* NULL-terminated; none: all */
	struct line_match *words; /* beside each: empty for an area */
	bool changed;
	struct item *items;
	size_t n;
	size_t in_areas; /* on this release */
	size_t all;      /* of any release */
};

static bool
is_wanted(const struct view *v, const struct setting *s)
{
	if (v->areas[0] == NULL)
		return true;
	for (size_t i = 0; v->areas[i] != NULL; i++)
		if (strcmp(v->areas[i], s->area) == 0 ||
		    setting_mentions(s, &v->words[i]) != 0)
			return true;
	return false;
}

static bool
collect(
    struct app *app, struct settings_store *st, struct view *v, struct err *e)
{
	size_t count;
	const struct setting *const *all = setting_all(&count);

	v->items = ARENA_ARRAY(app->arena, count, struct item);
	for (size_t i = 0; i < count; i++) {
		if (!is_wanted(v, all[i]))
			continue;
		v->all++;
		if (!setting_on_release(all[i], app->model.release))
			continue;
		v->in_areas++;
		if (!read_item(st, all[i], &v->items[v->n], e))
			return false;
		if (!v->changed || is_changed(&v->items[v->n]))
			v->n++;
	}
	return true;
}

/* "3 users", "12 entries" */
static struct str
count_cell(struct app *app, const struct item *item)
{
	const struct setting *s = item->row.setting;

	if (item->targets == 0)
		return str_of(arena_printf(app->arena, _("per %s"),
		    _(setting_target_word(s->target))));
	return str_of(arena_printf(app->arena,
	    P_("set for %zu", "set for %zu", item->targets), item->targets));
}

/* "RBL, Limits" */
static const char *
area_names(struct app *app, const struct view *v)
{
	const char *text = v->areas[0];

	for (size_t i = 1; text != NULL && v->areas[i] != NULL; i++)
		text = arena_printf(app->arena, "%s, %s", text, v->areas[i]);
	return text;
}

static void
print_table(struct app *app, const struct view *v)
{
	struct str *cells =
	    ARENA_ARRAY(app->arena, v->n * SETTINGS_COLUMNS, struct str);

	for (size_t i = 0; i < v->n; i++) {
		struct str *c = &cells[i * SETTINGS_COLUMNS];
		settings_cells(app, &v->items[i].row, c);
		if (is_per_target(v->items[i].row.setting))
			c[2] = count_cell(app, &v->items[i]);
	}
	if (v->n > 0)
		render_table(
		    app, settings_columns, SETTINGS_COLUMNS, cells, v->n);
}

static void
note_count(struct app *app, const struct view *v)
{
	const char *areas = area_names(app, v);
	size_t total = v->changed ? v->in_areas : v->all;

	if (areas != NULL)
		render_note(
		    app, _("%zu of %zu settings of %s"), v->n, total, areas);
	else
		render_note(app, _("%zu of %zu settings"), v->n, total);
	if (!v->changed && v->n < v->all)
		render_note(app, _("the others belong to other releases"));
	for (size_t i = 0; i < v->n; i++)
		settings_note_problem(app, &v->items[i].row);
	struct err damage = ERR_INIT;
	if (!status_databases_are_whole(&app->model, &damage)) {
		render_note(app, "! %s", damage.text);
		render_next(app, "%s", damage.next);
	}
}

static void
item_json(struct app *app, struct json *j, void *items, size_t i)
{
	const struct item *item = (const struct item *)items + i;

	settings_json_list(app, j, &item->row);
	if (!item->counted)
		return;
	json_key(j, "targets");
	json_int(j, (int64_t)item->targets);
}

/* Figures of one area. */
struct area {
	const char *name;
	size_t shown, set, pending;
};

static void
count_areas(const struct view *v, struct area *areas, size_t n)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct item *item = &v->items[i];
		struct area *a = areas;
		while (a < areas + n - 1 &&
		       strcmp(a->name, item->row.setting->area) != 0)
			a++;
		a->shown++;
		a->set += is_changed(item);
		a->pending += item->row.source == SETTINGS_PENDING;
	}
}

static void
area_json(struct app *app, struct json *j, void *areas, size_t i)
{
	const struct area *a = (const struct area *)areas + i;

	(void)app;
	json_key(j, "area");
	json_cstr(j, a->name);
	json_key(j, "shown");
	json_int(j, (int64_t)a->shown);
	json_key(j, "set");
	json_int(j, (int64_t)a->set);
	json_key(j, "pending");
	json_int(j, (int64_t)a->pending);
	json_key(j, "covers");
	json_cstr(j, _(setting_area_covers(a->name)));
}

static void
areas_table(struct app *app, const struct area *areas, size_t n)
{
	static const struct render_column columns[AREA_COLUMNS] = {
		{ .head = N_("AREA") },
		{ .head = N_("SHOWN"), .right = true },
		{ .head = N_("SET"), .right = true },
		{ .head = N_("PENDING"), .right = true },
		{ .head = N_("COVERS") },
	};
	struct str *cells =
	    ARENA_ARRAY(app->arena, n * AREA_COLUMNS, struct str);

	for (size_t i = 0; i < n; i++) {
		const struct area *a = &areas[i];
		struct str *c = &cells[i * AREA_COLUMNS];
		c[0] = str_of(a->name);
		c[1] = str_of(arena_printf(app->arena, "%zu", a->shown));
		c[2] = str_of(arena_printf(app->arena, "%zu", a->set));
		c[3] = str_of(arena_printf(app->arena, "%zu", a->pending));
		c[4] = str_of(_(setting_area_covers(a->name)));
	}
	render_table(app, columns, AREA_COLUMNS, cells, n);
}

static void
print_areas(struct app *app, const struct view *v)
{
	size_t n;
	const char *const *names = setting_areas(&n);
	struct area *areas = ARENA_ARRAY(app->arena, n, struct area);

	for (size_t i = 0; i < n; i++)
		areas[i].name = names[i];
	count_areas(v, areas, n);
	if (settings_wants_json(app)) {
		settings_json_rows(app, "smemail.areas/1", area_json, areas, n);
		return;
	}
	areas_table(app, areas, n);
	render_note(app,
	    _("%zu of %zu settings shown: the others belong to other "
	      "releases"),
	    v->n, v->all);
}

static bool
any_mentions(const struct line_match *word)
{
	size_t count;
	const struct setting *const *all = setting_all(&count);
	for (size_t i = 0; i < count; i++)
		if (setting_mentions(all[i], word) != 0)
			return true;
	return false;
}

/* Areas, else words that settings tell of. */
static bool
find_areas(
    struct app *app, const struct call *call, struct view *v, struct err *e)
{
	v->areas = ARENA_ARRAY(app->arena, call->n_args + 1, const char *);
	v->words = ARENA_ARRAY(app->arena, call->n_args + 1, struct line_match);
	for (size_t i = 0; i < call->n_args; i++) {
		v->areas[i] = setting_area_find(str_of(call->args[i]));
		if (v->areas[i] != NULL)
			continue;
		v->areas[i] = call->args[i];
		line_match_init(&v->words[i], str_of(call->args[i]));
		if (strlen(call->args[i]) >= WORD_LEAST &&
		    any_mentions(&v->words[i]))
			continue;
		err_set(e, ERR_USAGE,
		    _("unknown area '%s', and no setting tells of it"),
		    call->args[i]);
		return err_next(e, "smemail list --areas");
	}
	return true;
}

static int
print_view(struct app *app, const struct view *v, struct err *e)
{
	if (settings_wants_json(app))
		settings_json_rows(
		    app, "smemail.list/1", item_json, v->items, v->n);
	else
		print_table(app, v);
	if (v->n == 0 && v->changed) {
		err_set(e, ERR_NO, _("no setting is changed in %s"),
		    v->areas[0] != NULL ? area_names(app, v) : _("any area"));
		return err_exit_status(e->code);
	}
	if (!settings_wants_json(app))
		note_count(app, v);
	return 0;
}

static int
run_list(struct app *app, const struct call *call, struct err *e)
{
	struct view v = { .changed = call_has(call, "changed") };
	struct settings_store *st = NULL;
	int status = 0;
	bool ok = find_areas(app, call, &v, e) && settings_begin(app, &st, e);

	if (call_has(call, "areas"))
		v.changed = false;
	ok = ok && collect(app, st, &v, e);
	if (ok && call_has(call, "areas"))
		print_areas(app, &v);
	else if (ok)
		status = print_view(app, &v, e);
	for (size_t i = 0; v.words != NULL && i < call->n_args; i++)
		line_match_clear(&v.words[i]);
	settings_close(st);
	return ok ? status : err_exit_status(e->code);
}

const struct command command_settings_list = {
	.words = "list",
	.summary = N_("list settings with state, value and default"),
	.text = N_("Lists the settings of the areas named, or those that tell "
		   "of a word (in their name, property, summary, file or "
		   "fragment), else all that belong to this release. State is set (to something other than the "
		   "default), pending (stored but not applied), default, or "
		   "fragment where an own template "
		   "fragment decides."),
	.args = {
		{ .name = "AREA", .kind = ARG_AREA, .count = ARG_ANY },
	},
	.options = {
		{
			.name = "changed",
			.help = N_("only what is set, pending or a fragment"),
		},
		{
			.name = "areas",
			.help = N_("the areas with their figures"),
		},
	},
	.run = run_list,
};
