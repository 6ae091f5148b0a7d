/*
 * Storing settings, for every command that does: dangerous values are asked
 * about on a terminal, what became of each wish is told.
 */
#include "cmd/command.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "core/base/i18n.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	ANSWER_MAX = 256,
	MANY = 8 /* wishes of one setting that are told one by one */
};

static const char all_risks[] = "open-relay,exposes-passwords,may-lose-mail";

/* Given, where the command has such an option at all. */
static const char *
option(const struct call *call, const char *name)
{
	const struct option_spec *o = call->command->options;

	for (size_t i = 0; i < COMMAND_OPTIONS_MAX && o[i].name != NULL; i++)
		if (strcmp(o[i].name, name) == 0)
			return call->values[i];
	return NULL;
}

static const char *
with_word(struct app *app, const char *list, const char *word)
{
	return list == NULL ? word
			    : arena_printf(app->arena, "%s,%s", list, word);
}

struct settings_how
settings_how(struct app *app, const struct call *call)
{
	struct settings_how how = {
		.accept = option(call, "accept"),
		.dry_run = option(call, "dry-run") != NULL,
	};

	if (option(call, "yes") != NULL)
		how.accept = with_word(app, how.accept, all_risks);
	if (option(call, "force") != NULL)
		how.accept = with_word(app, how.accept, "replace-file");
	return how;
}

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
    const struct settings_outcome *o, const struct settings_how *how)
{
	const char *name = name_with_target(app, w);
	const char *end =
	    how->dry_run ? _("not stored (dry run)") : _("stored, not applied");

	if (!o->changed && o->new_is_default && w->value == NULL)
		render_line(app, _("%s: not stored already"), name);
	else if (!o->changed)
		render_line(app, _("%s: %s already"), name,
		    side(app, o->new_value, false));
	else if (w->setting->flags & SETTING_SECRET)
		render_line(app,
		    w->value != NULL ? _("%s: changed, %s")
				     : _("%s: removed, %s"),
		    name, end);
	else
		render_line(app, _("%s: %s -> %s, %s"), name,
		    side(app, o->old_value, o->old_is_default),
		    side(app, o->new_value, o->new_is_default), end);
}

/* A printer in the local network that may relay is no open relay. */
static bool
is_told(const struct setting *s, struct str value)
{
	return s->risk < SETTING_RISK_OPEN_RELAY ||
	       (s->flags & SETTING_SECRET) || setting_needs_accept(s, value);
}

/* The risk of a new value, and what else is odd about it. */
static void
note_warnings(struct app *app, struct settings_store *st,
    const struct settings_wish *w, const struct settings_outcome *o)
{
	const char *const *lines;
	size_t n = settings_warnings(st, w->setting, w->target, &lines);

	if (o->changed && o->at_risk && is_told(w->setting, o->new_value))
		render_note(app, "! %s", settings_risk_text(app, w->setting));
	for (size_t i = 0; i < n; i++)
		render_note(app, "! %s", lines[i]);
}

/* How many wishes in a row are of one setting, and change something. */
static size_t
alike(const struct settings_wish *wishes, const struct settings_outcome *o,
    size_t n, size_t *changed)
{
	size_t count = 0;

	*changed = 0;
	while (count < n && wishes[count].setting == wishes[0].setting)
		*changed += o[count++].changed;
	return count;
}

/* One line for all wishes of a setting that has many. */
static void
print_many(struct app *app, struct settings_store *st,
    const struct settings_wish *w, const struct settings_outcome *o,
    size_t count, size_t changed, const struct settings_how *how)
{
	render_line(app, _("%s: %zu of %zu changed, %s"), w->setting->id,
	    changed, count,
	    how->dry_run ? _("not stored (dry run)")
			 : _("stored, not applied"));
	note_warnings(app, st, w, o);
}

