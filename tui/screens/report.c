/* The mail report of a day: tables by Tab, days by Left and Right (4.19). */
#include "core/base/i18n.h"
#include "core/base/line_match.h"
#include "core/base/utf8.h"
#include "tui/draw.h"
#include "tui/screens/report_int.h"
#include "tui/screens/screens.h"
#include "tui/task.h"
#include "tui/widget/list.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct report_screen *
self(struct screen *s)
{
	return (struct report_screen *)s;
}

const struct report_sheet *
report_sheet_now(const struct report_screen *r)
{
	const struct report_job *j = r->job;
	return j != NULL && r->sheet < j->n_sheets ? &j->sheets[r->sheet]
						   : NULL;
}

size_t
report_sheet_rows(const struct report_sheet *s)
{
	return s != NULL && s->rows.len > s->totals ? s->rows.len - s->totals
						    : 0;
}

const char **
report_sheet_row(const struct report_sheet *s, size_t i)
{
	return *VEC_AT(&s->rows, const char **, i);
}

static const char *
sheet_name(enum report_table_kind kind)
{
	static const char *const names[REPORT_TABLES] = {
		[REPORT_HOURS] = N_("hours"),
		[REPORT_UNKNOWN] = N_("unknown names"),
		[REPORT_CODES] = N_("codes"),
		[REPORT_STATE] = "qplogsumm",
		[REPORT_VIRUSES] = N_("viruses"),
		[REPORT_BLACKLISTS] = N_("blacklists"),
		[REPORT_COUNTRIES] = N_("countries"),
		[REPORT_RULES] = N_("spam rules"),
		[REPORT_DOMAINS] = N_("domains"),
		[REPORT_RECIPIENTS] = N_("addresses"),
		[REPORT_JUNK] = N_("junk folders"),
	};
	return _(names[kind < REPORT_TABLES ? kind : REPORT_HOURS]);
}

const char *
report_moment_text(struct tui *ui, int64_t unix_s, enum report_moment_form form)
{
	time_t at = (time_t)unix_s;
	struct tm tm;
	if (localtime_r(&at, &tm) == NULL)
		return "-";
	int year = tm.tm_year + 1900, month = tm.tm_mon + 1;
	switch (form) {
	case REPORT_MOMENT_WHOLE:
		return ui_text(ui, "%04d-%02d-%02d %02d:%02d", year, month,
		    tm.tm_mday, tm.tm_hour, tm.tm_min);
	case REPORT_MOMENT_SHORT:
		return ui_text(ui, "%02d-%02d %02d:%02d", month, tm.tm_mday,
		    tm.tm_hour, tm.tm_min);
	case REPORT_MOMENT_DAY:
		return ui_text(ui, "%04d-%02d-%02d", year, month, tm.tm_mday);
	case REPORT_MOMENT_HOUR:
		break;
	}
	return ui_text(ui, "%02d", tm.tm_hour);
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	const struct report_job *j = self(s)->job;
	buf_add_cstr(out, _("Report"));
	if (j != NULL && j->from_s != 0)
		buf_addf(out, " > %s - %s",
		    report_moment_text(ui, j->from_s, REPORT_MOMENT_WHOLE),
		    report_moment_text(ui, j->to_s, REPORT_MOMENT_SHORT));
}

/* --- counting --- */

static void
begin(struct report_screen *r, struct tui *ui, int64_t from_s, int64_t to_s)
{
	report_job_free(r->job, ui);
	r->from_s = from_s;
	r->to_s = to_s;
	r->told = false;
	r->job = report_job_start(ui, from_s, to_s);
	list_resize(&r->list, 0);
}

static bool
tick(struct screen *s, struct tui *ui)
{
	struct report_screen *r = self(s);
	if (r->job == NULL || !report_job_tick(r->job, ui))
		return false;
	if (r->job->done && !r->told && r->job->err.code != ERR_NONE)
		ui_error(ui, &r->job->err);
	r->told = r->job->done;
	if (r->sheet >= r->job->n_sheets)
		r->sheet = 0;
	list_resize(&r->list, report_sheet_rows(report_sheet_now(r)));
	return true;
}

