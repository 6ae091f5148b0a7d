/* Users, groups, pseudonyms, domains and networks (screens.md 4.9). */
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "core/model/people.h"
#include "tui/draw.h"
#include "tui/screens/screens.h"
#include "tui/widget/rows.h"

#include <stdlib.h>
#include <string.h>

enum {
	ARENA_MAX = 64 << 20,
	TEXT_MAX = 1024,
	NAME_W = 17,
	TITLE_W = 18,
	TITLE_WIDE_W = 36,
	WIDE = 110,
	BELOW = 3
};

static const struct tab {
	enum setting_target kind;
	const char *name; /* of the title */
	const char *one;  /* "user 3 of 10" */
	const char *db;
} tabs[] = {
	{ SETTING_TARGET_USER, N_("users"), N_("user"), "accounts" },
	{ SETTING_TARGET_GROUP, N_("groups"), N_("group"), "accounts" },
	{ SETTING_TARGET_PSEUDONYM, N_("pseudonyms"), N_("pseudonym"),
	    "accounts" },
	{ SETTING_TARGET_DOMAIN, N_("domains"), N_("domain"), "domains" },
	{ SETTING_TARGET_NETWORK, N_("networks"), N_("network"), "networks" },
};

struct people_screen {
	struct screen screen;
	struct arena *arena;
	size_t tab;
	struct people people;
	size_t counts[ARRAY_LEN(tabs)];
	struct rows rows;
};

static struct people_screen *
self(struct screen *s)
{
	return (struct people_screen *)s;
}

static const char *
row_text(const void *ctx, size_t i)
{
	const struct people_screen *p = ctx;
	const struct people_row *row = &p->people.rows[i];
	const char *text = row->name;
	if (row->title != NULL)
		text = arena_printf(p->arena, "%s %s", text, row->title);
	for (size_t k = 0; row->cells != NULL && k < p->people.n_columns; k++)
		text = arena_printf(
		    p->arena, "%s %.*s", text, STR_ARG(row->cells[k]));
	return text;
}

static void
choose(struct people_screen *p)
{
	rows_choose(&p->rows, p->people.n_rows, row_text, p);
}

/* Texts of the list live in the catalogue's store; it is read with it. */
static void
reload(struct screen *s, struct tui *ui)
{
	struct people_screen *p = self(s);
	struct catalog *c = ui_catalog(ui);
	struct err e = ERR_INIT;
	arena_reset(p->arena);
	p->people = (struct people){ .n_rows = 0 };
	for (size_t i = 0; c != NULL && i < ARRAY_LEN(tabs); i++) {
		struct people list;
		if (!people_list(c->store, tabs[i].kind, &list, &e)) {
			ui_error(ui, &e);
			break;
		}
		p->counts[i] = list.n_rows;
		if (i == p->tab)
			p->people = list;
	}
	choose(p);
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)ui;
	buf_addf(out, "%s > %s", _("People"), _(tabs[self(s)->tab].name));
}

/* Does the draft hold something of this record? */
static bool
is_drafted(struct tui *ui, enum setting_target kind, const char *name)
{
	for (size_t i = 0; i < draft_count(ui->draft); i++) {
		const struct draft_entry *d = draft_at(ui->draft, i);
		if (d->setting->target == kind && d->target != NULL &&
		    strcmp(d->target, name) == 0)
			return true;
	}
	return false;
}

struct pane {
	struct people_screen *p;
	struct tui *ui;
	const struct view *v;
};

static int
title_width(const struct view *v)
{
	return v->w > WIDE ? TITLE_WIDE_W : TITLE_W;
}

/* Cells share what name and title leave; the first is the widest. */
static int
cells_x(const struct people_screen *p, const struct view *v, int *width)
{
	bool titled = tabs[p->tab].kind != SETTING_TARGET_PSEUDONYM &&
		      tabs[p->tab].kind != SETTING_TARGET_NETWORK;
	int x = 3 + NAME_W + (titled ? title_width(v) : 0);
	int n = (int)p->people.n_columns;
	*width = n > 0 ? (v->w - x) / n : v->w - x;
	return x;
}

static void
draw_person(void *ctx, int y, size_t i, bool cursor)
{
	struct pane *d = ctx;
	const struct people_row *row = &d->p->people.rows[i];
	enum setting_target kind = tabs[d->p->tab].kind;
	char state = is_drafted(d->ui, kind, row->name) ? '*' : ' ';
	int width, x = cells_x(d->p, d->v, &width);
	draw_marks(d->ui, y, 0, cursor, state, row->problem != NULL);
	draw_cell(d->ui, y, 3, d->v->narrow ? (size_t)(d->v->w - 3) : NAME_W,
	    cursor ? STYLE_CURSOR : STYLE_NORMAL, str_of(row->name));
	if (d->v->narrow)
		return;
	if (x > 3 + NAME_W && row->title != NULL)
		draw_cell(d->ui, y, 3 + NAME_W, (size_t)title_width(d->v),
		    STYLE_NORMAL, str_of(row->title));
	for (size_t k = 0; row->cells != NULL && k < d->p->people.n_columns;
	     k++, x += width)
		draw_cell(d->ui, y, x, (size_t)width, STYLE_NORMAL,
		    row->cells[k].len > 0 ? row->cells[k] : STR("-"));
}

