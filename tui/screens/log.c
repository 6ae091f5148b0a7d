/* The logs of the mail services, live (screens.md 4.10). */
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "core/model/moment.h"
#include "tui/screens/log_int.h"
#include "tui/screens/rehearse.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	LOG_ARENA_MAX = 16 * 1024 * 1024,
	TICK_EVENTS = 2000, /* at most so many a round: keys come first */
};

static struct log_screen *
self(struct screen *s)
{
	return (struct log_screen *)s;
}

/* What the follower must tell, and the hours that were counted. */
static bool
tick_beside(struct log_screen *l, struct tui *ui)
{
	const char *note =
	    l->follow != NULL ? log_follow_note(l->follow) : NULL;
	if (note != NULL)
		ui_say(ui, "%s", note);
	return (l->hours != NULL && report_job_tick(l->hours, ui)) ||
	       note != NULL;
}

static bool
tick(struct screen *s, struct tui *ui)
{
	struct log_screen *l = self(s);
	struct log_event ev;
	struct err e = ERR_INIT;
	bool waiting = false;
	size_t n = 0, before = l->shown.len;
	while (l->follow != NULL && n < TICK_EVENTS &&
	       log_follow_next(l->follow, &ev, &waiting, &e)) {
		log_take(l, ui, &ev);
		n++;
	}
	if (l->follow != NULL && !waiting && n < TICK_EVENTS &&
	    e.code != ERR_NONE) {
		ui_error(ui, &e);
		log_follow_close(l->follow);
		l->follow = NULL;
	}
	list_resize(&l->list, l->shown.len);
	if (l->following)
		list_go(&l->list, l->shown.len);
	return tick_beside(l, ui) || n > 0 || l->shown.len != before;
}

static int
fd(struct screen *s)
{
	return self(s)->follow != NULL ? log_follow_fd(self(s)->follow) : -1;
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	bool narrow = term_columns(ui->term) < 60;
	buf_addf(
	    out, narrow ? "%s %s" : "%s > %s", _("Log"), self(s)->services);
}

static const char *
note(struct screen *s, struct tui *ui)
{
	(void)ui;
	return self(s)->following && self(s)->follow != NULL ? _("FOLLOW") : "";
}

/* Rows tell the time only: the day of one that is not of today. */
static void
add_day(const struct log_screen *l, struct tui *ui, struct buf *out)
{
	const struct log_row *r = log_current(l);
	int64_t now = clock_wall_s(ui->model.clock);
	if (r == NULL || !r->timed)
		return;
	const char *day = moment_day(ui->scratch, r->unix_s, now);
	if (strcmp(day, moment_day(ui->scratch, now, now)) != 0)
		buf_addf(out, "   %s", day);
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	struct log_screen *l = self(s);
	bool narrow = term_columns(ui->term) < 60;
	if (!narrow) {
		if (l->following) {
			buf_add_cstr(out, _("following"));
		} else {
			buf_addf(out, _("line %zu of %zu"),
			    l->shown.len > 0 ? l->list.cur + 1 : 0,
			    l->shown.len);
			add_day(l, ui, out);
		}
	}
	if (!line_filter_is_empty(&l->filter)) {
		buf_add_cstr(out, narrow ? "" : "   ");
		line_filter_show(&l->filter, out);
		buf_addf(out, narrow ? "  " : "   ");
		buf_addf(out, _("hidden %zu"), l->rows.len - l->shown.len);
	}
	if (!line_match_is_empty(&l->match)) {
		size_t hits = 0;
		for (size_t i = 0; i < l->shown.len; i++)
			hits += log_found(l, i);
		buf_addf(out,
		    P_("   %zu line with '%s'", "   %zu lines with '%s'", hits),
		    hits, l->match.text);
	}
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	struct log_screen *l = self(s);
	(void)ui;
	const struct log_row *r = log_current(l);
	if (l->past == NULL)
		buf_addf(out, "smemail log follow %s", l->services);
	else if (r != NULL && r->timed)
		buf_addf(
		    out, "smemail log show --from @%lld", (long long)r->unix_s);
	else
		buf_add_cstr(out, "smemail log show");
	line_filter_options(&l->filter, out);
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	struct log_screen *l = self(s);
	(void)ui;
	bar_add(b, ACT_WHY, NULL);
	bar_add(b, ACT_OPEN, NULL);
	bar_add(b, ACT_FOLLOW, l->following ? _("stop") : _("follow"));
	bar_add(b, ACT_SEARCH, NULL);
	bar_add(b, ACT_FILTER, NULL);
	bar_add(b, ACT_PROBLEM, NULL);
	bar_add(b, ACT_VIEW, l->raw ? _("decoded") : _("raw"));
	bar_add(b, ACT_HISTOGRAM, NULL);
	bar_add(b, ACT_TIME, NULL);
	bar_add(b, ACT_HELP, NULL);
	bar_add(b, ACT_BACK, NULL);
}

