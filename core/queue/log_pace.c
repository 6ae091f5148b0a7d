/* When the thread behind the log delivers: not always at once. */
#include "core/queue/log_int.h"

#include <poll.h>
#include <unistd.h>

enum {
	QUIET_MS = 20, /* no new message for so long: deliver */
	/* LOG_PUT_OFF_MS at most while new ones keep coming, and in a burst, of
	   so many bytes in QUIET_MS (some 700 messages a second), so long: */
	PUT_OFF_LONG_MS = 2000,
	BURST_BYTES = 64 << 10,
	ROUND_BYTES = 256 << 10 /* worth a round of their own at once */
};

bool
log_has_fresh(const struct queue_log *log)
{
	return log->left.len > log->n_failed ||
	       log->next != atomic_load(&log->head);
}

/* Read already, or so much that nothing is won by waiting for more. */
static bool
has_full_round(const struct queue_log *log)
{
	return log->left.len > log->n_failed ||
	       atomic_load(&log->head) - log->next >= ROUND_BYTES;
}

static void
drain(int fd)
{
	uint64_t n;
	/* nothing there is fine */
	if (read(fd, &n, sizeof(n)) < 0)
		return;
}

void
log_sleep_until_woken(struct queue_log *log)
{
	int64_t wait = -1;
	if (log->n_failed > 0) {
		wait = log->retry_ms - clock_mono_ms(log->spec.clock);
		if (wait < 0)
			wait = 0;
	}
	struct pollfd p = { .fd = log->wake, .events = POLLIN };
	atomic_store(&log->asleep, true);
	/* what came before the flag was up has woken nobody */
	if (!log_has_fresh(log) && !atomic_load(&log->stop) &&
	    !atomic_load(&log->ended) && poll(&p, 1, (int)wait) >= 0)
		drain(log->wake);
	atomic_store(&log->asleep, false);
}

/*
 * While messages keep coming the processor is theirs: their senders wait, the
 * readers of these do not. Not for long, and not when the log fills up.
 *
 * Only in a burst senders and delivery take the processor from each other, and
 * there putting off all of a burst of some seconds is what its senders want.
 * Below that nobody gains by it: at 250 messages a second a limit of 2 s made
 * the median message stand in its mailbox after 0.62 s (a few after 2.1 s), one
 * of 0.2 s after 0.09 s (0.3 s), at the same throughput.
 *
 * One session alone waits for the disk with each message, and for this very
 * delivery: a pause of it is no end. Else batches become so small that each
 * file is synced by itself, which costs more than the message. So do those of
 * whoever was put off long enough and then takes each time what came during
 * the round before: it goes on at once only while much waits.
 */
void
log_let_others_go_first(struct queue_log *log)
{
	int64_t began = clock_mono_ms(log->spec.clock);
	uint64_t grown;
	int64_t most;
	do {
		uint64_t seen = atomic_load(&log->head);
		if (atomic_load(&log->hurry) || atomic_load(&log->stop) ||
		    (log->behind && has_full_round(log)) ||
		    seen - atomic_load(&log->tail) > log->file.room / 2)
			return;
		clock_sleep_ms(log->spec.clock, QUIET_MS);
		grown = atomic_load(&log->head) - seen;
		most = grown < BURST_BYTES || log->behind ? LOG_PUT_OFF_MS
							  : PUT_OFF_LONG_MS;
	} while (
	    (grown > 0 || clock_mono_ms(log->spec.clock) < log->stream_ms) &&
	    clock_mono_ms(log->spec.clock) < began + most);
	log->behind = grown > 0;
}
