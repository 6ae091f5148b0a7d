/*
 * Who may not write to whom (F042): pairs and the plugin that reads them. They
 * live in fragments, which a draft does not preview: each change is asked
 * about and stored at once.
 */
#include "core/base/i18n.h"
#include "core/model/pairs.h"
#include "tui/draw.h"
#include "tui/screens/screens.h"
#include "tui/widget/field.h"
#include "tui/widget/rows.h"

#include <stdlib.h>
#include <string.h>

enum {
	TO_X = 40, /* of 80 columns */
	FIELD_MAX = 60,
	TARGET_MAX = 1024
};

struct pairs_screen {
	struct screen screen;
	struct pair *pairs;
	size_t n;
	struct pairs_plugin plugin;
	struct rows rows;
	struct field field;
	/* what a question is about */
	const struct setting *setting;
	char target[TARGET_MAX]; /* empty: none */
	const char *value;
};

static struct pairs_screen *
self(struct screen *s)
{
	return (struct pairs_screen *)s;
}

static const char *
row_text(const void *ctx, size_t i)
{
	const struct pairs_screen *p = ctx;
	return p->pairs[i].target;
}

static void
reload(struct screen *s, struct tui *ui)
{
	struct pairs_screen *p = self(s);
	struct catalog *c = ui_catalog(ui);
	struct err e = ERR_INIT;
	p->n = 0;
	if (c != NULL && (!pairs_list(c->store, &p->pairs, &p->n, &e) ||
			     !pairs_plugin(c->store, &p->plugin, &e))) {
		ui_error(ui, &e);
		p->n = 0;
	}
	rows_choose(&p->rows, p->n, row_text, p);
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)s;
	(void)ui;
	buf_addf(out, "%s > %s", _("Lists"), _("pairs"));
}

struct pane {
	struct pairs_screen *p;
	struct tui *ui;
	const struct view *v;
};

static int
to_x(const struct view *v)
{
	return v->narrow ? v->w / 2 + 1 : TO_X;
}

static void
draw_pair(void *ctx, int y, size_t i, bool cursor)
{
	struct pane *d = ctx;
	const struct pair *pair = &d->p->pairs[i];
	bool here = cursor && !d->p->field.open;
	int x = to_x(d->v);
	draw_marks(d->ui, y, 0, here, ' ', pair->problem != NULL);
	draw_cell(d->ui, y, 3, (size_t)(x - 3),
	    here ? STYLE_CURSOR : STYLE_NORMAL, str_of(pair->from));
	draw_last(
	    d->ui, y, x, (size_t)(d->v->w - x), STYLE_NORMAL, str_of(pair->to));
}

static void
help_text(struct pairs_screen *p, struct tui *ui, struct buf *out)
{
	size_t i;
	if (rows_current(&p->rows, &i) && p->pairs[i].problem != NULL)
		buf_addf(out, "! %s", p->pairs[i].problem);
	else if (p->plugin.leftovers[0] != NULL)
		buf_addf(out, "! %s",
		    ui_text(ui, _("a leftover of another release: %s"),
			p->plugin.leftovers[0]));
	else if (!p->plugin.outside && p->n > 0)
		buf_addf(out, "! %s",
		    ui_text(ui,
			_("not in force: the plugin %s is not loaded; Space "
			  "loads it"),
			p->plugin.name));
	else
		buf_add_cstr(out,
		    _("Mail of the sender to the recipient is refused as if "
		      "the recipient did not exist."));
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct pairs_screen *p = self(s);
	struct pane d = { p, ui, v };
	struct buf text = BUF_INIT(4096);
	int y = v->y, end = v->y + v->h - v->help;
	size_t field = v->w - 6 < FIELD_MAX ? (size_t)(v->w - 6) : FIELD_MAX;
	if (v->heads) {
		term_put(ui->term, y, 3, 20, STYLE_HEAD, str_of(_("From")));
		term_put(
		    ui->term, y++, to_x(v), 20, STYLE_HEAD, str_of(_("To")));
	}
	if (p->field.open)
		end--;
	if (p->n == 0 && !p->field.open)
		draw_last(ui, y, 3, (size_t)(v->w - 3), STYLE_NORMAL,
		    str_of(_("there is no pair; + adds one")));
	rows_draw(&p->rows, y, end - y, draw_pair, &d);
	if (p->field.open) {
		draw_marks(ui, end, 0, true, '+', false);
		draw_field(ui, end, 3, field, &p->field.edit);
	}
	help_text(p, ui, &text);
	if (v->help > 0)
		draw_prose(ui, v->y + v->h - v->help, 1, (size_t)v->w - 2,
		    v->help, STYLE_NORMAL, buf_str(&text));
	buf_clear(&text);
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	struct pairs_screen *p = self(s);
	(void)ui;
	buf_addf(out, _("pair %zu of %zu"), list_position(&p->rows.list), p->n);
	buf_addf(out, "   %s: %s", p->plugin.name,
	    p->plugin.outside ? _("loaded") : _("not loaded"));
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)ui;
	buf_addf(out, "smemail pairs %s",
	    self(s)->field.open ? "add FROM TO" : "show");
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
	bar_add(b, ACT_ADD, NULL);
	bar_add(b, ACT_DEFAULT, _("remove"));
	bar_add(
	    b, ACT_SPACE, self(s)->plugin.outside ? _("unload") : _("load"));
	bar_add(b, ACT_PLAN, NULL);
	bar_add(b, ACT_HELP, NULL);
	bar_add(b, ACT_BACK, NULL);
}

