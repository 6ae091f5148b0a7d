/* The areas of settings (screens.md 4.2). */
#include "core/base/i18n.h"
#include "tui/draw.h"
#include "tui/screens/screens.h"
#include "tui/widget/rows.h"

#include <stdlib.h>
#include <string.h>

enum {
	AREAS_MAX = 64,
	TEXT_MAX = 1024,
	NAME_X = 3,
	SHOWN_END = 31,
	SET_END = 37,
	DRAFT_END = 44,
	STATE_X = 46,
	COVERS_X = 53,
	BELOW = 3, /* a blank line and two of text */
};

struct area {
	const char *name;
	size_t shown, set, draft, bad;
	bool many; /* only settings with one value per user, domain ... */
	bool marked;
};

struct areas {
	struct screen screen;
	struct area rows[AREAS_MAX];
	size_t n;
	struct rows shown;
	bool set_only;
};

static struct areas *
self(struct screen *s)
{
	return (struct areas *)s;
}

static struct area *
current(struct areas *a)
{
	size_t i;
	return rows_current(&a->shown, &i) ? &a->rows[i] : NULL;
}

static void
count(struct area *a, const struct catalog_row *r)
{
	a->shown++;
	a->many = a->many && r->many;
	a->set += catalog_state(r) == '+' || catalog_state(r) == '#';
	a->draft += r->draft != NULL;
	a->bad += catalog_is_bad(r);
}

static const char *
row_text(const void *ctx, size_t i)
{
	const struct areas *a = ctx;
	const struct area *row = &a->rows[i];
	bool hidden = a->set_only && row->set == 0 && row->draft == 0;
	return hidden ? NULL : row->name;
}

static void
choose(struct areas *a)
{
	rows_choose(&a->shown, a->n, row_text, a);
}

static void
reload(struct screen *s, struct tui *ui)
{
	struct areas *a = self(s);
	struct catalog *c = ui_catalog(ui);
	size_t n;
	const char *const *names = setting_areas(&n);
	a->n = n < AREAS_MAX ? n : AREAS_MAX;
	for (size_t i = 0; i < a->n; i++) {
		struct area *row = &a->rows[i];
		bool marked = row->marked;
		*row = (struct area){
			.name = names[i], .many = true, .marked = marked
		};
		for (size_t k = 0; c != NULL && k < c->n; k++)
			if (strcmp(c->rows[k].s->area, names[i]) == 0)
				count(row, &c->rows[k]);
	}
	choose(a);
}

static size_t
marked_count(const struct areas *a, size_t *settings)
{
	size_t n = 0;
	*settings = 0;
	for (size_t i = 0; i < a->n; i++) {
		if (a->rows[i].marked) {
			n++;
			*settings += a->rows[i].shown;
		}
	}
	return n;
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)s;
	(void)ui;
	buf_add_cstr(out, _("Settings"));
}

static void
draw_number(struct tui *ui, int y, int end, size_t n)
{
	draw_right(ui, y, end, STYLE_NORMAL, str_of(ui_text(ui, "%zu", n)));
}

struct pane {
	struct areas *a;
	struct tui *ui;
	const struct view *v;
};

static void
draw_row(void *ctx, int y, size_t i, bool cursor)
{
	const struct pane *p = ctx;
	struct tui *ui = p->ui;
	const struct view *v = p->v;
	const struct area *row = &p->a->rows[i];
	struct buf name = BUF_INIT(TEXT_MAX);
	catalog_area(row->name, &name);
	draw_marks(ui, y, 0, cursor, row->marked ? 'x' : ' ', row->bad > 0);
	int end = v->narrow ? v->w : SHOWN_END - 3;
	draw_last(ui, y, NAME_X, (size_t)(end - NAME_X),
	    cursor ? STYLE_CURSOR : STYLE_NORMAL, buf_str(&name));
	buf_clear(&name);
	if (v->narrow) {
		if (row->draft > 0)
			draw_right(ui, y, v->w - 1, STYLE_DRAFT,
			    str_of(ui_text(ui, _("draft %zu"), row->draft)));
		return;
	}
	draw_number(ui, y, SHOWN_END, row->shown);
	if (row->many)
		draw_right(ui, y, SET_END, STYLE_NORMAL, STR("-"));
	else if (row->set > 0)
		draw_number(ui, y, SET_END, row->set);
	if (row->draft > 0)
		draw_number(ui, y, DRAFT_END, row->draft);
	draw_state(ui, y, STATE_X, row->bad > 0 ? "WARN" : "ok");
	draw_last(ui, y, COVERS_X, (size_t)(v->w - COVERS_X), STYLE_NORMAL,
	    str_of(_(setting_area_covers(row->name))));
}

static void
draw_heads(struct tui *ui, int y)
{
	term_put(ui->term, y, NAME_X, 20, STYLE_HEAD, str_of(_("Area")));
	draw_right(ui, y, SHOWN_END, STYLE_HEAD, str_of(_("Shown")));
	draw_right(ui, y, SET_END, STYLE_HEAD, str_of(_("Set")));
	draw_right(ui, y, DRAFT_END, STYLE_HEAD, str_of(_("Draft")));
	term_put(ui->term, y, STATE_X, 7, STYLE_HEAD, str_of(_("State")));
	term_put(ui->term, y, COVERS_X, 20, STYLE_HEAD, str_of(_("Covers")));
}

