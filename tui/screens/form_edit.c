/* Editing in the form: one editor per kind of value. */
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "tui/screens/form_int.h"

#include <stdlib.h>
#include <string.h>

enum {
	CHOICES_MAX = 32
};

/* Into the draft, by the way its risk asks for. */
static bool
form_propose(struct tui *ui, const struct catalog_row *r, const char *value)
{
	struct catalog *c = ui_catalog(ui);
	const struct settings_wish wish = { r->s, NULL, value };
	struct err e = ERR_INIT;
	struct str normal = STR_EMPTY;
	if (c == NULL)
		return false;
	if (!settings_check(c->store, &wish, &normal, &e)) {
		ui_error(ui, &e);
		return false;
	}
	const char *stored =
	    value != NULL ? arena_cstr(ui->scratch, normal) : NULL;
	bool same = r->stored.is_stored && stored != NULL &&
		    str_is(r->stored.stored, stored);
	if (!same && catalog_asks_word(r->s, stored)) {
		ui_push(ui, danger_new(ui, r, stored));
		return true;
	}
	return ui_draft_set(ui, r, stored);
}

static void
close_editor(struct form *f)
{
	f->editing = false;
	f->problem[0] = '\0';
	f->secret = FORM_SECRET_FIRST;
	if (f->first != NULL)
		explicit_bzero(f->first, strlen(f->first));
	free(f->first);
	f->first = NULL;
	edit_clear(&f->edit);
}

static void
open_line(struct form *f, const struct catalog_row *r)
{
	bool secret = (r->s->flags & SETTING_SECRET) != 0;
	edit_init(&f->edit, secret);
	if (!secret && catalog_has_value(r))
		edit_set(&f->edit, catalog_value(r));
	f->editing = true;
	f->problem[0] = '\0';
}

static void
choice_made(struct tui *ui, struct screen *below, int choice)
{
	const struct catalog_row *r = form_row((struct form *)below);
	if (choice > 0 && r != NULL)
		form_propose(ui, r, r->s->choices[choice - 1].word);
}

/* The numbered list of words with their meanings. */
static void
open_choice(struct tui *ui, const struct catalog_row *r)
{
	struct menu_item items[CHOICES_MAX];
	size_t n = 0, current = 0;
	const struct setting_choice *c = r->s->choices;
	for (; c != NULL && c[n].word != NULL && n < CHOICES_MAX; n++) {
		items[n].key = '\0';
		items[n].text = c[n].word;
		items[n].note = c[n].meaning != NULL ? _(c[n].meaning) : NULL;
		if (str_is(catalog_value(r), c[n].word))
			current = n;
	}
	if (n > 0)
		ui_push(ui,
		    menu_new(ui, r->s->id, str_of(catalog_help(ui->catalog, r)),
			items, n, current, choice_made));
}

/* Rows that no editor may touch open their description instead. */
static bool
is_closed(struct tui *ui, const struct catalog_row *r)
{
	char state = catalog_state(r);
	if (r->many)
		ui_say(ui, _("one value each: smemail set %s VALUE --for NAME"),
		    r->s->id);
	else if (state == '#')
		ui_say(ui, _("an own fragment decides '%s'"), r->s->id);
	else if (state == '=')
		ui_say(ui, _("'%s' cannot be changed here"), r->s->id);
	else if (!r->visible)
		ui_say(ui, _("'%s' needs %s %s"), r->s->id, r->s->visible_if_id,
		    r->s->visible_if_value);
	else
		return false;
	return true;
}

void
form_open(struct form *f, struct tui *ui)
{
	const struct catalog_row *r = form_row(f);
	if (r == NULL)
		return;
	if (is_closed(ui, r)) {
		ui_push(ui, describe_new(ui, r->s));
		return;
	}
	switch (r->s->type->editor) {
	case SETTING_EDIT_SWITCH:
		form_switch(f, ui);
		break;
	case SETTING_EDIT_CHOICE:
		open_choice(ui, r);
		break;
	case SETTING_EDIT_LIST:
		ui_push(ui, entries_new(ui, r));
		break;
	case SETTING_EDIT_LINE:
	case SETTING_EDIT_SECRET:
	case SETTING_EDIT_TEXT:
		open_line(f, r);
		break;
	case SETTING_EDIT_NONE:
		break;
	}
}

void
form_switch(struct form *f, struct tui *ui)
{
	const struct catalog_row *r = form_row(f);
	if (r == NULL || is_closed(ui, r))
		return;
	if (r->s->type->editor != SETTING_EDIT_SWITCH) {
		ui_say(ui, "%s", _("Space switches on and off; Enter edits"));
		return;
	}
	const char *word = catalog_switched(r);
	if (word != NULL)
		form_propose(ui, r, word);
}

void
form_step_choice(struct form *f, struct tui *ui, bool forward)
{
	const struct catalog_row *r = form_row(f);
	size_t n = 0, at = 0;
	if (r == NULL || is_closed(ui, r))
		return;
	if (r->s->type->editor != SETTING_EDIT_CHOICE) {
		ui_say(ui, "%s", _("Left and Right step through < choices >"));
		return;
	}
	const struct setting_choice *c = r->s->choices;
	for (; c != NULL && c[n].word != NULL; n++)
		if (str_is(catalog_value(r), c[n].word))
			at = n;
	if (n > 0)
		form_propose(ui, r, c[(at + (forward ? 1 : n - 1)) % n].word);
}

