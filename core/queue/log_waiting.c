/* What waits in a log, told to whoever asks; and of a log that lies on disk. */
#include "core/queue/log_int.h"

void
log_tell_taken(struct queue_log *log, size_t n, uint64_t bytes)
{
	pthread_mutex_lock(&log->telling);
	log->waiting.messages += n;
	log->waiting.bytes += bytes;
	/* looked at by the thread when it comes to it */
	if (log->waiting.oldest_s == 0 && n > 0)
		log->waiting.oldest_s = clock_wall_s(log->spec.clock);
	pthread_mutex_unlock(&log->telling);
}

void
log_tell_delivered(struct queue_log *log, size_t n, uint64_t bytes)
{
	pthread_mutex_lock(&log->telling);
	log->waiting.messages -= n;
	log->waiting.bytes -= bytes;
	pthread_mutex_unlock(&log->telling);
}

void
log_tell_left(struct queue_log *log, const struct err *why)
{
	struct queue_log_waiting *w = &log->waiting;
	pthread_mutex_lock(&log->telling);
	w->failed = log->n_failed;
	if (log->left.len > 0)
		w->oldest_s = VEC_AT(&log->left, struct log_span, 0)->taken_s;
	else
		w->oldest_s =
		    w->messages > 0 ? clock_wall_s(log->spec.clock) : 0;
	if (why != NULL)
		w->why = *why;
	else if (w->failed == 0)
		err_clear(&w->why);
	pthread_mutex_unlock(&log->telling);
}

void
queue_log_waiting(struct queue_log *log, struct queue_log_waiting *out)
{
	pthread_mutex_lock(&log->telling);
	*out = log->waiting;
	pthread_mutex_unlock(&log->telling);
}

bool
queue_log_peek(const char *path, struct queue_log_waiting *out, struct err *e)
{
	struct log_file f;
	struct log_scan scan;
	uint64_t tail, seq;
	*out = (struct queue_log_waiting){ .messages = 0 };
	if (!log_file_peek(&f, path, &tail, &seq, e))
		return false;
	bool ok = f.room == 0 || log_scan_ahead(&f, tail, seq, &scan) ||
		  err_no_memory(e);
	if (ok && f.room > 0) {
		for (size_t i = 0; i < scan.found.len; i++) {
			const struct log_span *s =
			    VEC_AT(&scan.found, struct log_span, i);
			out->messages++;
			out->bytes += log_padded(s->length);
			if (i == 0)
				out->oldest_s = s->taken_s;
		}
		vec_clear(&scan.found);
	}
	log_file_close(&f);
	return ok;
}
