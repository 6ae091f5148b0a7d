/* The command describe: everything known of one setting. */
#include "cmd/settings_describe_int.h"

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/settings.h"
#include "cmd/when.h"
#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/utf8.h"

#include <string.h>

enum {
	LABEL_GAP = 2,
	LABEL_MIN = 10, /* columns before the text */
};

/* What stands before the texts, in their order. */
enum label {
	LABEL_NONE,
	LABEL_NOW,
	LABEL_PROBLEM,
	LABEL_DEFAULT,
	LABEL_VALUES,
	LABEL_NEEDS,
	LABEL_RISK,
	LABEL_EFFECT,
	LABEL_STORED,
	LABEL_FILES,
	LABEL_FRAGMENTS,
	LABEL_EVENT,
	LABEL_APPLY,
	LABEL_SERVICES,
	LABEL_RELEASE,
	LABEL_SEE_ALSO,
	LABEL_COMMANDS,
	LABEL_COUNT
};

static const char *const labels[LABEL_COUNT] = {
	[LABEL_NOW] = N_("Now"),
	[LABEL_PROBLEM] = N_("Problem"),
	[LABEL_DEFAULT] = N_("Default"),
	[LABEL_VALUES] = N_("Values"),
	[LABEL_NEEDS] = N_("Needs"),
	[LABEL_RISK] = N_("Risk"),
	[LABEL_EFFECT] = N_("Effect"),
	[LABEL_STORED] = N_("Stored"),
	[LABEL_FILES] = N_("Files"),
	[LABEL_FRAGMENTS] = N_("Fragment"),
	[LABEL_EVENT] = N_("Event"),
	[LABEL_APPLY] = N_("Apply"),
	[LABEL_SERVICES] = N_("Services"),
	[LABEL_RELEASE] = N_("Release"),
	[LABEL_SEE_ALSO] = N_("See also"),
	[LABEL_COMMANDS] = N_("Commands"),
};

/* Columns of the widest label in the language in use, with the gap. */
static size_t
label_width(void)
{
	size_t width = LABEL_MIN;

	for (size_t i = LABEL_NONE + 1; i < LABEL_COUNT; i++) {
		size_t n = utf8_columns(str_of(_(labels[i]))) + LABEL_GAP;
		width = n > width ? n : width;
	}
	return width;
}

/* The label, padded; blanks for LABEL_NONE. */
static const char *
label_text(struct app *app, enum label label)
{
	const char *text = label != LABEL_NONE ? _(labels[label]) : "";
	size_t used = utf8_columns(str_of(text));

	if (app->accessible)
		return label == LABEL_NONE
			   ? ""
			   : arena_printf(app->arena, "%s: ", text);
	return arena_printf(
	    app->arena, "%s%*s", text, (int)(label_width() - used), "");
}

/* "Label     text", the text wrapped beside the label on a terminal. */
static void
field(struct app *app, enum label label, const char *text)
{
	size_t width = label_width(), room = DESCRIBE_TEXT_MAX;
	struct buf line = BUF_INIT(DESCRIBE_TEXT_MAX);
	struct str rest = str_of(text), word;

	if (app->columns > 0 && (size_t)app->columns > width * 2)
		room = (size_t)app->columns - width;
	while (str_next_word(&rest, &word)) {
		size_t used = utf8_columns(buf_str(&line));
		if (used > 0 && used + 1 + utf8_columns(word) > room) {
			render_line(app, "%s%s", label_text(app, label),
			    buf_cstr(&line));
			buf_reset(&line);
			label = LABEL_NONE;
		}
		if (line.len > 0)
			(void)buf_add_char(&line, ' ');
		(void)buf_add_str(&line, word);
	}
	render_line(app, "%s%s", label_text(app, label), buf_cstr(&line));
	buf_clear(&line);
}

static const char *
joined(struct app *app, const char *const *texts)
{
	const char *all = NULL;

	for (; texts != NULL && *texts != NULL; texts++)
		all = all == NULL
			  ? *texts
			  : arena_printf(app->arena, "%s, %s", all, *texts);
	return all;
}

const char *
settings_old_text(struct app *app, const struct settings_subject *d)
{
	if (d->last->secret)
		return NULL;
	if (d->last->old_stored)
		return arena_cstr(app->arena, d->last->old_value);
	return settings_default(d->s);
}

