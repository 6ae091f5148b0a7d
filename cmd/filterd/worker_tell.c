/*
 * What a worker tells of itself, on its board: lines for the log, counters, and
 * the conversations of the last sessions.
 */
#include "cmd/filterd/worker_int.h"

#include "core/base/escape.h"

#include <string.h>

enum {
	TRACE_MAX = BOARD_TRACE_MAX /* of one session */
};

void
conn_log(struct conn *c, const char *hook, const char *plugin, struct str text)
{
	log_batch_line(&c->w->board->lines, c->number, hook, plugin, text);
}

void
conn_log_foreign(struct conn *c, struct str text)
{
	struct buf safe = BUF_INIT(FILTERD_LOG_LINE_MAX);
	escape_terminal(&safe, text);
	conn_log(c, NULL, NULL, buf_str(&safe));
	buf_clear(&safe);
}

void
worker_write_log(struct worker *w)
{
	log_batch_write(&w->board->lines);
}

void
conn_trace(struct conn *c, struct str text)
{
	struct buf *b = &c->trace;
	size_t before = b->len;
	buf_addf(b, "%lld ", (long long)(c->w->now - c->begun));
	escape_terminal(b, text);
	if (buf_add_char(b, '\n'))
		return;
	/* what is too long for the rest is left out as a whole */
	b->failed = false;
	buf_truncate(b, before);
}

void
conn_trace_begin(struct conn *c)
{
	buf_init(&c->trace, TRACE_MAX);
	c->began_s = clock_wall_s(c->w->clock);
}

void
conn_trace_end(struct conn *c)
{
	struct worker *w = c->w;
	struct board_transcript t = { .number = c->number,
		.began_s = c->began_s,
		.took_ms = w->now - c->begun,
		.ended_ns = clock_mono_ns(w->clock) };
	memcpy(t.ip, c->ip, sizeof(t.ip));
	board_put(w->board, &t, buf_str(&c->trace));
	buf_clear(&c->trace);
}

static void
watch_asks(void *ctx, enum filter_hook hook, const char *plugin)
{
	struct conn *c = ctx;
	(void)hook;
	/* a run that goes on asks the same plugin anew */
	if (c->asked == plugin)
		return;
	c->asked = plugin;
	c->asked_ms = c->w->now;
}

static void
watch_answered(void *ctx, enum filter_hook hook, const char *plugin,
    enum filter_result result)
{
	struct conn *c = ctx;
	(void)hook;
	(void)result;
	counters_plugin(
	    &c->w->board->counters, plugin, c->w->now - c->asked_ms);
	c->asked = NULL;
}

void
conn_watch(struct conn *c)
{
	c->watch = (struct filter_watch){ watch_asks, watch_answered, c };
	c->filter.watch = &c->watch;
}

void
worker_count(struct worker *w)
{
	uint64_t asked = dns_asked(w->dns);
	w->board->counters.dns_questions += asked - w->dns_asked;
	w->dns_asked = asked;
}
