/* The steps of an apply as they are taken (screens.md 4.7). */
#include "core/base/i18n.h"
#include "core/model/undo.h"
#include "tui/draw.h"
#include "tui/job.h"
#include "tui/screens/screens.h"
#include "tui/widget/list.h"

#include <stdlib.h>
#include <string.h>

enum {
	STATE_X = 1,
	NAME_X = 8,
	DETAIL_X = 21,
	TIME_W = 10,
	MS_PER_S = 1000,
};

struct apply {
	struct screen screen;
	struct list_view list;
	bool told; /* the dialog of a failure was shown */
};

static struct apply *
self(struct screen *s)
{
	return (struct apply *)s;
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)s;
	(void)ui;
	buf_add_cstr(out, _("Apply"));
}

static int64_t
elapsed_ms(const struct tui *ui)
{
	const struct job *j = ui->job;
	int64_t end = j->done ? j->ended_ms : clock_mono_ms(ui->model.clock);
	return end - j->began_ms;
}

static void
draw_head(struct tui *ui, const struct view *v)
{
	const struct job *j = ui->job;
	int64_t s = elapsed_ms(ui) / MS_PER_S;
	const char *what;
	if (!j->done && j->kind == JOB_UNDO)
		what = _("Taking a change back");
	else if (!j->done)
		what = ui_text(ui,
		    P_("Applying %zu setting of the draft",
			"Applying %zu settings of the draft", j->settings),
		    j->settings);
	else if (j->ok)
		what = ui_text(ui, _("Applied as change %ld"), j->change);
	else
		what = _("Not applied as a whole");
	term_put(
	    ui->term, v->y, 1, (size_t)v->w - 1, STYLE_NORMAL, str_of(what));
	draw_right(ui, v->y, v->w, STYLE_NORMAL,
	    str_of(ui_text(
		ui, "%lld:%02lld", (long long)(s / 60), (long long)(s % 60))));
}

static void
draw_step(struct tui *ui, const struct view *v, int y, bool cur,
    const struct job_step *st)
{
	int detail_x = v->narrow ? NAME_X + 8 : DETAIL_X;
	if (cur)
		term_put(ui->term, y, 0, 1, STYLE_CURSOR, STR(">"));
	draw_state(ui, y, STATE_X, st->state);
	term_put(ui->term, y, NAME_X, (size_t)(detail_x - NAME_X - 1),
	    STYLE_NORMAL, str_of(st->name));
	int width = v->w - detail_x - (v->narrow ? 0 : TIME_W);
	draw_last(
	    ui, y, detail_x, (size_t)width, STYLE_NORMAL, str_of(st->detail));
	if (!v->narrow)
		draw_right(ui, y, v->w - 3, STYLE_NORMAL,
		    str_of(ui_text(ui, "%.2f s", st->seconds)));
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct apply *a = self(s);
	const struct job *j = ui->job;
	struct job_step working = { "run", "", "", 0 };
	int y = v->y + 2, rows = v->h - 3;
	if (j == NULL)
		return;
	draw_head(ui, v);
	size_t n = j->steps.len + (j->done ? 0 : 1);
	if (n > a->list.n) { /* the newest step is the one to look at */
		list_resize(&a->list, n);
		list_go(&a->list, n - 1);
	}
	list_resize(&a->list, n);
	list_fit(&a->list, rows > 0 ? (size_t)rows : 0);
	for (size_t i = a->list.top; i < n && rows > 0; i++, rows--) {
		const struct job_step *st = &working;
		if (i < j->steps.len)
			st = VEC_AT(&j->steps, struct job_step, i);
		draw_step(ui, v, y++, i == a->list.cur, st);
	}
	if (!j->done && v->help > 0)
		draw_prose(ui, v->y + v->h - 1, 1, (size_t)v->w - 1, 1,
		    STYLE_NORMAL,
		    str_of(_("If this connection breaks, apply goes on.")));
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	const struct job *j = ui->job;
	(void)s;
	if (j == NULL)
		return;
	if (j->done)
		buf_addf(out, P_("%zu step", "%zu steps", j->steps.len),
		    j->steps.len);
	else
		buf_addf(out, _("step %zu"), j->steps.len + 1);
	if (j->done && !j->ok)
		buf_addf(out, _("   the command would end with %d"),
		    err_exit_status(j->err.code));
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)s;
	(void)ui;
	buf_add_cstr(out, "smemail apply");
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	(void)s;
	bool running = ui->job != NULL && !ui->job->done;
	if (running)
		bar_add(b, ACT_INTERRUPT, _("stop after this step"));
	bar_add_key(b, "5", _("log"));
	bar_add(b, ACT_HELP, NULL);
	bar_add(b, ACT_BACK, running ? _("leave it running") : NULL);
}

static void
failure_choice(struct tui *ui, struct screen *below, int choice)
{
	(void)below;
	if (choice == 1) {
		ui_pop(ui);
		ui_push(ui, undo_new(ui, UNDO_STORED));
	} else if (choice == 2) {
		ui_pop(ui);
		ui_push(ui, plan_new(ui));
	}
}

/* What failed and what to do, once (screens.md 4.22). */
static void
tell_failure(struct tui *ui)
{
	const struct err *e = &ui->job->err;
	const struct menu_item items[] = {
		{ '\0', _("take back what is stored, and apply that"), NULL },
		{ '\0', _("open the plan: what is stored and not applied"),
		    NULL },
		{ '\0', _("leave it so; the draft is kept"), NULL },
	};
	const char *text = e->next[0] != '\0' ? ui_text(ui, _("%s\nNext: %s"),
						    e->text, e->next)
					      : e->text;
	ui_push(
	    ui, menu_new(ui, ui->job->stopping ? _("Stopped") : _("FAIL"),
		    str_of(text), items, ARRAY_LEN(items), 1, failure_choice));
}

static bool
tick(struct screen *s, struct tui *ui)
{
	struct apply *a = self(s);
	const struct job *j = ui->job;
	if (j != NULL && j->done && !j->ok && !a->told) {
		a->told = true;
		tell_failure(ui);
		return true;
	}
	return j != NULL && !j->done; /* its seconds */
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	if (action == ACT_INTERRUPT && ui->job != NULL && !ui->job->done) {
		job_stop(ui->job);
		ui_say(ui, "%s", _("it stops after the step it is in"));
		return true;
	}
	return list_act(&self(s)->list, action);
}

static void
apply_free(struct screen *s, struct tui *ui)
{
	(void)ui;
	free(s);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_INTERRUPT, ACT_NONE };

static const struct screen_class class = {
	.actions = actions,
	.path = path,
	.draw = draw,
	.status = status,
	.twin = twin,
	.bar = bar,
	.act = act,
	.tick = tick,
	.free = apply_free,
};

static struct screen *
begin(struct tui *ui, enum job_kind kind, long change)
{
	struct apply *a;
	if (ui->job != NULL && !ui->job->done) {
		ui_say(ui, "%s", _("an apply is under way"));
		return NULL;
	}
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		return NULL;
	a->screen.class = &class;
	job_free(ui->job);
	ui->job = job_start(ui, kind, change);
	if (ui->job == NULL) {
		free(a);
		return NULL;
	}
	return &a->screen;
}

struct screen *
apply_new(struct tui *ui)
{
	return begin(ui, JOB_APPLY, 0);
}

struct screen *
undo_new(struct tui *ui, long change)
{
	return begin(ui, JOB_UNDO, change);
}
