/* smemail --help, smemail help WORDS, COMMAND --help. */
#include "cmd/help.h"

#include "cmd/commands.h"
#include "cmd/match.h"
#include "cmd/options.h"
#include "cmd/registry.h"
#include "cmd/render.h"
#include "core/base/i18n.h"
#include "core/base/utf8.h"

#include <string.h>

enum {
	HELP_MAX = 1 << 20,
	WIDTH_USUAL = 80,
	INDENT = 2,
	HELP_GAP = 2
};

static size_t
width(const struct app *app)
{
	return app->columns > 0 ? (size_t)app->columns : WIDTH_USUAL;
}

/* Text broken at blanks, each line after 'indent' blanks. */
static void
paragraph(struct app *app, const char *text, size_t indent)
{
	struct str rest = str_of(text), word;
	struct buf line = BUF_INIT(HELP_MAX);
	while (str_next_word(&rest, &word)) {
		size_t used = utf8_columns(buf_str(&line));
		if (used > 0 &&
		    indent + used + 1 + utf8_columns(word) > width(app)) {
			render_line(
			    app, "%*s%s", (int)indent, "", buf_cstr(&line));
			buf_reset(&line);
		}
		if (line.len > 0)
			buf_add_char(&line, ' ');
		buf_add_str(&line, word);
	}
	if (line.len > 0)
		render_line(app, "%*s%s", (int)indent, "", buf_cstr(&line));
	buf_clear(&line);
}

/* "  NAME   explanation", the explanation wrapped under itself. */
static void
entry(struct app *app, const char *name, size_t column, const char *text)
{
	size_t used = INDENT + utf8_columns(str_of(name));
	size_t room = width(app) > column + 20 ? width(app) - column : 20;
	struct str rest = str_of(text), word;
	struct buf line = BUF_INIT(HELP_MAX);
	buf_addf(&line, "%*s%s", INDENT, "", name);
	if (used + HELP_GAP > column) {
		render_line(app, "%s", buf_cstr(&line));
		buf_reset(&line);
		used = 0;
	}
	buf_addf(&line, "%*s", (int)(column - used), "");
	size_t filled = 0;
	while (str_next_word(&rest, &word)) {
		size_t n = utf8_columns(word);
		if (filled > 0 && filled + 1 + n > room) {
			render_line(app, "%s", buf_cstr(&line));
			buf_reset(&line);
			buf_addf(&line, "%*s", (int)column, "");
			filled = 0;
		}
		if (filled > 0)
			buf_add_char(&line, ' ');
		buf_add_str(&line, word);
		filled += n + (filled > 0);
	}
	render_line(app, "%s", buf_cstr(&line));
	buf_clear(&line);
}

/* Append "get [options] NAME..." */
static void
help_usage(const struct command *c, struct buf *out)
{
	buf_addf(out, "%s", c->words);
	if (c->options[0].name != NULL)
		buf_addf(out, " [%s]", _("options"));
	for (size_t i = 0; i < COMMAND_ARGS_MAX && c->args[i].name; i++) {
		static const char *const forms[] = {
			[ARG_ONE] = " %s",
			[ARG_OPTIONAL] = " [%s]",
			[ARG_MANY] = " %s...",
			[ARG_ANY] = " [%s...]",
		};
		const char *form = forms[c->args[i].count];
		size_t split = (size_t)(strchr(form, '%') - form);
		buf_add(out, form, split);
		buf_add_cstr(out, c->args[i].name);
		buf_add_cstr(out, form + split + 2);
	}
}

/* "-v, --verbose" or "    --lines N" */
static const char *
option_form(struct app *app, const struct option_spec *o)
{
	const char *front = o->letter != '\0'
				? arena_printf(app->arena, "-%c, ", o->letter)
				: "    ";
	return arena_printf(app->arena, "%s--%s%s%s", front, o->name,
	    o->value != NULL ? " " : "", o->value != NULL ? o->value : "");
}

static void
option_list(struct app *app, const char *title, const struct option_spec *list)
{
	size_t column = 0;
	for (const struct option_spec *o = list; o->name != NULL; o++) {
		size_t n = strlen(option_form(app, o)) + INDENT + HELP_GAP;
		column = n > column ? n : column;
	}
	if (column == 0)
		return;
	render_line(app, "%s", "");
	render_line(app, "%s", title);
	for (const struct option_spec *o = list; o->name != NULL; o++)
		entry(app, option_form(app, o), column, _(o->help));
}

static void
command_show(struct app *app, const struct command *c)
{
	struct buf usage = BUF_INIT(HELP_MAX);
	help_usage(c, &usage);
	render_line(app, "smemail %s", buf_cstr(&usage));
	buf_clear(&usage);
	paragraph(app, _(c->summary), INDENT);
	if (c->text != NULL) {
		render_line(app, "%s", "");
		paragraph(app, _(c->text), INDENT);
	}
	option_list(app, _("Options"), c->options);
	option_list(app, _("Options of every command"), option_globals());
}

/* A line for each command whose words begin with 'group'. */
static void
command_list(struct app *app, const char *group)
{
	size_t n, column = 0;
	const struct command *const *all = command_all(&n);
	struct str front = str_of(group);
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < n; i++) {
			struct str words = str_of(all[i]->words);
			const char *title = command_group_title(all[i]);
			if (all[i]->flags & COMMAND_HIDDEN ||
			    !str_starts(words, front))
				continue;
			size_t w = words.len + INDENT + HELP_GAP;
			column = w > column ? w : column;
			if (pass == 0)
				continue;
			if (front.len == 0 && title != NULL) {
				render_line(app, "%s", "");
				render_line(app, "%s", _(title));
			}
			entry(app, all[i]->words, column, _(all[i]->summary));
		}
	}
}

static void
overview_show(struct app *app)
{
	render_line(app, "%s", _("smemail [options] COMMAND [WORDS...]"));
	paragraph(app,
	    _("Shows, explains and changes the mail settings of an SME "
	      "Server, and runs its mail services."),
	    INDENT);
	command_list(app, "");
	option_list(app, _("Options"), option_globals());
	render_line(app, "%s", "");
	render_line(app, "%s", _("smemail COMMAND --help explains a command."));
}

int
help_show(struct app *app, const struct command *command, const char *group,
    struct err *e)
{
	(void)e;
	if (command != NULL) {
		command_show(app, command);
	} else if (group != NULL) {
		render_line(app, "smemail %s ...", group);
		command_list(app, arena_printf(app->arena, "%s ", group));
	} else {
		overview_show(app);
	}
	return 0;
}

static int
help_run(struct app *app, const struct call *call, struct err *e)
{
	struct match m;
	match_begin(&m, app->arena);
	if (call->n_args == 0)
		return help_show(app, NULL, NULL, e);
	for (size_t i = 0; i < call->n_args; i++) {
		if (!match_word(&m, str_of(call->args[i]))) {
			match_unknown(&m, app->arena, call->args[i], e);
			return err_exit_status(e->code);
		}
	}
	const struct command *c = match_complete(&m);
	return help_show(
	    app, c, c == NULL ? match_words(&m, app->arena) : NULL, e);
}

const struct command command_help = {
	.words = "help",
	.summary = N_("explain a command, or list all of them"),
	.text = N_("Prints what a command does, its words and its options. "
		   "Without words it lists the commands."),
	.args = {
		{ "COMMAND", ARG_COMMAND, ARG_ANY, NULL },
	},
	.flags = COMMAND_NO_ROOT,
	.run = help_run,
};
