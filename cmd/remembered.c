/* karma and greylist: what the filter remembers, and forgetting it. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/when.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/model/remembered.h"

enum {
	NOT_FOUND = 1,
	ROWS = 100, /* unless --limit says otherwise */
	ROWS_MAX = 10000000,
	KARMA_COLUMNS = 6,
	GREYLIST_COLUMNS = 5
};

/* ---- what was asked ---- */

struct view {
	struct app *app;
	struct remembered r;
	size_t shown; /* of its rows */
};

static bool
read_view(struct app *app, enum filter_state_kind kind, const struct call *call,
    struct view *v, struct err *e)
{
	const char *limit = call_option(call, "limit");
	uint64_t most = ROWS;
	*v = (struct view){ .app = app };
	if (limit != NULL && !num_parse_u64(str_of(limit), ROWS_MAX, &most))
		return err_set(e, ERR_USAGE, _("'%s' is not a number"), limit);
	if (!remembered_list(&app->model, kind,
		call->n_args > 0 ? call->args[0] : NULL, &v->r, e)) {
		if (e->code == ERR_PERMANENT)
			err_next(e, _("the filter sets a broken file aside "
				      "and begins anew"));
		else
			err_next(e, _("run it as root"));
		return false;
	}
	v->shown = v->r.n < most ? v->r.n : (size_t)most;
	return true;
}

static struct str
moment(struct app *app, int64_t unix_s)
{
	return str_of(unix_s > 0 ? when_shown(app, unix_s) : "-");
}

static int64_t
until(const struct view *v, const struct remembered_row *row)
{
	return row->left_s > 0 ? clock_wall_s(v->app->clock) + row->left_s : 0;
}

/* ---- karma ---- */

static const struct render_column karma_columns[KARMA_COLUMNS] = {
	{ N_("ADDRESS"), false },
	{ N_("BAD"), true },
	{ N_("GOOD"), true },
	{ N_("HISTORY"), true },
	{ N_("SESSIONS"), true },
	{ N_("SHUT OUT UNTIL"), false },
};

static void
karma_row(
    const struct view *v, const struct remembered_row *row, struct str *cells)
{
	const int64_t *n = row->record.n;
	cells[0] = row->who;
	cells[1] = render_number(v->app, n[KARMA_NAUGHTY]);
	cells[2] = render_number(v->app, n[KARMA_NICE]);
	cells[3] = render_number(v->app, karma_history(&row->record));
	cells[4] = render_number(v->app, n[KARMA_CONNECTS]);
	cells[5] = moment(v->app, until(v, row));
}

static void
add_moment(struct json *j, const char *key, int64_t unix_s)
{
	char text[CLOCK_RFC3339_SIZE];
	json_key(j, key);
	if (unix_s > 0)
		json_cstr(j, clock_rfc3339(unix_s, text));
	else
		json_null(j);
}

static void
add_number(struct json *j, const char *key, int64_t n)
{
	json_key(j, key);
	json_int(j, n);
}

static void
karma_json(
    const struct view *v, const struct remembered_row *row, struct json *j)
{
	const int64_t *n = row->record.n;
	json_key(j, "address");
	json_str(j, row->who);
	add_number(j, "naughty", n[KARMA_NAUGHTY]);
	add_number(j, "nice", n[KARMA_NICE]);
	add_number(j, "history", karma_history(&row->record));
	add_number(j, "sessions", n[KARMA_CONNECTS]);
	add_moment(j, "shut_out_until", until(v, row));
}

/* ---- greylist ---- */

static const struct render_column greylist_columns[GREYLIST_COLUMNS] = {
	{ N_("WHO"), false },
	{ N_("STATE"), false },
	{ N_("TRIED"), true },
	{ N_("TAKEN"), true },
	{ N_("SINCE, OR LAST"), false },
};

/* "waits" until it may come back, then it is "due", then "known". */
static const char *
greylist_state(const struct remembered_row *row)
{
	if (row->record.n[GREYLIST_WHITE] > 0)
		return N_("known");
	return row->left_s > 0 ? N_("waits") : N_("due");
}

