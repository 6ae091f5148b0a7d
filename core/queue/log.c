/* The log as a queue: what is staged is written and synced at commit. */
#include "core/queue/log_int.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

static struct queue_log *
log_of(struct queue *q)
{
	return (struct queue_log *)(void *)q;
}

static bool
no_room(struct err *e)
{
	return err_set(e, ERR_PENDING, "the queue log has no room");
}

/* Room for 'size' bytes behind what is staged, with a pad if it is needed. */
static bool
has_room(const struct queue_log *log, uint64_t size)
{
	uint64_t used = atomic_load(&log->head) - atomic_load(&log->tail);
	uint64_t at = atomic_load(&log->head) + log->batch.len;
	uint64_t to_end = log_file_to_end(&log->file, at);
	uint64_t pad = size > to_end ? to_end : 0;
	return log->batch.len + pad + size <= LOG_BATCH_BYTES &&
	       used + log->batch.len + pad + size <= log->file.room;
}

/* Records do not cross the end of the file: fill what is left of it. */
static void
pad_to_end(struct queue_log *log, uint64_t size)
{
	uint64_t at = atomic_load(&log->head) + log->batch.len;
	uint64_t to_end = log_file_to_end(&log->file, at);
	if (size <= to_end)
		return;
	log_pad_put(
	    &log->file, &log->batch, to_end, log->seq++, log->batch_seq);
	/* what the pad covers stays as it is in the file, but is counted */
	static const char zeros[LOG_ALIGN];
	for (uint64_t left = to_end - sizeof(struct log_head); left > 0;) {
		size_t n = left < LOG_ALIGN ? (size_t)left : LOG_ALIGN;
		buf_add(&log->batch, zeros, n);
		left -= n;
	}
}

static bool
ready(struct queue *q, const struct queue_message *m, struct err *e)
{
	const struct queue_log *log = log_of(q);
	uint64_t size = log_record_size(m);
	return (!atomic_load(&log->failed) && size > 0 &&
		   has_room(log, size)) ||
	       no_room(e);
}

static bool
stage(struct queue *q, const struct queue_message *m, size_t *ticket,
    struct err *e)
{
	struct queue_log *log = log_of(q);
	if (!ready(q, m, e))
		return false;
	if (log->staged == 0)
		log->batch_seq = log->seq;
	pad_to_end(log, log_record_size(m));
	if (!log_record_put(
		&log->file, &log->batch, m, log->seq, log->batch_seq, e))
		return false;
	log->seq++;
	log->batch_bytes += log_record_size(m);
	*ticket = log->staged++;
	return true;
}

/* A crash loses what is in a file without a name (T-4). */
static bool
keep_name(struct queue_log *log, struct err *e)
{
	struct err told = ERR_INIT;
	if (log_file_is_named(&log->file))
		return true;
	pthread_mutex_lock(&log->moving);
	bool ok = log_file_restore(&log->file, e);
	pthread_mutex_unlock(&log->moving);
	if (!ok)
		return false;
	log->told_lost = false;
	err_set(&told, ERR_NONE,
	    "the queue log '%s' was removed under the daemon, it is made anew "
	    "with all that it held",
	    log->file.path);
	log->spec.report(log->spec.ctx, &told);
	return true;
}

/* Write what is staged; up to the end of the file, then from its beginning. */
static bool
write_batch(struct queue_log *log, struct err *e)
{
	uint64_t at = atomic_load(&log->head);
	struct str rest = buf_str(&log->batch);
	while (rest.len > 0) {
		uint64_t n = log_file_to_end(&log->file, at);
		n = n < rest.len ? n : rest.len;
		if (!log_file_write(
			&log->file, at, str_sub(rest, 0, (size_t)n)))
			return err_set_errno(e, errno,
			    "cannot write the queue log '%s'", log->file.path);
		rest = str_sub(rest, (size_t)n, rest.len);
		at += n;
	}
	if (fdatasync(log->file.fd) != 0)
		return err_set_errno(
		    e, errno, "cannot sync the queue log '%s'", log->file.path);
	return keep_name(log, e);
}

void
log_wake(const struct queue_log *log)
{
	uint64_t one = 1;
	/* a counter that is full wakes as well */
	if (write(log->wake, &one, sizeof(one)) < 0)
		return;
}

static void
commit(struct queue *q, struct queue_result *results)
{
	struct queue_log *log = log_of(q);
	struct err e = ERR_INIT;
	if (log->staged == 0)
		return;
	bool ok = !atomic_load(&log->failed) && write_batch(log, &e);
	if (ok) {
		/* before the thread can have delivered them */
		log_tell_taken(log, log->staged, log->batch_bytes);
		atomic_fetch_add(&log->head, log->batch.len);
		if (atomic_load(&log->asleep))
			log_wake(log);
	} else if (!atomic_load(&log->failed)) {
		/* what is on disk now nobody knows: take no more */
		atomic_store(&log->failed, true);
		log->spec.report(log->spec.ctx, &e);
	}
	for (size_t i = 0; i < log->staged; i++) {
		results[i].outcome = ok ? QUEUE_TAKEN : QUEUE_DECLINED;
		results[i].text[0] = '\0';
		results[i].err = e;
	}
	log->staged = 0;
	log->batch_bytes = 0;
	buf_settle(&log->batch, LOG_KEEP);
}

static void
free_log(struct queue *q)
{
	queue_log_close(log_of(q), 0);
}

static const struct queue_ops ops = { ready, stage, commit, free_log, NULL };

