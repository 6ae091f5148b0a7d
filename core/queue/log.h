/*
 * The write-ahead log (T-3, T-4): one file, written full once and overwritten
 * in place. All messages that wait are written to it together and made durable
 * by one fdatasync; then their senders may be told 250. A thread delivers
 * behind it. The space of a message is used again only when its delivered
 * files are on disk, so a crash at any moment loses nothing: what the log holds
 * is delivered at the next start, under the names that the log fixed.
 *
 * One process has the log; the file is locked.
 */
#ifndef CORE_QUEUE_LOG_H
#define CORE_QUEUE_LOG_H

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/queue/queue.h"

enum {
	QUEUE_LOG_MESSAGE_MAX = 1 << 20, /* longer ones are not logged */
	QUEUE_LOG_SIZE_MIN = 1 << 20,
	QUEUE_LOG_SIZE_DEFAULT = 64 << 20,
	QUEUE_LOG_SIZE_MAX = 1 << 30,
};

struct queue_log_spec {
	const char *path;
	/* of the file, when it is made or is empty: bytes, from
	   QUEUE_LOG_SIZE_MIN to QUEUE_LOG_SIZE_MAX */
	uint64_t size;
	const struct clock *clock;
	/* The queue behind a message's target; called by the thread. */
	struct queue *(*open)(void *ctx, struct str target, struct err *e);
	/* Something an administrator should know; called by either thread. */
	void (*report)(void *ctx, const struct err *e);
	void *ctx;
};

struct queue_log;

/*
 * Open or make the log and deliver what it holds. NULL: another process has it
 * (ERR_TEMPORARY), the file is not a log of ours and is left alone, or there is
 * no room.
 */
struct queue_log *queue_log_open(
    const struct queue_log_spec *spec, struct err *e);
/*
 * As a queue, borrowed. A message is staged only if the log has room for it
 * now; a caller with another way does that instead (ERR_PENDING: no room, too
 * large; no fault). 'target' and 'stamp' of the message must be set.
 */
struct queue *queue_log_queue(struct queue_log *log);
/* Bytes of messages that wait in it. */
uint64_t queue_log_held(const struct queue_log *log);
struct queue_log_waiting {
	uint64_t messages, bytes;
	uint64_t failed;  /* of them tried in vain */
	int64_t oldest_s; /* Unix time when it was taken; 0: none waits */
	struct err why;   /* of the first that failed, when it was tried last */
};
/* What was taken and is not delivered, as far as both threads have told. */
void queue_log_waiting(struct queue_log *log, struct queue_log_waiting *out);
/*
 * The same of a log that nobody has open: its file is only read. False: it is
 * not there (ERR_NO), none of ours, or may not be read. One that a daemon
 * writes meanwhile gives a moment of it.
 */
MUST_USE bool queue_log_peek(
    const char *path, struct queue_log_waiting *out, struct err *e);
/*
 * From now on: a message that was tried in vain so long after it was taken is
 * handed over below; 0 and less: it waits for ever.
 */
void queue_log_set_lifetime(struct queue_log *log, int64_t seconds);

struct queue_log_expired {
	uint64_t seq;
	int64_t waited_s;
	struct err why;          /* when it was tried last */
	struct queue_message m;  /* for those who do not have it */
	struct mail_path *rcpts; /* the caller's to free */
};
/*
 * The next one whose time is over; its texts are in 'content'. It is not tried
 * until queue_log_end_expired tells that its sender knows ('told': it is gone
 * then), or that it is to be tried again.
 */
MUST_USE bool queue_log_take_expired(
    struct queue_log *log, struct buf *content, struct queue_log_expired *out);
void queue_log_end_expired(struct queue_log *log, uint64_t seq, bool told);
/* Every message of it has been delivered and the space is free. */
bool queue_log_is_empty(const struct queue_log *log);
/*
 * To be called about each second while it holds messages: a file whose name
 * was removed is made anew under it. A batch sees to that by itself.
 */
void queue_log_tend(struct queue_log *log);
/* Nothing comes for now: memory that the next batch would use is freed. */
void queue_log_rest(struct queue_log *log);
/* It takes no more and holds nothing: it can be closed and opened anew. */
bool queue_log_is_over(const struct queue_log *log);
/*
 * Deliver what can be within 'wait_ms', then close. What could not stays in
 * the log for the next start.
 */
void queue_log_close(struct queue_log *log, int64_t wait_ms); /* NULL allowed */

#endif
