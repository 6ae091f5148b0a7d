/*
 * Why: the answer first, then the evidence in the order of time, then what can
 * be done (screens.md 4.11). Several messages are a list first.
 */
#include "tui/screens/why_int.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "tui/draw.h"
#include "tui/screens/rehearse.h"

#include <stdlib.h>
#include <string.h>

enum {
	FOUND_BYTES = 256 << 20,
	TIME_COLUMN = 3,
	VERDICT_COLUMN = 27,
	ROUTE_COLUMN = 38,
	AROUND_S = 3600, /* a message is through within that */
};

static struct why_screen *
self(struct screen *s)
{
	return (struct why_screen *)s;
}

static void
open_message(struct why_screen *w, struct tui *ui, size_t i)
{
	w->shown = w->found.rows[i];
	w->cure = 0;
	w->text.top = 0;
	why_write_text(w, ui);
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)ui;
	buf_addf(out, "%s > ", _("Why"));
	escape_terminal(out, str_of(self(s)->word));
}

static void
draw_row(struct why_screen *w, struct tui *ui, const struct view *v, int y,
    size_t row)
{
	const struct why *m = w->found.rows[row];
	bool cur = row == w->list.cur;
	enum term_style style = cur ? STYLE_CURSOR : STYLE_NORMAL;
	if (cur)
		term_put(ui->term, y, 0, 1, STYLE_CURSOR, STR(">"));
	int x = v->narrow ? 1 : TIME_COLUMN;
	draw_cell(ui, y, x, (size_t)(VERDICT_COLUMN - TIME_COLUMN), style,
	    str_of(why_moment(w, ui, m->time_ns)));
	if (v->narrow) {
		draw_last(ui, y, x + VERDICT_COLUMN - TIME_COLUMN,
		    (size_t)(v->w - x - VERDICT_COLUMN + TIME_COLUMN),
		    STYLE_NORMAL, str_of(why_state(m)));
		return;
	}
	draw_cell(ui, y, VERDICT_COLUMN,
	    (size_t)(ROUTE_COLUMN - VERDICT_COLUMN), STYLE_NORMAL,
	    str_of(why_state(m)));
	draw_last(ui, y, ROUTE_COLUMN, (size_t)(v->w - ROUTE_COLUMN),
	    STYLE_NORMAL, str_of(why_route(w, m)));
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct why_screen *w = self(s);
	if (w->shown != NULL) {
		if (w->columns != term_columns(ui->term))
			why_write_text(w, ui);
		text_draw(&w->text, ui, v);
		return;
	}
	list_fit(&w->list, (size_t)v->h);
	int y = v->y;
	for (size_t i = w->list.top; i < w->found.n && y < v->y + v->h; i++)
		draw_row(w, ui, v, y++, i);
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	struct why_screen *w = self(s);
	(void)ui;
	if (w->shown != NULL)
		text_status(&w->text, out);
	else
		buf_addf(
		    out, _("message %zu of %zu"), w->list.cur + 1, w->found.n);
	if (w->found.more > 0)
		buf_addf(out, _("   %zu older ones"), w->found.more);
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	struct why_screen *w = self(s);
	(void)ui;
	buf_add_cstr(out, "smemail why ");
	escape_shell(out, str_of(w->word));
	if (w->at_s > 0)
		buf_addf(out, " --from @%lld --to @%lld",
		    (long long)(w->at_s - AROUND_S),
		    (long long)(w->at_s + AROUND_S));
	if (w->shown != NULL && w->found.n > 1)
		buf_addf(out, " --pick %zu", w->list.cur + 1);
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	struct why_screen *w = self(s);
	(void)ui;
	if (w->shown == NULL) {
		bar_add(b, ACT_OPEN, _("story"));
	} else {
		if (w->shown->n_cures > 0)
			bar_add(b, ACT_CURE, NULL);
		if (w->shown->setting.setting != NULL)
			bar_add(b, ACT_DESCRIBE, NULL);
		bar_add(b, ACT_VIEW, w->raw ? _("in words") : _("raw lines"));
	}
	bar_add(b, ACT_REHEARSE, NULL);
	bar_add(b, ACT_SEARCH, NULL);
	bar_add(b, ACT_HELP, NULL);
	bar_add(b, ACT_BACK, NULL);
}

