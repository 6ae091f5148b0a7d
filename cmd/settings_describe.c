/* The command describe: everything known of one setting. */
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
	LABEL_WIDTH = 10, /* columns before the text */
	TEXT_MAX = 1 << 16
};

/* What is described. */
struct subject {
	const struct setting *s;
	struct settings_row row;
	bool has_row; /* false: a setting of users ... without a target */
	const struct journal_entry *last; /* or NULL */
};

/* "Label     text", the text wrapped beside the label on a terminal. */
static void
field(struct app *app, const char *label, const char *text)
{
	size_t room = app->columns > LABEL_WIDTH * 3
			  ? (size_t)app->columns - LABEL_WIDTH
			  : TEXT_MAX;
	struct buf line = BUF_INIT(TEXT_MAX);
	struct str rest = str_of(text), word;
	size_t pad = utf8_columns(str_of(label));

	pad = pad < LABEL_WIDTH ? LABEL_WIDTH - pad : 1;
	while (str_next_word(&rest, &word)) {
		size_t used = utf8_columns(buf_str(&line));
		if (used > 0 && used + 1 + utf8_columns(word) > room) {
			render_line(app, "%s%*s%s", label, (int)pad, "",
			    buf_cstr(&line));
			buf_reset(&line);
			label = "";
			pad = LABEL_WIDTH;
		}
		if (line.len > 0)
			(void)buf_add_char(&line, ' ');
		(void)buf_add_str(&line, word);
	}
	render_line(app, "%s%*s%s", label, (int)pad, "", buf_cstr(&line));
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

/* The bytes stored before, or what held then. */
static const char *
old_text(struct app *app, const struct subject *d)
{
	if (d->last->secret)
		return NULL;
	if (d->last->old_stored)
		return arena_cstr(app->arena, d->last->old_value);
	return settings_default(d->s);
}

/* "12, set 2 Feb 17:40 by paul (was 0)" */
static const char *
now_text(struct app *app, const struct subject *d)
{
	const char *value = settings_shown(app, &d->row);
	const char *old = d->last != NULL ? old_text(app, d) : NULL;
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
	struct buf words = BUF_INIT(TEXT_MAX);
	const char *label = _("Values");
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
		size_t pad = utf8_columns(str_of(label));
		render_line(app,
		    c->meaning != NULL ? "%s%*s%-*s%s" : "%s%*s%.*s%s", label,
		    (int)(LABEL_WIDTH - pad), "",
		    c->meaning != NULL ? (int)width + 2 : (int)width, c->word,
		    c->meaning != NULL ? _(c->meaning) : "");
		label = "";
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
	field(app, _("Needs"),
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
		field(app, _("Commands"),
		    arena_printf(app->arena, "smemail set %s --stdin", s->id));
	else
		field(app, _("Commands"),
		    arena_printf(
			app->arena, "smemail set %s VALUE%s", s->id, target));
	if (s->place == SETTING_IN_DB && !(s->flags & SETTING_SECRET))
		field(app, "",
		    arena_printf(app->arena, "db %s setprop %s %s VALUE", s->db,
			s->key, s->prop));
	if (s->events != NULL)
		field(app, "",
		    arena_printf(app->arena, "signal-event %s", s->events[0]));
}

static void
print_text(struct app *app, struct settings_store *st, const struct subject *d)
{
	const struct setting *s = d->s;
	const char *text;

	render_line(app, "%s (%s)", s->id, s->area);
	render_line(app, "%s", settings_summary(app, s));
	if (d->has_row)
		field(app, _("Now"), now_text(app, d));
	else
		field(app, _("Now"),
		    arena_printf(app->arena, _("one value per %s: add --for"),
			setting_target_word(s->target)));
	if (d->row.problem != NULL)
		field(app, _("Problem"),
		    arena_printf(app->arena, _("%s; the default counts"),
			d->row.problem));
	field(app, _("Default"), settings_default(s));
	field_values(app, s);
	field_needs(app, st, s);
	field(app, _("Risk"), settings_risk_text(app, s));
	if (s->text != NULL)
		field(app, _("Effect"), _(s->text));
	field(app, _("Stored"), settings_place_text(app, &d->row));
	if ((text = joined(app, s->files)) != NULL)
		field(app, _("Files"), text);
	if ((text = joined(app, s->events)) != NULL)
		field(app, _("Event"), text);
	if (s->apply != NULL)
		field(app, _("Apply"), s->apply);
	if ((text = joined(app, s->services)) != NULL)
		field(app, _("Services"), text);
	if (s->since != NULL || s->until != NULL)
		field(app, _("Release"), release_text(app, s));
	if ((text = joined(app, s->see_also)) != NULL)
		field(app, _("See also"), text);
	field_commands(app, s);
}

static void
json_values(struct json *j, const struct setting *s)
{
	json_key(j, "values");
	json_array_begin(j);
	for (const struct setting_choice *c = s->choices;
	     c != NULL && c->word != NULL; c++) {
		json_object_begin(j);
		json_key(j, "word");
		json_cstr(j, c->word);
		json_key(j, "meaning");
		json_cstr(j, c->meaning != NULL ? _(c->meaning) : NULL);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
json_last(struct app *app, struct json *j, const struct subject *d)
{
	char time[CLOCK_RFC3339_SIZE];

	json_key(j, "last_change");
	if (d->last == NULL) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	json_key(j, "time");
	json_cstr(j, clock_rfc3339(d->last->time_s, time));
	json_key(j, "who");
	json_cstr(j, d->last->who);
	json_key(j, "old");
	json_cstr(j, old_text(app, d));
	json_object_end(j);
}

static void
print_json(struct app *app, const struct subject *d)
{
	const struct setting *s = d->s;
	struct buf accepts = BUF_INIT(TEXT_MAX);
	struct json j;
	struct buf buf;

	render_json_begin(app, &j, &buf, "smemail.describe/1");
	settings_json_list(app, &j, &d->row);
	json_values(&j, s);
	s->type->describe(s, &accepts);
	json_key(&j, "accepts");
	json_str(&j, buf_str(&accepts));
	json_key(&j, "min");
	json_cstr(&j, s->min);
	json_key(&j, "max");
	json_cstr(&j, s->max);
	json_key(&j, "text");
	json_cstr(&j, s->text != NULL ? _(s->text) : NULL);
	settings_json_texts(&j, "files", s->files);
	settings_json_texts(&j, "events", s->events);
	settings_json_texts(&j, "services", s->services);
	settings_json_texts(&j, "see_also", s->see_also);
	json_key(&j, "apply");
	json_cstr(&j, s->apply);
	json_last(app, &j, d);
	render_json_end(app, &j, &buf);
	buf_clear(&accepts);
}

/* A setting of users ... can be described without naming one. */
static bool
read_subject(struct settings_store *st, const char *target, struct subject *d,
    struct err *e)
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
	struct subject d = { 0 };
	struct settings_store *st = NULL;
	bool ok;

	d.s = lookup(app, call->args[0], e);
	ok = d.s != NULL && settings_begin(app, &st, e) &&
	     read_subject(st, call_option(call, "for"), &d, e);
	if (ok && settings_wants_json(app))
		print_json(app, &d);
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
		{
			.name = "for",
			.value = "TARGET",
			.kind = ARG_TARGET,
			.help = N_("of this user, group, domain, entry ..."),
		},
	},
	.run = run_describe,
};
