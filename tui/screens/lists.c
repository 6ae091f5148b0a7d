/* The nine lists (screens.md 4.8): lists on the left, entries on the right. */
#include "core/base/i18n.h"
#include "core/model/lists.h"
#include "tui/draw.h"
#include "tui/screens/screens.h"
#include "tui/widget/rows.h"

#include <stdlib.h>
#include <string.h>

enum {
	ARENA_MAX = 64 << 20,
	DIVIDER_X = 27, /* of 80 columns */
	COUNT_END = 25,
	GAP = 2,
	BELOW = 6,
	FIELD_MAX = 50,
	TEXT_MAX = 1024,
	HEADINGS = 2
};

/* A row on the left: a heading ("refuse", "accept") or a list. */
struct left {
	const struct lists_list *list; /* NULL: a heading */
	bool accepts;
	size_t entries;
};

/* A row on the right. */
struct right {
	const char *text;
	const char *problem;
	char state; /* ' ' stored, '*' drafted, '-' its removal is drafted */
};

struct lists_screen {
	struct screen screen;
	struct arena *arena;
	struct left *left;
	size_t n_left;
	struct list_view list; /* of the left pane */
	struct right *right;
	size_t n_right;
	struct rows rows; /* of the right pane */
	bool in_entries;  /* which pane has the keys */
	bool editing;
	struct edit edit;
	char asked[TEXT_MAX]; /* the entry that a question is about */
};

static struct lists_screen *
self(struct screen *s)
{
	return (struct lists_screen *)s;
}

static bool
is_heading(const void *ctx, size_t i)
{
	const struct lists_screen *l = ctx;
	return l->left[i].list == NULL;
}

static const struct lists_list *
current(const struct lists_screen *l)
{
	return l->n_left > 0 ? l->left[l->list.cur].list : NULL;
}

static const struct setting *
setting_of(const struct lists_list *list)
{
	return setting_find(str_of(list->setting));
}

/* What the draft says of an entry; NULL: nothing. */
static const struct draft_entry *
drafted(struct tui *ui, const struct lists_list *list, const char *entry)
{
	return draft_find(ui->draft, setting_of(list), entry);
}

/* Zones live in one value, which the draft may hold. */
static void
load_zones(
    struct lists_screen *l, struct tui *ui, const struct lists_list *list)
{
	struct catalog *c = ui_catalog(ui);
	const struct catalog_row *r =
	    c != NULL ? catalog_find(c, list->setting) : NULL;
	struct str rest;
	if (r == NULL || !catalog_has_value(r))
		return;
	rest = catalog_value(r);
	l->right = ARENA_ARRAY(l->arena, rest.len + 1, struct right);
	for (size_t at = 0; at < rest.len;) {
		size_t end = at;
		while (
		    end < rest.len && !catalog_separates(r->s, rest.ptr[end]))
			end++;
		if (end > at)
			l->right[l->n_right++] = (struct right){
				.text = arena_cstr(
				    l->arena, str_sub(rest, at, end)),
				.state = r->draft != NULL ? '*' : ' ',
			};
		at = end + 1;
	}
}

static void
add_right(
    struct lists_screen *l, const char *text, const char *problem, char state)
{
	l->right[l->n_right++] = (struct right){
		.text = arena_cstr(l->arena, str_of(text)),
		.problem = problem != NULL
			       ? arena_cstr(l->arena, str_of(problem))
			       : NULL,
		.state = state,
	};
}

/* Stored ones in order, then what the draft adds. */
static void
load_entries(
    struct lists_screen *l, struct tui *ui, const struct lists_list *list)
{
	struct catalog *c = ui_catalog(ui);
	struct lists_entry *have;
	struct err e = ERR_INIT;
	size_t n, drafts = draft_count(ui->draft);
	if (c == NULL || !lists_entries(c->store, list, &have, &n, &e)) {
		ui_error(ui, &e);
		return;
	}
	l->right = ARENA_ARRAY(l->arena, n + drafts + 1, struct right);
	for (size_t i = 0; i < n; i++) {
		const struct draft_entry *d = drafted(ui, list, have[i].text);
		bool gone = d != NULL && (d->value == NULL ||
					     strcmp(d->value, list->word) != 0);
		add_right(l, have[i].text, have[i].problem, gone ? '-' : ' ');
	}
	for (size_t i = 0; i < drafts; i++) {
		const struct draft_entry *d = draft_at(ui->draft, i);
		bool known = false;
		if (d->setting != setting_of(list) || d->value == NULL ||
		    strcmp(d->value, list->word) != 0)
			continue;
		for (size_t k = 0; k < n; k++)
			known = known || strcmp(have[k].text, d->target) == 0;
		if (!known)
			add_right(l, d->target, NULL, '*');
	}
}

