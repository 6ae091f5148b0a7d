/* What the mail system does now, live (screens.md 4.20). */
#include "core/model/top.h"

#include "core/base/i18n.h"
#include "tui/draw.h"
#include "tui/screens/rehearse.h"
#include "tui/widget/list.h"

#include <stdlib.h>
#include <string.h>

enum {
	TICK_LINES = 1000,
	TICK_MS = 100, /* at most so long a round: keys come first */
	FACTS_MAX = 256 * 1024,
	OPEN_MAX = 4 * 1024 * 1024,
	LABEL_W = 11,
	DETAIL = 3,
	VIEW_MS = 500,
};

struct column {
	const char *head;
	int x, narrow_x; /* -1: left out in narrow windows */
};

enum {
	SESSION,
	CLIENT,
	COUNTRY,
	PHASE,
	WAITS,
	TIME,
	OK_COUNT,
	BAD_COUNT,
	FROM,
	COLUMNS
};

static const struct column columns[COLUMNS] = {
	[SESSION] = { N_("Session"), 3, -1 },
	[CLIENT] = { N_("Client"), 13, 1 },
	[COUNTRY] = { "CC", 30, -1 },
	[PHASE] = { N_("Phase"), 34, 17 },
	[WAITS] = { N_("Waits for"), 43, 25 },
	[TIME] = { N_("Wait"), 59, -1 },
	[OK_COUNT] = { N_("Ok"), 66, -1 },
	[BAD_COUNT] = { N_("Bad"), 69, -1 },
	[FROM] = { N_("From"), 73, -1 },
};

struct top_screen {
	struct screen screen;
	struct top *top;     /* NULL: could not be opened */
	struct arena *arena; /* of the view's words */
	struct top_view view;
	struct list_view list;
	int64_t viewed_ms;
	bool following;
	bool behind; /* lines of the past are still read */
};

static struct top_screen *
self(struct screen *s)
{
	return (struct top_screen *)s;
}

static const struct top_session *
current(const struct top_screen *t)
{
	return t->list.cur < t->view.n_sessions ? &t->view.sessions[t->list.cur]
						: NULL;
}

/* New figures; the cursor stays on its session while that lives. */
static void
view_again(struct top_screen *t, struct tui *ui)
{
	struct err e = ERR_INIT;
	struct top_session at = { .pid = 0 };
	const struct top_session *cur = current(t);
	if (cur != NULL)
		at = *cur;
	if (!top_view(t->top, &t->view, &e)) {
		memset(&t->view, 0, sizeof(t->view));
		ui_error(ui, &e);
	}
	t->viewed_ms = clock_mono_ms(ui->model.clock);
	list_resize(&t->list, t->view.n_sessions);
	for (size_t i = 0; cur != NULL && i < t->view.n_sessions; i++)
		if (t->view.sessions[i].pid == at.pid &&
		    strcmp(t->view.sessions[i].service, at.service) == 0)
			list_go(&t->list, i);
}

static bool
tick(struct screen *s, struct tui *ui)
{
	struct top_screen *t = self(s);
	struct err e = ERR_INIT;
	if (t->top == NULL)
		return false;
	int64_t until = clock_mono_ms(ui->model.clock) + TICK_MS;
	bool ok;
	do
		ok = top_read(t->top, TICK_LINES, &t->behind, &e);
	while (ok && t->behind && clock_mono_ms(ui->model.clock) < until);
	if (!ok) {
		ui_error(ui, &e);
		top_close(t->top);
		t->top = NULL;
		memset(&t->view, 0, sizeof(t->view));
		return true;
	}
	if (!t->following ||
	    clock_mono_ms(ui->model.clock) - t->viewed_ms < VIEW_MS)
		return false;
	view_again(t, ui);
	return true;
}

static int
fd(struct screen *s)
{
	return self(s)->top != NULL ? top_fd(self(s)->top) : -1;
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)s;
	(void)ui;
	buf_add_cstr(out, _("Top"));
}

static const char *
note(struct screen *s, struct tui *ui)
{
	(void)ui;
	return self(s)->following && self(s)->top != NULL ? _("FOLLOW") : "";
}