/* Everything that is known of the line. */
static void
open_line(struct log_screen *l, struct tui *ui)
{
	const struct log_row *r = log_current(l);
	struct buf text = BUF_INIT(64 * 1024);
	if (r == NULL)
		return;
	log_line_text(l, ui, (size_t)term_columns(ui->term) - 2, &text);
	struct screen *line = text_new(ui, _("Log line"),
	    ui_text(ui, "smemail log follow %s", r->service), buf_str(&text));
	if (r->number > 0)
		text_set_story(line, r->why,
		    ui_text(ui, "%llu", (unsigned long long)r->number),
		    r->timed ? r->unix_s : 0);
	ui_push(ui, line);
	buf_clear(&text);
}

static void
open_follow(struct log_screen *l, struct tui *ui, size_t lines)
{
	struct err e = ERR_INIT;
	struct model_ctx m = ui->model;
	m.arena = l->arena;
	l->deep = lines > LOG_LINES_FIRST;
	if (log_follow_open(&m, NULL, lines, &l->follow, &e))
		return;
	l->follow = NULL;
	ui_error(ui, &e);
}

/* On or off; from the past it leads back to the present. */
static void
follow_turn(struct log_screen *l, struct tui *ui)
{
	l->following = !l->following;
	if (l->past != NULL) {
		log_past_close(l);
		log_rows_clear(l);
		open_follow(l, ui, LOG_LINES_FIRST);
		tick(&l->screen, ui);
	}
	if (l->following)
		list_go(&l->list, l->shown.len);
}

/* The message of the row, by one of the ways to tell of it. */
static void
open_story(struct log_screen *l, struct tui *ui,
    void (*open)(
	struct tui *ui, enum why_what what, const char *text, int64_t at_s))
{
	const struct log_row *r = log_current(l);
	if (r == NULL || r->number == 0)
		ui_say(ui, "%s", _("this line belongs to no message"));
	else
		open(ui, r->why,
		    ui_text(ui, "%llu", (unsigned long long)r->number),
		    r->timed ? r->unix_s : 0);
}

/* Its message, which has its lines too; else all that is known of it. */
static void
open_row(struct log_screen *l, struct tui *ui)
{
	const struct log_row *r = log_current(l);
	if (r != NULL && r->number > 0)
		open_story(l, ui, why_open);
	else
		open_line(l, ui);
}

/* Down from the last row of the past reads on. */
static bool
move(struct log_screen *l, struct tui *ui, enum action action)
{
	bool last = l->list.cur + 1 >= l->shown.len;
	if (last || action == ACT_LAST)
		log_past_more(l, ui);
	return list_act(&l->list, action);
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	enum {
		SIDE_STEP = 20
	};
	struct log_screen *l = self(s);
	switch ((int)action) {
	case ACT_UP:
	case ACT_PAGE_UP:
	case ACT_FIRST:
		l->following = false;
		return list_act(&l->list, action);
	case ACT_FOLLOW:
		follow_turn(l, ui);
		return true;
	case ACT_WHY:
		open_story(l, ui, why_open);
		return true;
	case ACT_REHEARSE:
		open_story(l, ui, rehearsal_open_logged);
		return true;
	case ACT_TIME:
		ui_line_begin(ui, LINE_TIME, STR(""));
		return true;
	case ACT_LEFT:
		l->left -= l->left < SIDE_STEP ? l->left : SIDE_STEP;
		return true;
	case ACT_RIGHT:
		l->left += SIDE_STEP;
		return true;
	case ACT_PROBLEM:
	case ACT_PROBLEM_BACK:
		log_next_problem(l, ui, action == ACT_PROBLEM);
		return true;
	case ACT_VIEW:
		l->raw = !l->raw;
		return true;
	case ACT_HISTOGRAM:
		log_chart_turn(l, ui);
		return true;
	case ACT_OPEN:
		open_row(l, ui);
		return true;
	default:
		return move(l, ui, action);
	}
}