static void
print_text(struct app *app, struct settings_store *st,
    const struct settings_wish *wishes, const struct settings_outcome *outcomes,
    size_t n, const struct settings_how *how)
{
	bool any = false;
	size_t count, changed;

	for (size_t i = 0; i < n; i += count) {
		count = alike(&wishes[i], &outcomes[i], n - i, &changed);
		any = any || changed > 0;
		if (count > MANY)
			print_many(app, st, &wishes[i], &outcomes[i], count,
			    changed, how);
		for (size_t k = i; count <= MANY && k < i + count; k++) {
			print_outcome(app, &wishes[k], &outcomes[k], how);
			note_warnings(app, st, &wishes[k], &outcomes[k]);
		}
	}
	if (any && !how->dry_run)
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
    size_t n, const struct settings_how *how, struct err *e)
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
	json_key(&j, "dry_run");
	json_bool(&j, how->dry_run);
	json_key(&j, "rows");
	json_array_begin(&j);
	for (size_t i = 0; i < n; i++)
		json_row(&j, &wishes[i], &outcomes[i]);
	json_array_end(&j);
	render_json_end(app, &j, &buf);
	return true;
}

/* Is a person there to be asked? */
static bool
can_ask(const struct app *app)
{
	return !settings_wants_json(app) && isatty(fileno(app->in)) == 1 &&
	       isatty(fileno(app->err)) == 1;
}

/* The word must be typed: no key held down or pasted answers. */
static bool
ask(struct app *app, const struct settings_wish *w, struct str value,
    const struct err *why, struct err *e)
{
	char line[ANSWER_MAX];
	struct str typed;

	fprintf(app->err, "! %s\n", why->text);
	if (w->setting->safer != NULL)
		fprintf(app->err, _("safer: %s\n"), w->setting->safer);
	fprintf(app->err, _("type  %.*s  to store it: "), STR_ARG(value));
	fflush(app->err);
	if (fgets(line, sizeof(line), app->in) == NULL)
		line[0] = '\0';
	typed = str_trim(str_of(line));
	return str_eq(typed, value) ||
	       err_set(e, ERR_NO, _("nothing is stored"));
}

/* Ask about each value that has a risk nobody has accepted yet. */
static bool
ask_all(struct app *app, const struct settings_wish *wishes, size_t n,
    struct settings_how *how, struct err *e)
{
	struct settings_store *st = NULL;
	bool ok = settings_open(&app->model, &st, e);

	for (size_t i = 0; ok && i < n; i++) {
		struct err why = ERR_INIT;
		struct str value;
		if (settings_accept(st, &wishes[i], how->accept, &value, &why))
			continue;
		if (value.len == 0) { /* refused for another reason */
			*e = why;
			ok = false;
		} else if ((ok = ask(app, &wishes[i], value, &why, e))) {
			how->accept = with_word(app, how->accept,
			    setting_risk_word(wishes[i].setting->risk));
		}
	}
	settings_close(st);
	return ok;
}

bool
settings_store_all(struct app *app, const struct settings_wish *wishes,
    size_t n, const struct settings_how *how, struct settings_outcome *outcomes,
    struct err *e)
{
	struct settings_how own = *how;

	if (how->dry_run)
		return settings_preview(
		    &app->model, wishes, n, own.accept, outcomes, e);
	if (can_ask(app) && !ask_all(app, wishes, n, &own, e))
		return false;
	return settings_write(&app->model, wishes, n, own.accept, outcomes, e);
}

int
settings_store(struct app *app, const struct settings_wish *wishes, size_t n,
    const struct settings_how *how, struct err *e)
{
	struct settings_outcome *outcomes =
	    ARENA_ARRAY(app->arena, n + 1, struct settings_outcome);
	struct settings_store *st = NULL;
	bool ok;

	ok = settings_store_all(app, wishes, n, how, outcomes, e) &&
	     settings_open(&app->model, &st, e);
	if (ok && settings_wants_json(app))
		ok = print_json(app, st, wishes, outcomes, n, how, e);
	else if (ok)
		print_text(app, st, wishes, outcomes, n, how);
	settings_close(st);
	return ok ? 0 : err_exit_status(e->code);
}