static int
fd(struct screen *s)
{
	return self(s)->job != NULL ? self(s)->job->task->fd : -1;
}

/* The day 'days' after (before) that in which the period began. */
static void
go_day(struct report_screen *r, struct tui *ui, int days)
{
	const struct report_job *j = r->job;
	if (j == NULL || j->from_s == 0)
		return;
	time_t at = (time_t)j->from_s;
	struct tm tm;
	if (localtime_r(&at, &tm) == NULL)
		return;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday += days;
	tm.tm_isdst = -1;
	struct tm next = tm;
	next.tm_mday++;
	int64_t from = (int64_t)mktime(&tm), to = (int64_t)mktime(&next);
	if (from > clock_wall_s(ui->model.clock))
		ui_say(ui, "%s", _("that day has not begun"));
	else
		begin(r, ui, from, to);
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	struct report_screen *r = self(s);
	const struct report_sheet *t = report_sheet_now(r);
	(void)ui;
	if (t == NULL || !r->job->done)
		return;
	size_t n = report_sheet_rows(t);
	buf_addf(out, _("%s %zu of %zu"), sheet_name(t->kind),
	    n > 0 ? r->list.cur + 1 : 0, t->all);
	if (t->all > n)
		buf_addf(out, _("   %zu left out"), t->all - n);
	if (r->left_out > 0)
		buf_addf(out,
		    P_("   %zu column left out", "   %zu columns left out",
			r->left_out),
		    r->left_out);
	buf_add_cstr(out, "   Tab:");
	for (size_t i = 1; i < r->job->n_sheets; i++) {
		const struct report_sheet *next =
		    &r->job->sheets[(r->sheet + i) % r->job->n_sheets];
		buf_addf(out, " %s %zu", sheet_name(next->kind), next->all);
	}
}

static void
twin(struct screen *s, struct tui *ui, struct buf *out)
{
	const struct report_screen *r = self(s);
	buf_add_cstr(out, "smemail report");
	if (r->from_s != 0)
		buf_addf(out, " --day %s",
		    report_moment_text(ui, r->from_s, REPORT_MOMENT_DAY));
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	const struct report_sheet *now = report_sheet_now(self(s));
	(void)ui;
	if (now != NULL &&
	    (now->kind == REPORT_HOURS || now->kind == REPORT_RECIPIENTS ||
		now->kind == REPORT_DOMAINS))
		bar_add(b, ACT_OPEN, _("connections"));
	bar_add(b, ACT_NEXT, _("next table"));
	bar_add_key(b, _("Left Right"), _("day"));
	bar_add(b, ACT_HISTOGRAM, _("chart"));
	if (self(s)->left_out > 0)
		bar_add(b, ACT_VIEW, _("columns"));
	bar_add(b, ACT_SEARCH, NULL);
	bar_add(b, ACT_WHY, NULL);
	bar_add(b, ACT_HELP, NULL);
	bar_add(b, ACT_BACK, NULL);
}

/* --- keys --- */

static void
go_sheet(struct report_screen *r, size_t by)
{
	if (r->job == NULL || r->job->n_sheets == 0)
		return;
	r->sheet = (r->sheet + by) % r->job->n_sheets;
	r->list.cur = r->list.top = 0;
	list_resize(&r->list, report_sheet_rows(report_sheet_now(r)));
}

