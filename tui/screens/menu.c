/* A dialog of numbered choices over the screen below. */
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "tui/screens/screens.h"
#include "tui/widget/box.h"
#include "tui/widget/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ITEMS_MAX = 32
};

struct menu {
	struct screen screen;
	char *title, *text;
	char *items[ITEMS_MAX], *notes[ITEMS_MAX];
	char keys[ITEMS_MAX]; /* the digit of each, ' ' without one */
	struct list_view list;
	menu_done *done;
};

static struct menu *
self(struct screen *s)
{
	return (struct menu *)s;
}

/* The items' column: the longest of them. */
static size_t
item_width(const struct menu *m)
{
	size_t most = 0;
	for (size_t i = 0; i < m->list.n; i++) {
		size_t n = utf8_columns(str_of(m->items[i]));
		most = n > most ? n : most;
	}
	return most;
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct menu *m = self(s);
	struct box b;
	box_init(&b, v);
	box_line(&b, STYLE_HEAD, str_of(m->title));
	if (m->text[0] != '\0') {
		box_line(&b, STYLE_NORMAL, STR(""));
		box_prose(&b, ui, 0, str_of(m->text));
	}
	box_line(&b, STYLE_NORMAL, STR(""));
	size_t first = b.n, width = item_width(m);
	m->list.rows = m->list.n;
	for (size_t i = 0; i < m->list.n; i++) {
		bool cur = i == m->list.cur;
		size_t pad = width - utf8_columns(str_of(m->items[i]));
		const char *line =
		    ui_text(ui, "%s%c  %s%*s  %s", cur ? ">" : " ", m->keys[i],
			m->items[i], (int)pad, "", m->notes[i]);
		box_line(&b, cur ? STYLE_CURSOR : STYLE_NORMAL,
		    str_trim(str_of(line)).len > 0 ? str_of(line) : STR(""));
	}
	box_draw(&b, ui, v, first + m->list.cur);
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)ui;
	buf_addf(out, _("choice %zu of %zu"), self(s)->list.cur + 1,
	    self(s)->list.n);
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	(void)s;
	(void)ui;
	bar_add(b, ACT_DIGIT, _("choose"));
	bar_add(b, ACT_OPEN, _("take"));
	bar_add_key(b, "Esc", _("cancel"));
}

/* The dialog goes first, so that 'done' may open something else. */
static void
finish(struct menu *m, struct tui *ui, int choice)
{
	menu_done *done = m->done;
	ui_pop(ui);
	if (choice > 0)
		done(ui, ui->top, choice);
}

static bool
key(struct screen *s, struct tui *ui, const struct input_key *k)
{
	struct menu *m = self(s);
	if (k->code != INPUT_CHAR || k->cp < '0' || k->cp > '9')
		return false;
	for (size_t i = 0; i < m->list.n; i++) {
		if (m->keys[i] == (char)k->cp) {
			finish(m, ui, (int)i + 1);
			return true;
		}
	}
	return true;
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	struct menu *m = self(s);
	if (action == ACT_OPEN)
		finish(m, ui, (int)m->list.cur + 1);
	else if (action == ACT_BACK || action == ACT_INTERRUPT)
		finish(m, ui, 0);
	else
		return list_act(&m->list, action);
	return true;
}

static void
menu_free(struct screen *s, struct tui *ui)
{
	struct menu *m = self(s);
	(void)ui;
	free(m->title);
	free(m->text);
	for (size_t i = 0; i < ITEMS_MAX; i++) {
		free(m->items[i]);
		free(m->notes[i]);
	}
	free(m);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_OPEN, ACT_BACK, ACT_INTERRUPT,
	ACT_NONE };

static const struct screen_class class = {
	.flags = SCREEN_OVERLAY,
	.actions = actions,
	.path = screen_path_below,
	.draw = draw,
	.status = status,
	.bar = bar,
	.act = act,
	.key = key,
	.free = menu_free,
};

struct screen *
menu_new(struct tui *ui, const char *title, struct str text,
    const struct menu_item *items, size_t n, size_t current, menu_done *done)
{
	struct menu *m = calloc(1, sizeof(*m));
	if (m == NULL)
		return NULL;
	m->screen.class = &class;
	m->done = done;
	m->title = strdup(title);
	m->text = strndup(text.ptr != NULL ? text.ptr : "", text.len);
	bool ok = m->title != NULL && m->text != NULL;
	for (size_t i = 0; ok && i < n && i < ITEMS_MAX; i++) {
		m->items[i] = strdup(items[i].text);
		m->notes[i] =
		    strdup(items[i].note != NULL ? items[i].note : "");
		ok = m->items[i] != NULL && m->notes[i] != NULL;
		m->keys[i] = items[i].key;
		if (m->keys[i] == '\0')
			m->keys[i] = i < 9 ? (char)('1' + i) : ' ';
		m->list.n += ok;
	}
	if (!ok) {
		menu_free(&m->screen, ui);
		return NULL;
	}
	list_go(&m->list, current);
	return &m->screen;
}