void
form_default(struct form *f, struct tui *ui)
{
	const struct catalog_row *r = form_row(f);
	if (r == NULL || is_closed(ui, r))
		return;
	if (f->editing)
		close_editor(f);
	if (!r->stored.is_stored && r->draft == NULL)
		ui_say(ui, _("'%s' is at its default"), r->s->id);
	else
		form_propose(ui, r, NULL);
}

/* First typing of a secret: keep it and ask again. Second: compare. */
static bool
secret_is_whole(struct form *f, struct tui *ui)
{
	const char *typed = buf_cstr(&f->edit.text);
	if (f->secret == FORM_SECRET_FIRST) {
		f->first = strdup(typed);
		f->secret = FORM_SECRET_AGAIN;
		edit_clear(&f->edit);
		edit_init(&f->edit, true);
		ui_say(ui, "%s", _("once more, to be sure"));
		return false;
	}
	if (f->first != NULL && strcmp(typed, f->first) == 0)
		return true;
	close_editor(f);
	ui_say(ui, "%s", _("the two were not the same; nothing is changed"));
	return false;
}

/* Take the typed value; false when it is not valid. */
static bool
form_accept(struct form *f, struct tui *ui)
{
	const struct catalog_row *r = form_row(f);
	if (r == NULL)
		return true;
	if (f->edit.secret && !secret_is_whole(f, ui))
		return false;
	const char *typed =
	    arena_cstr(ui->scratch, str_trim(edit_text(&f->edit)));
	if (!form_propose(ui, r, typed))
		return false;
	close_editor(f);
	return true;
}

static void
form_cancel(struct form *f, struct tui *ui)
{
	const struct catalog_row *r = form_row(f);
	struct str typed = edit_text(&f->edit);
	free(f->typed);
	f->typed = NULL;
	if (r != NULL && !f->edit.secret && !str_eq(typed, catalog_value(r))) {
		f->typed = strndup(typed.ptr, typed.len);
		f->typed_for = r->s;
		ui_say(ui, "%s",
		    _("old value kept; u brings the typed one "
		      "back"));
	}
	close_editor(f);
}

bool
form_retype(struct form *f, struct tui *ui)
{
	const struct catalog_row *r = form_row(f);
	(void)ui;
	if (r == NULL || f->typed == NULL || f->typed_for != r->s)
		return false;
	open_line(f, r);
	edit_set(&f->edit, str_of(f->typed));
	free(f->typed);
	f->typed = NULL;
	return true;
}

/* Type, range and syntax, on each change; the row and the help show it. */
static void
validate(struct form *f, struct tui *ui)
{
	const struct catalog_row *r = form_row(f);
	struct catalog *c = ui_catalog(ui);
	struct err e = ERR_INIT;
	struct str normal;
	f->problem[0] = '\0';
	if (r == NULL || c == NULL || f->edit.secret)
		return;
	const struct settings_wish wish = { r->s, NULL,
		arena_cstr(ui->scratch, str_trim(edit_text(&f->edit))) };
	if (settings_check(c->store, &wish, &normal, &e))
		return;
	size_t n = strlen(e.text);
	n = n < sizeof(f->problem) - 1 ? n : sizeof(f->problem) - 1;
	memcpy(f->problem, e.text, n);
	f->problem[n] = '\0';
}

static bool
is_whole_number(const struct catalog_row *r)
{
	return r != NULL && strcmp(r->s->type->name, "int") == 0;
}

/* Up and Down in a whole number. */
static void
step(struct form *f, struct tui *ui, int by)
{
	const struct catalog_row *r = form_row(f);
	int64_t min = INT64_MIN / 2, max = INT64_MAX / 2, value;
	if (r->s->min != NULL)
		(void)!num_parse_i64(str_of(r->s->min), min, max, &min);
	if (r->s->max != NULL)
		(void)!num_parse_i64(str_of(r->s->max), min, max, &max);
	if (!num_parse_i64(
		str_trim(edit_text(&f->edit)), INT64_MIN / 2, max, &value))
		return;
	value += by;
	value = value < min ? min : value > max ? max : value;
	edit_set(&f->edit, str_of(ui_text(ui, "%lld", (long long)value)));
	validate(f, ui);
}

/*
 * In a field of digits a letter cannot be text: it takes the value, then acts
 * as the key it is.
 */
static bool
is_key_in_number(const struct catalog_row *r, const struct input_key *k)
{
	return is_whole_number(r) && k->code == INPUT_CHAR &&
	       !(k->cp >= '0' && k->cp <= '9') && k->cp != '-' &&
	       k->cp != '+' && k->cp != ' ';
}

bool
form_edit_key(struct form *f, struct tui *ui, const struct input_key *k)
{
	const struct catalog_row *r = form_row(f);
	bool stop = k->code == INPUT_CTRL && k->cp == 'c';
	if (k->code == INPUT_ENTER) {
		form_accept(f, ui);
		return true;
	}
	if (k->code == INPUT_ESC || stop) {
		form_cancel(f, ui);
		return true;
	}
	if (k->code == INPUT_CTRL && (k->cp == 'z' || k->cp == 'l'))
		return false;
	if (is_key_in_number(r, k))
		return k->cp == 'x' ? false : !form_accept(f, ui);
	if ((k->code == INPUT_UP || k->code == INPUT_DOWN) &&
	    is_whole_number(r)) {
		step(f, ui, k->code == INPUT_UP ? 1 : -1);
		return true;
	}
	if (edit_key(&f->edit, k) == EDIT_CHANGED)
		validate(f, ui);
	return true;
}

void
form_edit_paste(struct form *f, struct tui *ui, struct str text)
{
	edit_paste(&f->edit, text);
	validate(f, ui);
}
