/* The queues behind a log, opened when a message first names them. */
#include "core/queue/log_int.h"

#include <stdint.h>

struct log_target *
log_target_at(const struct queue_log *log, size_t i)
{
	return VEC_AT(&log->targets, struct log_target, i);
}

size_t
log_target_find(struct queue_log *log, struct str name, struct err *e)
{
	for (size_t i = 0; i < log->targets.len; i++) {
		if (str_eq(buf_str(&log_target_at(log, i)->name), name))
			return i;
	}
	struct log_target t = { .name = BUF_INIT(LOG_TARGET_MAX) };
	buf_add_str(&t.name, name);
	t.queue = log->spec.open(log->spec.ctx, name, e);
	if (t.queue != NULL && !t.name.failed && vec_push(&log->targets, &t))
		return log->targets.len - 1;
	if (t.queue != NULL)
		err_set(e, ERR_TEMPORARY, "out of memory");
	queue_free(t.queue);
	buf_clear(&t.name);
	return SIZE_MAX;
}

void
log_targets_clear(struct queue_log *log)
{
	for (size_t i = 0; i < log->targets.len; i++) {
		queue_free(log_target_at(log, i)->queue);
		buf_clear(&log_target_at(log, i)->name);
	}
	vec_clear(&log->targets);
}