/* Heads of commands are in capitals, those of screens are not. */
static const char *
head_text(struct tui *ui, const char *capitals)
{
	struct buf out = BUF_INIT(TEXT_MAX);
	struct str rest = str_of(capitals);
	uint32_t cp;
	for (size_t n; (n = utf8_decode(rest, &cp)) > 0;) {
		char text[4];
		bool large = (cp >= 'A' && cp <= 'Z') ||
			     (cp >= 0xc0 && cp <= 0xde && cp != 0xd7);
		if (large && out.len > 0)
			cp += 'a' - 'A'; /* the same distance in Latin 1 */
		buf_add_str(&out, str_n(text, utf8_encode(cp, text)));
		rest = str_sub(rest, n, rest.len);
	}
	const char *text = ui_text(ui, "%s", buf_cstr(&out));
	buf_clear(&out);
	return text;
}

static void
draw_heads(struct people_screen *p, struct tui *ui, const struct view *v)
{
	int width, x = cells_x(p, v, &width);
	term_put(ui->term, v->y, 3, NAME_W, STYLE_HEAD, str_of(_("Name")));
	if (x > 3 + NAME_W)
		term_put(ui->term, v->y, 3 + NAME_W, TITLE_W, STYLE_HEAD,
		    str_of(_("Title")));
	for (size_t k = 0; k < p->people.n_columns; k++, x += width)
		draw_cell(ui, v->y, x, (size_t)width, STYLE_HEAD,
		    str_of(head_text(ui, _(p->people.columns[k].head))));
}

static void
draw_empty(struct people_screen *p, struct tui *ui, const struct view *v, int y)
{
	const struct tab *tab = &tabs[p->tab];
	draw_prose(ui, y, 3, (size_t)v->w - 4, 4, STYLE_NORMAL,
	    str_of(ui_text(ui,
		_("none yet: the server-manager adds one, or: smemail db %s "
		  "set NAME %s"),
		tab->db, setting_target_word(tab->kind))));
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct people_screen *p = self(s);
	struct pane d = { p, ui, v };
	int below = v->help > 0 ? BELOW : 0, y = v->y;
	size_t i;
	if (v->heads) {
		draw_heads(p, ui, v);
		y++;
	}
	if (p->people.n_rows == 0)
		draw_empty(p, ui, v, y);
	rows_draw(&p->rows, y, v->y + v->h - below - y, draw_person, &d);
	if (below > 0 && rows_current(&p->rows, &i) &&
	    p->people.rows[i].problem != NULL)
		draw_prose(ui, v->y + v->h - below + 1, 1, (size_t)v->w - 2,
		    below - 1, STYLE_NORMAL, str_of(p->people.rows[i].problem));
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	struct people_screen *p = self(s);
	const char *between = "";
	(void)ui;
	buf_addf(out, _("%s %zu of %zu"), _(tabs[p->tab].one),
	    p->rows.list.n > 0 ? p->rows.list.cur + 1 : 0, p->rows.list.n);
	if (!line_filter_is_empty(&p->rows.filter)) {
		buf_add_cstr(out, "   ");
		line_filter_show(&p->rows.filter, out);
	}
	buf_addf(out, "   %s ", _("Tab:"));
	for (size_t i = 0; i < ARRAY_LEN(tabs); i++) {
		if (i == p->tab)
			continue;
		buf_addf(
		    out, "%s%s %zu", between, _(tabs[i].name), p->counts[i]);
		between = ", ";
	}
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)ui;
	buf_addf(out, "smemail %s list",
	    setting_target_word(tabs[self(s)->tab].kind));
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	(void)ui;
	if (self(s)->rows.list.n > 0)
		bar_add(b, ACT_OPEN, _("edit"));
	bar_add(b, ACT_NEXT, _("others"));
	bar_add(b, ACT_FILTER, NULL);
	bar_add(b, ACT_PLAN, NULL);
	bar_add(b, ACT_HELP, NULL);
	bar_add(b, ACT_BACK, NULL);
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	struct people_screen *p = self(s);
	size_t i;
	if (list_act(&p->rows.list, action))
		return true;
	switch ((int)action) {
	case ACT_NEXT:
	case ACT_PREVIOUS:
		p->tab =
		    (p->tab + (action == ACT_NEXT ? 1 : ARRAY_LEN(tabs) - 1)) %
		    ARRAY_LEN(tabs);
		p->rows.list.cur = 0;
		reload(s, ui);
		return true;
	case ACT_OPEN:
		if (rows_current(&p->rows, &i) &&
		    p->people.rows[i].problem == NULL)
			ui_push(ui, record_new(ui, tabs[p->tab].kind,
					p->people.rows[i].name));
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
	struct people_screen *p = self(s);
	bool ok = rows_filter(&p->rows, text);
	if (!ok)
		ui_say(ui, "%s", _("too many filters; empty clears them"));
	choose(p);
	return ok;
}

static void
people_free(struct screen *s, struct tui *ui)
{
	struct people_screen *p = self(s);
	(void)ui;
	rows_clear(&p->rows);
	arena_free(p->arena);
	free(p);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_NEXT, ACT_PREVIOUS, ACT_OPEN,
	ACT_STORE, ACT_NONE };

static const struct screen_class class = {
	.actions = actions,
	.path = path,
	.draw = draw,
	.status = status,
	.twin = twin,
	.bar = bar,
	.act = act,
	.filter = filter,
	.reload = reload,
	.free = people_free,
};

struct screen *
people_new(struct tui *ui)
{
	struct people_screen *p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->screen.class = &class;
	p->arena = ui_arena(ui, ARENA_MAX);
	rows_init(&p->rows);
	reload(&p->screen, ui);
	return &p->screen;
}
