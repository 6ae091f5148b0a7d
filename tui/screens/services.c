/*
 * The services of the server: what runs, since when, and a menu to start, stop
 * and reload one (screens.md 4.13). What is done, its command does.
 */
#include "core/base/i18n.h"
#include "core/model/moment.h"
#include "core/model/service.h"
#include "tui/draw.h"
#include "tui/screens/screens.h"
#include "tui/widget/list.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	ROWS_ARENA_MAX = 16 * 1024 * 1024,
	AGAIN_MS = 2000,
	MIB = 1024 * 1024,
	NAME_MAX_SIZE = 64,
	NAME_X = 3,
	STATE_X = 16,
	SINCE_X = 24,
	PID_RIGHT = 50,
	MEMORY_RIGHT = 59,
	LISTENS_X = 61,
	NARROW_STATE_X = 20,
};

enum deed {
	DEED_LOG,
	DEED_RESTART,
	DEED_STOP,
	DEED_RELOAD,
	DEED_START,
	DEEDS
};

struct services_screen {
	struct screen screen;
	struct arena *arena; /* of the rows */
	struct service_row *rows;
	struct list_view list;
	int64_t read_ms, read_s;
	struct err err;            /* why there are no rows */
	char asked[NAME_MAX_SIZE]; /* whom the question is about */
	enum deed deed;
};

static struct services_screen *
self(struct screen *s)
{
	return (struct services_screen *)s;
}

static void
read_rows(struct services_screen *v, struct tui *ui)
{
	struct model_ctx m = ui->model;
	size_t n = 0;
	arena_reset(v->arena);
	m.arena = v->arena;
	err_clear(&v->err);
	if (!service_rows(&m, &v->rows, &n, &v->err))
		n = 0;
	list_resize(&v->list, n);
	v->read_ms = clock_mono_ms(ui->model.clock);
	v->read_s = clock_wall_s(ui->model.clock);
}

static const struct service_row *
current(const struct services_screen *v)
{
	return v->list.cur < v->list.n ? &v->rows[v->list.cur] : NULL;
}

static void
reload(struct screen *s, struct tui *ui)
{
	read_rows(self(s), ui);
}

static bool
tick(struct screen *s, struct tui *ui)
{
	if (clock_mono_ms(ui->model.clock) - self(s)->read_ms < AGAIN_MS)
		return false;
	read_rows(self(s), ui);
	return true;
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)s;
	(void)ui;
	buf_add_cstr(out, _("Services"));
}

static void
draw_heads(struct tui *ui, int y)
{
	static const char *const heads[] = { N_("Service"), N_("State"),
		N_("Up since"), N_("Pid"), N_("Memory"), N_("Listens on") };
	term_put(ui->term, y, NAME_X, STATE_X - NAME_X, STYLE_HEAD,
	    str_of(_(heads[0])));
	term_put(ui->term, y, STATE_X, SINCE_X - STATE_X, STYLE_HEAD,
	    str_of(_(heads[1])));
	term_put(ui->term, y, SINCE_X, 20, STYLE_HEAD, str_of(_(heads[2])));
	draw_right(ui, y, PID_RIGHT, STYLE_HEAD, str_of(_(heads[3])));
	draw_right(ui, y, MEMORY_RIGHT, STYLE_HEAD, str_of(_(heads[4])));
	term_put(ui->term, y, LISTENS_X, 19, STYLE_HEAD, str_of(_(heads[5])));
}

static void
draw_figures(
    struct tui *ui, const struct view *v, int y, const struct service_row *r)
{
	const char *since = r->status.since_s > 0 && strcmp(r->state, "ok") == 0
				? moment_shown(ui->scratch, r->status.since_s,
				      clock_wall_s(ui->model.clock))
				: "-";
	bool runs = r->status.pid > 0;
	draw_cell(ui, y, SINCE_X, PID_RIGHT - SINCE_X - 6, STYLE_NORMAL,
	    str_of(since));
	draw_right(ui, y, PID_RIGHT, STYLE_NORMAL,
	    str_of(runs ? ui_text(ui, "%ld", (long)r->status.pid) : "-"));
	draw_right(ui, y, MEMORY_RIGHT, STYLE_NORMAL,
	    str_of(r->memory_bytes > 0
		       ? ui_text(ui, _("%lld MB"),
			     (long long)((r->memory_bytes + MIB - 1) / MIB))
		       : "-"));
	if (v->w > LISTENS_X)
		draw_last(ui, y, LISTENS_X, (size_t)(v->w - LISTENS_X),
		    STYLE_NORMAL,
		    str_of(r->listens[0] != '\0' ? r->listens : "-"));
}

static void
draw_row(struct tui *ui, const struct view *v, int y,
    const struct service_row *r, bool cursor)
{
	int state_x = v->narrow ? NARROW_STATE_X : STATE_X;
	bool bad = r->enabled && strcmp(r->state, "ok") != 0;
	draw_marks(ui, y, 0, cursor, ' ', bad);
	draw_cell(ui, y, NAME_X, (size_t)(state_x - NAME_X),
	    cursor ? STYLE_CURSOR : STYLE_NORMAL, str_of(r->name));
	draw_state(ui, y, state_x, r->state);
	if (!v->narrow)
		draw_figures(ui, v, y, r);
}

