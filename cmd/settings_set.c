/* The commands set and unset, and storing for all commands on settings. */
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

/* "12", "-" for none; a default is named when nothing is stored. */
static const char *
side(struct app *app, struct str value, bool is_default)
{
	if (value.len == 0)
		return is_default ? "-" : "''";
	return arena_printf(app->arena,
	    is_default ? _("%.*s (default)") : "%.*s", STR_ARG(value));
}

static const char *
name_with_target(struct app *app, const struct settings_wish *w)
{
	if (w->target == NULL)
		return w->setting->id;
	return arena_printf(
	    app->arena, _("%s for %s"), w->setting->id, w->target);
}

/* "spam.reject-level: 12 -> 10, stored, not applied" */
static void
print_outcome(struct app *app, const struct settings_wish *w,
    const struct settings_outcome *o)
{
	const char *name = name_with_target(app, w);

	if (!o->changed && o->new_is_default && w->value == NULL)
		render_line(app, _("%s: not stored already"), name);
	else if (!o->changed)
		render_line(app, _("%s: %s already"), name,
		    side(app, o->new_value, false));
	else if (w->setting->flags & SETTING_SECRET)
		render_line(app,
		    w->value != NULL ? _("%s: changed, stored, not applied")
				     : _("%s: removed, not applied"),
		    name);
	else
		render_line(app, _("%s: %s -> %s, stored, not applied"), name,
		    side(app, o->old_value, o->old_is_default),
		    side(app, o->new_value, o->new_is_default));
}

/* The risk of a new value, and what else is odd about it. */
static void
note_warnings(struct app *app, struct settings_store *st,
    const struct settings_wish *w, const struct settings_outcome *o)
{
	const char *const *lines;
	size_t n = settings_warnings(st, w->setting, w->target, &lines);

	if (o->changed && o->at_risk)
		render_note(app, "! %s", settings_risk_text(app, w->setting));
	for (size_t i = 0; i < n; i++)
		render_note(app, "! %s", lines[i]);
}

static void
print_text(struct app *app, struct settings_store *st,
    const struct settings_wish *wishes, const struct settings_outcome *outcomes,
    size_t n)
{
	bool changed = false;

	for (size_t i = 0; i < n; i++) {
		print_outcome(app, &wishes[i], &outcomes[i]);
		note_warnings(app, st, &wishes[i], &outcomes[i]);
		changed = changed || outcomes[i].changed;
	}
	if (changed)
		render_next(app, "smemail plan");
}

static void
json_row(struct json *j, const struct settings_wish *w,
    const struct settings_outcome *o)
{
	bool secret = w->setting->flags & SETTING_SECRET;

	json_object_begin(j);
	json_key(j, "name");
	json_cstr(j, w->setting->id);
	if (w->target != NULL) {
		json_key(j, "target");
		json_cstr(j, w->target);
	}
	json_key(j, "old");
	if (secret)
		json_null(j);
	else
		json_str(j, o->old_value);
	json_key(j, "new");
	if (secret)
		json_null(j);
	else
		json_str(j, o->new_value);
	json_key(j, "changed");
	json_bool(j, o->changed);
	json_key(j, "risk");
	json_cstr(j, setting_risk_word(
			 o->at_risk ? w->setting->risk : SETTING_RISK_NONE));
	json_key(j, "risk_count");
	if (o->risk_count >= 0)
		json_int(j, o->risk_count);
	else
		json_null(j);
	json_object_end(j);
}

static bool
print_json(struct app *app, struct settings_store *st,
    const struct settings_wish *wishes, const struct settings_outcome *outcomes,
    size_t n, struct err *e)
{
	const struct journal *journal;
	struct journal_entry *pending;
	struct json j;
	struct buf buf;

	if (!settings_journal(st, &journal, e))
		return false;
	render_json_begin(app, &j, &buf, "smemail.set/1");
	json_key(&j, "journal");
	json_int(&j, journal->n_entries > 0
			 ? journal->entries[journal->n_entries - 1].number
			 : 0);
	json_key(&j, "pending");
	json_int(&j, (int64_t)journal_pending(journal, &app->model, &pending));
	json_key(&j, "rows");
	json_array_begin(&j);
	for (size_t i = 0; i < n; i++)
		json_row(&j, &wishes[i], &outcomes[i]);
	json_array_end(&j);
	render_json_end(app, &j, &buf);
	return true;
}

int
settings_store(struct app *app, const struct settings_wish *wishes, size_t n,
    const char *accept, struct err *e)
{
	struct settings_outcome *outcomes =
	    ARENA_ARRAY(app->arena, n + 1, struct settings_outcome);
	struct settings_store *st = NULL;
	bool ok;

	ok = settings_write(&app->model, wishes, n, accept, outcomes, e) &&
	     settings_open(&app->model, &st, e);
	if (ok && settings_wants_json(app))
		ok = print_json(app, st, wishes, outcomes, n, e);
	else if (ok)
		print_text(app, st, wishes, outcomes, n);
	settings_close(st);
	return ok ? 0 : err_exit_status(e->code);
}

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

bool
settings_stdin(
    struct app *app, const struct setting *s, const char **value, struct err *e)
{
	struct buf line = BUF_INIT(SETTING_VALUE_MAX);
	bool hidden =
	    (s->flags & SETTING_SECRET) && isatty(fileno(app->in)) == 1;
	bool ok = hidden ? read_twice(app, s->id, &line, e)
			 : read_line(app, &line, e);

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
	return settings_store(
	    app, wishes, several ? n : 1, call_option(call, "accept"), e);
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
	return settings_store(app, wishes, call->n_args, NULL, e);
}

const struct command command_set = {
	.words = "set",
	.summary = N_("store a setting"),
	.text = N_("Checks the value, writes it to its database under the "
		   "lock of the server and notes it in the journal. Nothing "
		   "else changes until apply. Several settings are stored "
		   "together as NAME=VALUE NAME=VALUE ...; when one is "
		   "refused, none is stored. Values that open a relay or "
		   "expose passwords need --accept with the name of the risk. "
		   "Passwords are read with --stdin only."),
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
			.name = "accept",
			.value = "RISK",
			.kind = ARG_TEXT,
			.help = N_("accept open-relay or exposes-passwords"),
		},
		{
			.name = "stdin",
			.help = N_("read the value from standard input"),
		},
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
		{
			.name = "for",
			.value = "TARGET",
			.kind = ARG_TARGET,
			.help = N_("of this user, group, domain, entry ..."),
		},
	},
	.flags = COMMAND_CHANGES,
	.run = run_unset,
};