static const char *
row_text(const void *ctx, size_t i)
{
	const struct lists_screen *l = ctx;
	return l->right[i].text;
}

static void
load_right(struct lists_screen *l, struct tui *ui)
{
	const struct lists_list *list = current(l);
	l->right = NULL;
	l->n_right = 0;
	if (list != NULL && list->word == NULL)
		load_zones(l, ui, list);
	else if (list != NULL)
		load_entries(l, ui, list);
	rows_choose(&l->rows, l->n_right, row_text, l);
}

static void
load_left(struct lists_screen *l, struct tui *ui)
{
	size_t n, k = 0;
	const struct lists_list *all = lists_all(&n);
	struct catalog *c = ui_catalog(ui);
	l->left = ARENA_ARRAY(l->arena, n + HEADINGS, struct left);
	for (size_t i = 0; i < n; i++) {
		struct lists_entry *entries;
		if (i == 0 || all[i].accepts != all[i - 1].accepts)
			l->left[k++].accepts = all[i].accepts;
		l->left[k].list = &all[i];
		if (c == NULL || !lists_entries(c->store, &all[i], &entries,
				     &l->left[k].entries, NULL))
			l->left[k].entries = 0;
		k++;
	}
	l->n_left = k;
	l->list.skip = is_heading;
	l->list.ctx = l;
	list_resize(&l->list, k);
}

static void
reload(struct screen *s, struct tui *ui)
{
	struct lists_screen *l = self(s);
	arena_reset(l->arena);
	load_left(l, ui);
	load_right(l, ui);
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	const struct lists_list *list = current(self(s));
	(void)ui;
	buf_addf(out, "%s > %s", _("Lists"), list != NULL ? list->name : "");
}

static void
draw_left(struct lists_screen *l, struct tui *ui, const struct view *v, int y,
    int height, int end)
{
	if (v->heads) {
		term_put(ui->term, y, 3, 20, STYLE_HEAD, str_of(_("List")));
		draw_right(ui, y++, end, STYLE_HEAD, str_of(_("Entries")));
		height--;
	}
	list_fit(&l->list, (size_t)height);
	for (size_t i = l->list.top; i < l->n_left && height > 0;
	     i++, height--, y++) {
		const struct left *row = &l->left[i];
		bool here = i == l->list.cur;
		enum term_style style =
		    here && !l->in_entries ? STYLE_CURSOR : STYLE_NORMAL;
		if (row->list == NULL) {
			term_put(ui->term, y, 3, 20, STYLE_HEAD,
			    str_of(row->accepts ? _("accept") : _("refuse")));
			continue;
		}
		if (here)
			term_put(ui->term, y, 0, 1, STYLE_CURSOR, STR(">"));
		term_put(ui->term, y, 5, 17, style, str_of(row->list->name));
		draw_right(ui, y, end, STYLE_NORMAL,
		    str_of(ui_text(ui, "%zu", row->entries)));
	}
}

/* Where the right pane is drawn. */
struct pane {
	struct lists_screen *l;
	struct tui *ui;
	int x, w;
};

static void
draw_entry(void *ctx, int y, size_t i, bool cursor)
{
	struct pane *p = ctx;
	const struct right *row = &p->l->right[i];
	bool here = cursor && p->l->in_entries && !p->l->editing;
	char state = row->state == '-' ? 'x' : row->state;
	draw_marks(p->ui, y, p->x, here, state, row->problem != NULL);
	draw_last(p->ui, y, p->x + 3, (size_t)(p->w - 3),
	    here ? STYLE_CURSOR : STYLE_NORMAL, str_of(row->text));
}

