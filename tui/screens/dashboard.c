/*
 * The first screen: what is wrong, what the mail of the last 24 hours was, what
 * is known about this server now (screens.md 4.1). Nothing here waits for
 * anything, and nothing is shown that was not measured.
 */
#include "core/base/i18n.h"
#include "tui/screens/dashboard_int.h"
#include "tui/widget/wrap.h"

#include <stdlib.h>
#include <time.h>

enum {
	FINDING_MAX = 8192
};

static struct dashboard *
self(struct screen *s)
{
	return (struct dashboard *)s;
}

/* Databases, draft or language have changed. */
static void
reload(struct screen *s, struct tui *ui)
{
	struct dashboard *d = self(s);
	dash_facts_read(d, ui);
	task_free(d->task, ui); /* what it found so far is of before */
	d->task = NULL;
	d->due_ms = 0;
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)s;
	(void)ui;
	buf_add_cstr(out, _("Dashboard"));
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	const struct dashboard *d = self(s);
	const struct dash_measure *m = dash_seen(d);
	const struct dash_row *row = &d->rows[d->list.cur];
	time_t at = (time_t)m->until_s;
	struct tm tm;
	(void)ui;
	if (d->list.n > 0 && row->kind == DASH_FINDING)
		buf_addf(
		    out, _("finding %zu of %zu   "), row->i + 1, m->n_findings);
	buf_add_cstr(out, _("Tab next block"));
	if (m->mail_known && m->until_s > 0 && localtime_r(&at, &tm) != NULL)
		buf_addf(out, _("   logs read up to %02d:%02d:%02d"),
		    tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)s;
	(void)ui;
	buf_add_cstr(out, "smemail status");
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	(void)s;
	(void)ui;
	bar_add(b, ACT_OPEN, NULL);
	bar_add(b, ACT_SCREENS, NULL);
	bar_add_key(b, "2", _("settings"));
	bar_add_key(b, "5", _("log"));
	bar_add(b, ACT_PLAN, NULL);
	bar_add(b, ACT_COMMAND, NULL);
	bar_add(b, ACT_HELP, NULL);
	bar_add(b, ACT_BACK, _("quit"));
}

/* All that is known of a finding, and what helps. */
static void
open_finding(const struct dash_finding *f, struct tui *ui)
{
	struct buf text = BUF_INIT(FINDING_MAX);
	struct str rest = str_of(f->text), line;
	size_t width = (size_t)term_columns(ui->term) - 2;
	buf_addf(&text, "%s  %s\n\n", _(f->state), f->label);
	while (wrap_next(&rest, width, &line))
		buf_addf(&text, "%.*s\n", STR_ARG(line));
	if (f->next[0] != '\0')
		buf_addf(&text, "\n%s\n  %s\n", _("What helps:"), f->next);
	ui_push(ui, text_new(ui, f->label, "smemail status", buf_str(&text)));
	buf_clear(&text);
}

static void
open_row(struct dashboard *d, struct tui *ui)
{
	const struct dash_row *row = &d->rows[d->list.cur];
	if (d->list.n > 0 && row->kind == DASH_FINDING) {
		open_finding(&dash_seen(d)->findings[row->i], ui);
	} else if (d->list.n > 0 && row->kind == DASH_MORE) {
		d->all_findings = true;
	} else if (d->list.n > 0 && row->kind == DASH_FACT &&
		   d->facts[row->i].open != NULL) {
		ui_push(ui, d->facts[row->i].open(ui));
	} else {
		ui_say(ui, "%s", _("nothing more to open here"));
	}
}

/* From the findings to the facts, and back. */
static void
next_block(struct dashboard *d)
{
	bool on_fact = d->list.n > 0 && d->rows[d->list.cur].kind == DASH_FACT;
	size_t first = 0;
	while (
	    !on_fact && first < d->list.n && d->rows[first].kind != DASH_FACT)
		first++;
	list_go(&d->list, first);
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	struct dashboard *d = self(s);
	d->moved = true;
	if (action == ACT_OPEN)
		open_row(d, ui);
	else if (action == ACT_NEXT || action == ACT_PREVIOUS)
		next_block(d);
	else
		return list_act(&d->list, action);
	return true;
}

static bool
tick(struct screen *s, struct tui *ui)
{
	return dash_measure_tick(self(s), ui);
}

static int
fd(struct screen *s)
{
	return task_runs(self(s)->task) ? self(s)->task->fd : -1;
}

static void
dashboard_free(struct screen *s, struct tui *ui)
{
	task_free(self(s)->task, ui);
	free(s);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_NEXT, ACT_PREVIOUS, ACT_OPEN,
	ACT_NONE };

static const struct screen_class class = {
	.flags = SCREEN_RELEASE | SCREEN_DATE,
	.actions = actions,
	.path = path,
	.draw = dash_draw,
	.status = status,
	.twin = twin,
	.bar = bar,
	.act = act,
	.reload = reload,
	.tick = tick,
	.fd = fd,
	.free = dashboard_free,
};

struct screen *
dashboard_new(struct tui *ui)
{
	struct dashboard *d = calloc(1, sizeof(*d));
	if (d == NULL)
		return NULL;
	d->screen.class = &class;
	reload(&d->screen, ui);
	return &d->screen;
}
