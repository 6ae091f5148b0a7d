/* The commands scores: own scores of SpamAssassin's rules (F025-F027). */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "cmd/task.h"
#include "core/base/i18n.h"

#include <string.h>

#define SETTING "spam.rule-scores"

struct score {
	const char *rule;
	struct str value;
	const char *problem;
};

static bool
read_scores(struct app *app, struct score **out, size_t *n, struct err *e)
{
	const struct setting *s = setting_find(STR(SETTING));
	struct settings_store *st = NULL;
	const char *const *names = NULL;
	bool ok = settings_begin(app, &st, e) &&
		  settings_targets(st, s, false, &names, n, e);

	*out = ARENA_ARRAY(app->arena, *n + 1, struct score);
	for (size_t i = 0; ok && i < *n; i++) {
		struct settings_row row;
		struct err why = ERR_INIT;
		(*out)[i].rule = names[i];
		if (settings_read_value(st, s, names[i], &row, &why)) {
			(*out)[i].value = row.stored;
			(*out)[i].problem = row.problem;
		} else {
			(*out)[i].problem =
			    arena_cstr(app->arena, str_of(why.text));
		}
	}
	settings_close(st);
	return ok;
}

static void
score_json(struct app *app, struct json *j, void *rows, size_t i)
{
	const struct score *s = (struct score *)rows + i;

	(void)app;
	json_key(j, "rule");
	json_cstr(j, s->rule);
	json_key(j, "score");
	json_str(j, s->value);
	json_key(j, "relative");
	json_bool(j, str_starts(s->value, STR("(")));
	json_key(j, "problem");
	json_cstr(j, s->problem);
}

static int
run_list(struct app *app, const struct call *call, struct err *e)
{
	static const struct render_column columns[] = {
		{ .head = N_("RULE") },
		{ .head = N_("SCORE"), .right = true },
	};
	struct score *s;
	struct str *cells;
	size_t n = 0;

	(void)call;
	if (!read_scores(app, &s, &n, e))
		return err_exit_status(e->code);
	if (settings_wants_json(app)) {
		settings_json_rows(app, "smemail.scores/1", score_json, s, n);
		return 0;
	}
	cells = ARENA_ARRAY(app->arena, 2 * n + 1, struct str);
	for (size_t i = 0; i < n; i++) {
		cells[2 * i] = str_of(s[i].rule);
		cells[2 * i + 1] = s[i].value;
	}
	if (n > 0)
		render_table(app, columns, ARRAY_LEN(columns), cells, n);
	else
		render_note(app, _("there is no score of your own"));
	for (size_t i = 0; i < n; i++)
		if (s[i].problem != NULL)
			render_note(
			    app, _("! %s: %s"), s[i].rule, s[i].problem);
	return 0;
}

/* "1", or "(1)": added to the default. */
static const char *
score_text(struct task *t, const char *score, bool relative)
{
	return relative ? arena_printf(t->app->arena, "(%s)", score) : score;
}

/* "RULE=SCORE ..." or "RULE SCORE" */
static bool
take_words(
    struct task *t, const struct call *call, bool relative, struct err *e)
{
	const char *const *args = call->args;

	if (strchr(args[0], '=') == NULL) {
		if (call->n_args != 2) {
			err_set(e, ERR_USAGE,
			    _("a rule and its score are "
			      "wanted"));
			return err_next(
			    e, "smemail %s RULE SCORE", call->command->words);
		}
		task_wish(
		    t, SETTING, args[0], score_text(t, args[1], relative));
		return true;
	}
	for (size_t i = 0; i < call->n_args; i++) {
		struct str value, rule = str_cut(str_of(args[i]), '=', &value);
		if (value.ptr == NULL)
			return err_set(
			    e, ERR_USAGE, _("'%s' is not RULE=SCORE"), args[i]);
		task_wish(t, SETTING, arena_cstr(t->app->arena, rule),
		    score_text(t, value.ptr, relative));
	}
	return true;
}

static int
set_words(
    struct app *app, const struct call *call, bool relative, struct err *e)
{
	struct task t;

	task_begin(app, &t);
	return take_words(&t, call, relative, e) ? task_store(&t, call, e)
						 : err_exit_status(e->code);
}

static int
run_set(struct app *app, const struct call *call, struct err *e)
{
	return set_words(app, call, false, e);
}

static int
run_add(struct app *app, const struct call *call, struct err *e)
{
	return set_words(app, call, true, e);
}