static void
draw_right_pane(struct lists_screen *l, struct tui *ui, const struct view *v,
    int y, int height, int x)
{
	struct pane p = { l, ui, x, v->w - x };
	size_t field = p.w - 6 < FIELD_MAX ? (size_t)(p.w - 6) : FIELD_MAX;
	if (v->heads) {
		term_put(
		    ui->term, y++, x + 3, 20, STYLE_HEAD, str_of(_("Entry")));
		height--;
	}
	if (l->editing)
		height--;
	if (l->n_right == 0 && !l->editing)
		draw_last(ui, y, x + 3, (size_t)(p.w - 3), STYLE_NORMAL,
		    str_of(_("empty; + adds an entry")));
	rows_draw(&l->rows, y, height, draw_entry, &p);
	if (!l->editing)
		return;
	int at = (int)(l->rows.list.n - l->rows.list.top);
	y += at < height ? at : height;
	draw_marks(ui, y, x, true, '+', false);
	draw_field(ui, y, x + 3, field, &l->edit);
}

/* What is typed, judged. */
static void
typed_text(struct lists_screen *l, struct tui *ui, struct buf *out)
{
	const struct lists_list *list = current(l);
	struct str typed = str_trim(edit_text(&l->edit));
	struct buf normal = BUF_INIT(TEXT_MAX);
	struct err e = ERR_INIT;
	bool ask;
	if (typed.len == 0 || list == NULL || ui_catalog(ui) == NULL)
		return;
	if (!lists_normal(list, typed, &normal, &e))
		buf_addf(out, "! %s", e.text);
	else if (!str_eq(buf_str(&normal), typed))
		buf_addf(out, _("! '%.*s' is written '%s' here. Tab takes it."),
		    STR_ARG(typed), buf_cstr(&normal));
	const char *warning = normal.len > 0 ? lists_warning(ui->catalog->store,
						   list, buf_str(&normal), &ask)
					     : NULL;
	if (warning != NULL)
		buf_addf(out, "\n! %s", warning);
	buf_clear(&normal);
}

static void
draw_below(struct lists_screen *l, struct tui *ui, const struct view *v)
{
	const struct lists_list *list = current(l);
	struct buf text = BUF_INIT(4 * TEXT_MAX);
	size_t i;
	int y = v->y + v->h - BELOW;
	draw_rule(ui, y, 1, (size_t)v->w - 1, STR(""));
	if (list != NULL)
		buf_addf(&text, _("%s: %s. %s Forms: %s."), list->name,
		    _(list->help), _(list->acts), list->forms);
	if (l->editing) {
		buf_add_char(&text, '\n');
		typed_text(l, ui, &text);
	} else if (l->in_entries && rows_current(&l->rows, &i) &&
		   l->right[i].problem != NULL) {
		buf_addf(&text, "\n! %s", l->right[i].problem);
	}
	draw_prose(ui, y + 1, 1, (size_t)v->w - 2, BELOW - 1, STYLE_NORMAL,
	    buf_str(&text));
	buf_clear(&text);
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct lists_screen *l = self(s);
	int below = v->help > 0 ? BELOW : 0;
	int height = v->h - below;
	if (v->narrow) { /* one pane at a time */
		if (l->in_entries)
			draw_right_pane(l, ui, v, v->y, height, 0);
		else
			draw_left(l, ui, v, v->y, height, v->w - 1);
		return;
	}
	draw_left(l, ui, v, v->y, height, COUNT_END);
	for (int y = v->y; y < v->y + height; y++)
		term_put(ui->term, y, DIVIDER_X, 1, STYLE_HEAD,
		    term_sign(ui->term, SIGN_DIVIDER));
	draw_right_pane(l, ui, v, v->y, height, DIVIDER_X + 1);
	if (below > 0)
		draw_below(l, ui, v);
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	struct lists_screen *l = self(s);
	const struct lists_list *list = current(l);
	(void)ui;
	if (list == NULL)
		return;
	buf_addf(out, _("entry %zu of %zu"),
	    l->rows.list.n > 0 ? l->rows.list.cur + 1 : 0, l->rows.list.n);
	if (!line_filter_is_empty(&l->rows.filter)) {
		buf_add_cstr(out, "   ");
		line_filter_show(&l->rows.filter, out);
	}
	buf_addf(out, "   ");
	buf_addf(out, _("stored in %s / %s"), setting_of(list)->db,
	    setting_of(list)->key);
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	struct lists_screen *l = self(s);
	const struct lists_list *list = current(l);
	struct buf normal = BUF_INIT(TEXT_MAX);
	(void)ui;
	if (list == NULL)
		return;
	if (l->editing &&
	    lists_normal(list, edit_text(&l->edit), &normal, NULL))
		buf_addf(out, "smemail lists add %s '%s'", list->name,
		    buf_cstr(&normal));
	else
		buf_addf(out, "smemail lists show %s", list->name);
	buf_clear(&normal);
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	struct lists_screen *l = self(s);
	(void)ui;
	if (l->editing) {
		bar_add(b, ACT_OPEN, _("accept"));
		bar_add(b, ACT_NEXT, _("as proposed"));
		bar_add_key(b, "Esc", _("cancel"));
		return;
	}
	bar_add(b, ACT_NEXT, l->in_entries ? _("lists") : _("entries"));
	bar_add(b, ACT_ADD, NULL);
	if (l->in_entries)
		bar_add(b, ACT_DEFAULT, _("remove"));
	bar_add(b, ACT_FILTER, NULL);
	bar_add(b, ACT_VIEW, _("pairs"));
	bar_add(b, ACT_PLAN, NULL);
	bar_add(b, ACT_HELP, NULL);
	bar_add(b, ACT_BACK, NULL);
}