/* "12, set 2 Feb 17:40 by paul (was 0)" */
static const char *
now_text(struct app *app, const struct settings_subject *d)
{
	const char *value = settings_shown(app, &d->row);
	const char *old = d->last != NULL ? settings_old_text(app, d) : NULL;
	const char *was =
	    old != NULL ? arena_printf(app->arena, _(" (was %s)"), old) : "";

	switch (d->row.source) {
	case SETTINGS_UNKNOWN:
		return _("not read from there");
	case SETTINGS_DEFAULT:
		if (d->s->flags & SETTING_READ_ONLY)
			return value;
		return arena_printf(app->arena, _("%s, the default"), value);
	case SETTINGS_FRAGMENT:
		return value;
	case SETTINGS_PENDING:
		return arena_printf(app->arena,
		    _("%s, stored %s by %s, not applied%s"), value,
		    when_shown(app, d->last->time_s), d->last->who, was);
	case SETTINGS_SET:
		break;
	}
	/* the journal knows only what was stored by this program */
	if (d->last == NULL || !d->last->new_stored ||
	    (!d->last->secret && !str_eq(d->last->new_value, d->row.stored)))
		return arena_printf(app->arena, _("%s, set"), value);
	return arena_printf(app->arena, _("%s, set %s by %s%s"), value,
	    when_shown(app, d->last->time_s), d->last->who, was);
}

static void
field_values(struct app *app, const struct setting *s)
{
	struct buf words = BUF_INIT(DESCRIBE_TEXT_MAX);
	enum label label = LABEL_VALUES;
	size_t width = 0;

	if (s->type->editor != SETTING_EDIT_CHOICE &&
	    s->type->editor != SETTING_EDIT_SWITCH) {
		s->type->describe(s, &words);
		field(app, label, buf_cstr(&words));
		buf_clear(&words);
		return;
	}
	for (const struct setting_choice *c = s->choices; c->word != NULL; c++)
		width = strlen(c->word) > width ? strlen(c->word) : width;
	for (const struct setting_choice *c = s->choices; c->word != NULL;
	     c++) {
		int pad = c->meaning != NULL ? (int)width + LABEL_GAP : 0;
		render_line(app, "%s%-*s%s", label_text(app, label), pad,
		    c->word, c->meaning != NULL ? _(c->meaning) : "");
		label = LABEL_NONE;
	}
}

static void
field_needs(struct app *app, struct settings_store *st, const struct setting *s)
{
	const struct setting *other;
	struct settings_row row;

	if (s->visible_if_id == NULL)
		return;
	other = setting_find(str_of(s->visible_if_id));
	if (other == NULL || !settings_read_value(st, other, NULL, &row, NULL))
		return;
	field(app, LABEL_NEEDS,
	    arena_printf(app->arena, _("%s %s (now: %s)"), other->id,
		s->visible_if_value,
		arena_cstr(app->arena, settings_cell(app, &row))));
}

static const char *
release_text(struct app *app, const struct setting *s)
{
	if (s->since != NULL && s->until != NULL)
		return arena_printf(
		    app->arena, _("from %s until %s"), s->since, s->until);
	if (s->since != NULL)
		return arena_printf(app->arena, _("since %s"), s->since);
	return arena_printf(app->arena, _("until %s"), s->until);
}

/* The commands that store and apply it, here and with the server's tools. */
static void
field_commands(struct app *app, const struct setting *s)
{
	const char *target =
	    s->target != SETTING_TARGET_NONE ? " --for TARGET" : "";

	if (s->place != SETTING_IN_DB && s->place != SETTING_IN_VALUE)
		return;
	if (s->flags & SETTING_SECRET)
		field(app, LABEL_COMMANDS,
		    arena_printf(app->arena, "smemail set %s --stdin", s->id));
	else
		field(app, LABEL_COMMANDS,
		    arena_printf(
			app->arena, "smemail set %s VALUE%s", s->id, target));
	if (s->place == SETTING_IN_DB && !(s->flags & SETTING_SECRET))
		field(app, LABEL_NONE,
		    arena_printf(app->arena, "db %s setprop %s %s VALUE", s->db,
			s->key, s->prop));
	if (s->events != NULL)
		field(app, LABEL_NONE,
		    arena_printf(app->arena, "signal-event %s", s->events[0]));
}

