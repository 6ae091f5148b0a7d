/* The commands history and history show. */
#include "cmd/history_int.h"

#include "cmd/app.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/plan.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "cmd/when.h"
#include "core/base/i18n.h"
#include "core/base/num.h"

#include <limits.h>

enum {
	HISTORY_COLUMNS = 4,
	DETAIL_COLUMNS = 3,
	NAMES_SHOWN = 3
};

static const char *
kind_word(const struct history_row *row)
{
	if (row->apply == NULL)
		return "stored";
	if (row->unconfirmed)
		return "unconfirmed";
	switch (row->apply->kind) {
	case JOURNAL_UNDO:
		return "undo";
	case JOURNAL_ROLLBACK:
		return "rollback";
	case JOURNAL_APPLY:
		break;
	}
	return row->undone_by > 0 ? "undone" : "applied";
}

static const char *
number_shown(struct app *app, const struct history_row *row)
{
	return row->apply == NULL
		   ? "-"
		   : arena_printf(app->arena, "%ld", row->apply->change);
}

/* What the change was about, in a few words. */
static const char *
about(struct app *app, const struct history_row *row)
{
	struct buf text = BUF_INIT(64 * 1024);
	if (row->apply == NULL)
		buf_add_cstr(&text, _("stored, not applied: "));
	else if (row->apply->kind == JOURNAL_UNDO && row->apply->of > 0)
		buf_addf(&text, _("takes change %ld back: "), row->apply->of);
	else if (row->apply->kind == JOURNAL_UNDO)
		buf_add_cstr(&text, _("takes back what was stored: "));
	else if (row->apply->kind == JOURNAL_ROLLBACK)
		buf_addf(
		    &text, _("change %ld was not confirmed: "), row->apply->of);
	else if (row->undone_by > 0)
		buf_addf(
		    &text, _("taken back by change %ld: "), row->undone_by);
	for (size_t i = 0; i < row->n && i < NAMES_SHOWN; i++)
		buf_addf(&text, "%s%s %s", i > 0 ? ", " : "",
		    history_name(&app->model, &row->entries[i]),
		    history_value(&app->model, &row->entries[i], true));
	if (row->n > NAMES_SHOWN)
		buf_addf(&text, _(" and %zu more"), row->n - NAMES_SHOWN);
	if (row->n == 0)
		buf_add_cstr(&text, _("what other programs had stored"));
	const char *copy = arena_cstr(app->arena, buf_str(&text));
	buf_clear(&text);
	return copy;
}

static int64_t
row_time(const struct history_row *row)
{
	return row->apply != NULL ? row->apply->time_s
				  : row->entries[row->n - 1].time_s;
}

static const char *
row_who(const struct history_row *row)
{
	return row->apply != NULL ? row->apply->who
				  : row->entries[row->n - 1].who;
}

void
history_values_json(
    struct app *app, struct json *j, const struct journal_entry *entry)
{
	json_key(j, "target");
	json_cstr(j, entry->target[0] != '\0' ? entry->target : NULL);
	json_key(j, "old");
	json_cstr(j, entry->old_stored
			 ? history_value(&app->model, entry, false)
			 : NULL);
	json_key(j, "new");
	json_cstr(j,
	    entry->new_stored ? history_value(&app->model, entry, true) : NULL);
}

void
history_who_json(struct json *j, const struct journal_entry *entry)
{
	char text[CLOCK_RFC3339_SIZE];
	json_key(j, "time");
	json_cstr(j, clock_rfc3339(entry->time_s, text));
	json_key(j, "who");
	json_cstr(j, entry->who);
}

static void
entry_json(struct app *app, struct json *j, const struct journal_entry *entry)
{
	json_object_begin(j);
	json_key(j, "name");
	json_cstr(j, entry->setting);
	history_values_json(app, j, entry);
	history_who_json(j, entry);
	json_key(j, "change");
	if (entry->applied != 0)
		json_int(j, entry->applied);
	else
		json_null(j);
	json_object_end(j);
}

static void
history_keys(
    struct app *app, struct json *j, const struct history_row *row, bool whole)
{
	char text[CLOCK_RFC3339_SIZE];
	json_key(j, "change");
	if (row->apply != NULL)
		json_int(j, row->apply->change);
	else
		json_null(j);
	json_key(j, "state");
	json_cstr(j, kind_word(row));
	json_key(j, "time");
	json_cstr(j, clock_rfc3339(row_time(row), text));
	json_key(j, "who");
	json_cstr(j, row_who(row));
	json_key(j, "of");
	if (row->apply != NULL && row->apply->of > 0)
		json_int(j, row->apply->of);
	else
		json_null(j);
	json_key(j, "undone_by");
	if (row->undone_by > 0)
		json_int(j, row->undone_by);
	else
		json_null(j);
	json_key(j, "settings");
	json_array_begin(j);
	for (size_t i = 0; i < row->n; i++) {
		if (whole)
			entry_json(app, j, &row->entries[i]);
		else
			json_cstr(
			    j, history_name(&app->model, &row->entries[i]));
	}
	json_array_end(j);
}