static void
greylist_row(
    const struct view *v, const struct remembered_row *row, struct str *cells)
{
	const int64_t *n = row->record.n;
	cells[0] = row->who;
	cells[1] = str_of(_(greylist_state(row)));
	cells[2] = render_number(v->app, n[GREYLIST_NEW] + n[GREYLIST_BLACK]);
	cells[3] = render_number(v->app, n[GREYLIST_WHITE]);
	cells[4] = moment(v->app, n[GREYLIST_TIME]);
}

static void
greylist_json(
    const struct view *v, const struct remembered_row *row, struct json *j)
{
	const int64_t *n = row->record.n;
	json_key(j, "who");
	json_str(j, row->who);
	json_key(j, "state");
	json_cstr(j, greylist_state(row));
	add_number(j, "tried", n[GREYLIST_NEW] + n[GREYLIST_BLACK]);
	add_number(j, "taken", n[GREYLIST_WHITE]);
	add_moment(j, "time", n[GREYLIST_TIME]);
	add_moment(j, "waits_until", until(v, row));
}

/* ---- both ---- */

static const struct kind {
	const char *schema, *setting;
	const struct render_column *columns;
	size_t n_columns;
	void (*row)(const struct view *v, const struct remembered_row *row,
	    struct str *cells);
	void (*json)(const struct view *v, const struct remembered_row *row,
	    struct json *j);
} kinds[STATE_KINDS] = {
	[STATE_KARMA] = { "smemail.karma/1", "filter.karma", karma_columns,
	    KARMA_COLUMNS, karma_row, karma_json },
	[STATE_GREYLIST] = { "smemail.greylist/1", "filter.greylisting",
	    greylist_columns, GREYLIST_COLUMNS, greylist_row, greylist_json },
};

static void
show_json(const struct view *v)
{
	const struct kind *k = &kinds[v->r.kind];
	struct json j;
	struct buf buf;
	render_json_begin(v->app, &j, &buf, k->schema);
	json_key(&j, "loaded");
	json_bool(&j, v->r.loaded);
	add_number(&j, "total", (int64_t)v->r.n);
	json_key(&j, "rows");
	json_array_begin(&j);
	for (size_t i = 0; i < v->shown; i++) {
		json_object_begin(&j);
		k->json(v, &v->r.rows[i], &j);
		json_object_end(&j);
	}
	json_array_end(&j);
	render_json_end(v->app, &j, &buf);
}

static void
show_text(const struct view *v, const char *wanted)
{
	const struct kind *k = &kinds[v->r.kind];
	struct str *cells =
	    ARENA_ARRAY(v->app->arena, v->shown * k->n_columns + 1, struct str);
	for (size_t i = 0; i < v->shown; i++)
		k->row(v, &v->r.rows[i], &cells[i * k->n_columns]);
	if (v->shown > 0)
		render_table(v->app, k->columns, k->n_columns, cells, v->shown);
	if (v->shown < v->r.n)
		render_note(v->app, _("%zu more: --limit"), v->r.n - v->shown);
	if (v->r.n == 0 && wanted != NULL)
		render_note(v->app, _("nothing is remembered of '%s'"), wanted);
	else if (v->r.n == 0)
		render_note(v->app, _("nothing is remembered"));
	if (!v->r.loaded) {
		render_note(v->app, _("! not in force: the plugin is not in "
				      "the configuration"));
		render_next(v->app, "smemail describe %s", k->setting);
	}
}

static int
show(struct app *app, enum filter_state_kind kind, const struct call *call,
    struct err *e)
{
	struct view v;
	const char *wanted = call->n_args > 0 ? call->args[0] : NULL;
	if (!read_view(app, kind, call, &v, e))
		return err_exit_status(e->code);
	if (app->json)
		show_json(&v);
	else
		show_text(&v, wanted);
	return wanted != NULL && v.r.n == 0 ? NOT_FOUND : 0;
}

/* Either of some, or --all of them. */
static bool
read_targets(struct app *app, enum filter_state_kind kind,
    const struct call *call, struct remembered *r, struct err *e)
{
	bool all = call_has(call, "all");
	*r = (struct remembered){ .kind = kind };
	if (all == (call->n_args > 0)) {
		err_set(
		    e, ERR_USAGE, "%s", _("either whom to forget, or --all"));
		return err_next(e, kind == STATE_KARMA
				       ? "smemail karma show"
				       : "smemail greylist show");
	}
	return remembered_list(
		   &app->model, kind, all ? NULL : call->args[0], r, e) ||
	       (e->code == ERR_TEMPORARY && err_next(e, _("run it as root")));
}

