/* The mail settings of one user, domain ...: a short form into the draft. */
#include "core/base/i18n.h"
#include "core/model/people.h"
#include "tui/draw.h"
#include "tui/screens/screens.h"
#include "tui/widget/field.h"
#include "tui/widget/rows.h"

#include <stdlib.h>
#include <string.h>

enum {
	ARENA_MAX = 16 << 20,
	TEXT_MAX = 1024,
	NAME_W = 30,
	VALUE_W = 30
};

struct record {
	struct screen screen;
	struct arena *arena;
	enum setting_target kind;
	char name[256];
	struct settings_row *values;
	size_t n;
	struct rows rows;
	struct field field;
};

static struct record *
self(struct screen *s)
{
	return (struct record *)s;
}

static const char *
row_text(const void *ctx, size_t i)
{
	const struct record *r = ctx;
	return r->values[i].setting->id;
}

static void
reload(struct screen *s, struct tui *ui)
{
	struct record *r = self(s);
	struct catalog *c = ui_catalog(ui);
	const struct setting *const *settings;
	struct err e = ERR_INIT;
	size_t n;
	arena_reset(r->arena);
	r->n = 0;
	if (c == NULL)
		return;
	n = people_settings(&c->model, r->kind, &settings);
	r->values = ARENA_ARRAY(r->arena, n + 1, struct settings_row);
	for (size_t i = 0; i < n; i++) {
		if (settings_read(
			c->store, settings[i], r->name, &r->values[r->n], &e))
			r->n++;
		else
			ui_error(ui, &e);
	}
	rows_choose(&r->rows, r->n, row_text, r);
}

static struct settings_row *
current(struct record *r)
{
	size_t i;
	return rows_current(&r->rows, &i) ? &r->values[i] : NULL;
}

/* The value in force with the draft counted. */
static struct str
value_of(const struct record *r, struct tui *ui, const struct settings_row *row)
{
	const struct draft_entry *d =
	    draft_find(ui->draft, row->setting, r->name);
	if (d == NULL)
		return row->value;
	return str_of(
	    d->value != NULL ? d->value : row->setting->default_value);
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	s->below->class->path(s->below, ui, out);
	buf_addf(out, " > %s", self(s)->name);
}

struct pane {
	struct record *r;
	struct tui *ui;
	const struct view *v;
};

static void
draw_value(void *ctx, int y, size_t i, bool cursor)
{
	struct pane *p = ctx;
	const struct settings_row *row = &p->r->values[i];
	bool drafted =
	    draft_find(p->ui->draft, row->setting, p->r->name) != NULL;
	char state = drafted                           ? '*'
		     : row->source == SETTINGS_DEFAULT ? ' '
						       : '+';
	struct str value = value_of(p->r, p->ui, row);
	int x = p->v->narrow ? 20 : 3 + NAME_W;
	const struct setting *s = row->setting;
	draw_marks(p->ui, y, 0, cursor, state, row->problem != NULL);
	draw_cell(p->ui, y, 3, (size_t)(x - 3),
	    cursor ? STYLE_CURSOR : STYLE_NORMAL, str_of(s->id));
	if (cursor && p->r->field.open) {
		draw_field(p->ui, y, x,
		    (size_t)(p->v->w - x - 3) < VALUE_W
			? (size_t)(p->v->w - x - 3)
			: VALUE_W,
		    &p->r->field.edit);
		return;
	}
	draw_cell(p->ui, y, x, VALUE_W, drafted ? STYLE_DRAFT : STYLE_NORMAL,
	    value.len > 0 ? value : STR("-"));
	if (!p->v->narrow)
		draw_last(p->ui, y, x + VALUE_W,
		    (size_t)(p->v->w - x - VALUE_W), STYLE_NORMAL,
		    str_of(s->default_value != NULL ? s->default_value : "-"));
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct record *r = self(s);
	struct pane p = { r, ui, v };
	const struct settings_row *row = current(r);
	int y = v->y;
	if (v->heads) {
		term_put(
		    ui->term, y, 3, NAME_W, STYLE_HEAD, str_of(_("Setting")));
		term_put(ui->term, y, 3 + NAME_W, VALUE_W, STYLE_HEAD,
		    str_of(_("Value")));
		term_put(ui->term, y++, 3 + NAME_W + VALUE_W, 20, STYLE_HEAD,
		    str_of(_("Default")));
	}
	rows_draw(&r->rows, y, v->y + v->h - v->help - y, draw_value, &p);
	if (v->help > 0 && row != NULL)
		draw_prose(ui, v->y + v->h - v->help, 1, (size_t)v->w - 2,
		    v->help, STYLE_NORMAL,
		    str_of(ui->model.french ? row->setting->help_fr
					    : row->setting->help));
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	struct record *r = self(s);
	(void)ui;
	buf_addf(
	    out, _("setting %zu of %zu"), list_position(&r->rows.list), r->n);
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	struct record *r = self(s);
	const struct settings_row *row = current(r);
	const char *word = setting_target_word(r->kind);
	const struct draft_entry *d =
	    row != NULL ? draft_find(ui->draft, row->setting, r->name) : NULL;
	if (d != NULL && d->value != NULL)
		buf_addf(out, "smemail %s set %s %s %s", word, r->name,
		    row->setting->id, d->value);
	else if (d != NULL)
		buf_addf(out, "smemail %s unset %s %s", word, r->name,
		    row->setting->id);
	else
		buf_addf(out, "smemail %s show %s", word, r->name);
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	(void)ui;
	if (self(s)->field.open) {
		bar_add(b, ACT_OPEN, _("accept"));
		bar_add_key(b, "Esc", _("cancel"));
		return;
	}
	bar_add(b, ACT_OPEN, _("edit"));
	bar_add(b, ACT_SPACE, _("switch"));
	bar_add(b, ACT_DEFAULT, NULL);
	bar_add(b, ACT_DESCRIBE, NULL);
	bar_add(b, ACT_PLAN, NULL);
	bar_add(b, ACT_HELP, NULL);
	bar_add(b, ACT_BACK, NULL);
}