static void
list_json(struct app *app, struct json *j, void *rows, size_t i)
{
	const struct history_row *all = rows;
	history_keys(app, j, &all[i], false);
}

static void
list_show(struct app *app, const struct history_row *rows, size_t n)
{
	static const struct render_column columns[HISTORY_COLUMNS] = {
		{ N_("CHANGE"), true },
		{ N_("WHEN"), false },
		{ N_("WHO"), false },
		{ N_("WHAT"), false },
	};
	struct str *cells =
	    ARENA_ARRAY(app->arena, n * HISTORY_COLUMNS + 1, struct str);
	for (size_t i = 0; i < n; i++) {
		struct str *c = &cells[i * HISTORY_COLUMNS];
		c[0] = str_of(number_shown(app, &rows[i]));
		c[1] = str_of(when_shown(app, row_time(&rows[i])));
		c[2] = str_of(row_who(&rows[i]));
		c[3] = str_of(about(app, &rows[i]));
	}
	render_table(app, columns, HISTORY_COLUMNS, cells, n);
}

static int
history_run(struct app *app, const struct call *call, struct err *e)
{
	struct journal j;
	struct history_row *rows;
	size_t n;
	(void)call;
	if (!history_read(&app->model, &j, &rows, &n, e))
		return err_exit_status(e->code);
	if (settings_wants_json(app)) {
		settings_json_rows(
		    app, "smemail.history/1", list_json, rows, n);
		return 0;
	}
	plan_problem_note(app, j.problem);
	if (n == 0) {
		render_note(app, "%s", _("nothing was changed yet"));
		return 0;
	}
	list_show(app, rows, n);
	plan_confirm_note(app);
	return 0;
}

static const struct history_row *
row_find(const struct history_row *rows, size_t n, const char *word)
{
	int64_t change = 0;
	if (!num_parse_i64(str_of(word), 1, LONG_MAX, &change))
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (rows[i].apply != NULL && rows[i].apply->change == change)
			return &rows[i];
	return NULL;
}

static void
detail_show(struct app *app, const struct history_row *row)
{
	static const struct render_column columns[DETAIL_COLUMNS] = {
		{ N_("SETTING"), false },
		{ N_("BEFORE"), false },
		{ N_("AFTER"), false },
	};
	struct str *cells =
	    ARENA_ARRAY(app->arena, row->n * DETAIL_COLUMNS + 1, struct str);
	render_line(app, _("change %ld, %s, %s: %s"), row->apply->change,
	    when_shown(app, row->apply->time_s), row->apply->who,
	    kind_word(row));
	for (size_t i = 0; i < row->n; i++) {
		struct str *c = &cells[i * DETAIL_COLUMNS];
		const struct journal_entry *entry = &row->entries[i];
		c[0] = str_of(history_name(&app->model, entry));
		c[1] = str_of(history_value(&app->model, entry, false));
		c[2] = str_of(history_value(&app->model, entry, true));
	}
	if (row->n > 0)
		render_table(app, columns, DETAIL_COLUMNS, cells, row->n);
	else
		render_line(app, "%s", about(app, row));
	if (row->undone_by > 0)
		render_note(app, _("taken back by change %ld"), row->undone_by);
	else if (row->n > 0)
		render_next(app, _("smemail undo %ld takes it back"),
		    row->apply->change);
}

static int
show_run(struct app *app, const struct call *call, struct err *e)
{
	struct journal j;
	struct history_row *rows;
	size_t n;
	if (!history_read(&app->model, &j, &rows, &n, e))
		return err_exit_status(e->code);
	const struct history_row *row = row_find(rows, n, call->args[0]);
	if (row == NULL) {
		err_set(e, ERR_NO, _("there is no change %s"), call->args[0]);
		err_next(e, "smemail history");
		return err_exit_status(e->code);
	}
	if (settings_wants_json(app)) {
		struct json json;
		struct buf buf;
		render_json_begin(app, &json, &buf, "smemail.history.show/1");
		history_keys(app, &json, row, true);
		render_json_end(app, &json, &buf);
	} else {
		plan_problem_note(app, j.problem);
		detail_show(app, row);
	}
	return 0;
}

const struct command command_history = {
	.words = "history",
	.summary = N_("list what was changed, newest first"),
	.text = N_("Each apply is a change with a number, the settings it "
		   "brought into force, and who did it. What is stored and not "
		   "applied stands first."),
	.run = history_run,
};

const struct command command_history_show = {
	.words = "history show",
	.summary = N_("show one change: each setting before and after"),
	.text = N_("Shows who made the change and when, and the value of each "
		   "setting before and after it. Of secrets only the fact that "
		   "they changed is kept."),
	.args = {
		{ .name = "CHANGE", .kind = ARG_CHANGE, .count = ARG_ONE },
	},
	.run = show_run,
};