static int
clear(struct app *app, enum filter_state_kind kind, const struct call *call,
    struct err *e)
{
	struct remembered r;
	int64_t n = 0;
	if (!read_targets(app, kind, call, &r, e))
		return err_exit_status(e->code);
	if (call_has(call, "dry-run")) {
		for (size_t i = 0; i < r.n; i++)
			render_line(app, "%.*s", STR_ARG(r.rows[i].who));
		render_dry_run(app);
	} else if (!remembered_forget(&app->model, &r, &n, e)) {
		err_next(e, _("run it as root"));
		return err_exit_status(e->code);
	} else if (r.n > 0) {
		render_note(app, _("forgotten: %lld"), (long long)n);
	}
	if (r.n > 0)
		return 0;
	if (call->n_args > 0)
		render_note(
		    app, _("nothing is remembered of '%s'"), call->args[0]);
	return call->n_args > 0 ? NOT_FOUND : 0;
}

static int
run_karma_show(struct app *app, const struct call *call, struct err *e)
{
	return show(app, STATE_KARMA, call, e);
}

static int
run_karma_clear(struct app *app, const struct call *call, struct err *e)
{
	return clear(app, STATE_KARMA, call, e);
}

static int
run_greylist_show(struct app *app, const struct call *call, struct err *e)
{
	return show(app, STATE_GREYLIST, call, e);
}

static int
run_greylist_clear(struct app *app, const struct call *call, struct err *e)
{
	return clear(app, STATE_GREYLIST, call, e);
}

#define LIMIT_OPTION                                                           \
	{                                                                      \
		.name = "limit", .value = N_("N"), .kind = ARG_INT,            \
		.help = N_("show so many rows (100)")                          \
	}

const struct command command_karma_show = {
	.words = "karma show",
	.summary = N_("show the histories of addresses, those shut out first"),
	.text = N_(
	    "What the filter's karma remembers: bad and good sessions of each "
	    "address, their difference, and until when it is shut out. With an "
	    "ADDRESS only that one; exit status 1 when nothing is remembered "
	    "of it."),
	.args = { { "ADDRESS", ARG_TEXT, ARG_OPTIONAL, NULL } },
	.options = { LIMIT_OPTION },
	.run = run_karma_show,
};

const struct command command_karma_clear = {
	.words = "karma clear",
	.summary = N_("forgive an address: forget its history"),
	.text = N_("It may connect at once and begins as a stranger; a "
		   "penalty ends. --all forgets every address. To spare a "
		   "host for good put it on the list whitelisthosts."),
	.args = { { "ADDRESS", ARG_TEXT, ARG_OPTIONAL, NULL } },
	.options = { { .name = "all", .help = N_("every address") },
	    DRY_RUN_OPTION },
	.flags = COMMAND_CHANGES,
	.run = run_karma_clear,
};

const struct command command_greylist_show = {
	.words = "greylist show",
	.summary = N_("show who was asked to come back later, and who did"),
	.text = N_(
	    "What the filter's greylisting remembers: who waits, who is due to "
	    "come back, who is known and taken at once. WHO is made of "
	    "address, sender and recipient as the plugin's line says. With "
	    "TEXT only those that hold it; exit status 1 when there is none."),
	.args = { { "TEXT", ARG_TEXT, ARG_OPTIONAL, NULL } },
	.options = { LIMIT_OPTION },
	.run = run_greylist_show,
};

const struct command command_greylist_clear = {
	.words = "greylist clear",
	.summary = N_("forget first contacts"),
	.text = N_("Those that 'greylist show TEXT' shows; --all forgets every "
		   "one. Whoever is forgotten is asked to come back at the "
		   "next contact."),
	.args = { { "TEXT", ARG_TEXT, ARG_OPTIONAL, NULL } },
	.options = { { .name = "all", .help = N_("every one") },
	    DRY_RUN_OPTION },
	.flags = COMMAND_CHANGES,
	.run = run_greylist_clear,
};