/* The command goes to the ':' line, to be read before it is run. */
static void
take_cure(struct why_screen *w, struct tui *ui)
{
	static const char program[] = "smemail ";
	const struct why *m = w->shown;
	if (m->n_cures == 0) {
		ui_say(ui, "%s", _("no command is known that would change it"));
		return;
	}
	const char *command = m->cures[w->cure++ % m->n_cures].command;
	if (strncmp(command, program, sizeof(program) - 1) == 0)
		command += sizeof(program) - 1;
	ui_line_begin(ui, LINE_COMMAND, str_of(command));
}

static bool
act_on_message(struct why_screen *w, struct tui *ui, enum action action)
{
	switch ((int)action) {
	case ACT_BACK:
		if (w->found.n == 1)
			return false;
		w->shown = NULL;
		return true;
	case ACT_CURE:
		take_cure(w, ui);
		return true;
	case ACT_DESCRIBE:
		if (w->shown->setting.setting != NULL)
			ui_push(
			    ui, describe_new(ui, w->shown->setting.setting));
		return true;
	case ACT_VIEW:
		w->raw = !w->raw;
		why_write_text(w, ui);
		return true;
	default:
		return text_act(&w->text, action);
	}
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	struct why_screen *w = self(s);
	if (action == ACT_REHEARSE) {
		rehearsal_open_why(ui,
		    w->shown != NULL ? w->shown : w->found.rows[w->list.cur]);
		return true;
	}
	if (w->shown != NULL)
		return act_on_message(w, ui, action);
	if (action != ACT_OPEN)
		return list_act(&w->list, action);
	open_message(w, ui, w->list.cur);
	return true;
}

static void
search(struct screen *s, struct tui *ui, struct str text, enum line_event event)
{
	(void)ui;
	if (self(s)->shown != NULL)
		text_search(&self(s)->text, text, event);
}

static void
why_free(struct screen *s, struct tui *ui)
{
	(void)ui;
	text_clear(&self(s)->text);
	arena_free(self(s)->arena);
	free(s);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_TEXT_UP, ACT_SPACE, ACT_FIRST, ACT_LAST, ACT_LEFT,
	ACT_RIGHT, ACT_OPEN, ACT_BACK, ACT_CURE, ACT_DESCRIBE, ACT_VIEW,
	ACT_REHEARSE, ACT_NONE };

static const struct screen_class class = {
	.actions = actions,
	.path = path,
	.draw = draw,
	.status = status,
	.twin = twin,
	.bar = bar,
	.act = act,
	.search = search,
	.free = why_free,
};

static struct screen *
why_new(struct tui *ui, const char *word, int64_t at_s)
{
	struct logrange range = LOGRANGE_ALL;
	struct err e = ERR_INIT;
	struct why_screen *w = calloc(1, sizeof(*w));
	if (w == NULL)
		return NULL;
	w->screen.class = &class;
	w->arena = ui_arena(ui, FOUND_BYTES);
	w->word = arena_cstr(w->arena, str_of(word));
	w->at_s = at_s;
	if (at_s > 0)
		range = (struct logrange){ clock_s_to_ns(at_s - AROUND_S),
			clock_s_to_ns(at_s + AROUND_S) };
	struct model_ctx m = ui->model;
	m.arena = w->arena;
	bool ok = text_init(&w->text) &&
		  why_find(&m, word, NULL, range, -1, NULL, &w->found, &e);
	if (ok && w->found.n > 0) {
		list_resize(&w->list, w->found.n);
		if (w->found.n == 1)
			open_message(w, ui, 0);
		return &w->screen;
	}
	if (!ok)
		ui_error(ui, &e);
	else
		ui_say(ui, _("no message matches %s"), w->found.words);
	why_free(&w->screen, ui);
	return NULL;
}

const char *
why_query(struct tui *ui, enum why_what what, const char *text)
{
	static const char *const before[] = {
		[WHY_TEXT] = "",
		[WHY_PID] = "pid:",
		[WHY_MESSAGE] = "msg:",
		[WHY_DELIVERY] = "delivery:",
		[WHY_SCAN] = "spamd:",
	};
	return ui_text(ui, "%s%s", before[what], text);
}

void
why_open(struct tui *ui, enum why_what what, const char *text, int64_t at_s)
{
	ui_push(ui, why_new(ui, why_query(ui, what, text), at_s));
}
