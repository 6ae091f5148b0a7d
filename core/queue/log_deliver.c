/*
 * The thread behind the log. It takes records in their order, many at once,
 * hands them to the queues that their targets name, and gives their space free
 * when those have synced them. What cannot be delivered is tried again, while
 * later ones pass it; its space stays in use.
 */
#include "core/queue/log_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	STREAM_MIN = 4,  /* delivered together: more will come */
	RETRY_MS = 1000, /* after a failure, doubled each time ... */
	RETRY_MAX_MS = 60000,
	TEXT_ENOUGH = 4 << 20 /* bytes delivered together */
};

/* A record on its way. */
struct item {
	size_t left; /* its index there */
	size_t at;   /* of its content in the text */
	size_t target;
	size_t ticket;
	size_t n_rcpts;
	bool staged;
	struct err why; /* not delivered */
};

struct round {
	struct queue_log *log;
	struct item items[LOG_DELIVER_MAX];
	size_t n;
	struct queue_result results[LOG_DELIVER_MAX];
	bool done[LOG_DELIVER_MAX];
	struct err err; /* the first */
};

static struct log_span *
left_at(const struct queue_log *log, size_t i)
{
	return VEC_AT(&log->left, struct log_span, i);
}

static int64_t
now_ms(const struct queue_log *log)
{
	return clock_mono_ms(log->spec.clock);
}

static void
report(const struct queue_log *log, const struct err *e)
{
	log->spec.report(log->spec.ctx, e);
}

/* Note records that became durable, at most 'max'. */
static bool
collect(struct queue_log *log, size_t max, struct err *e)
{
	uint64_t head = atomic_load(&log->head);
	while (log->next < head && max > 0) {
		struct log_start start;
		bool read =
		    log_file_read(&log->file, log->next, &start, sizeof(start));
		struct log_head h = start.head;
		if (!read || !log_head_is_good(&log->file, &h) ||
		    h.seq != log->next_seq)
			return err_set(e, ERR_PERMANENT,
			    "the queue log '%s' was changed by another program",
			    log->file.path);
		struct log_span span = { .at = log->next,
			.seq = h.seq,
			.length = h.length,
			.taken_s = log_start_s(&start) };
		if (h.kind == LOG_MESSAGE) {
			if (!vec_push(&log->left, &span))
				return err_set(
				    e, ERR_TEMPORARY, "out of memory");
			max--;
		}
		log->next += log_padded(h.length);
		log->next_seq++;
	}
	return true;
}

/* The record behind those in the text; false with the reason. */
static bool
load_one(struct queue_log *log, const struct log_span *s, struct err *e)
{
	char *to = buf_reserve(&log->text, (size_t)s->length);
	if (to == NULL)
		return err_set(e, ERR_TEMPORARY, "out of memory");
	errno = EIO; /* of a file that was cut short */
	if (!log_file_read(&log->file, s->at + sizeof(struct log_head), to,
		(size_t)s->length))
		return err_set_errno(
		    e, errno, "cannot read the queue log '%s'", log->file.path);
	buf_used(&log->text, (size_t)s->length);
	return true;
}

/*
 * Read the records that are tried now into the text. Those that cannot be read
 * have failed, which holds up no others; how many they are.
 */
static size_t
load(struct round *r)
{
	struct queue_log *log = r->log;
	bool retry = now_ms(log) >= log->retry_ms;
	size_t failed = 0;
	buf_reset(&log->text);
	for (size_t i = 0; i < log->left.len && r->n < LOG_DELIVER_MAX &&
			   log->text.len < TEXT_ENOUGH;
	     i++) {
		struct log_span *s = left_at(log, i);
		struct err e = ERR_INIT;
		size_t at = log->text.len;
		if (s->handed || (s->failed && !retry))
			continue;
		if (load_one(log, s, &e)) {
			r->items[r->n++] = (struct item){ .left = i, .at = at };
			continue;
		}
		s->failed = true;
		failed++;
		log_keep_first(&r->err, &e);
	}
	return failed;
}

