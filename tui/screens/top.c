/* What the mail system does now, live (screens.md 4.20). */
#include "tui/screens/top_int.h"

#include "core/base/i18n.h"
#include "tui/screens/rehearse.h"

#include <stdlib.h>
#include <string.h>

enum {
	TICK_LINES = 1000,
	TICK_MS = 100, /* at most so long a round: keys come first */
	OPEN_MAX = 4 * 1024 * 1024,
	VIEW_MS = 500,
};

static struct top_screen *
self(struct screen *s)
{
	return (struct top_screen *)s;
}

const struct top_session *
top_current(const struct top_screen *t)
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
	const struct top_session *cur = top_current(t);
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
	const struct top_session *cur = top_current(t);
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
	.draw = top_draw,
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
