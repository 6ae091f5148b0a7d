/*
 * Why: the answer first, then the evidence in the order of time, then what can
 * be done (screens.md 4.11). Several messages are a list first.
 */
#include "core/model/why_find.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/maillog/tai64n.h"
#include "tui/draw.h"
#include "tui/screens/rehearse.h"
#include "tui/widget/list.h"
#include "tui/widget/text.h"

#include <stdlib.h>
#include <string.h>

enum {
	FOUND_BYTES = 256 << 20,
	WORD_BYTES = 4096,
	TIME_COLUMN = 3,
	VERDICT_COLUMN = 24,
	ROUTE_COLUMN = 35,
	LABEL_COLUMNS = 11,
	AROUND_S = 3600, /* a message is through within that */
};

/* What was found; shared by the list and the message opened from it. */
struct why_screen {
	struct screen screen;
	struct arena *arena;
	struct why_list found;
	const char *word; /* as asked */
	int64_t at_s;     /* about that time; 0: any */
	struct list_view list;
	struct text_view text;   /* of the message that is shown */
	const struct why *shown; /* NULL: the list */
	bool raw;
	size_t cure; /* offered next */
};

static struct why_screen *
self(struct screen *s)
{
	return (struct why_screen *)s;
}

static const char *
moment(struct why_screen *w, int64_t ns)
{
	struct tai64n_zone zone = { 0 };
	if (ns == INT64_MIN || !tai64n_zone_second(&zone, ns / NS_PER_S))
		return "-";
	return arena_cstr(w->arena, str_n(zone.text, zone.len));
}

static const char *
route(struct why_screen *w, const struct why *m)
{
	struct str rest = m->recipients, one = STR_EMPTY;
	if (m->refused.len > 0)
		one = m->refused;
	else if (!maillog_recipient_next(&rest, &one))
		one = STR("-");
	struct str from = m->sender.len > 0 ? m->sender : m->ip;
	return arena_printf(
	    w->arena, "%.*s -> %.*s", STR_ARG(from), STR_ARG(one));
}

/* A label and what stands behind it, on one line or wrapped. */
static void
fact(struct why_screen *w, struct tui *ui, const char *label, struct str value)
{
	if (value.len == 0)
		return;
	struct buf safe = BUF_INIT(WORD_BYTES * 16);
	escape_terminal(&safe, value);
	text_prose(&w->text, ui_text(ui, " %-*s", LABEL_COLUMNS - 1, label),
	    LABEL_COLUMNS, (size_t)term_columns(ui->term), buf_str(&safe));
	buf_clear(&safe);
}

static struct str
recipients(struct why_screen *w, const struct why *m)
{
	struct str rest = m->recipients, one;
	const char *text = "";
	while (maillog_recipient_next(&rest, &one))
		text = arena_printf(w->arena, "%s%s%.*s", text,
		    text[0] != '\0' ? ", " : "", STR_ARG(one));
	if (m->refused.len > 0)
		text = arena_printf(w->arena, "%s%s%.*s", text,
		    text[0] != '\0' ? ", " : "", STR_ARG(m->refused));
	return str_of(text);
}

static void
answer(struct why_screen *w, struct tui *ui, const struct why *m)
{
	text_add(&w->text, STYLE_HEAD,
	    str_of(ui_text(ui, " %s  %s  %s", story_end_name(m->end),
		moment(w, m->time_ns), m->sentence)));
	fact(w, ui, _("reason"), str_of(m->reason));
	fact(w, ui, _("told"), m->told);
	text_add(&w->text, STYLE_NORMAL, STR(""));
	fact(w, ui, _("from"), m->sender);
	fact(w, ui, _("to"), recipients(w, m));
	fact(w, ui, _("client"),
	    str_of(ui_text(ui, "%.*s %.*s", STR_ARG(m->ip), STR_ARG(m->host))));
	fact(w, ui, "HELO", m->helo);
	fact(w, ui, _("id"), m->mid);
	fact(w, ui, _("rules"), m->rules);
	text_add(&w->text, STYLE_NORMAL, STR(""));
}

/* Steps in words, or with 'v' the lines as they stand in the logs. */
static void
evidence(struct why_screen *w, struct tui *ui, const struct why *m)
{
	for (size_t i = 0; i < m->n_steps; i++) {
		const struct why_step *s = &m->steps[i];
		/* the verdict itself stands above, in words */
		bool says = s->kind == MAILLOG_PLUGIN ||
			    s->kind > MAILLOG_LOGTERSE_SHORT;
		struct buf safe = BUF_INIT(WORD_BYTES * 16);
		if (!w->raw && !says)
			continue;
		escape_terminal(&safe, s->text);
		text_prose(&w->text,
		    ui_text(ui, " %+8.2f s  %-8s ", s->offset_s, s->service),
		    LABEL_COLUMNS + 10, (size_t)term_columns(ui->term),
		    buf_str(&safe));
		buf_clear(&safe);
	}
	text_add(&w->text, STYLE_NORMAL, STR(""));
}

static void
decision(struct why_screen *w, struct tui *ui, const struct why *m)
{
	const struct why_setting *s = &m->setting;
	if (s->setting != NULL)
		fact(w, ui, _("setting"),
		    str_of(ui_text(ui, "%s%s%s %s%s", s->setting->id,
			s->target != NULL ? " --for " : "",
			s->target != NULL ? s->target : "",
			s->value[0] != '\0' ? s->value : "-",
			s->is_default ? _(" (default)") : "")));
	if (s->since_s > 0)
		fact(w, ui, "",
		    str_of(ui_text(ui, _("changed %s by %s, was %s"),
			moment(w, s->since_s * NS_PER_S), s->who, s->old)));
	for (size_t i = 0; i < m->n_cures; i++) {
		fact(w, ui, i == 0 ? _("change") : "",
		    str_of(m->cures[i].command));
		fact(
		    w, ui, "", str_of(ui_text(ui, "  # %s", m->cures[i].text)));
	}
}

static void
write_text(struct why_screen *w, struct tui *ui)
{
	text_reset(&w->text);
	answer(w, ui, w->shown);
	evidence(w, ui, w->shown);
	decision(w, ui, w->shown);
}

static void
open_message(struct why_screen *w, struct tui *ui, size_t i)
{
	w->shown = w->found.rows[i];
	w->cure = 0;
	w->text.top = 0;
	write_text(w, ui);
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
	    str_of(moment(w, m->time_ns)));
	if (v->narrow) {
		draw_last(ui, y, x + VERDICT_COLUMN - TIME_COLUMN,
		    (size_t)(v->w - x - VERDICT_COLUMN + TIME_COLUMN),
		    STYLE_NORMAL, str_of(story_end_name(m->end)));
		return;
	}
	draw_cell(ui, y, VERDICT_COLUMN,
	    (size_t)(ROUTE_COLUMN - VERDICT_COLUMN), STYLE_NORMAL,
	    str_of(story_end_name(m->end)));
	draw_last(ui, y, ROUTE_COLUMN, (size_t)(v->w - ROUTE_COLUMN),
	    STYLE_NORMAL, str_of(route(w, m)));
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct why_screen *w = self(s);
	if (w->shown != NULL) {
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
	if (m->n_cures == 0)
		return;
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
		write_text(w, ui);
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
		range = (struct logrange){ (at_s - AROUND_S) * NS_PER_S,
			(at_s + AROUND_S) * NS_PER_S };
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
		ui_say(ui, _("no message matches '%s'"), word);
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