static void
print_text(struct app *app, struct settings_store *st,
    const struct settings_subject *d)
{
	const struct setting *s = d->s;
	const char *text;

	render_line(app, "%s (%s)", s->id, s->area);
	render_prose(app, 0, "%s", settings_summary(app, s));
	if (d->has_row)
		field(app, LABEL_NOW, now_text(app, d));
	else
		field(app, LABEL_NOW,
		    arena_printf(app->arena, _("one value per %s: add --for"),
			setting_target_word(s->target)));
	if (d->row.note != NULL)
		field(app, LABEL_NONE, d->row.note);
	if (d->row.problem != NULL)
		field(app, LABEL_PROBLEM,
		    arena_printf(app->arena, _("%s; the default counts"),
			d->row.problem));
	field(app, LABEL_DEFAULT, settings_default(s));
	field_values(app, s);
	field_needs(app, st, s);
	field(app, LABEL_RISK, settings_risk_text(app, s));
	if (s->text != NULL)
		field(app, LABEL_EFFECT, _(s->text));
	field(app, LABEL_STORED, settings_place_text(app, &d->row));
	if ((text = joined(app, s->files)) != NULL)
		field(app, LABEL_FILES, text);
	if ((text = joined(app, s->fragments)) != NULL)
		field(app, LABEL_FRAGMENTS, text);
	if ((text = joined(app, s->events)) != NULL)
		field(app, LABEL_EVENT, text);
	if (s->apply != NULL)
		field(app, LABEL_APPLY, s->apply);
	if ((text = joined(app, s->services)) != NULL)
		field(app, LABEL_SERVICES, text);
	if (s->since != NULL || s->until != NULL)
		field(app, LABEL_RELEASE, release_text(app, s));
	if ((text = joined(app, s->see_also)) != NULL)
		field(app, LABEL_SEE_ALSO, text);
	field_commands(app, s);
}

/* A setting of users ... can be described without naming one. */
static bool
read_subject(struct settings_store *st, const char *target,
    struct settings_subject *d, struct err *e)
{
	const struct journal *journal;

	d->has_row = d->s->target == SETTING_TARGET_NONE || target != NULL;
	d->row = (struct settings_row){
		.setting = d->s,
		.source = SETTINGS_UNKNOWN,
		.visible = true,
	};
	if (d->has_row && !settings_read(st, d->s, target, &d->row, e))
		return false;
	if (!settings_journal(st, &journal, e))
		return false;
	if (d->has_row)
		d->last = journal_last(journal, d->s->id, target);
	return true;
}

/* Settings of other releases are explained too. */
static const struct setting *
lookup(struct app *app, const char *id, struct err *e)
{
	const struct setting *s = setting_find(str_of(id));
	const struct setting *near;

	if (s != NULL)
		return s;
	s = settings_lookup(&app->model, id, e);
	near = setting_nearest(str_of(id));
	if (s == NULL && near != NULL)
		err_next(e, "smemail describe %s", near->id);
	return s;
}

static int
run_describe(struct app *app, const struct call *call, struct err *e)
{
	struct settings_subject d = { 0 };
	struct settings_store *st = NULL;
	bool ok;

	d.s = lookup(app, call->args[0], e);
	ok = d.s != NULL && settings_begin(app, &st, e) &&
	     read_subject(st, call_option(call, "for"), &d, e);
	if (ok && settings_wants_json(app))
		settings_describe_json(app, &d);
	else if (ok)
		print_text(app, st, &d);
	settings_close(st);
	return ok ? 0 : err_exit_status(e->code);
}

const struct command command_describe = {
	.words = "describe",
	.summary = N_("explain a setting"),
	.text = N_("Tells what a setting does, its value now, default and "
		   "range, where it is stored, the files, event and services "
		   "it concerns, and its risk."),
	.args = {
		{ .name = "NAME", .kind = ARG_SETTING, .count = ARG_ONE },
	},
	.options = {
		SETTINGS_FOR_OPTION,
	},
	.run = run_describe,
};