/* The row as a command: the hour's lines, or what an address met. */
static void
open_row(struct report_screen *r, struct tui *ui)
{
	const struct report_sheet *s = report_sheet_now(r);
	if (s == NULL || r->list.cur >= report_sheet_rows(s))
		return;
	const char *name = report_sheet_row(s, r->list.cur)[0];
	int64_t hour = r->job->first_hour + (int64_t)r->list.cur;
	if (s->kind == REPORT_HOURS)
		ui_command(
		    ui, str_of(ui_text(ui,
			    "log show --verdicts --from @%lld --to @%lld",
			    (long long)(hour * REPORT_HOUR_S),
			    (long long)((hour + 1) * REPORT_HOUR_S))));
	else if (s->kind == REPORT_RECIPIENTS)
		why_open(ui, WHY_TEXT, name, 0);
	else if (s->kind == REPORT_DOMAINS && strchr(name, '.') != NULL)
		why_open(ui, WHY_TEXT, ui_text(ui, "@%s", name), 0);
	else
		ui_say(ui, "%s", _("nothing more to open here"));
}

static bool
act(struct screen *s, struct tui *ui, enum action action)
{
	struct report_screen *r = self(s);
	switch ((int)action) {
	case ACT_LEFT:
		go_day(r, ui, -1);
		return true;
	case ACT_RIGHT:
		go_day(r, ui, 1);
		return true;
	case ACT_NEXT:
		go_sheet(r, 1);
		return true;
	case ACT_PREVIOUS:
		if (r->job != NULL && r->job->n_sheets > 0)
			go_sheet(r, r->job->n_sheets - 1);
		return true;
	case ACT_VIEW:
		r->from_left = !r->from_left;
		return true;
	case ACT_HISTOGRAM:
		r->chart = !r->chart;
		return true;
	case ACT_OPEN:
	case ACT_WHY:
		open_row(r, ui);
		return true;
	default:
		return list_act(&r->list, action);
	}
}

static void
find(struct report_screen *r, size_t from, bool forward)
{
	const struct report_sheet *s = report_sheet_now(r);
	size_t n = report_sheet_rows(s), at, len;
	for (size_t k = 0; k < n; k++) {
		size_t i = forward ? (from + k) % n : (from + n - k) % n;
		if (line_match_find(&r->match,
			str_of(report_sheet_row(s, i)[0]), 0, &at, &len)) {
			list_go(&r->list, i);
			return;
		}
	}
}

static void
search(struct screen *s, struct tui *ui, struct str text, enum line_event event)
{
	struct report_screen *r = self(s);
	size_t n = report_sheet_rows(report_sheet_now(r));
	(void)ui;
	if (event == LINE_BEGIN)
		r->came_from = r->list.cur;
	if (event == LINE_CHANGED || event == LINE_CANCELLED) {
		line_match_clear(&r->match);
		list_go(&r->list, r->came_from);
	}
	if (event == LINE_CHANGED) {
		line_match_init(&r->match, text);
		find(r, r->list.cur, true);
	}
	if (n > 0 && event == LINE_NEXT)
		find(r, (r->list.cur + 1) % n, true);
	if (n > 0 && event == LINE_PREVIOUS)
		find(r, (r->list.cur + n - 1) % n, false);
}

static void
report_free(struct screen *s, struct tui *ui)
{
	struct report_screen *r = self(s);
	report_job_free(r->job, ui);
	line_match_clear(&r->match);
	free(r);
}

static const enum action actions[] = { ACT_UP, ACT_DOWN, ACT_PAGE_UP,
	ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_LEFT, ACT_RIGHT, ACT_NEXT,
	ACT_PREVIOUS, ACT_HISTOGRAM, ACT_VIEW, ACT_OPEN, ACT_WHY, ACT_NONE };

static const struct screen_class class = {
	.flags = SCREEN_NO_DRAFT,
	.actions = actions,
	.path = path,
	.draw = report_draw,
	.status = status,
	.twin = twin,
	.bar = bar,
	.act = act,
	.search = search,
	.tick = tick,
	.fd = fd,
	.free = report_free,
};

struct screen *
report_screen_new(struct tui *ui)
{
	struct report_screen *r = calloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	r->screen.class = &class;
	begin(r, ui, 0, 0);
	return &r->screen;
}
