/*
 * A value that makes an open relay or exposes passwords (screens.md 4.21): it
 * is typed in full, so that no key held down or pasted can confirm it.
 */
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "tui/draw.h"
#include "tui/screens/screens.h"
#include "tui/widget/box.h"

#include <stdlib.h>
#include <string.h>

enum {
	FIELD_MIN = 11
};

struct danger {
	struct screen screen;
	const struct setting *s;
	char *value; /* NULL: back to the default */
	char *word;  /* to be typed */
	char *old;   /* in force now */
	struct edit edit;
};

static struct danger *
self(struct screen *s)
{
	return (struct danger *)s;
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct danger *d = self(s);
	struct box b;
	box_init(&b, v);
	box_line_right(&b, STYLE_HEAD,
	    str_of(ui_text(ui, "! %s %s", d->s->id, d->word)),
	    str_of(ui_text(ui, _("risk: %s"), setting_risk_word(d->s->risk))));
	box_line(&b, STYLE_NORMAL, STR(""));
	if (d->s->risk_text != NULL)
		box_prose(&b, ui, 0,
		    str_of(
			ui_text(ui, _("This value %s."), _(d->s->risk_text))));
	if (d->s->text != NULL)
		box_prose(&b, ui, 0, str_of(_(d->s->text)));
	if (d->s->safer != NULL) {
		box_line(&b, STYLE_NORMAL, STR(""));
		box_line(&b, STYLE_HEAD, str_of(_("Smaller steps")));
		box_prose(&b, ui, 2, str_of(d->s->safer));
	}
	box_line(&b, STYLE_NORMAL, STR(""));
	const char *ask =
	    ui_text(ui, _("Type  %s  to put it into the draft:  "), d->word);
	size_t used = utf8_columns(str_of(ask));
	size_t field = strlen(d->word) + 1;
	field = field < FIELD_MIN ? FIELD_MIN : field;
	if (used + field + 2 > b.width) {
		box_prose(&b, ui, 0, str_of(ask));
		ask = "";
		used = 0;
	}
	box_line(&b, STYLE_NORMAL, str_of(ask));
	box_draw(&b, ui, v, b.n - 1);
	int y = b.y + (int)(b.n - 1 - b.first), x = b.x + (int)used;
	term_put(ui->term, y, x, 1, STYLE_EDIT, STR("["));
	term_put(ui->term, y, x + 1 + (int)field, 1, STYLE_EDIT, STR("]"));
	edit_draw(&d->edit, ui->term, y, x + 1, field, STYLE_EDIT);
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	if (s->below->class->status != NULL)
		s->below->class->status(s->below, ui, out);
}

/* What the message line says while nothing else does. */
static void
hint(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)ui;
	buf_addf(
	    out, _("nothing is changed yet; Esc keeps '%s'"), self(s)->old);
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	(void)s;
	(void)ui;
	bar_add(b, ACT_OPEN, _("accept the typed word"));
	bar_add_key(b, "Esc", _("cancel"));
}

static void
accept(struct danger *d, struct tui *ui)
{
	struct catalog *c = ui_catalog(ui);
	struct catalog_row *r = c != NULL ? catalog_find(c, d->s->id) : NULL;
	if (!str_is(edit_text(&d->edit), d->word)) {
		ui_say(ui, _("that is not '%s': type it in full, or Esc"),
		    d->word);
		return;
	}
	const char *value =
	    d->value != NULL ? ui_text(ui, "%s", d->value) : NULL;
	ui_pop(ui);
	if (r != NULL)
		ui_draft_set(ui, r, value);
}

static bool
key(struct screen *s, struct tui *ui, const struct input_key *k)
{
	struct danger *d = self(s);
	bool stop = k->code == INPUT_CTRL && k->cp == 'c';
	if (k->code == INPUT_CTRL && (k->cp == 'z' || k->cp == 'l'))
		return false;
	if (k->code == INPUT_ESC || stop) {
		const char *old = ui_text(ui, "%s", d->old);
		ui_pop(ui);
		ui_say(ui, _("nothing is changed; '%s' stays"), old);
	} else if (k->code == INPUT_ENTER) {
		accept(d, ui);
	} else {
		edit_key(&d->edit, k);
	}
	return true;
}

static void
danger_free(struct screen *s, struct tui *ui)
{
	struct danger *d = self(s);
	(void)ui;
	edit_clear(&d->edit);
	free(d->value);
	free(d->word);
	free(d->old);
	free(d);
}

static const struct screen_class class = {
	.flags = SCREEN_OVERLAY,
	.path = screen_path_below,
	.draw = draw,
	.status = status,
	.hint = hint,
	.bar = bar,
	.key = key,
	.free = danger_free,
};

struct screen *
danger_new(struct tui *ui, const struct catalog_row *row, const char *value)
{
	struct danger *d = calloc(1, sizeof(*d));
	const char *word = value != NULL ? value : row->s->default_value;
	if (d == NULL)
		return NULL;
	d->screen.class = &class;
	d->s = row->s;
	d->value = value != NULL ? strdup(value) : NULL;
	d->word = strdup(word != NULL ? word : "default");
	d->old =
	    strndup(row->stored.value.ptr != NULL ? row->stored.value.ptr : "",
		row->stored.value.len);
	edit_init(&d->edit, false);
	if (d->word == NULL || d->old == NULL) {
		danger_free(&d->screen, ui);
		return NULL;
	}
	return &d->screen;
}