/* What is known of the service of the row, and what helps. */
static const char *
detail_text(struct tui *ui, const struct service_row *r)
{
	if (r->why[0] == '\0')
		return ui_text(ui, _("%s runs, watched by %s."), r->name,
		    supervisor_runit.name);
	if (!r->enabled)
		return ui_text(ui,
		    _("%s: %s in the settings; it is not to "
		      "run."),
		    r->name, r->why);
	return ui_text(ui,
	    _("%s should run and does not: %s. Enter offers to "
	      "start it, and its log."),
	    r->name, r->why);
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct services_screen *sv = self(s);
	const struct service_row *r = current(sv);
	int y = v->y, below = v->heads ? 2 : 0;
	if (v->heads)
		draw_heads(ui, y++);
	if (sv->list.n == 0)
		draw_prose(ui, y, 1, (size_t)v->w - 2, 2, STYLE_NORMAL,
		    str_of(sv->err.code != ERR_NONE
			       ? ui_text(ui, "%s  %s", _("????"), sv->err.text)
			       : _("no service is set up under this root")));
	int rows = v->y + v->h - y - below;
	list_fit(&sv->list, rows > 0 ? (size_t)rows : 0);
	for (size_t i = sv->list.top; i < sv->list.n && rows > 0; i++, rows--)
		draw_row(ui, v, y++, &sv->rows[i], i == sv->list.cur);
	if (below > 0 && r != NULL)
		draw_prose(ui, v->y + v->h - below, 1, (size_t)v->w - 2, below,
		    STYLE_NORMAL, str_of(detail_text(ui, r)));
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	struct services_screen *v = self(s);
	time_t at = (time_t)v->read_s;
	struct tm tm;
	(void)ui;
	buf_addf(out, _("service %zu of %zu"),
	    v->list.n > 0 ? v->list.cur + 1 : 0, v->list.n);
	if (localtime_r(&at, &tm) != NULL)
		buf_addf(out, _("   read %02d:%02d:%02d"), tm.tm_hour,
		    tm.tm_min, tm.tm_sec);
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)s;
	(void)ui;
	buf_add_cstr(out, "smemail service list");
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	if (self(s)->list.n > 0)
		bar_add(b, ACT_OPEN, _("menu"));
	(void)ui;
	bar_add(b, ACT_RELOAD, NULL);
	bar_add(b, ACT_COMMAND, NULL);
	bar_add(b, ACT_HELP, NULL);
	bar_add(b, ACT_BACK, NULL);
}

/* --- the menu of a service --- */

static const struct {
	const char *text, *note, *verb;
	bool asks; /* first */
} deeds[DEEDS] = {
	[DEED_LOG] = { N_("log"), N_("its last lines"), NULL, false },
	[DEED_RESTART] = { N_("restart"), N_("stop it, start it anew"),
	    "restart", true },
	[DEED_STOP] = { N_("stop"), N_("until it is started again"), "stop",
	    true },
	[DEED_RELOAD] = { N_("reload"), N_("let it read its files again"),
	    "reload", false },
	[DEED_START] = { N_("start"), N_("and wait until it runs"), "start",
	    false },
};

static void
deed_do(struct services_screen *v, struct tui *ui)
{
	const char *verb = deeds[v->deed].verb;
	const char *line =
	    verb == NULL ? ui_text(ui, "log show %s --lines 100", v->asked)
			 : ui_text(ui, "service %s %s", verb, v->asked);
	ui_command(ui, str_of(line));
	read_rows(v, ui);
}

static void
answered(struct tui *ui, struct screen *s, bool yes)
{
	if (yes)
		deed_do(self(s), ui);
}

static void
chosen(struct tui *ui, struct screen *below, int choice)
{
	struct services_screen *v = self(below);
	if (choice < 1 || choice > DEEDS)
		return;
	v->deed = (enum deed)(choice - 1);
	if (!deeds[v->deed].asks)
		deed_do(v, ui);
	else
		ui_ask(ui, answered,
		    v->deed == DEED_STOP
			? _("stop '%s'? it stays down until it is started (y "
			    "yes)")
			: _("restart '%s'? what it does now is cut off (y "
			    "yes)"),
		    v->asked);
}

static void
open_menu(struct services_screen *v, struct tui *ui)
{
	struct menu_item items[DEEDS] = { 0 };
	const struct service_row *r = current(v);
	if (r == NULL)
		return;
	struct str name = str_of(r->name);
	if (name.len >= sizeof(v->asked))
		return;
	memcpy(v->asked, name.ptr, name.len);
	v->asked[name.len] = '\0';
	for (size_t i = 0; i < DEEDS; i++) {
		items[i].text = _(deeds[i].text);
		items[i].note = _(deeds[i].note);
	}
	ui_push(
	    ui, menu_new(ui, v->asked, str_of(detail_text(ui, r)), items, DEEDS,
		    r->enabled && strcmp(r->state, "ok") != 0 ? DEED_START : 0,
		    chosen));
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	if (action != ACT_OPEN)
		return list_act(&self(s)->list, action);
	open_menu(self(s), ui);
	return true;
}

static void
services_free(struct screen *s, struct tui *ui)
{
	(void)ui;
	arena_free(self(s)->arena);
	free(s);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_OPEN, ACT_NONE };

static const struct screen_class class = {
	.flags = SCREEN_NO_DRAFT,
	.actions = actions,
	.path = path,
	.draw = draw,
	.status = status,
	.twin = twin,
	.bar = bar,
	.act = act,
	.reload = reload,
	.tick = tick,
	.free = services_free,
};

struct screen *
services_new(struct tui *ui)
{
	struct services_screen *v = calloc(1, sizeof(*v));
	if (v == NULL)
		return NULL;
	v->screen.class = &class;
	v->arena = ui_arena(ui, ROWS_ARENA_MAX);
	read_rows(v, ui);
	return &v->screen;
}
