/* The command get: values as they stand. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "core/base/i18n.h"

enum {
	VERBOSE_COLUMNS = 4
};

/* The rows asked for, in the order asked. */
static bool
read_rows(struct app *app, struct settings_store *st, const struct call *call,
    bool whole, struct settings_row **out, struct err *e)
{
	const char *target = call_option(call, "for");
	struct settings_row *rows =
	    ARENA_ARRAY(app->arena, call->n_args + 1, struct settings_row);

	*out = rows;
	for (size_t i = 0; i < call->n_args; i++) {
		const struct setting *s =
		    settings_lookup(&app->model, call->args[i], e);
		if (s == NULL)
			return false;
		if (whole ? !settings_read(st, s, target, &rows[i], e)
			  : !settings_read_value(st, s, target, &rows[i], e))
			return false;
	}
	return true;
}

static void
row_json(struct app *app, struct json *j, void *rows, size_t i)
{
	(void)app;
	settings_json_get(j, (const struct settings_row *)rows + i);
}

static void
print_verbose(struct app *app, const struct settings_row *rows, size_t n)
{
	static const struct render_column columns[VERBOSE_COLUMNS];
	struct str *cells =
	    ARENA_ARRAY(app->arena, n * VERBOSE_COLUMNS, struct str);

	for (size_t i = 0; i < n; i++) {
		struct str *c = &cells[i * VERBOSE_COLUMNS];
		c[0] = str_of(rows[i].setting->id);
		c[1] = settings_cell(app, &rows[i]);
		c[2] = rows[i].source == SETTINGS_UNKNOWN
			   ? STR("-")
			   : str_of(settings_source_word(rows[i].source));
		c[3] = str_of(settings_place_text(app, &rows[i]));
	}
	render_table(app, columns, VERBOSE_COLUMNS, cells, n);
}

/* A value that is kept where we do not look. */
static bool
refuse_unknown(const struct setting *s, struct err *e)
{
	if (s->place == SETTING_IN_DNS)
		err_set(e, ERR_NO,
		    _("'%s' is published in the DNS ('%s'), it is not stored "
		      "here"),
		    s->id, s->key);
	else
		err_set(e, ERR_NO,
		    _("'%s' lives in '%s', it is not read from "
		      "there"),
		    s->id, s->key);
	return err_next(e, "smemail describe %s", s->id);
}

static bool
refuse_unset(struct app *app, const struct settings_row *row, struct err *e)
{
	if (row->value.len == 0)
		return err_set(e, ERR_NO,
		    _("'%s' is not stored, and there is no default"),
		    row->setting->id);
	return err_set(e, ERR_NO,
	    _("'%s' is not stored; in force is the default, %s"),
	    row->setting->id, arena_cstr(app->arena, row->value));
}

/* The text of a file keeps its lines. */
static void
print_value(struct app *app, struct str value)
{
	struct str line;

	if (value.len == 0)
		render_line(app, "%s", "");
	while (str_next_line(&value, &line))
		render_line(app, "%.*s", STR_ARG(line));
}

/* Values alone, one a line. With 'stored' the bytes of the database. */
static bool
print_values(struct app *app, const struct settings_row *rows, size_t n,
    bool stored, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		const struct settings_row *row = &rows[i];
		struct str value = stored ? row->stored : row->value;
		if (row->source == SETTINGS_UNKNOWN)
			return refuse_unknown(row->setting, e);
		if (stored && !row->is_stored)
			return refuse_unset(app, row, e);
		if ((row->setting->flags & SETTING_SECRET) && row->is_stored)
			value = settings_cell(app, row);
		print_value(app, value);
		if (!stored)
			settings_note_problem(app, row);
	}
	return true;
}

static int
run_get(struct app *app, const struct call *call, struct err *e)
{
	struct settings_store *st;
	struct settings_row *rows;
	bool verbose = call_has(call, "verbose");
	bool json = settings_wants_json(app);
	bool ok;
	int status = 0;

	if (!settings_begin(app, &st, e))
		return err_exit_status(e->code);
	ok = read_rows(app, st, call, verbose || json, &rows, e);
	if (ok && json)
		settings_json_rows(
		    app, "smemail.get/1", row_json, rows, call->n_args);
	else if (ok && verbose)
		print_verbose(app, rows, call->n_args);
	else if (ok)
		ok = print_values(
		    app, rows, call->n_args, call_has(call, "stored"), e);
	for (size_t i = 0; ok && i < call->n_args; i++) {
		if (verbose && !json)
			settings_note_problem(app, &rows[i]);
		if (call_has(call, "stored") && !rows[i].is_stored)
			status = 1;
	}
	settings_close(st);
	return ok ? status : err_exit_status(e->code);
}

const struct command command_get = {
	.words = "get",
	.summary = N_("print the value of settings"),
	.text = N_("Prints the value in force, one line each: what is stored, "
		   "or the default. A stored value that the setting does not "
		   "take counts as not stored, and a warning says so. With "
		   "--stored the bytes of the database are printed; exit "
		   "status 1 when there are none."),
	.args = {
		{ .name = "NAME", .kind = ARG_SETTING, .count = ARG_MANY },
	},
	.options = {
		{
			.name = "verbose",
			.letter = 'v',
			.help = N_("with state and place"),
		},
		{
			.name = "stored",
			.help = N_("what is stored, not what is in force"),
		},
		SETTINGS_FOR_OPTION,
	},
	.run = run_get,
};