static int
run_reset(struct app *app, const struct call *call, struct err *e)
{
	struct score *s;
	struct task t;
	size_t n = 0;

	task_begin(app, &t);
	for (size_t i = 0; i < call->n_args; i++)
		task_wish(&t, SETTING, call->args[i], NULL);
	if (call_has(call, "all")) {
		if (!read_scores(app, &s, &n, e))
			return err_exit_status(e->code);
		for (size_t i = 0; i < n; i++)
			task_wish(&t, SETTING, s[i].rule, NULL);
	} else if (call->n_args == 0) {
		err_set(e, ERR_USAGE, _("no rule given"));
		err_next(e, "smemail scores reset --all");
		return err_exit_status(e->code);
	}
	return task_store(&t, call, e);
}

static struct str
scores_text(struct app *app, const struct score *s, size_t n)
{
	const char *text =
	    _("# RULE SCORE, one a line; (SCORE) is added to the default\n");

	for (size_t i = 0; i < n; i++)
		text = arena_printf(app->arena, "%s%s %.*s\n", text, s[i].rule,
		    STR_ARG(s[i].value));
	return str_of(text);
}

/* Wishes for each line of the text, and for what is gone from it. */
static bool
take_text(struct task *t, struct str text, const struct score *s, size_t n,
    struct err *e)
{
	bool *kept = ARENA_ARRAY(t->app->arena, n + 1, bool);
	struct str line;
	size_t number = 0;

	while (str_next_line(&text, &line)) {
		struct str rule;
		number++;
		line = str_trim(str_sub(line, 0, str_find(line, '#', 0)));
		if (!str_next_word(&line, &rule))
			continue;
		line = str_trim(line);
		if (line.len == 0)
			return err_set(e, ERR_USAGE,
			    _("line %zu: '%.*s' has no score"), number,
			    STR_ARG(rule));
		for (size_t i = 0; i < n; i++)
			kept[i] = kept[i] || str_is(rule, s[i].rule);
		task_wish(t, SETTING, arena_cstr(t->app->arena, rule),
		    arena_cstr(t->app->arena, line));
	}
	for (size_t i = 0; i < n; i++)
		if (!kept[i])
			task_wish(t, SETTING, s[i].rule, NULL);
	return true;
}

static int
run_edit(struct app *app, const struct call *call, struct err *e)
{
	struct score *s;
	struct task t;
	struct str text;
	size_t n = 0;

	if (!read_scores(app, &s, &n, e))
		return err_exit_status(e->code);
	text = scores_text(app, s, n);
	task_begin(app, &t);
	if (!task_edit(app, "scores", &text, e) ||
	    !take_text(&t, text, s, n, e))
		return err_exit_status(e->code);
	return task_store(&t, call, e);
}

#define SCORE_ARGS                                                             \
	{                                                                      \
		{ "RULE", ARG_TEXT, ARG_ONE, NULL },                           \
		{                                                              \
			"SCORE", ARG_TEXT, ARG_ANY, NULL                       \
		}                                                              \
	}

const struct command command_scores_list = {
	.words = "scores list",
	.summary = N_("list own scores of spam rules"),
	.text = N_("A score in brackets is added to the default of the rule."),
	.run = run_list,
};

const struct command command_scores_set = {
	.words = "scores set",
	.summary = N_("give a rule another score"),
	.text = N_("RULE SCORE, or several as RULE=SCORE RULE=SCORE ...; 0 "
		   "switches a rule off. Stored in the custom fragment "
		   "20localscores."),
	.args = SCORE_ARGS,
	.options = { SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_set,
};

const struct command command_scores_add = {
	.words = "scores add",
	.summary = N_("shift a rule from its default score"),
	.text = N_("SCORE is added to what the rule has by default, also when "
		   "an update changes that."),
	.args = SCORE_ARGS,
	.options = { SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_add,
};

const struct command command_scores_edit = {
	.words = "scores edit",
	.summary = N_("change the scores in an editor"),
	.text = N_("One rule a line, in $VISUAL or $EDITOR; a line taken out "
		   "resets its rule. A bad line stores nothing."),
	.options = { SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_edit,
};

const struct command command_scores_reset = {
	.words = "scores reset",
	.summary = N_("take own scores out"),
	.text = N_("The defaults of SpamAssassin count again."),
	.args = { { "RULE", ARG_TEXT, ARG_ANY, NULL } },
	.options = { { .name = "all", .help = N_("of every rule") },
	    SETTINGS_STORE_OPTIONS },
	.flags = COMMAND_CHANGES,
	.run = run_reset,
};
