/*
 * The session workers, as a part sees them that serves them: a channel to
 * each, heard in turn, so that a busy one keeps nobody waiting. An id names one
 * process: answers for a worker that died never reach the one in its place.
 */
#ifndef CMD_FILTERD_WORKERS_H
#define CMD_FILTERD_WORKERS_H

#include "cmd/filterd/channel.h"
#include "cmd/filterd/limits.h"
#include "cmd/filterd/outbox.h"

#include <poll.h>

struct workers {
	enum part self;
	struct channel channels[FILTERD_WORKERS_MAX];
	struct outbox outboxes[FILTERD_WORKERS_MAX];
	uint32_t ids[FILTERD_WORKERS_MAX];
	unsigned first; /* heard before the others in the next turn */
};

/* A session that waits for an answer; slot and serial are its worker's. */
struct asker {
	uint32_t worker; /* an id */
	uint32_t slot, serial;
	/* the keeper's: some of its recipients are refused, and a report tells
	   the sender; not passed on, and no part of who it is */
	bool reported;
};
void asker_put(struct buf *out, const struct asker *a);
void asker_get(struct wire *in, struct asker *a);
bool asker_eq(const struct asker *a, const struct asker *b);

void workers_init(struct workers *w, enum part self);
void workers_clear(struct workers *w);
/* In a child: their descriptors only. */
void workers_close(const struct workers *w);
/*
 * The channel of a MESSAGE_PEER, to a worker that is new or in place of a dead
 * one; its number, or -1 when the message makes no sense.
 */
int workers_take(struct workers *w, struct message *m);
bool workers_are_gone(const struct workers *w);
/* Which of them it is, from 0; also for one that is gone. */
unsigned workers_number(uint32_t id);
bool workers_has(const struct workers *w, uint32_t id);

/*
 * FILTERD_WORKERS_MAX entries to poll. A worker that leaves answers lying is
 * not heard until it takes them: what waits for it cannot grow without end.
 */
void workers_watch(const struct workers *w, struct pollfd *p);

struct workers_ears {
	/* A message; its descriptor is the callee's. False: it makes no sense,
	 * and its sender is not heard any more. */
	bool (*hear)(void *ctx, uint32_t id, struct message *m);
	/* Is there room for another one now? */
	bool (*has_room)(const void *ctx);
};
/*
 * What those entries told of: one message of each worker, and round again; no
 * more than FILTERD_HEARD_MAX, so that the part comes to its own work whatever
 * workers send.
 */
void workers_hear(struct workers *w, const struct pollfd *p,
    const struct workers_ears *ears, void *ctx);

/*
 * Tell one, now or when there is room. Nobody waits for a worker that does not
 * read: one that takes nothing until its outbox is full is given up. If it
 * lives it sees that, and has the listener join us anew.
 */
void workers_tell(struct workers *w, uint32_t id, enum message_type type,
    struct str body, int fd);

#endif
