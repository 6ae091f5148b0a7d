/* What was changed, newest first; 'u' takes the change of the row back. */
#include "core/model/history.h"

#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "core/model/undo.h"
#include "tui/draw.h"
#include "tui/screens/screens.h"
#include "tui/widget/list.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	ARENA_MAX = 256 * 1024 * 1024,
	TEXT_MAX = 256 * 1024,
	NUMBER_X = 3,
	WHEN_X = 10,
	WHO_X = 23,
	WHAT_X = 33,
	DETAIL_LINES = 6,
	SECONDS_PER_DAY = 86400
};

struct history {
	struct screen screen;
	struct arena *arena;
	struct journal journal;
	struct history_row *rows;
	struct list_view list;
	struct err why;
};

static struct history *
self(struct screen *s)
{
	return (struct history *)s;
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)s;
	(void)ui;
	buf_add_cstr(out, _("History"));
}

static void
reload(struct screen *s, struct tui *ui)
{
	struct history *h = self(s);
	struct model_ctx m = ui->model;
	size_t n = 0;
	arena_reset(h->arena);
	m.arena = h->arena;
	err_clear(&h->why);
	if (!history_read(&m, &h->journal, &h->rows, &n, &h->why))
		n = 0;
	list_resize(&h->list, n);
}

static const struct history_row *
current(const struct history *h)
{
	return h->list.cur < h->list.n ? &h->rows[h->list.cur] : NULL;
}

static const char *
state_of(const struct history_row *row)
{
	if (row->apply == NULL)
		return _("stored");
	if (row->unconfirmed)
		return _("unconfirmed");
	if (row->apply->kind == JOURNAL_UNDO)
		return _("an undo");
	if (row->apply->kind == JOURNAL_ROLLBACK)
		return _("rollback");
	return row->undone_by > 0 ? _("undone") : "";
}

/* "14:05" of today, else the day. */
static const char *
when(struct tui *ui, int64_t unix_s)
{
	time_t then = (time_t)unix_s;
	struct tm t;
	int64_t age = clock_wall_s(ui->model.clock) - unix_s;
	if (localtime_r(&then, &t) == NULL)
		return "-";
	if (age >= 0 && age < SECONDS_PER_DAY)
		return ui_text(ui, "%02d:%02d", t.tm_hour, t.tm_min);
	return ui_text(
	    ui, "%04d-%02d-%02d", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday);
}

static const char *
names(struct tui *ui, const struct history_row *row)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	const char *state = state_of(row);
	if (state[0] != '\0')
		buf_addf(&text, _("%s: "), state);
	for (size_t i = 0; i < row->n; i++)
		buf_addf(&text, "%s%s", i > 0 ? ", " : "",
		    history_name(&ui->model, &row->entries[i]));
	if (row->n == 0)
		buf_add_cstr(&text, _("what other programs had stored"));
	const char *copy = ui_text(ui, "%s", buf_cstr(&text));
	buf_clear(&text);
	return copy;
}

static void
draw_row(
    struct history *h, struct tui *ui, const struct view *v, int y, size_t i)
{
	const struct history_row *row = &h->rows[i];
	const struct journal_entry *last =
	    row->n > 0 ? &row->entries[row->n - 1] : NULL;
	bool cur = i == h->list.cur;
	int what_x = v->narrow ? WHO_X - 6 : WHAT_X;
	int64_t at = row->apply != NULL ? row->apply->time_s : last->time_s;
	const char *who = row->apply != NULL ? row->apply->who : last->who;
	draw_marks(
	    ui, y, 0, cur, row->apply == NULL ? '+' : ' ', row->unconfirmed);
	term_put(ui->term, y, NUMBER_X, WHEN_X - NUMBER_X - 1,
	    cur ? STYLE_CURSOR : STYLE_NORMAL,
	    str_of(row->apply != NULL ? ui_text(ui, "%ld", row->apply->change)
				      : "-"));
	draw_cell(ui, y, WHEN_X,
	    (size_t)((v->narrow ? what_x : WHO_X) - WHEN_X), STYLE_NORMAL,
	    str_of(when(ui, at)));
	if (!v->narrow)
		draw_cell(
		    ui, y, WHO_X, WHAT_X - WHO_X, STYLE_NORMAL, str_of(who));
	draw_last(ui, y, what_x, (size_t)(v->w - what_x),
	    row->undone_by > 0 ? STYLE_NORMAL : STYLE_DRAFT,
	    str_of(names(ui, row)));
}