static const char *
cell(struct top_screen *t, struct tui *ui, const struct top_session *s, int i)
{
	switch (i) {
	case SESSION:
		return ui_text(ui, "%u", s->pid);
	case CLIENT:
		return s->ip;
	case COUNTRY:
		return s->country[0] != '\0' ? s->country : "-";
	case PHASE:
		return top_phase_word(s->phase);
	case WAITS:
		return top_waits(s, ui->scratch);
	case TIME:
		return top_duration_short(
		    ui->scratch, top_wait_s(s, t->view.now_ns));
	case OK_COUNT:
		return ui_text(ui, "%u", s->accepted);
	case BAD_COUNT:
		return ui_text(ui, "%u", s->refused);
	default:
		return s->from[0] != '\0' ? s->from : "-";
	}
}

static int
column_x(const struct view *v, int i)
{
	return v->narrow ? columns[i].narrow_x : columns[i].x;
}

/* Where the next column that is shown begins. */
static int
column_end(const struct view *v, int i)
{
	for (int k = i + 1; k < COLUMNS; k++)
		if (column_x(v, k) >= 0)
			return column_x(v, k);
	return v->w;
}

static void
draw_row(struct top_screen *t, struct tui *ui, const struct view *v, int y,
    size_t row)
{
	const struct top_session *s = &t->view.sessions[row];
	bool cur = row == t->list.cur;
	if (cur)
		term_put(ui->term, y, 0, 1, STYLE_CURSOR, STR(">"));
	for (int i = 0; i < COLUMNS; i++) {
		int x = column_x(v, i), end = column_end(v, i);
		enum term_style style =
		    cur && i == (v->narrow ? CLIENT : SESSION) ? STYLE_CURSOR
							       : STYLE_NORMAL;
		struct str text = str_of(cell(t, ui, s, i));
		if (x < 0 || x >= v->w)
			continue;
		if (end == v->w)
			draw_last(ui, y, x, (size_t)(end - x), style, text);
		else
			draw_cell(ui, y, x, (size_t)(end - x), style, text);
	}
}

/* What the row has no room for. */
static void
draw_detail(struct top_screen *t, struct tui *ui, const struct view *v)
{
	const struct top_session *s = current(t);
	int y = v->y + v->h - DETAIL;
	draw_rule(ui, y++, 0, (size_t)v->w, STR(""));
	if (s == NULL)
		return;
	struct buf text = BUF_INIT(FACTS_MAX);
	const char *dot =
	    ui_text(ui, " %.*s ", STR_ARG(term_sign(ui->term, SIGN_DOT)));
	buf_addf(&text, "%s %u%s%s%s%s", s->service, s->pid, dot, s->ip,
	    s->host[0] != '\0' ? " " : "", s->host);
	if (s->helo[0] != '\0')
		buf_addf(&text, "%sHELO %s", dot, s->helo);
	if (s->from[0] != '\0')
		buf_addf(&text, "%sMAIL %s", dot, s->from);
	if (s->to[0] != '\0')
		buf_addf(&text, "%sRCPT %s", dot, s->to);
	draw_prose(ui, y, 1, (size_t)v->w - 2, DETAIL - 1, STYLE_NORMAL,
	    buf_str(&text));
	buf_clear(&text);
}

