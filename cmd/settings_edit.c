/*
 * The command edit: chosen settings as a text in an editor, read back, and
 * stored as one change. What is not stored stands behind '#' with its default,
 * as in the configuration of a daemon; secrets never come into the file.
 */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/settings.h"
#include "cmd/task.h"
#include "core/base/i18n.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	TEXT_MAX = 4 << 20,
	ANSWER_MAX = 64,
};

/* What a wrong line is followed by; left out again when read back. */
static const char mark[] = "#! ";

/* One setting of the text. */
struct item {
	const struct setting *setting;
	struct str before; /* as it stood in the text */
	bool was_stored;
	struct str after;
	size_t line; /* of the text read back, from 1; 0: it has none */
};

struct edit {
	struct app *app;
	const char *target; /* NULL: the whole server */
	bool asks;          /* a person is there to try once more */
	struct settings_store *store;
	struct item *items;
	size_t n;
	struct buf out;  /* the text read back with what is wrong in it */
	size_t mistakes; /* in it */
	struct err first;
};

static bool
is_chosen(const struct edit *x, const struct setting *s)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->items[i].setting == s)
			return true;
	return false;
}

static void
choose(struct edit *x, const struct setting *s)
{
	if (!is_chosen(x, s))
		x->items[x->n++] = (struct item){ .setting = s };
}

/* Those of an area, or all (NULL), that the target has. */
static void
choose_area(struct edit *x, const char *area)
{
	size_t count;
	const struct setting *const *all = setting_all(&count);

	for (size_t i = 0; i < count; i++) {
		struct settings_row row;
		struct err why = ERR_INIT;
		const struct setting *s = all[i];
		if ((area != NULL && strcmp(s->area, area) != 0) ||
		    !setting_on_release(s, x->app->model.release) ||
		    (s->target == SETTING_TARGET_NONE) != (x->target == NULL))
			continue;
		if (settings_read_value(x->store, s, x->target, &row, &why) &&
		    row.source != SETTINGS_UNKNOWN)
			choose(x, s);
	}
}

static bool
choose_all(struct edit *x, const struct call *call, struct err *e)
{
	size_t count;
	(void)setting_all(&count);
	x->items = ARENA_ARRAY(x->app->arena, count, struct item);
	if (call->n_args == 0)
		choose_area(x, NULL);
	for (size_t i = 0; i < call->n_args; i++) {
		const char *word = call->args[i];
		const char *area = setting_find(str_of(word)) == NULL
				       ? setting_area_find(str_of(word))
				       : NULL;
		const struct setting *s =
		    area == NULL ? settings_lookup(&x->app->model, word, e)
				 : NULL;
		if (area != NULL)
			choose_area(x, area);
		else if (s != NULL)
			choose(x, s);
		else
			return false;
	}
	return x->n > 0 ||
	       err_set(e, ERR_NO, _("there is nothing to edit here"));
}

/* Why a value cannot stand on a line of the text; NULL: it can. */
static const char *
left_out(const struct settings_row *row)
{
	const struct setting *s = row->setting;

	if (s->flags & SETTING_SECRET)
		return _("a secret is not shown");
	if ((s->flags & SETTING_READ_ONLY) || row->source == SETTINGS_UNKNOWN)
		return _("it is not stored by smemail");
	if (s->type->editor == SETTING_EDIT_TEXT ||
	    str_find(row->stored, '\n', 0) < row->stored.len)
		return _("a text of several lines");
	return NULL;
}

static bool
add_item(struct edit *x, struct item *it, struct buf *text, struct err *e)
{
	const struct setting *s = it->setting;
	struct settings_row row;

	if (!settings_read_value(x->store, s, x->target, &row, e))
		return false;
	buf_addf(text, "\n# %s", settings_summary(x->app, s));
	const char *why = left_out(&row);
	if (why != NULL) {
		buf_addf(text, "\n# %s: %s: smemail set %s --stdin\n", s->id,
		    why, s->id);
		it->setting = NULL;
		return true;
	}
	buf_add_cstr(text, "\n# ");
	s->type->describe(s, text);
	it->was_stored = row.is_stored;
	it->before = str_trim(
	    arena_str(x->app->arena, row.is_stored ? row.stored : row.value));
	buf_addf(text, "\n%s%s = %.*s\n", row.is_stored ? "" : "#", s->id,
	    STR_ARG(it->before));
	return true;
}

static bool
make_text(struct edit *x, struct str *out, struct err *e)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	bool ok = true;

	buf_add_cstr(&text,
	    _("# NAME = VALUE. Behind '#' stands what is not stored, with its "
	      "default:\n# take the '#' away to store it, put one before a "
	      "line to remove what is\n# stored. Nothing is changed when the "
	      "text is left as it is.\n"));
	for (size_t i = 0; ok && i < x->n; i++)
		ok = add_item(x, &x->items[i], &text, e);
	*out = arena_str(x->app->arena, buf_str(&text));
	buf_clear(&text);
	return ok;
}

/* A mistake, told below the line that it is in. */
static void
mistake(struct edit *x, size_t line, const struct err *why)
{
	struct err own = *why;

	if (line > 0)
		err_context(&own, _("line %zu"), line);
	if (x->asks || x->mistakes > 0) /* else the error tells it */
		render_note(x->app, "! %s", own.text);
	buf_addf(&x->out, "%s%s\n", mark, why->text);
	if (x->mistakes++ == 0)
		x->first = own;
}

