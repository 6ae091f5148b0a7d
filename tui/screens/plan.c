/* What applying would change (screens.md 4.6). */
#include "tui/screens/plan_int.h"

#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "tui/draw.h"

#include <stdlib.h>
#include <time.h>

enum {
	PLAN_ARENA_MAX = 256 * 1024 * 1024,
	TEXT_X = 3,
};

static struct plan_screen *
self(struct screen *s)
{
	return (struct plan_screen *)s;
}

static bool
has_work(const struct plan_screen *p)
{
	return !p->failed && p->plan != NULL && !plan_is_empty(p->plan);
}

static bool
skips(const void *ctx, size_t i)
{
	const struct plan_screen *p = ctx;
	return VEC_AT(&p->lines, struct plan_line, i)->kind == PLAN_RULE;
}

static void
reload(struct screen *s, struct tui *ui)
{
	struct plan_screen *p = self(s);
	struct model_ctx m = ui->model;
	size_t n;
	arena_reset(p->arena);
	m.arena = p->arena;
	struct settings_wish *w = draft_wishes(ui->draft, p->arena, &n);
	p->plan = NULL;
	err_clear(&p->why);
	p->failed = w == NULL || !plan_make(&m, w, n, &p->plan, &p->why);
	if (p->failed)
		p->plan = NULL;
	plan_lines_fill(p);
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)s;
	(void)ui;
	buf_add_cstr(out, _("Plan"));
}

/* "3 settings, 2 files, 1 event, 2 services. Nothing is written yet." */
static const char *
summary(const struct plan_screen *p, struct tui *ui)
{
	const struct plan *plan = p->plan;
	if (p->failed)
		return ui_text(ui, "%s%s%s", p->why.text,
		    p->why.next[0] != '\0' ? _("; next: ") : "", p->why.next);
	if (plan_is_empty(plan))
		return _("Nothing to apply: the draft is empty, and what is "
			 "stored is in force.");
	size_t services = plan_service_count(plan);
	const char *settings =
	    ui_text(ui, P_("%zu setting", "%zu settings", plan->n_settings),
		plan->n_settings);
	const char *files = ui_text(
	    ui, P_("%zu file", "%zu files", plan->n_files), plan->n_files);
	const char *events = ui_text(
	    ui, P_("%zu event", "%zu events", plan->n_events), plan->n_events);
	const char *served =
	    ui_text(ui, P_("%zu service", "%zu services", services), services);
	return ui_text(ui, _("%s, %s, %s, %s. Nothing is written yet."),
	    settings, files, events, served);
}

static void
draw_line(struct plan_screen *p, struct tui *ui, const struct view *v, int y,
    size_t i)
{
	const struct plan_line *l = VEC_AT(&p->lines, struct plan_line, i);
	bool cur = i == p->list.cur;
	/* what changes is worth more than where it is kept */
	bool sided = l->kind != PLAN_SETTING || !v->narrow;
	size_t right = sided ? utf8_columns(l->right) : 0;
	int end = v->w - (l->kind == PLAN_SETTING ? 1 : 3);
	size_t room = right > 0 ? (size_t)(end - TEXT_X) - right - 2
				: (size_t)(v->w - TEXT_X);
	enum term_style style = STYLE_NORMAL;
	if (l->kind == PLAN_RULE) {
		draw_rule(ui, y, 0, (size_t)v->w, l->text);
		return;
	}
	if (l->kind == PLAN_DIFF && l->text.len > 0 && l->text.ptr[0] != ' ')
		style = STYLE_DRAFT;
	draw_marks(ui, y, 0, cur, ' ', l->alarm);
	draw_last(ui, y, TEXT_X, room, style, l->text);
	if (cur && l->kind == PLAN_SETTING) {
		size_t name = utf8_columns(str_of(l->setting->name));
		draw_last(ui, y, TEXT_X, name < room ? name : room,
		    STYLE_CURSOR, str_of(l->setting->name));
	}
	if (right > 0)
		draw_right(ui, y, end, STYLE_NORMAL, l->right);
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct plan_screen *p = self(s);
	int y = v->y, rows = v->h;
	int used = draw_prose(ui, y, 1, (size_t)v->w - 1, 3, STYLE_NORMAL,
	    str_of(summary(p, ui)));
	y += used;
	rows -= used;
	list_fit(&p->list, rows > 0 ? (size_t)rows : 0);
	for (size_t i = p->list.top; i < p->lines.len && rows > 0; i++, rows--)
		draw_line(p, ui, v, y++, i);
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	struct plan_screen *p = self(s);
	(void)ui;
	buf_addf(out, _("line %zu of %zu"),
	    p->lines.len > 0 ? p->list.cur + 2 : 1, p->lines.len + 1);
	if (p->risks > 0)
		buf_addf(out, P_("   ! %zu risk", "   ! %zu risks", p->risks),
		    p->risks);
	time_t at = p->plan != NULL ? (time_t)p->plan->base.time_s : 0;
	struct tm tm;
	if (at > 0 && localtime_r(&at, &tm) != NULL)
		buf_addf(out, _("   base of %02d:%02d"), tm.tm_hour, tm.tm_min);
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)s;
	(void)ui;
	buf_add_cstr(out, "smemail plan");
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	struct plan_screen *p = self(s);
	(void)ui;
	if (has_work(p)) {
		bar_add(b, ACT_APPLY, NULL);
		bar_add(b, ACT_PROBLEM, _("next risk"));
		bar_add(b, ACT_OPEN, NULL);
		bar_add(b, ACT_DEFAULT, _("drop from draft"));
		bar_add(b, ACT_STORE, _("store only"));
	} else {
		bar_add_key(b, "2", _("settings"));
		bar_add(b, ACT_UNDO, _("history"));
		bar_add(b, ACT_RELOAD, NULL);
	}
	bar_add(b, ACT_HELP, NULL);
	bar_add(b, ACT_BACK, NULL);
}