/* "RBL: rbl.dns-zones zen.example in the draft" */
static void
drafted_text(struct areas *a, struct tui *ui, struct buf *out)
{
	const struct area *row = current(a);
	struct catalog *c = ui_catalog(ui);
	size_t n = 0;
	if (row == NULL || c == NULL || row->draft == 0)
		return;
	buf_addf(out, _("%s, in the draft:"), row->name);
	for (size_t i = 0; i < c->n; i++) {
		const struct catalog_row *r = &c->rows[i];
		if (r->draft == NULL || strcmp(r->s->area, row->name) != 0)
			continue;
		buf_addf(out, "%s %s ", n++ > 0 ? "," : "", r->s->id);
		catalog_show_plain(r, catalog_value(r), out);
	}
	buf_add_char(out, '\n');
}

static void
marked_text(const struct areas *a, struct buf *out)
{
	size_t settings, n = marked_count(a, &settings), k = 0;
	if (n == 0)
		return;
	buf_addf(out, "%s ", _("Marked:"));
	for (size_t i = 0; i < a->n; i++)
		if (a->rows[i].marked)
			buf_addf(
			    out, "%s%s", k++ > 0 ? ", " : "", a->rows[i].name);
	buf_addf(
	    out, P_(" (%zu setting).", " (%zu settings).", settings), settings);
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct areas *a = self(s);
	struct buf text = BUF_INIT(TEXT_MAX);
	int y = v->y;
	int rows = v->h - (v->heads ? 1 : 0) - (v->help > 0 ? BELOW : 0);
	if (v->heads)
		draw_heads(ui, y++);
	rows_draw(&a->shown, y, rows, draw_row, &(struct pane){ a, ui, v });
	if (v->help > 0) {
		drafted_text(a, ui, &text);
		marked_text(a, &text);
		draw_prose(ui, v->y + v->h - BELOW + 1, 1, (size_t)v->w - 1,
		    BELOW - 1, STYLE_NORMAL, buf_str(&text));
	}
	buf_clear(&text);
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	struct areas *a = self(s);
	const struct catalog *c = ui->catalog;
	buf_addf(out, _("area %zu of %zu"), list_position(&a->shown.list),
	    a->shown.list.n);
	if (a->set_only)
		buf_addf(out, "   %s", _("& set"));
	if (!line_filter_is_empty(&a->shown.filter)) {
		buf_add_cstr(out, "   ");
		line_filter_show(&a->shown.filter, out);
	}
	if (c == NULL)
		return;
	buf_addf(out, "   ");
	buf_addf(out,
	    _("%zu of %zu settings shown: the others belong to other releases"),
	    c->n, c->n_all);
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)s;
	(void)ui;
	buf_add_cstr(out, "smemail list --areas");
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	struct areas *a = self(s);
	size_t settings, marked = marked_count(a, &settings);
	size_t n = draft_count(ui->draft);
	bar_add(b, ACT_OPEN,
	    marked > 0 ? ui_text(ui, _("open %zu marked"), marked) : NULL);
	bar_add(b, ACT_SPACE, NULL);
	bar_add(b, ACT_SEARCH, _("search all"));
	bar_add(b, ACT_FILTER, _("set only"));
	bar_add(
	    b, ACT_PLAN, n > 0 ? ui_text(ui, "%s %zu", _("plan"), n) : NULL);
	bar_add(b, ACT_HELP, NULL);
	bar_add(b, ACT_BACK, NULL);
}

static void
open_form(struct areas *a, struct tui *ui)
{
	const char *names[AREAS_MAX];
	size_t n = 0;
	for (size_t i = 0; i < a->n; i++)
		if (a->rows[i].marked)
			names[n++] = a->rows[i].name;
	struct area *here = current(a);
	if (n == 0 && here != NULL)
		names[n++] = here->name;
	if (n > 0)
		ui_push(ui, form_new(ui, names, n, a->set_only));
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	struct areas *a = self(s);
	struct area *here = current(a);
	if (list_act(&a->shown.list, action))
		return true;
	switch ((int)action) {
	case ACT_OPEN:
		open_form(a, ui);
		return true;
	case ACT_SPACE:
		if (here != NULL)
			here->marked = !here->marked;
		return true;
	case ACT_SEARCH:
		search_begin(ui);
		return true;
	case ACT_STORE:
		ui_draft_store(ui);
		return true;
	default:
		return false;
	}
}

static bool
filter(struct screen *s, struct tui *ui, struct str text)
{
	struct areas *a = self(s);
	bool ok = true;
	if (str_is(text, "set")) {
		a->set_only = true;
	} else {
		a->set_only = a->set_only && text.len > 0;
		ok = rows_filter(&a->shown, text);
	}
	if (!ok)
		ui_say(ui, "%s", _("too many filters; empty clears them"));
	choose(a);
	return ok;
}

static void
areas_free(struct screen *s, struct tui *ui)
{
	(void)ui;
	rows_clear(&self(s)->shown);
	free(s);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_OPEN, ACT_SPACE, ACT_SEARCH,
	ACT_STORE, ACT_NONE };

static const struct screen_class class = {
	.flags = SCREEN_RELEASE,
	.actions = actions,
	.path = path,
	.draw = draw,
	.status = status,
	.twin = twin,
	.bar = bar,
	.act = act,
	.filter = filter,
	.reload = reload,
	.free = areas_free,
};

struct screen *
areas_new(struct tui *ui)
{
	struct areas *a = calloc(1, sizeof(*a));
	if (a == NULL)
		return NULL;
	a->screen.class = &class;
	rows_init(&a->shown);
	reload(&a->screen, ui);
	return &a->screen;
}
