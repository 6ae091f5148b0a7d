/* Jumping to a time: to a row, or into the logs as far back as they reach. */
#include "core/base/i18n.h"
#include "core/maillog/logmerge.h"
#include "core/maillog/when.h"
#include "tui/screens/log_int.h"

enum {
	PAST_ARENA_MAX = 16 * 1024 * 1024,
};

void
log_past_close(struct log_screen *l)
{
	if (l->past == NULL)
		return;
	logmerge_close(l->past);
	log_set_close(&l->past_logs);
	l->past = NULL;
}

void
log_past_more(struct log_screen *l, struct tui *ui)
{
	struct logline line;
	struct log_event ev;
	struct err e = ERR_INIT;
	size_t at;
	if (l->past == NULL)
		return;
	for (size_t n = 0; n < LOG_ROWS_DROP; n++) {
		if (!logmerge_next(l->past, &line, &at, &e))
			break;
		const struct logsource *s = &l->past_logs.sources[at];
		log_event_make(s->service, s->form, &line, &ev);
		log_take(l, ui, &ev);
	}
	if (e.code != ERR_NONE)
		ui_error(ui, &e);
	list_resize(&l->list, l->shown.len);
}

static bool
past_open(struct log_screen *l, struct tui *ui, int64_t ns, struct err *e)
{
	const struct logrange range = { ns, INT64_MAX };
	struct model_ctx m = ui->model;
	log_past_close(l);
	if (l->past_arena == NULL)
		l->past_arena = ui_arena(ui, PAST_ARENA_MAX);
	arena_reset(l->past_arena);
	m.arena = l->past_arena;
	if (!log_set_open(&m, NULL, NULL, range, -1, &l->past_logs, e))
		return false;
	l->past = logmerge_open(l->past_logs.sources, l->past_logs.n, e);
	if (l->past == NULL)
		log_set_close(&l->past_logs);
	return l->past != NULL;
}

/* The first row of that second or later; false when memory begins after it. */
static bool
go_in_memory(struct log_screen *l, int64_t unix_s)
{
	const struct log_row *first =
	    l->rows.len > 0 ? VEC_AT(&l->rows, struct log_row, 0) : NULL;
	if (first == NULL || !first->timed || first->unix_s > unix_s)
		return false;
	for (size_t i = 0; i < l->shown.len; i++) {
		if (log_row_shown(l, i)->timed &&
		    log_row_shown(l, i)->unix_s >= unix_s) {
			list_go(&l->list, i);
			return true;
		}
	}
	return false;
}

void
log_jump(struct screen *s, struct tui *ui, struct str text)
{
	struct log_screen *l = (struct log_screen *)s;
	struct err e = ERR_INIT;
	int64_t ns;
	if (!when_parse(
		text, clock_wall_ns(ui->model.clock), "from", &ns, &e)) {
		ui_say(ui,
		    _("'%.*s' is not a time: 14:08, yesterday, 2 hours ago"),
		    STR_ARG(text));
		return;
	}
	l->following = false;
	if (go_in_memory(l, ns / NS_PER_S))
		return;
	if (!past_open(l, ui, ns, &e)) {
		ui_error(ui, &e);
		return;
	}
	log_follow_close(l->follow);
	l->follow = NULL;
	log_rows_clear(l);
	log_past_more(l, ui);
	list_go(&l->list, 0);
	if (l->rows.len == 0)
		ui_say(ui, "%s", _("no line is so late; f follows again"));
}