static void
apply_now(struct tui *ui, struct screen *s, bool yes)
{
	(void)s;
	if (!yes) {
		ui_say(ui, "%s", _("nothing is applied; the draft is kept"));
		return;
	}
	struct screen *apply = apply_new(ui);
	if (apply == NULL)
		return;
	ui_pop(ui); /* the plan is carried out: it is no more */
	ui_push(ui, apply);
}

static void
apply(struct plan_screen *p, struct tui *ui)
{
	if (!has_work(p)) {
		ui_say(ui, "%s", _("nothing to apply"));
		return;
	}
	if (p->risks == 0) {
		apply_now(ui, &p->screen, true);
		return;
	}
	ui_ask(ui, apply_now,
	    P_("apply, with %zu risk marked '!'? (y yes)",
		"apply, with %zu risks marked '!'? (y yes)", p->risks),
	    p->risks);
}

static const struct plan_setting *
current_setting(const struct plan_screen *p)
{
	if (p->list.cur >= p->lines.len)
		return NULL;
	return VEC_AT(&p->lines, struct plan_line, p->list.cur)->setting;
}

static void
drop(struct plan_screen *p, struct tui *ui)
{
	const struct plan_setting *ps = current_setting(p);
	struct catalog *c = ui_catalog(ui);
	const struct catalog_row *r = NULL;
	if (ps != NULL && ps->setting != NULL && c != NULL)
		r = catalog_find(c, ps->setting->id);
	if (r == NULL || r->draft == NULL)
		ui_say(ui, "%s", _("this line is not of the draft"));
	else
		ui_draft_drop(ui, r);
}

static void
open_setting(struct plan_screen *p, struct tui *ui, bool describe)
{
	const struct plan_setting *ps = current_setting(p);
	if (ps == NULL || ps->setting == NULL) {
		ui_say(ui, "%s", _("nothing to open on this line"));
		return;
	}
	if (describe) {
		ui_push(ui, describe_new(ui, ps->setting));
		return;
	}
	struct screen *form = form_new(ui, &ps->setting->area, 1, false);
	if (form != NULL)
		form_go(form, ps->setting->id);
	ui_push(ui, form);
}

static void
next_risk(struct plan_screen *p, struct tui *ui, bool forward)
{
	size_t n = p->lines.len;
	for (size_t k = 1; k <= n; k++) {
		size_t i = (p->list.cur + (forward ? k : n - k)) % n;
		if (VEC_AT(&p->lines, struct plan_line, i)->alarm) {
			list_go(&p->list, i);
			return;
		}
	}
	ui_say(ui, "%s", _("no risk in this plan"));
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	struct plan_screen *p = self(s);
	if (list_act(&p->list, action))
		return true;
	switch ((int)action) {
	case ACT_APPLY:
		apply(p, ui);
		return true;
	case ACT_PLAN:
		reload(s, ui);
		return true;
	case ACT_STORE:
		ui_draft_store(ui);
		return true;
	case ACT_DEFAULT:
		drop(p, ui);
		return true;
	case ACT_OPEN:
		open_setting(p, ui, false);
		return true;
	case ACT_DESCRIBE:
		open_setting(p, ui, true);
		return true;
	case ACT_PROBLEM:
	case ACT_PROBLEM_BACK:
		next_risk(p, ui, action == ACT_PROBLEM);
		return true;
	default:
		return false;
	}
}

static void
plan_free(struct screen *s, struct tui *ui)
{
	(void)ui;
	vec_clear(&self(s)->lines);
	arena_free(self(s)->arena);
	free(s);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_APPLY, ACT_PLAN, ACT_STORE,
	ACT_DEFAULT, ACT_OPEN, ACT_DESCRIBE, ACT_PROBLEM, ACT_PROBLEM_BACK,
	ACT_NONE };

static const struct screen_class class = {
	.actions = actions,
	.path = path,
	.draw = draw,
	.status = status,
	.twin = twin,
	.bar = bar,
	.act = act,
	.reload = reload,
	.free = plan_free,
};

struct screen *
plan_new(struct tui *ui)
{
	struct plan_screen *p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->screen.class = &class;
	p->lines = (struct vec)VEC_INIT(struct plan_line);
	p->list.skip = skips;
	p->list.ctx = p;
	p->arena = ui_arena(ui, PLAN_ARENA_MAX);
	reload(&p->screen, ui);
	return &p->screen;
}
