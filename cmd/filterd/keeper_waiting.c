/* What waits in the log, told to the listener, whom others ask for it. */
#include "cmd/filterd/keeper_int.h"

enum {
	TELL_MS = 1000,
	WHY_MAX = 1024
};

static bool
tell(struct keeper *k, const struct queue_log_waiting *w)
{
	struct buf body = BUF_INIT(2 * WHY_MAX);
	wire_put_u64(&body, w->messages);
	wire_put_u64(&body, w->bytes);
	wire_put_u64(&body, w->failed);
	wire_put_u64(&body, (uint64_t)w->oldest_s);
	wire_put_str(&body, str_sub(str_of(w->why.text), 0, WHY_MAX));
	/* nobody waits for a listener that does not read */
	bool ok = channel_send(k->listener, MESSAGE_WAITING, buf_str(&body), -1,
		      0) == CHANNEL_OK;
	buf_clear(&body);
	return ok;
}

int
keeper_tell_waiting(struct keeper *k)
{
	struct queue_log_waiting w = { .messages = 0 };
	int64_t now = clock_mono_ms(k->clock);
	if (!k->told.untold && !keeper_log_is_busy(k))
		return -1;
	if (now < k->told.next_ms)
		return (int)(k->told.next_ms - now);
	if (k->log.log != NULL)
		queue_log_waiting(k->log.log, &w);
	k->told.next_ms = now + TELL_MS;
	keeper_expire(k);
	/* once more when there are none any more */
	k->told.untold = !tell(k, &w) || w.messages > 0;
	return k->told.untold ? TELL_MS : -1;
}