/* The figures above the table; returns the lines used. */
static int
draw_facts(struct top_screen *t, struct tui *ui, const struct view *v)
{
	struct top_fact facts[TOP_FACTS];
	size_t n = top_facts(&t->view, ui->scratch, facts);
	size_t most = v->heads ? n : 2;
	for (size_t i = 0; i < n && i < most; i++) {
		int y = v->y + (int)i;
		draw_cell(
		    ui, y, 1, LABEL_W, STYLE_HEAD, str_of(facts[i].label));
		draw_last(ui, y, 1 + LABEL_W, (size_t)(v->w - 1 - LABEL_W),
		    STYLE_NORMAL, str_of(facts[i].text));
	}
	return (int)(n < most ? n : most);
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct top_screen *t = self(s);
	if (t->top == NULL) {
		term_put(ui->term, v->y, 1, (size_t)v->w - 1, STYLE_NORMAL,
		    str_of(_("there are no logs to read; r tries again")));
		return;
	}
	int y = v->y + draw_facts(t, ui, v);
	int below = v->heads ? DETAIL : 0;
	if (v->heads) {
		for (int i = 0; i < COLUMNS; i++)
			term_put(ui->term, y, columns[i].x, 10, STYLE_HEAD,
			    str_of(_(columns[i].head)));
		y++;
	}
	int rows = v->y + v->h - y - below;
	list_fit(&t->list, rows > 0 ? (size_t)rows : 0);
	if (t->view.n_sessions == 0 && rows > 0)
		term_put(ui->term, y, 1, (size_t)v->w - 1, STYLE_NORMAL,
		    str_of(_("no session now")));
	for (size_t i = t->list.top; i < t->view.n_sessions && rows > 0;
	     i++, rows--)
		draw_row(t, ui, v, y++, i);
	if (v->heads)
		draw_detail(t, ui, v);
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	struct top_screen *t = self(s);
	if (t->top == NULL)
		return;
	buf_addf(out, _("session %zu of %zu"),
	    t->view.n_sessions > 0 ? t->list.cur + 1 : 0, t->view.n_sessions);
	if (t->behind)
		buf_addf(out, "   %s", _("reading the logs"));
	else if (t->view.log_is_silent)
		buf_addf(out, "   %s", _("the logs are silent"));
	else
		buf_addf(out, _("   figures of the last %s"),
		    top_duration(ui->scratch, t->view.span_s));
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)s;
	(void)ui;
	buf_add_cstr(out, "smemail top --once");
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	(void)ui;
	bar_add(b, ACT_OPEN, _("transcript"));
	bar_add(b, ACT_WHY, NULL);
	bar_add(b, ACT_REHEARSE, NULL);
	bar_add(b, ACT_FOLLOW, self(s)->following ? _("stop") : _("follow"));
	bar_add(b, ACT_RELOAD, NULL);
	bar_add(b, ACT_HELP, NULL);
	bar_add(b, ACT_BACK, NULL);
}

/* What was said so far; a story is told when it has ended. */
static void
open_transcript(struct tui *ui, const struct top_session *s)
{
	ui_command(
	    ui, str_of(ui_text(ui, "log show %s pid:%u --from @%lld",
		    s->service, s->pid, (long long)(s->began_ns / NS_PER_S))));
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	struct top_screen *t = self(s);
	const struct top_session *cur = current(t);
	switch ((int)action) {
	case ACT_FOLLOW:
		t->following = !t->following;
		return true;
	case ACT_OPEN:
		if (cur != NULL)
			open_transcript(ui, cur);
		return true;
	case ACT_WHY:
		if (cur != NULL)
			why_open(ui, WHY_TEXT, cur->ip, 0);
		return true;
	case ACT_REHEARSE:
		if (cur != NULL)
			rehearsal_open_session(ui, cur);
		return true;
	default:
		return list_act(&t->list, action);
	}
}

static void
open_logs(struct top_screen *t, struct tui *ui)
{
	struct err e = ERR_INIT;
	struct model_ctx m = ui->model;
	m.arena = t->arena;
	arena_reset(t->arena);
	if (!top_open(&m, NULL, &t->top, &e)) {
		t->top = NULL;
		ui_error(ui, &e);
		return;
	}
	tick(&t->screen, ui);
}

static void
reload(struct screen *s, struct tui *ui)
{
	struct top_screen *t = self(s);
	if (t->top == NULL)
		open_logs(t, ui);
	else
		view_again(t, ui);
}

static void
top_free(struct screen *s, struct tui *ui)
{
	struct top_screen *t = self(s);
	(void)ui;
	top_close(t->top);
	arena_free(t->arena);
	free(t);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_FOLLOW, ACT_OPEN, ACT_WHY,
	ACT_REHEARSE, ACT_NONE };

static const struct screen_class class = {
	.flags = SCREEN_NO_DRAFT,
	.actions = actions,
	.path = path,
	.note = note,
	.draw = draw,
	.status = status,
	.twin = twin,
	.bar = bar,
	.act = act,
	.reload = reload,
	.tick = tick,
	.fd = fd,
	.free = top_free,
};

struct screen *
top_screen_new(struct tui *ui)
{
	struct top_screen *t = calloc(1, sizeof(*t));
	if (t == NULL)
		return NULL;
	t->screen.class = &class;
	t->following = true;
	t->viewed_ms = INT64_MIN / 2;
	t->arena = ui_arena(ui, OPEN_MAX);
	open_logs(t, ui);
	return &t->screen;
}