/* Its message; *rcpts is the caller's to free. */
static bool
read_item(const struct round *r, struct item *item, struct queue_message *m,
    struct mail_path **rcpts, struct err *e)
{
	struct queue_log *log = r->log;
	const struct log_span *s = left_at(log, item->left);
	struct str content =
	    str_n(log->text.data + item->at, (size_t)s->length);
	if (!log_record_get(content, m, rcpts))
		return err_set(e, ERR_TEMPORARY,
		    "a record of the queue log '%s' cannot be read",
		    log->file.path);
	m->again = s->again || s->failed;
	item->n_rcpts = m->n_rcpts;
	item->target = log_target_find(log, m->target, e);
	if (item->target != SIZE_MAX)
		return true;
	free(*rcpts);
	return false;
}

static bool
stage_item(struct round *r, struct item *item, struct err *e)
{
	struct queue_log *log = r->log;
	struct queue_message m;
	struct mail_path *rcpts;
	/* some have it: the others are seen to below */
	if (left_at(log, item->left)->has != NULL)
		return true;
	if (!read_item(r, item, &m, &rcpts, e))
		return false;
	item->staged = queue_stage(
	    log_target_at(log, item->target)->queue, &m, &item->ticket, e);
	if (item->staged)
		log_target_at(log, item->target)->staged++;
	free(rcpts);
	return item->staged;
}

/* What could not be delivered as a whole, to those who can have it. */
static bool
deliver_rest(struct round *r, struct item *item, struct err *e)
{
	struct queue_message m;
	struct mail_path *rcpts;
	if (!read_item(r, item, &m, &rcpts, e))
		return false;
	struct queue *q = log_target_at(r->log, item->target)->queue;
	bool done = m.n_rcpts > 1 && queue_is_apart(q) &&
		    log_deliver_apart(q, &m, left_at(r->log, item->left), e);
	free(rcpts);
	return done;
}

static void
commit_target(struct round *r, size_t target)
{
	struct log_target *t = log_target_at(r->log, target);
	if (t->staged == 0)
		return;
	t->staged = 0;
	queue_commit(t->queue, r->results);
	for (size_t i = 0; i < r->n; i++) {
		const struct item *item = &r->items[i];
		if (!item->staged || item->target != target)
			continue;
		const struct queue_result *result = &r->results[item->ticket];
		r->done[i] = result->outcome == QUEUE_TAKEN;
		if (!r->done[i])
			r->items[i].why = result->err;
	}
}

/* Take what was delivered out of those left, mark the others. */
static size_t
settle(struct round *r)
{
	struct queue_log *log = r->log;
	size_t to = 0, k = 0, failed = 0;
	uint64_t bytes = 0;
	for (size_t i = 0; i < log->left.len; i++) {
		struct log_span *s = left_at(log, i);
		bool tried = k < r->n && r->items[k].left == i;
		if (tried && r->done[k++]) {
			bytes += log_padded(s->length);
			free(s->has);
			continue;
		}
		s->failed = s->failed || tried;
		failed += tried;
		if (tried)
			log_expire_hand(log, s, r->items[k - 1].n_rcpts,
			    &r->items[k - 1].why);
		*left_at(log, to++) = *s;
	}
	log_tell_delivered(log, log->left.len - to, bytes);
	log->left.len = to;
	return failed;
}

/* The space before the first that is left is free, once that is on disk. */
static bool
give_free(struct queue_log *log, struct err *e)
{
	uint64_t tail = log->next;
	uint64_t seq = log->next_seq;
	if (log->left.len > 0) {
		tail = left_at(log, 0)->at;
		seq = left_at(log, 0)->seq;
	}
	if (tail == atomic_load(&log->tail))
		return true;
	pthread_mutex_lock(&log->moving);
	bool ok = log_file_set_tail(&log->file, tail, seq, e);
	pthread_mutex_unlock(&log->moving);
	if (!ok)
		return false;
	atomic_store(&log->tail, tail);
	return true;
}

static void
put_off_retry(struct queue_log *log)
{
	int64_t wait = log->retry_wait_ms * 2;
	log->retry_wait_ms = wait < RETRY_MS       ? RETRY_MS
			     : wait > RETRY_MAX_MS ? RETRY_MAX_MS
						   : wait;
	log->retry_ms = now_ms(log) + log->retry_wait_ms;
}