/* What an administrator should know of what was found. */
static void
tell_scan(const struct queue_log *log, const struct log_scan *scan)
{
	struct err e = ERR_INIT;
	if (scan->found.len > 0) {
		err_set(&e, ERR_NONE,
		    "the queue log '%s' holds messages of a run before, "
		    "delivering %zu",
		    log->file.path, scan->found.len);
		log->spec.report(log->spec.ctx, &e);
		err_clear(&e);
	}
	if (scan->lost > 0)
		err_set(&e, ERR_PERMANENT,
		    "the queue log '%s' is damaged, %llu of its messages are "
		    "lost",
		    log->file.path, (unsigned long long)scan->lost);
	else if (scan->torn)
		err_set(&e, ERR_NONE,
		    "the queue log '%s' ends within a batch that nobody was "
		    "answered for",
		    log->file.path);
	if (e.text[0] != '\0')
		log->spec.report(log->spec.ctx, &e);
}

static void
take_scan(struct queue_log *log, const struct log_scan *scan, uint64_t tail)
{
	log->left = scan->found;
	for (size_t i = 0; i < log->left.len; i++)
		log_tell_taken(log, 1,
		    log_padded(VEC_AT(&log->left, struct log_span, i)->length));
	log_tell_left(log, NULL);
	log->seq = log->next_seq = scan->seq;
	log->next = scan->head;
	atomic_store(&log->head, scan->head);
	atomic_store(&log->tail, tail);
}

static bool
start(struct queue_log *log, struct err *e)
{
	uint64_t tail, seq;
	struct log_scan scan;
	if (!log_file_open(
		&log->file, log->spec.path, log->spec.size, &tail, &seq, e))
		return false;
	if (!log_scan(&log->file, tail, seq, &scan))
		return err_set(e, ERR_TEMPORARY, "out of memory");
	if (scan.found.len == 0 &&
	    log->file.room + LOG_DATA != log->spec.size) {
		if (!log_file_remake(&log->file, log->spec.size, e))
			return false;
		tail = scan.head = 0;
		scan.seq = 1;
	}
	tell_scan(log, &scan);
	take_scan(log, &scan, tail);
	log->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int error = log->wake < 0 ? errno
				  : pthread_create(&log->thread, NULL,
					log_deliver_thread, log);
	log->has_thread = error == 0;
	return log->has_thread ||
	       err_set_errno(e, error,
		   "cannot start the delivery of the queue log '%s'",
		   log->file.path);
}

struct queue_log *
queue_log_open(const struct queue_log_spec *spec, struct err *e)
{
	struct queue_log *log = calloc(1, sizeof(*log));
	if (log == NULL) {
		err_set(e, ERR_TEMPORARY, "out of memory");
		return NULL;
	}
	log->queue.ops = &ops;
	log->spec = *spec;
	log->spec.size =
	    (spec->size - LOG_DATA) / LOG_ALIGN * LOG_ALIGN + LOG_DATA;
	log->file.fd = log->wake = -1;
	log->left = (struct vec)VEC_INIT(struct log_span);
	log->targets = (struct vec)VEC_INIT(struct log_target);
	log->handed = (struct vec)VEC_INIT(struct log_handed);
	pthread_mutex_init(&log->moving, NULL);
	pthread_mutex_init(&log->telling, NULL);
	buf_init(&log->batch, LOG_BATCH_BYTES);
	buf_init(&log->text, 2 * (size_t)LOG_BATCH_BYTES);
	if (start(log, e))
		return log;
	queue_log_close(log, 0);
	return NULL;
}

struct queue *
queue_log_queue(struct queue_log *log)
{
	return &log->queue;
}

uint64_t
queue_log_held(const struct queue_log *log)
{
	return atomic_load(&log->head) - atomic_load(&log->tail);
}

bool
queue_log_is_empty(const struct queue_log *log)
{
	return queue_log_held(log) == 0;
}

void
queue_log_tend(struct queue_log *log)
{
	struct err e = ERR_INIT;
	if (queue_log_is_empty(log) || keep_name(log, &e) || log->told_lost)
		return;
	log->told_lost = true;
	err_context(&e, "messages that were taken would be lost by a crash");
	log->spec.report(log->spec.ctx, &e);
}

void
queue_log_rest(struct queue_log *log)
{
	if (log->staged == 0)
		buf_clear(&log->batch);
}

bool
queue_log_is_over(const struct queue_log *log)
{
	return atomic_load(&log->failed) && queue_log_is_empty(log);
}

void
queue_log_close(struct queue_log *log, int64_t wait_ms)
{
	if (log == NULL)
		return;
	int64_t end = clock_mono_ms(log->spec.clock) + wait_ms;
	while (log->has_thread && !queue_log_is_empty(log) &&
	       clock_mono_ms(log->spec.clock) < end) {
		atomic_store(&log->hurry, true);
		log_wake(log);
		clock_sleep_ms(log->spec.clock, 1);
	}
	if (log->has_thread) {
		atomic_store(&log->stop, true);
		log_wake(log);
		pthread_join(log->thread, NULL);
	}
	if (log->wake >= 0)
		close(log->wake);
	log_targets_clear(log);
	for (size_t i = 0; i < log->left.len; i++)
		free(VEC_AT(&log->left, struct log_span, i)->has);
	vec_clear(&log->left);
	log_expire_clear(log);
	buf_clear(&log->batch);
	buf_clear(&log->text);
	log_file_close(&log->file);
	pthread_mutex_destroy(&log->moving);
	pthread_mutex_destroy(&log->telling);
	free(log);
}
