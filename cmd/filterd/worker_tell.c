/*
 * What the worker can tell of itself: counters, and the conversations of the
 * last sessions (envelope, replies, times; never a text or a secret, which the
 * session does not log either).
 */
#include "cmd/filterd/worker_int.h"

#include "core/base/escape.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	TRACE_MAX = 2048, /* of one session */
	TELL_MAX = 512 * 1024
};

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
	struct transcript *t = &w->transcripts[w->next_transcript];
	struct buf lines = t->lines;
	/*
	 * Into memory that stays where it is: what each session brought would
	 * lie all over the heap, a page kept for every line or two.
	 */
	lines.max = TRACE_MAX;
	buf_reset(&lines);
	(void)buf_reserve(&lines, TRACE_MAX);
	buf_add_str(&lines, buf_str(&c->trace));
	buf_clear(&c->trace);
	*t = (struct transcript){ .number = c->number,
		.began_s = c->began_s,
		.took_ms = w->now - c->begun,
		.lines = lines };
	memcpy(t->ip, c->ip, sizeof(t->ip));
	w->next_transcript = (w->next_transcript + 1) % TRANSCRIPTS;
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
	counters_plugin(&c->w->counters, plugin, c->w->now - c->asked_ms);
	c->asked = NULL;
}

void
conn_watch(struct conn *c)
{
	c->watch = (struct filter_watch){ watch_asks, watch_answered, c };
	c->filter.watch = &c->watch;
}

static void
add_transcript(const struct transcript *t, struct buf *out)
{
	struct str lines = buf_str(&t->lines), line;
	char when[CLOCK_RFC3339_SIZE];
	if (t->number == 0)
		return;
	buf_addf(out, "# session %u %s %s %lld\n", (unsigned)t->number, t->ip,
	    clock_rfc3339(t->began_s, when), (long long)t->took_ms);
	while (str_next_line(&lines, &line))
		buf_addf(out, "# line %.*s\n", STR_ARG(line));
}

/* All of it, the oldest session first, in comments behind the numbers. */
static void
format_all(struct worker *w, struct buf *out)
{
	struct counters_now now = {
		.now_ms = w->now,
		.running = w->running,
		.sessions_max = w->max_sessions,
		.dns_questions = dns_asked(w->dns),
		.state_questions = w->state.asked,
		.state_failures = w->state.failed,
	};
	counters_format(&w->counters, &now, out);
	for (unsigned i = 0; i < TRANSCRIPTS; i++)
		add_transcript(
		    &w->transcripts[(w->next_transcript + i) % TRANSCRIPTS],
		    out);
}

void
worker_tell(struct worker *w, int fd)
{
	struct buf out = BUF_INIT(TELL_MAX);
	int room = TELL_MAX;
	format_all(w, &out);
	/* into the socket's own memory: whoever does not read holds up nobody
	 */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	struct str rest = buf_str(&out);
	while (rest.len > 0) {
		ssize_t n =
		    send(fd, rest.ptr, rest.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n <= 0)
			break;
		rest = str_sub(rest, (size_t)n, rest.len);
	}
	close(fd);
	buf_clear(&out);
}

void
worker_tell_clear(struct worker *w)
{
	for (unsigned i = 0; i < TRANSCRIPTS; i++)
		buf_clear(&w->transcripts[i].lines);
}
