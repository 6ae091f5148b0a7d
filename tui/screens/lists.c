/* The nine lists (screens.md 4.8): the screen and its keys. */
#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "tui/screens/lists_int.h"

#include <stdlib.h>

enum {
	ARENA_MAX = 64 << 20
};

static void
reload(struct screen *s, struct tui *ui)
{
	struct lists_screen *l = lists_self(s);
	arena_reset(l->arena);
	lists_load_left(l, ui);
	lists_load_right(l, ui);
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	const struct lists_list *list = lists_current(lists_self(s));
	(void)ui;
	buf_addf(out, "%s > %s", _("Lists"), list != NULL ? list->name : "");
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	struct lists_screen *l = lists_self(s);
	const struct lists_list *list = lists_current(l);
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
	buf_addf(out, _("stored in %s / %s"), lists_setting_of(list)->db,
	    lists_setting_of(list)->key);
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	struct lists_screen *l = lists_self(s);
	const struct lists_list *list = lists_current(l);
	struct buf normal = BUF_INIT(LISTS_TEXT_MAX);
	if (list == NULL)
		return;
	if (l->field.open &&
	    lists_normal(list, field_text(&l->field), &normal, NULL))
		buf_addf(out, "smemail lists add %s %s", list->name,
		    escape_shell_word(ui->scratch, buf_str(&normal)));
	else
		buf_addf(out, "smemail lists show %s", list->name);
	buf_clear(&normal);
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	struct lists_screen *l = lists_self(s);
	(void)ui;
	if (l->field.open) {
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

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	struct lists_screen *l = lists_self(s);
	const struct lists_list *list = lists_current(l);
	if (l->in_entries && list_act(&l->rows.list, action))
		return true;
	if (!l->in_entries && list_act(&l->list, action)) {
		l->rows.list.cur = 0;
		lists_load_right(l, ui);
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
		l->in_entries = true;
		field_open(&l->field, STR(""));
		return true;
	case ACT_DEFAULT:
		if (l->in_entries)
			lists_remove_entry(l, ui);
		return true;
	case ACT_DESCRIBE:
		if (list != NULL)
			ui_push(ui, describe_new(ui, lists_setting_of(list)));
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

static bool
key(struct screen *s, struct tui *ui, const struct input_key *k)
{
	struct lists_screen *l = lists_self(s);
	bool entered;
	if (l->field.open && k->code == INPUT_TAB) {
		lists_propose(l);
		return true;
	}
	bool taken = field_key(&l->field, k, &entered);
	if (entered)
		lists_accept(l, ui);
	return taken;
}

static bool
paste(struct screen *s, struct tui *ui, struct str text)
{
	(void)ui;
	return field_paste(&lists_self(s)->field, text);
}

static bool
filter(struct screen *s, struct tui *ui, struct str text)
{
	struct lists_screen *l = lists_self(s);
	bool ok = rows_filter(&l->rows, text);
	if (!ok)
		ui_say(ui, "%s", _("too many filters; empty clears them"));
	rows_choose(&l->rows, l->n_right, lists_row_text, l);
	return ok;
}

static void
lists_free(struct screen *s, struct tui *ui)
{
	struct lists_screen *l = lists_self(s);
	(void)ui;
	rows_clear(&l->rows);
	field_close(&l->field);
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
	.draw = lists_draw,
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
	field_init(&l->field);
	reload(&l->screen, ui);
	return &l->screen;
}