/* The settings of the row below the list: before and after. */
static void
draw_detail(const struct history *h, struct tui *ui, const struct view *v,
    int y, int lines)
{
	const struct history_row *row = current(h);
	if (row == NULL || lines < 2)
		return;
	draw_rule(ui, y, 0, (size_t)v->w,
	    str_of(row->apply == NULL
		       ? _("Stored, not applied")
		       : ui_text(ui, _("Change %ld"), row->apply->change)));
	for (int i = 1; i < lines && (size_t)i <= row->n; i++) {
		const struct journal_entry *entry = &row->entries[i - 1];
		bool more = i == lines - 1 && row->n > (size_t)i;
		draw_last(ui, y + i, NUMBER_X, (size_t)(v->w - NUMBER_X),
		    STYLE_NORMAL,
		    str_of(more ? ui_text(ui, _("and %zu more (Enter)"),
				      row->n - (size_t)i + 1)
				: ui_text(ui, "%s   %s -> %s",
				      history_name(&ui->model, entry),
				      history_value(&ui->model, entry, false),
				      history_value(&ui->model, entry, true))));
	}
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct history *h = self(s);
	int y = v->y, rows = v->h;
	int detail = v->h >= 3 * DETAIL_LINES ? DETAIL_LINES : 0;
	const char *note = h->why.code != ERR_NONE      ? h->why.text
			   : h->journal.problem != NULL ? h->journal.problem
			   : h->list.n == 0
			       ? _("Nothing was changed yet: each apply will "
				   "stand here with its settings.")
			       : NULL;
	if (note != NULL) {
		int used = draw_prose(
		    ui, y, 1, (size_t)v->w - 1, 3, STYLE_NORMAL, str_of(note));
		y += used;
		rows -= used;
	}
	rows -= detail;
	list_fit(&h->list, rows > 0 ? (size_t)rows : 0);
	for (size_t i = h->list.top; i < h->list.n && rows > 0; i++, rows--)
		draw_row(h, ui, v, y++, i);
	if (detail > 0)
		draw_detail(h, ui, v, v->y + v->h - detail, detail);
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	struct history *h = self(s);
	(void)ui;
	if (h->list.n > 0)
		buf_addf(
		    out, _("change %zu of %zu"), h->list.cur + 1, h->list.n);
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)s;
	(void)ui;
	buf_add_cstr(out, "smemail history");
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	(void)s;
	(void)ui;
	bar_add(b, ACT_UNDO, _("take it back"));
	bar_add(b, ACT_OPEN, _("show it"));
	bar_add(b, ACT_PLAN, NULL);
	bar_add(b, ACT_HELP, NULL);
	bar_add(b, ACT_BACK, NULL);
}

static void
undo_now(struct tui *ui, struct screen *s, bool yes)
{
	const struct history_row *row = current(self(s));
	if (!yes || row == NULL) {
		ui_say(ui, "%s", _("nothing is taken back"));
		return;
	}
	ui_push(ui, undo_new(ui,
			row->apply != NULL ? row->apply->change : UNDO_STORED));
}

static void
undo(struct history *h, struct tui *ui)
{
	const struct history_row *row = current(h);
	bool waits = h->list.n > 0 && h->rows[0].apply == NULL;
	if (row == NULL)
		ui_say(ui, "%s", _("there is no change to take back"));
	else if (row->apply == NULL)
		ui_ask(ui, undo_now, "%s",
		    _("take back what is stored and not applied? (y yes)"));
	else if (row->undone_by > 0)
		ui_say(
		    ui, _("taken back already, by change %ld"), row->undone_by);
	else if (waits)
		ui_ask(ui, undo_now,
		    _("take change %ld back? what is stored comes into force "
		      "with it (y yes)"),
		    row->apply->change);
	else
		ui_ask(ui, undo_now, _("take change %ld back? (y yes)"),
		    row->apply->change);
}

/* Every setting of the row, to page through. */
static void
open_row(struct history *h, struct tui *ui)
{
	const struct history_row *row = current(h);
	struct buf text = BUF_INIT(TEXT_MAX);
	if (row == NULL)
		return;
	for (size_t i = 0; i < row->n; i++)
		buf_addf(&text, "%s   %s -> %s\n",
		    history_name(&ui->model, &row->entries[i]),
		    history_value(&ui->model, &row->entries[i], false),
		    history_value(&ui->model, &row->entries[i], true));
	if (row->n == 0)
		buf_add_cstr(&text, _("what other programs had stored"));
	ui_push(
	    ui, text_new(ui,
		    row->apply != NULL
			? ui_text(ui, _("History > %ld"), row->apply->change)
			: _("History > stored"),
		    row->apply != NULL ? ui_text(ui, "smemail history show %ld",
					     row->apply->change)
				       : "smemail plan",
		    buf_str(&text)));
	buf_clear(&text);
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	struct history *h = self(s);
	if (list_act(&h->list, action))
		return true;
	if (action == ACT_UNDO)
		undo(h, ui);
	else if (action == ACT_OPEN)
		open_row(h, ui);
	else
		return false;
	return true;
}

static void
history_free(struct screen *s, struct tui *ui)
{
	(void)ui;
	arena_free(self(s)->arena);
	free(s);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_UNDO, ACT_OPEN, ACT_NONE };

static const struct screen_class class = {
	.actions = actions,
	.path = path,
	.draw = draw,
	.status = status,
	.twin = twin,
	.bar = bar,
	.act = act,
	.reload = reload,
	.free = history_free,
};

struct screen *
history_new(struct tui *ui)
{
	struct history *h = calloc(1, sizeof(*h));
	if (h == NULL)
		return NULL;
	h->screen.class = &class;
	h->arena = ui_arena(ui, ARENA_MAX);
	reload(&h->screen, ui);
	return &h->screen;
}