/* The next of the words a setting has; false when it has none. */
static bool
turn(struct record *r, struct tui *ui, const struct settings_row *row)
{
	const struct setting_choice *c = row->setting->choices;
	struct str now = value_of(r, ui, row);
	size_t at = 0;
	if (c == NULL)
		return false;
	while (c[at].word != NULL && !str_is(now, c[at].word))
		at++;
	/* past the last word, or where none is stored: the first */
	if (c[at].word == NULL)
		(void)ui_draft_wish(ui, row->setting, r->name, c[0].word);
	else if (c[at + 1].word != NULL)
		(void)ui_draft_wish(ui, row->setting, r->name, c[at + 1].word);
	else if (row->setting->default_value == NULL)
		(void)ui_draft_wish(ui, row->setting, r->name, NULL);
	else
		(void)ui_draft_wish(ui, row->setting, r->name, c[0].word);
	return true;
}

static void
begin_edit(struct record *r, struct tui *ui, const struct settings_row *row)
{
	field_open(&r->field, value_of(r, ui, row));
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	struct record *r = self(s);
	struct settings_row *row = current(r);
	if (list_act(&r->rows.list, action))
		return true;
	if (action == ACT_STORE) {
		ui_draft_store(ui);
		return true;
	}
	if (row == NULL)
		return false;
	switch ((int)action) {
	case ACT_SPACE:
		if (!turn(r, ui, row))
			begin_edit(r, ui, row);
		return true;
	case ACT_OPEN:
		begin_edit(r, ui, row);
		return true;
	case ACT_DEFAULT:
		(void)ui_draft_wish(ui, row->setting, r->name, NULL);
		return true;
	case ACT_DESCRIBE:
		ui_push(ui, describe_new(ui, row->setting));
		return true;
	default:
		return false;
	}
}

static void
accept(struct record *r, struct tui *ui)
{
	const struct settings_row *row = current(r);
	const char *typed = ui_text(ui, "%.*s", STR_ARG(field_text(&r->field)));
	if (row == NULL || ui_draft_wish(ui, row->setting, r->name,
			       *typed != '\0' ? typed : NULL))
		field_close(&r->field);
}

static bool
key(struct screen *s, struct tui *ui, const struct input_key *k)
{
	struct record *r = self(s);
	bool entered;
	bool taken = field_key(&r->field, k, &entered);
	if (entered)
		accept(r, ui);
	return taken;
}

static bool
paste(struct screen *s, struct tui *ui, struct str text)
{
	(void)ui;
	return field_paste(&self(s)->field, text);
}

static void
record_free(struct screen *s, struct tui *ui)
{
	struct record *r = self(s);
	(void)ui;
	rows_clear(&r->rows);
	field_close(&r->field);
	arena_free(r->arena);
	free(r);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_OPEN, ACT_SPACE, ACT_DEFAULT,
	ACT_DESCRIBE, ACT_STORE, ACT_NONE };

static const struct screen_class class = {
	.flags = SCREEN_DRAFT,
	.actions = actions,
	.path = path,
	.draw = draw,
	.status = status,
	.twin = twin,
	.bar = bar,
	.act = act,
	.key = key,
	.paste = paste,
	.reload = reload,
	.free = record_free,
};

struct screen *
record_new(struct tui *ui, enum setting_target kind, const char *name)
{
	struct record *r = calloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	r->screen.class = &class;
	r->kind = kind;
	r->arena = ui_arena(ui, ARENA_MAX);
	snprintf(r->name, sizeof(r->name), "%s", name);
	rows_init(&r->rows);
	field_init(&r->field);
	reload(&r->screen, ui);
	return &r->screen;
}
