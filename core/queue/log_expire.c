/*
 * Messages that are tried in vain for longer than the queue's life time. The
 * thread hands them to whoever has the log, which tells their senders; once
 * that is done for good they are gone from here. Meanwhile they are not tried.
 */
#include "core/queue/log_int.h"

#include <stdlib.h>
#include <string.h>

enum {
	HANDED_MAX = 16,
	/* an earlier clock is none: 2020 */
	CLOCK_SANE_S = 1577836800
};

static struct log_handed *
handed_at(const struct queue_log *log, size_t i)
{
	return VEC_AT(&log->handed, struct log_handed, i);
}

static void
handed_free(struct queue_log *log, size_t i)
{
	free(handed_at(log, i)->has);
	vec_remove(&log->handed, i);
}

void
log_expire_clear(struct queue_log *log)
{
	while (log->handed.len > 0)
		handed_free(log, log->handed.len - 1);
	vec_clear(&log->handed);
}

void
queue_log_set_lifetime(struct queue_log *log, int64_t seconds)
{
	atomic_store(&log->lifetime_s, seconds);
}

static bool
is_over(const struct queue_log *log, const struct log_span *s, int64_t now_s)
{
	int64_t life = atomic_load(&log->lifetime_s);
	return life > 0 && s->failed && !s->handed && s->length > 0 &&
	       s->taken_s >= CLOCK_SANE_S && now_s - s->taken_s >= life;
}

void
log_expire_hand(
    struct queue_log *log, struct log_span *s, size_t n, const struct err *why)
{
	int64_t now_s = clock_wall_s(log->spec.clock);
	if (!is_over(log, s, now_s))
		return;
	struct log_handed h = { .seq = s->seq,
		.at = s->at,
		.length = s->length,
		.waited_s = now_s - s->taken_s,
		.why = *why };
	if (s->has != NULL) {
		/* not read this time: who has it could not be told */
		h.has = n > 0 ? malloc(n * sizeof(*h.has)) : NULL;
		if (h.has == NULL)
			return; /* the next time, then */
		memcpy(h.has, s->has, n * sizeof(*h.has));
	}
	pthread_mutex_lock(&log->telling);
	s->handed = log->handed.len < HANDED_MAX && vec_push(&log->handed, &h);
	pthread_mutex_unlock(&log->telling);
	if (!s->handed)
		free(h.has);
}

/* Recipients who have it are none of the message's any more. */
static void
leave_out(struct queue_message *m, struct mail_path *rcpts, const bool *has)
{
	size_t n = 0;
	for (size_t i = 0; i < m->n_rcpts; i++) {
		if (has == NULL || !has[i])
			rcpts[n++] = rcpts[i];
	}
	m->n_rcpts = n;
}

static bool
read_it(struct queue_log *log, const struct log_handed *h, struct buf *content,
    struct queue_log_expired *out)
{
	buf_reset(content);
	char *to = buf_reserve(content, (size_t)h->length);
	if (to == NULL ||
	    !log_file_read(&log->file, h->at + sizeof(struct log_head), to,
		(size_t)h->length))
		return false;
	buf_used(content, (size_t)h->length);
	if (!log_record_get(buf_str(content), &out->m, &out->rcpts))
		return false;
	leave_out(&out->m, out->rcpts, h->has);
	out->seq = h->seq;
	out->waited_s = h->waited_s;
	out->why = h->why;
	return true;
}

bool
queue_log_take_expired(
    struct queue_log *log, struct buf *content, struct queue_log_expired *out)
{
	bool found = false;
	*out = (struct queue_log_expired){ .seq = 0 };
	pthread_mutex_lock(&log->telling);
	for (size_t i = 0; i < log->handed.len && !found; i++) {
		struct log_handed *h = handed_at(log, i);
		if (h->state != LOG_HANDED_NEW)
			continue;
		h->state = LOG_HANDED_TAKEN;
		found = read_it(log, h, content, out);
		if (!found)
			h->state = LOG_HANDED_BACK;
	}
	pthread_mutex_unlock(&log->telling);
	return found;
}

void
queue_log_end_expired(struct queue_log *log, uint64_t seq, bool told)
{
	pthread_mutex_lock(&log->telling);
	for (size_t i = 0; i < log->handed.len; i++) {
		struct log_handed *h = handed_at(log, i);
		if (h->seq == seq && h->state == LOG_HANDED_TAKEN)
			h->state = told ? LOG_HANDED_GONE : LOG_HANDED_BACK;
	}
	pthread_mutex_unlock(&log->telling);
	atomic_store(&log->ended, true);
	log_wake(log);
}

static struct log_span *
find_left(const struct queue_log *log, uint64_t seq, size_t *at)
{
	for (size_t i = 0; i < log->left.len; i++) {
		struct log_span *s = VEC_AT(&log->left, struct log_span, i);
		*at = i;
		if (s->seq == seq)
			return s;
	}
	return NULL;
}

void
log_expire_settle(struct queue_log *log)
{
	size_t n = 0, at = 0;
	uint64_t bytes = 0;
	atomic_store(&log->ended, false);
	pthread_mutex_lock(&log->telling);
	for (size_t i = log->handed.len; i > 0; i--) {
		const struct log_handed *h = handed_at(log, i - 1);
		struct log_span *s = find_left(log, h->seq, &at);
		bool gone = h->state == LOG_HANDED_GONE;
		if (!gone && h->state != LOG_HANDED_BACK)
			continue;
		if (s != NULL && gone) {
			bytes += log_padded(s->length);
			free(s->has);
			vec_remove(&log->left, at);
			n++;
		} else if (s != NULL) {
			s->handed = false;
		}
		handed_free(log, i - 1);
	}
	pthread_mutex_unlock(&log->telling);
	log_tell_delivered(log, n, bytes);
}