static void
answered(struct tui *ui, struct screen *s, bool yes)
{
	struct pairs_screen *p = self(s);
	const struct settings_wish w = {
		.setting = p->setting,
		.target = p->target[0] != '\0' ? p->target : NULL,
		.value = p->value,
	};
	struct settings_outcome o;
	struct err e = ERR_INIT;
	if (!yes)
		ui_say(ui, "%s", _("nothing is stored"));
	else if (settings_write(&ui->model, &w, 1, NULL, &o, &e))
		ui_say(ui, "%s", _("stored, not applied (p plan)"));
	else
		ui_error(ui, &e);
	ui_changed(ui);
}

static void
ask(struct pairs_screen *p, struct tui *ui, const char *id, const char *target,
    const char *value)
{
	p->setting = setting_find(str_of(id));
	p->value = value;
	snprintf(
	    p->target, sizeof(p->target), "%s", target != NULL ? target : "");
	ui_ask(ui, answered, "%s", _("store it now? (y yes)"));
}

/* "FROM TO" as typed. */
static void
accept(struct pairs_screen *p, struct tui *ui)
{
	struct catalog *c = ui_catalog(ui);
	struct str rest = str_trim(field_text(&p->field)), from = STR_EMPTY;
	const char *target;
	struct err e = ERR_INIT;
	(void)str_next_word(&rest, &from);
	rest = str_trim(rest);
	if (c == NULL)
		return;
	if (!pairs_target(c->store, ui_text(ui, "%.*s", STR_ARG(from)),
		ui_text(ui, "%.*s", STR_ARG(rest)), &target, &e)) {
		ui_error(ui, &e);
		return;
	}
	field_close(&p->field);
	ask(p, ui, "lists.from-to", target, "refuse");
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	struct pairs_screen *p = self(s);
	size_t i;
	if (list_act(&p->rows.list, action))
		return true;
	switch ((int)action) {
	case ACT_ADD:
		field_open(&p->field, STR(""));
		return true;
	case ACT_DEFAULT:
		if (rows_current(&p->rows, &i))
			ask(p, ui, "lists.from-to", p->pairs[i].target, NULL);
		return true;
	case ACT_SPACE:
		ask(p, ui, pairs_switch(&ui->model, false, false), NULL,
		    p->plugin.outside ? NULL : "present");
		return true;
	default:
		return false;
	}
}

static bool
key(struct screen *s, struct tui *ui, const struct input_key *k)
{
	struct pairs_screen *p = self(s);
	bool entered;
	bool taken = field_key(&p->field, k, &entered);
	if (entered)
		accept(p, ui);
	return taken;
}

static bool
paste(struct screen *s, struct tui *ui, struct str text)
{
	(void)ui;
	return field_paste(&self(s)->field, text);
}

static void
pairs_free(struct screen *s, struct tui *ui)
{
	struct pairs_screen *p = self(s);
	(void)ui;
	rows_clear(&p->rows);
	field_close(&p->field);
	free(p);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_ADD, ACT_DEFAULT, ACT_SPACE,
	ACT_NONE };

static const struct screen_class class = {
	.flags = SCREEN_NO_DRAFT,
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
	.free = pairs_free,
};

struct screen *
pairs_new(struct tui *ui)
{
	struct pairs_screen *p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->screen.class = &class;
	rows_init(&p->rows);
	field_init(&p->field);
	reload(&p->screen, ui);
	return &p->screen;
}