/* The whole list of zones is one wish. */
static bool
draft_zones(struct lists_screen *l, struct tui *ui,
    const struct lists_list *list, const char *add, const char *without)
{
	struct catalog *c = ui_catalog(ui);
	const struct catalog_row *r =
	    c != NULL ? catalog_find(c, list->setting) : NULL;
	struct buf out = BUF_INIT(SETTING_VALUE_MAX);
	char joint[2] = { ',', '\0' };
	bool ok = r != NULL;
	if (ok && r->s->separator != NULL)
		joint[0] = r->s->separator[0];
	for (size_t i = 0; ok && i < l->n_right; i++)
		if (without == NULL || strcmp(l->right[i].text, without) != 0)
			buf_addf(&out, "%s%s", out.len > 0 ? joint : "",
			    l->right[i].text);
	if (add != NULL)
		buf_addf(&out, "%s%s", out.len > 0 ? joint : "", add);
	const char *value =
	    out.len > 0 ? ui_text(ui, "%s", buf_cstr(&out)) : NULL;
	buf_clear(&out);
	return ok && ui_draft_set(ui, r, value);
}

/* Into the draft; the editor stays open when that is refused. */
static void
take(struct lists_screen *l, struct tui *ui, const char *entry)
{
	const struct lists_list *list = current(l);
	if (list == NULL)
		return;
	bool ok = list->word == NULL
		      ? draft_zones(l, ui, list, entry, NULL)
		      : ui_draft_wish(ui, setting_of(list), entry, list->word);
	if (!ok)
		return;
	l->editing = false;
	edit_clear(&l->edit);
	list_go(&l->rows.list, l->rows.list.n);
}

static void
answered(struct tui *ui, struct screen *s, bool yes)
{
	struct lists_screen *l = self(s);
	if (yes)
		take(l, ui, l->asked);
	else
		ui_say(ui, "%s", _("not added"));
}

static void
accept(struct lists_screen *l, struct tui *ui)
{
	const struct lists_list *list = current(l);
	struct buf normal = BUF_INIT(TEXT_MAX);
	struct err e = ERR_INIT;
	bool ask = false;
	if (list == NULL || ui_catalog(ui) == NULL)
		return;
	if (!lists_normal(list, edit_text(&l->edit), &normal, &e)) {
		ui_error(ui, &e);
	} else {
		const char *entry = ui_text(ui, "%s", buf_cstr(&normal));
		const char *warning = lists_warning(
		    ui->catalog->store, list, buf_str(&normal), &ask);
		snprintf(l->asked, sizeof(l->asked), "%s", entry);
		if (ask)
			ui_ask(ui, answered, _("%s (y yes)"), warning);
		else
			take(l, ui, entry);
	}
	buf_clear(&normal);
}