static struct item *
find_item(struct edit *x, struct str name)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->items[i].setting != NULL &&
		    str_is(name, x->items[i].setting->id))
			return &x->items[i];
	return NULL;
}

static bool
check_value(struct edit *x, const struct item *it, struct err *e)
{
	const struct settings_wish w = {
		.setting = it->setting,
		.target = x->target,
		.value =
		    it->line > 0 ? arena_cstr(x->app->arena, it->after) : NULL,
	};
	struct str normal;

	return settings_check(x->store, &w, &normal, e);
}

static bool
is_changed(const struct item *it)
{
	if (it->setting == NULL)
		return false;
	if (it->line == 0)
		return it->was_stored;
	return !it->was_stored || !str_eq(it->before, it->after);
}

/* "NAME = VALUE" */
static bool
take_line(struct edit *x, struct str line, size_t number, struct err *e)
{
	struct str value, name = str_trim(str_cut(line, '=', &value));
	struct item *it = find_item(x, name);

	if (value.ptr == NULL)
		return err_set(e, ERR_USAGE, _("'%.*s' is not NAME = VALUE"),
		    STR_ARG(line));
	if (it == NULL)
		return err_set(e, ERR_USAGE,
		    _("'%.*s' is not one of the settings edited here"),
		    STR_ARG(name));
	if (it->line > 0)
		return err_set(e, ERR_USAGE, _("'%s' stands on line %zu too"),
		    it->setting->id, it->line);
	it->line = number;
	it->after = str_trim(value);
	return !is_changed(it) || check_value(x, it, e);
}

/* Read the text back; x->out is it with what is wrong told in it. */
static void
take_text(struct edit *x, struct str text)
{
	struct str line;
	size_t number = 0;

	buf_reset(&x->out);
	x->mistakes = 0;
	for (size_t i = 0; i < x->n; i++)
		x->items[i].line = 0;
	while (str_next_line(&text, &line)) {
		struct err why = ERR_INIT;
		struct str bare = str_trim(line);
		number++;
		if (str_starts(bare, str_of(mark)))
			continue;
		buf_addf(&x->out, "%.*s\n", STR_ARG(line));
		if (bare.len > 0 && bare.ptr[0] != '#' &&
		    !take_line(x, bare, number, &why))
			mistake(x, number, &why);
	}
	for (size_t i = 0; i < x->n; i++) {
		struct err why = ERR_INIT;
		if (x->items[i].line == 0 && is_changed(&x->items[i]) &&
		    !check_value(x, &x->items[i], &why))
			mistake(x, 0, &why);
	}
}

/* After a mistake: once more? Only where a person can say so. */
static bool
again(struct edit *x, struct err *e)
{
	char answer[ANSWER_MAX] = "";
	struct app *app = x->app;

	if (!x->asks) {
		*e = x->first;
		return err_next(e, _("nothing is stored; edit it once more"));
	}
	fprintf(app->err,
	    _("Enter opens the editor again, q leaves all as it is: "));
	fflush(app->err);
	if (fgets(answer, sizeof(answer), app->in) != NULL && answer[0] != 'q')
		return true;
	return err_set(e, ERR_NO, _("nothing is stored"));
}

/* The editor, until the text is right or given up. */
static bool
edit_text(struct edit *x, struct err *e)
{
	struct str text;

	if (!make_text(x, &text, e) || !task_edit(x->app, "edit", &text, e))
		return false;
	for (;;) {
		take_text(x, text);
		if (x->mistakes == 0)
			return true;
		text = arena_str(x->app->arena, buf_str(&x->out));
		if (!again(x, e) || !task_edit(x->app, "edit", &text, e))
			return false;
	}
}

static int
store(struct edit *x, const struct call *call, struct err *e)
{
	struct task t;

	task_begin(x->app, &t);
	for (size_t i = 0; i < x->n; i++) {
		const struct item *it = &x->items[i];
		if (is_changed(it))
			task_wish(&t, it->setting->id, x->target,
			    it->line > 0 ? arena_cstr(x->app->arena, it->after)
					 : NULL);
	}
	if (t.n > 0)
		return task_store(&t, call, e);
	err_set(e, ERR_NO, _("nothing was changed"));
	return err_exit_status(e->code);
}

static int
run_edit(struct app *app, const struct call *call, struct err *e)
{
	struct edit x = {
		.app = app,
		.target = call_option(call, "for"),
		.asks = isatty(fileno(app->in)) == 1 &&
			isatty(fileno(app->err)) == 1,
		.out = BUF_INIT(TEXT_MAX),
	};
	bool ok = settings_begin(app, &x.store, e) && choose_all(&x, call, e) &&
		  edit_text(&x, e);

	settings_close(x.store);
	buf_clear(&x.out);
	return ok ? store(&x, call, e) : err_exit_status(e->code);
}

const struct command command_edit = {
	.words = "edit",
	.summary = N_("change settings in an editor"),
	.text = N_("Opens $VISUAL or $EDITOR with the settings named, those of "
		   "an area, or all. What is wrong is told below its line, and "
		   "the editor opens again. Everything is stored as one "
		   "change, or nothing: not when the text is left as it was, "
		   "or the editor fails. Secrets never come into the text."),
	.args = {
		{ .name = "AREA|NAME", .kind = ARG_SETTING, .count = ARG_ANY },
	},
	.options = {
		SETTINGS_FOR_OPTION,
		SETTINGS_STORE_OPTIONS,
	},
	.flags = COMMAND_CHANGES,
	.run = run_edit,
};
