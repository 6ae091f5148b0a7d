/* The commands set and unset. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "core/base/i18n.h"
#include "core/model/people.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* One line without its LF; false at the end of input. */
static bool
read_line(struct app *app, struct buf *line, struct err *e)
{
	int c;

	errno = 0;
	while ((c = getc(app->in)) != EOF && c != '\n')
		if (!buf_add_char(line, (char)c))
			return err_set(e, ERR_USAGE,
			    _("standard input: the line is longer than %d "
			      "bytes"),
			    (int)SETTING_VALUE_MAX);
	if (ferror(app->in))
		return err_set_errno(e, errno != 0 ? errno : EIO,
		    _("cannot read standard input"));
	if (c == EOF && line->len == 0)
		return err_set(e, ERR_USAGE, _("standard input is empty"));
	return true;
}

/* A line typed without showing it. */
static bool
read_hidden(
    struct app *app, const char *prompt, struct buf *line, struct err *e)
{
	struct termios before, hidden;
	int fd = fileno(app->in);
	bool ok;

	fprintf(app->err, "%s: ", prompt);
	fflush(app->err);
	if (tcgetattr(fd, &before) != 0)
		return err_set_errno(e, errno, _("cannot hide what is typed"));
	hidden = before;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(fd, TCSAFLUSH, &hidden) != 0)
		return err_set_errno(e, errno, _("cannot hide what is typed"));
	ok = read_line(app, line, e);
	(void)tcsetattr(fd, TCSAFLUSH, &before);
	fputc('\n', app->err);
	return ok;
}

static bool
read_twice(struct app *app, const char *id, struct buf *line, struct err *e)
{
	struct buf again = BUF_INIT(SETTING_VALUE_MAX);
	bool ok = read_hidden(app, id, line, e) &&
		  read_hidden(app, _("again"), &again, e);

	if (ok && !str_eq(buf_str(line), buf_str(&again)))
		ok = err_set(e, ERR_USAGE,
		    _("cannot set '%s': the two lines differ"), id);
	buf_clear(&again);
	return ok;
}

/* All of it: the text of a file. */
static bool
read_all(struct app *app, struct buf *text, struct err *e)
{
	int c;

	errno = 0;
	while ((c = getc(app->in)) != EOF)
		if (!buf_add_char(text, (char)c))
			return err_set(e, ERR_USAGE,
			    _("standard input: the text is longer than %d "
			      "bytes"),
			    (int)SETTING_VALUE_MAX);
	if (ferror(app->in))
		return err_set_errno(e, errno != 0 ? errno : EIO,
		    _("cannot read standard input"));
	return true;
}

bool
settings_stdin(
    struct app *app, const struct setting *s, const char **value, struct err *e)
{
	struct buf line = BUF_INIT(SETTING_VALUE_MAX);
	bool hidden =
	    (s->flags & SETTING_SECRET) && isatty(fileno(app->in)) == 1;
	bool ok;

	if (hidden)
		ok = read_twice(app, s->id, &line, e);
	else if (s->type->editor == SETTING_EDIT_TEXT)
		ok = read_all(app, &line, e);
	else
		ok = read_line(app, &line, e);

	if (ok && str_find(buf_str(&line), '\0', 0) < line.len)
		ok = err_set(e, ERR_USAGE,
		    _("cannot set '%s': the value holds a zero byte"), s->id);
	*value = arena_cstr(app->arena, buf_str(&line));
	buf_clear(&line);
	return ok;
}

/* A secret in argv would be seen by every user of the machine. */
static bool
refuse_secret(const struct setting *s, struct err *e)
{
	err_set(e, ERR_USAGE,
	    _("cannot set '%s': a secret is not taken from the command line"),
	    s->id);
	return err_next(e, "smemail set %s --stdin", s->id);
}

static bool
take_value(struct app *app, const struct call *call, struct settings_wish *w,
    const char *value, struct err *e)
{
	bool from_stdin = call_has(call, "stdin");

	if (from_stdin && value != NULL)
		return err_set(e, ERR_USAGE,
		    _("a value and --stdin were given for '%s'"),
		    w->setting->id);
	if (value != NULL && (w->setting->flags & SETTING_SECRET))
		return refuse_secret(w->setting, e);
	w->value = value;
	if (from_stdin)
		return settings_stdin(app, w->setting, &w->value, e);
	if (value != NULL)
		return true;
	err_set(e, ERR_USAGE, _("no value given for '%s'"), w->setting->id);
	if (w->setting->flags & SETTING_SECRET)
		return err_next(e, "smemail set %s --stdin", w->setting->id);
	return err_next(e, "smemail describe %s", w->setting->id);
}

/* Find by id; what is offered for a mistyped one is the same call. */
static const struct setting *
lookup(struct app *app, const char *verb, const char *id, const char *value,
    struct err *e)
{
	const struct setting *s = settings_lookup(&app->model, id, e);
	const struct setting *near;

	if (s != NULL || setting_find(str_of(id)) != NULL)
		return s;
	near = setting_nearest(str_of(id));
	if (near != NULL)
		err_next(e, "smemail %s %s%s%s", verb, near->id,
		    value != NULL ? " " : "", value != NULL ? value : "");
	return NULL;
}