static size_t
count_failed(const struct queue_log *log)
{
	size_t n = 0;
	for (size_t i = 0; i < log->left.len; i++)
		n += left_at(log, i)->failed;
	return n;
}

/*
 * The log was changed under us. Its space stays in use, so that the next start
 * looks through it; nothing more is taken until then.
 */
static void
stop_reading(struct queue_log *log)
{
	struct log_span span = { .at = log->next,
		.seq = log->next_seq,
		.taken_s = 1,
		.again = true,
		.failed = true };
	atomic_store(&log->failed, true);
	if (vec_push(&log->left, &span))
		log->next = atomic_load(&log->head);
}

/* What has become durable since, and what is tried of it all; what failed. */
static size_t
begin_round(struct round *r)
{
	struct queue_log *log = r->log;
	size_t waiting = log->left.len - log->n_failed;
	r->n = 0;
	err_clear(&r->err);
	memset(r->done, 0, sizeof(r->done));
	if (waiting < LOG_DELIVER_MAX &&
	    !collect(log, LOG_DELIVER_MAX - waiting, &r->err))
		stop_reading(log);
	return load(r);
}

/* Together as far as may be, the others each by itself. */
static void
try_items(struct round *r)
{
	for (size_t i = 0; i < r->n; i++)
		(void)!stage_item(r, &r->items[i], &r->items[i].why);
	for (size_t i = 0; i < r->log->targets.len; i++)
		commit_target(r, i);
	for (size_t i = 0; i < r->n; i++) {
		struct item *item = &r->items[i];
		r->done[i] = r->done[i] || deliver_rest(r, item, &item->why);
		if (!r->done[i])
			log_keep_first(&r->err, &item->why);
	}
}

static void
deliver(struct round *r)
{
	struct queue_log *log = r->log;
	bool retry = now_ms(log) >= log->retry_ms;
	struct err e = ERR_INIT;
	size_t failed = begin_round(r);
	try_items(r);
	failed += settle(r);
	log->n_failed = count_failed(log);
	log_tell_left(log, failed > 0 ? &r->err : NULL);
	/* those handed over are looked at no sooner for that */
	if (failed > 0 || (retry && log->n_failed > 0))
		put_off_retry(log);
	else if (retry)
		log->retry_wait_ms = 0;
	log->stream_ms = r->n >= STREAM_MIN ? now_ms(log) + LOG_PUT_OFF_MS : 0;
	if (!give_free(log, &e))
		log_keep_first(&r->err, &e);
	if (r->err.text[0] == '\0')
		return;
	err_context(&r->err, "the message stays in the queue log");
	report(log, &r->err);
	if (failed == 0)
		put_off_retry(log);
}

/* Senders have been told: the space of their messages is free. */
static void
take_ended(struct queue_log *log)
{
	struct err e = ERR_INIT;
	log_expire_settle(log);
	log->n_failed = count_failed(log);
	log_tell_left(log, NULL);
	if (!give_free(log, &e))
		report(log, &e);
}

void *
log_deliver_thread(void *arg)
{
	struct queue_log *log = arg;
	struct round *r = calloc(1, sizeof(*r));
	struct err e = ERR_INIT;
	if (r == NULL) {
		err_set(&e, ERR_TEMPORARY, "out of memory");
		report(log, &e);
		atomic_store(&log->failed, true);
		return NULL;
	}
	r->log = log;
	while (!atomic_load(&log->stop)) {
		if (!log_has_fresh(log)) {
			log->behind = false;
			buf_clear(&log->text);
			log_sleep_until_woken(log);
			if (atomic_load(&log->stop))
				break;
		}
		if (atomic_load(&log->ended))
			take_ended(log);
		if (log_has_fresh(log))
			log_let_others_go_first(log);
		if (log_has_fresh(log) ||
		    (log->n_failed > 0 && now_ms(log) >= log->retry_ms))
			deliver(r);
	}
	free(r);
	return NULL;
}