static void
remove_entry(struct lists_screen *l, struct tui *ui)
{
	const struct lists_list *list = current(l);
	size_t i;
	if (list == NULL || !rows_current(&l->rows, &i))
		return;
	if (list->word == NULL)
		(void)draft_zones(l, ui, list, NULL, l->right[i].text);
	else if (l->right[i].state == ' ')
		(void)ui_draft_wish(
		    ui, setting_of(list), l->right[i].text, NULL);
	else /* take what was drafted back */
		ui_draft_unwish(ui, setting_of(list), l->right[i].text);
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	struct lists_screen *l = self(s);
	const struct lists_list *list = current(l);
	if (l->in_entries && list_act(&l->rows.list, action))
		return true;
	if (!l->in_entries && list_act(&l->list, action)) {
		l->rows.list.cur = 0;
		load_right(l, ui);
		return true;
	}
	switch ((int)action) {
	case ACT_NEXT:
	case ACT_PREVIOUS:
	case ACT_LEFT:
	case ACT_RIGHT:
		l->in_entries = !l->in_entries;
		return true;
	case ACT_OPEN:
		l->in_entries = true;
		return true;
	case ACT_ADD:
		l->in_entries = l->editing = true;
		edit_init(&l->edit, false);
		return true;
	case ACT_DEFAULT:
		if (l->in_entries)
			remove_entry(l, ui);
		return true;
	case ACT_DESCRIBE:
		if (list != NULL)
			ui_push(ui, describe_new(ui, setting_of(list)));
		return true;
	case ACT_VIEW:
		ui_push(ui, pairs_new(ui));
		return true;
	case ACT_STORE:
		ui_draft_store(ui);
		return true;
	default:
		return false;
	}
}

/* Tab puts the proposed form into the field. */
static void
propose(struct lists_screen *l)
{
	const struct lists_list *list = current(l);
	struct buf normal = BUF_INIT(TEXT_MAX);
	if (list != NULL &&
	    lists_normal(list, edit_text(&l->edit), &normal, NULL))
		edit_set(&l->edit, buf_str(&normal));
	buf_clear(&normal);
}

static bool
key(struct screen *s, struct tui *ui, const struct input_key *k)
{
	struct lists_screen *l = self(s);
	bool stop = k->code == INPUT_CTRL && k->cp == 'c';
	if (!l->editing ||
	    (k->code == INPUT_CTRL && (k->cp == 'z' || k->cp == 'l')))
		return false;
	if (k->code == INPUT_ENTER) {
		accept(l, ui);
	} else if (k->code == INPUT_TAB) {
		propose(l);
	} else if (k->code == INPUT_ESC || stop) {
		l->editing = false;
		edit_clear(&l->edit);
	} else {
		edit_key(&l->edit, k);
	}
	return true;
}

static bool
paste(struct screen *s, struct tui *ui, struct str text)
{
	(void)ui;
	if (!self(s)->editing)
		return false;
	edit_paste(&self(s)->edit, text);
	return true;
}

static bool
filter(struct screen *s, struct tui *ui, struct str text)
{
	struct lists_screen *l = self(s);
	bool ok = rows_filter(&l->rows, text);
	if (!ok)
		ui_say(ui, "%s", _("too many filters; empty clears them"));
	rows_choose(&l->rows, l->n_right, row_text, l);
	return ok;
}

static void
lists_free(struct screen *s, struct tui *ui)
{
	struct lists_screen *l = self(s);
	(void)ui;
	rows_clear(&l->rows);
	edit_clear(&l->edit);
	arena_free(l->arena);
	free(l);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_LEFT, ACT_RIGHT, ACT_NEXT,
	ACT_PREVIOUS, ACT_OPEN, ACT_ADD, ACT_DEFAULT, ACT_DESCRIBE, ACT_VIEW,
	ACT_STORE, ACT_NONE };

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
	.filter = filter,
	.reload = reload,
	.free = lists_free,
};

struct screen *
lists_new(struct tui *ui)
{
	struct lists_screen *l = calloc(1, sizeof(*l));
	if (l == NULL)
		return NULL;
	l->screen.class = &class;
	l->arena = ui_arena(ui, ARENA_MAX);
	rows_init(&l->rows);
	edit_init(&l->edit, false);
	reload(&l->screen, ui);
	return &l->screen;
}
