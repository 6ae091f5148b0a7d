/*
 * The first screen: what is known about this server now. Nothing here waits
 * for the network, and nothing is shown that was not measured.
 */
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "core/model/journal.h"
#include "core/model/logs.h"
#include "core/model/service.h"
#include "core/model/status.h"
#include "tui/draw.h"
#include "tui/screens/screens.h"
#include "tui/widget/list.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	ROWS_MAX = 8,
	TEXT_MAX = 1024,
	LABEL_LEAST = 14, /* in windows that are not narrow */
	NARROW = 60,
};

struct row {
	char label[64];
	char text[TEXT_MAX];
	struct screen *(*open)(struct tui *ui);
};

struct dashboard {
	struct screen screen;
	struct row rows[ROWS_MAX];
	struct list_view list;
};

static struct dashboard *
self(struct screen *s)
{
	return (struct dashboard *)s;
}

static void
row_add(struct dashboard *d, const char *label, const char *text,
    struct screen *(*open)(struct tui *ui))
{
	if (d->list.n == ROWS_MAX)
		return;
	struct row *r = &d->rows[d->list.n++];
	struct str l = utf8_prefix(str_of(label), sizeof(r->label) / 4);
	struct str t = utf8_prefix(str_of(text), sizeof(r->text) / 4);
	memcpy(r->label, l.ptr, l.len);
	r->label[l.len] = '\0';
	memcpy(r->text, t.ptr, t.len);
	r->text[t.len] = '\0';
	r->open = open;
}

/* What "service list" says, until there is a screen for it. */
static struct screen *
services_output(struct tui *ui)
{
	ui_command(ui, STR("service list"));
	return NULL;
}

static void
add_settings(struct dashboard *d, struct tui *ui)
{
	struct catalog *c = ui_catalog(ui);
	size_t set = 0, bad = 0;
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n; i++) {
		const struct catalog_row *r = &c->rows[i];
		set += catalog_state(r) == '+';
		bad += catalog_is_bad(r);
	}
	row_add(d, _("Settings"),
	    ui_text(ui, _("%zu, of them %zu not at default, %zu not valid"),
		c->n, set, bad),
	    areas_new);
}

static void
add_logs(struct dashboard *d, struct tui *ui)
{
	struct buf out = BUF_INIT(TEXT_MAX);
	const char **names = log_services(&ui->model);
	for (size_t i = 0; names != NULL && names[i] != NULL; i++)
		buf_addf(&out, "%s%s", i > 0 ? " " : "", names[i]);
	if (out.len == 0)
		buf_add_cstr(&out, _("no logs yet: smemail up starts the "
				     "services"));
	row_add(d, _("Log"), buf_cstr(&out), log_new);
	buf_clear(&out);
}

static void
add_services(struct dashboard *d, struct tui *ui)
{
	struct buf out = BUF_INIT(TEXT_MAX);
	struct service_row *rows;
	struct err e = ERR_INIT;
	size_t n = 0;
	if (!service_rows(&ui->model, &rows, &n, &e)) {
		buf_addf(&out, "%s  %s", _("????"), e.text);
		n = 0;
	}
	for (size_t i = 0; i < n; i++)
		buf_addf(&out, "%s%s %s", i > 0 ? "  " : "", rows[i].name,
		    _(rows[i].state));
	row_add(d, _("Services"), buf_cstr(&out), services_output);
	buf_clear(&out);
}

static void
add_changes(struct dashboard *d, struct tui *ui)
{
	struct journal j;
	struct journal_entry *pending;
	struct err e = ERR_INIT;
	struct tm tm;
	size_t n = 0;
	const struct journal_apply *last = NULL;
	if (journal_read(&ui->model, &j, &e)) {
		n = journal_pending(&j, &ui->model, &pending);
		last = journal_last_apply(&j);
	} else {
		ui_error(ui, &e);
	}
	size_t drafted = draft_count(ui->draft);
	row_add(d, _("Changes"),
	    term_columns(ui->term) < NARROW
		? ui_text(ui, _("draft %zu, stored %zu"), drafted, n)
		: ui_text(ui, _("draft %zu; stored but not applied %zu"),
		      drafted, n),
	    plan_new);
	time_t at = last != NULL ? (time_t)last->time_s : 0;
	if (last == NULL || localtime_r(&at, &tm) == NULL)
		row_add(d, _("Last apply"), _("none yet"), NULL);
	else
		row_add(d, _("Last apply"),
		    ui_text(ui, _("change %ld, %04d-%02d-%02d %02d:%02d, %s"),
			last->change, tm.tm_year + 1900, tm.tm_mon + 1,
			tm.tm_mday, tm.tm_hour, tm.tm_min, last->who),
		    history_new);
}

/* Trouble first: what the rows below say is then worth nothing. */
static void
add_damage(struct dashboard *d, struct tui *ui)
{
	struct err e = ERR_INIT;
	if (status_databases_are_whole(&ui->model, &e))
		return;
	row_add(d, _("Databases"),
	    ui_text(ui, "%s  %s; %s", _("FAIL"), e.text, e.next), plan_new);
}

static void
reload(struct screen *s, struct tui *ui)
{
	struct dashboard *d = self(s);
	size_t cur = d->list.cur;
	d->list.n = 0;
	add_damage(d, ui);
	add_settings(d, ui);
	add_changes(d, ui);
	add_services(d, ui);
	add_logs(d, ui);
	row_add(d, _("Root"),
	    ui->model.root->prefix[0] != '\0' ? ui->model.root->prefix : "/",
	    NULL);
	list_go(&d->list, cur);
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)s;
	(void)ui;
	buf_add_cstr(out, _("Dashboard"));
}

/* Labels are never cut. */
static size_t
label_width(const struct dashboard *d, const struct view *v)
{
	size_t most = v->narrow ? 0 : LABEL_LEAST;
	for (size_t i = 0; i < d->list.n; i++) {
		size_t n = utf8_columns(str_of(d->rows[i].label));
		most = n > most ? n : most;
	}
	return most;
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct dashboard *d = self(s);
	int label_w = (int)label_width(d, v) + 2;
	list_fit(&d->list, (size_t)v->h);
	for (size_t i = d->list.top; i < d->list.n; i++) {
		const struct row *r = &d->rows[i];
		int y = v->y + (int)(i - d->list.top);
		bool cur = i == d->list.cur;
		if (y >= v->y + v->h)
			break;
		if (cur)
			term_put(ui->term, y, 0, 1, STYLE_CURSOR, STR(">"));
		draw_cell(ui, y, 1, (size_t)label_w - 1,
		    cur ? STYLE_CURSOR : STYLE_HEAD, str_of(r->label));
		draw_last(ui, y, label_w, (size_t)(v->w - label_w),
		    STYLE_NORMAL, str_of(r->text));
	}
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

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	struct dashboard *d = self(s);
	if (action != ACT_OPEN)
		return list_act(&d->list, action);
	const struct row *r = &d->rows[d->list.cur];
	if (r->open != NULL)
		ui_push(ui, r->open(ui));
	else
		ui_say(ui, "%s", _("nothing more to open here"));
	return true;
}

static void
dashboard_free(struct screen *s, struct tui *ui)
{
	(void)ui;
	free(s);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_OPEN, ACT_NONE };

static const struct screen_class class = {
	.flags = SCREEN_RELEASE | SCREEN_DATE,
	.actions = actions,
	.path = path,
	.draw = draw,
	.twin = twin,
	.bar = bar,
	.act = act,
	.reload = reload,
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