/* A filter that leaves hardly a row of the newest lines: more of them. */
static void
deepen(struct log_screen *l, struct tui *ui)
{
	size_t lines = LOG_LINES_DEEP / (l->n_services > 0 ? l->n_services : 1);
	if (l->deep || l->follow == NULL || lines <= LOG_LINES_FIRST ||
	    line_filter_is_empty(&l->filter) || l->shown.len >= LOG_SHOWN_FEW)
		return;
	log_follow_close(l->follow);
	log_rows_clear(l);
	open_follow(l, ui, lines);
	/* from their end, where the eye was */
	for (size_t n = 0; n < LOG_LINES_DEEP / TICK_EVENTS; n++)
		tick(&l->screen, ui);
	list_go(&l->list, l->shown.len);
}

static bool
filter(struct screen *s, struct tui *ui, struct str text)
{
	struct log_screen *l = self(s);
	bool ok = true;
	if (text.len == 0)
		line_filter_clear(&l->filter);
	else
		ok = line_filter_add(&l->filter, text);
	if (!ok)
		ui_say(ui, "%s", _("too many filters; empty clears them"));
	log_rows_choose(l);
	deepen(l, ui);
	return ok;
}

static void
log_free(struct screen *s, struct tui *ui)
{
	struct log_screen *l = self(s);
	log_follow_close(l->follow);
	log_past_close(l);
	report_job_free(l->hours, ui);
	log_rows_clear(l);
	vec_clear(&l->rows);
	vec_clear(&l->shown);
	line_filter_clear(&l->filter);
	line_match_clear(&l->match);
	log_seen_clear(&l->seen);
	arena_free(l->arena);
	if (l->past_arena != NULL)
		arena_free(l->past_arena);
	free(l);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_FOLLOW, ACT_PROBLEM,
	ACT_PROBLEM_BACK, ACT_VIEW, ACT_HISTOGRAM, ACT_OPEN, ACT_WHY,
	ACT_REHEARSE, ACT_TIME, ACT_LEFT, ACT_RIGHT, ACT_NONE };

static const struct screen_class class = {
	.flags = SCREEN_NO_DRAFT,
	.actions = actions,
	.path = path,
	.note = note,
	.draw = log_draw,
	.status = status,
	.twin = twin,
	.bar = bar,
	.act = act,
	.search = log_search,
	.filter = filter,
	.jump = log_jump,
	.tick = tick,
	.fd = fd,
	.free = log_free,
};

/* The services whose logs there are, as the title and the command name them. */
static void
services_name(struct log_screen *l, const struct model_ctx *m)
{
	const char **names = log_services(m);
	size_t used = 0;
	for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
		int n = snprintf(l->services + used, sizeof(l->services) - used,
		    "%s%s", i > 0 ? " " : "", names[i]);
		if (n < 0 || (size_t)n >= sizeof(l->services) - used)
			return;
		used += (size_t)n;
		l->n_services++;
	}
}

struct screen *
log_new(struct tui *ui)
{
	struct log_screen *l = calloc(1, sizeof(*l));
	if (l == NULL)
		return NULL;
	l->screen.class = &class;
	l->rows = (struct vec)VEC_INIT(struct log_row);
	l->shown = (struct vec)VEC_INIT(size_t);
	l->following = true;
	line_filter_init(&l->filter);
	log_seen_init(&l->seen);
	l->arena = ui_arena(ui, LOG_ARENA_MAX);
	struct model_ctx *m = ARENA_NEW(l->arena, struct model_ctx);
	*m = ui->model;
	m->arena = l->arena;
	services_name(l, m);
	open_follow(l, ui, LOG_LINES_FIRST);
	tick(&l->screen, ui);
	return &l->screen;
}
