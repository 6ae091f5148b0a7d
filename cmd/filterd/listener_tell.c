/*
 * What the daemon tells at its control socket: the counters of all workers as
 * one, and the conversations of the last sessions (envelope, replies, times;
 * never a text or a secret, which sessions do not log either). And in its log,
 * of lines that are missing there.
 */
#include "cmd/filterd/board.h"
#include "cmd/filterd/control.h"
#include "cmd/filterd/listener_int.h"
#include "cmd/filterd/log.h"
#include "core/base/escape.h"
#include "core/model/counters.h"

#include <stdlib.h>
#include <sys/socket.h>

enum {
	TELL_MAX = 512 * 1024,
	TOLD_MAX = 64, /* conversations */
	LOST_MS = 500, /* between two tries to tell of lost lines */
	MS_PER_S = 1000
};

/* A conversation that may be told. */
struct told {
	int64_t ended_ns;
	const struct board *board;
	unsigned entry;
};

static int
by_end(const void *a, const void *b)
{
	const struct told *left = a, *right = b;
	return (left->ended_ns > right->ended_ns) -
	       (left->ended_ns < right->ended_ns);
}

static void
add_transcript(const struct board_transcript *t, struct buf *out)
{
	static const int64_t last_year = 253402300799; /* 9999 */
	struct str lines = str_n(t->lines, t->length), line;
	char when[CLOCK_RFC3339_SIZE];
	bool sane = t->began_s >= 0 && t->began_s <= last_year;
	buf_addf(out, COUNTERS_SESSION "%u ", (unsigned)t->number);
	escape_terminal(out, str_of(t->ip));
	buf_addf(out, " %s %lld\n", clock_rfc3339(sane ? t->began_s : 0, when),
	    (long long)t->took_ms);
	while (str_next_line(&lines, &line)) {
		buf_add_str(out, STR(COUNTERS_SESSION_LINE));
		escape_terminal(out, line);
		buf_add_char(out, '\n');
	}
}

/* The last ones of all workers, the oldest first, behind the numbers. */
static void
add_transcripts(const struct listener *l, struct buf *out)
{
	size_t n = 0;
	struct board_transcript t;
	struct told *all = calloc(
	    (size_t)l->n_workers * BOARD_TRANSCRIPTS, sizeof(struct told));
	for (unsigned i = 0; all != NULL && i < l->n_workers; i++) {
		const struct board *b = l->workers[i].board;
		for (unsigned entry = 0; entry < BOARD_TRANSCRIPTS; entry++) {
			if (board_get(b, entry, &t))
				all[n++] =
				    (struct told){ t.ended_ns, b, entry };
		}
	}
	if (n > 0)
		qsort(all, n, sizeof(*all), by_end);
	for (size_t i = n > TOLD_MAX ? n - TOLD_MAX : 0; i < n; i++) {
		if (board_get(all[i].board, all[i].entry, &t))
			add_transcript(&t, out);
	}
	free(all);
}

/* A reason in words, behind what tells of what; none when it is empty. */
static void
add_reason(const char *prefix, const char *why, struct buf *out)
{
	if (why[0] == '\0')
		return;
	buf_add_cstr(out, prefix);
	escape_terminal(out, str_of(why));
	buf_add_char(out, '\n');
}

/* As listener_tell_lost, whenever it was asked for last. */
static int
tell_lost(struct listener *l, int64_t now)
{
	struct listener_lost *lost = &l->lost;
	uint64_t n = log_take_lost();
	lost->asked_ms = now;
	lost->all += n;
	lost->untold += n;
	if (lost->untold == 0)
		return -1;
	if (now - lost->tried_ms < LOST_MS)
		return (int)(lost->tried_ms + LOST_MS - now);
	lost->tried_ms = now;
	if (!log_tell_lost(lost->untold))
		return LOST_MS;
	lost->untold = 0;
	return -1;
}

static void
format_all(struct listener *l, struct buf *out)
{
	struct counters sum = { .n_plugins = 0 };
	listener_take_ended(l);
	(void)tell_lost(l, clock_mono_ms(l->clock)); /* up to now */
	struct counters_now now = {
		.ready = l->announced && !l->stopping,
		.refused = l->refusal.why[0] != '\0',
		.up_s = (clock_mono_ms(l->clock) - l->started_ms) / MS_PER_S,
		.running = l->slots.running,
		.sessions_max = l->slots.n,
		.n_workers = l->n_workers,
		.workers_ended = l->workers_ended,
		.log_lost = l->lost.all,
		.control_dropped = l->audience.dropped,
		.waiting = l->waiting,
	};
	now.waiting.now_s = clock_wall_s(l->clock);
	for (unsigned i = 0; i < l->n_workers; i++) {
		now.of_worker[i] = l->slots.of_worker[i];
		counters_add(&sum, &l->workers[i].board->counters);
	}
	counters_format(&sum, &now, out);
	add_reason(COUNTERS_WHY, l->waiting_why, out);
	add_reason(COUNTERS_REFUSED, l->refusal.why, out);
	add_transcripts(l, out);
}

void
listener_tell(struct listener *l)
{
	struct buf out = BUF_INIT(TELL_MAX);
	int room = TELL_MAX;
	int fd = control_accept(l->control_fd);
	if (fd < 0)
		return;
	format_all(l, &out);
	/* most of it into the socket's own memory, if the system allows that */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	audience_tell_take(&l->audience, fd, &out, clock_mono_ms(l->clock));
}

int
listener_tell_lost(struct listener *l)
{
	const struct listener_lost *lost = &l->lost;
	int64_t now = clock_mono_ms(l->clock);
	/* not for each session: there are none, as a rule */
	if (lost->untold == 0 && now - lost->asked_ms < LOST_MS)
		return -1;
	return tell_lost(l, now);
}