/* A setting of anything, or one that users, domains ... have. */
static const struct setting *
lookup_for_set(struct app *app, enum setting_target kind, const char *id,
    const char *value, struct err *e)
{
	if (kind == SETTING_TARGET_NONE)
		return lookup(app, "set", id, value, e);
	return people_setting(&app->model, kind, id, e);
}

/* "NAME VALUE", or "NAME" with --stdin. */
static bool
one_wish(struct app *app, const struct call *call, const char *const *words,
    enum setting_target kind, struct settings_wish *w, struct err *e)
{
	const char *value = words[1];

	if (value != NULL && words[2] != NULL) {
		err_set(e, ERR_USAGE, _("more than one value for '%s': '%s'"),
		    words[0], words[2]);
		return err_next(e, _("put a value with blanks in quotes, or "
				     "write NAME=VALUE"));
	}
	w->setting = lookup_for_set(app, kind, words[0], value, e);
	return w->setting != NULL && take_value(app, call, w, value, e);
}

static bool
assignments(struct app *app, const struct call *call, const char *const *words,
    enum setting_target kind, struct settings_wish *w, struct err *e)
{
	for (size_t i = 0; words[i] != NULL; i++) {
		struct str value;
		struct str id = str_cut(str_of(words[i]), '=', &value);
		const char *name = arena_cstr(app->arena, id);
		if (value.ptr == NULL) {
			err_set(
			    e, ERR_USAGE, _("'%s' has no '=VALUE'"), words[i]);
			return err_next(
			    e, "smemail %s --help", call->command->words);
		}
		w[i].setting = lookup_for_set(app, kind, name, value.ptr, e);
		w[i].target = w[0].target;
		if (w[i].setting == NULL ||
		    !take_value(app, call, &w[i], value.ptr, e))
			return false;
	}
	return true;
}

int
settings_set_words(struct app *app, const struct call *call,
    const char *const *words, const char *target, enum setting_target kind,
    struct err *e)
{
	struct settings_store *st;
	struct settings_wish *wishes;
	struct settings_how how;
	bool several = strchr(words[0], '=') != NULL;
	bool ok;
	size_t n = 0;

	while (words[n] != NULL)
		n++;
	if (!settings_begin(app, &st, e))
		return err_exit_status(e->code);
	settings_close(st);
	wishes = ARENA_ARRAY(app->arena, n + 1, struct settings_wish);
	wishes[0].target = target;
	ok = several ? assignments(app, call, words, kind, wishes, e)
		     : one_wish(app, call, words, kind, wishes, e);
	if (!ok)
		return err_exit_status(e->code);
	how = settings_how(app, call);
	return settings_store(app, wishes, several ? n : 1, &how, e);
}

static int
run_set(struct app *app, const struct call *call, struct err *e)
{
	return settings_set_words(app, call, call->args,
	    call_option(call, "for"), SETTING_TARGET_NONE, e);
}

static int
run_unset(struct app *app, const struct call *call, struct err *e)
{
	struct settings_store *st;
	struct settings_wish *wishes =
	    ARENA_ARRAY(app->arena, call->n_args + 1, struct settings_wish);
	struct settings_how how;
	bool ok = settings_begin(app, &st, e);

	settings_close(st);
	for (size_t i = 0; ok && i < call->n_args; i++) {
		wishes[i].setting =
		    lookup(app, "unset", call->args[i], NULL, e);
		wishes[i].target = call_option(call, "for");
		ok = wishes[i].setting != NULL;
	}
	if (!ok)
		return err_exit_status(e->code);
	how = settings_how(app, call);
	return settings_store(app, wishes, call->n_args, &how, e);
}

const struct command command_set = {
	.words = "set",
	.summary = N_("store a setting"),
	.text = N_("Checks the value, writes it to its database under the "
		   "lock of the server and notes it in the journal. Nothing "
		   "else changes until apply. Several settings are stored "
		   "together as NAME=VALUE NAME=VALUE ...; when one is "
		   "refused, none is stored. A value that opens a relay, "
		   "exposes passwords or loses mail outright is asked about on "
		   "a terminal; elsewhere it needs --accept with the name of "
		   "the risk, or --yes. Passwords are read with --stdin only."),
	.args = {
		{ .name = "NAME", .kind = ARG_SETTING, .count = ARG_ONE },
		{ .name = "VALUE", .kind = ARG_VALUE, .count = ARG_ANY },
	},
	.options = {
		{
			.name = "for",
			.value = "TARGET",
			.kind = ARG_TARGET,
			.help = N_("for this user, group, domain, entry ..."),
		},
		{
			.name = "stdin",
			.help = N_("read the value from standard input"),
		},
		SETTINGS_STORE_OPTIONS,
	},
	.flags = COMMAND_CHANGES,
	.run = run_set,
};

const struct command command_unset = {
	.words = "unset",
	.summary = N_("remove what is stored, so that the default counts"),
	.text = N_("Takes the value out of its database and notes it in the "
		   "journal. Nothing else changes until apply."),
	.args = {
		{ .name = "NAME", .kind = ARG_SETTING, .count = ARG_MANY },
	},
	.options = {
		SETTINGS_FOR_OPTION,
		SETTINGS_STORE_OPTIONS,
	},
	.flags = COMMAND_CHANGES,
	.run = run_unset,
};
