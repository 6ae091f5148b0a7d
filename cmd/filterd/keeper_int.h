/* The keeper's state, shared by its two files. */
#ifndef CMD_FILTERD_KEEPER_INT_H
#define CMD_FILTERD_KEEPER_INT_H

#include "cmd/filterd/limits.h"
#include "cmd/filterd/part.h"
#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/filter/filter.h"
#include "core/queue/log.h"
#include "core/queue/maildir.h"
#include "core/queue/queue.h"

/* A queue the policy names, opened when first used. */
struct target {
	char *dir;
	char *subdir; /* may be NULL */
	mode_t mode;
	struct queue *queue;
	struct buf name; /* as the log has it */
};

/* A job staged in this batch. */
struct pending {
	uint32_t slot, serial;
	struct queue *queue; /* that has it staged */
	size_t ticket;
};

/* The write-ahead log, in the folder of setting spool_dir. */
struct keeper_log {
	struct queue_log *log; /* NULL: there is none */
	struct queue *queue;   /* of it */
	char *path;            /* NULL: the policy has none */
	uint64_t size;
	int64_t tried_ms; /* when it could not be opened last */
};

struct keeper {
	const struct clock *clock;
	const char *host;
	struct channel *listener;
	struct channel worker;
	struct filter_policy *policy;
	struct vec targets; /* struct target */
	struct keeper_log log;
	uint32_t files; /* names given so far: they count on */
	struct pending batch[FILTERD_BATCH];
	size_t n_batch;
	struct arena *arena; /* of one job */
	bool stopping;
};

/* keeper_job.c */
/* Stage a job of the worker; one that cannot be is answered at once. */
void keeper_take_job(struct keeper *k, struct message *msg);
/* Make all that is staged durable, and answer. */
void keeper_commit(struct keeper *k);
/* A file for a long text, or the answer that there is none. */
void keeper_give_spool(struct keeper *k, struct message *msg);
void keeper_targets_clear(struct keeper *k);

/* keeper_log.c */
/* What the log calls a queue, so that a later process can open it again. */
void keeper_log_name(struct buf *out, const struct queue_maildir_spec *spec);
/* The log that the policy wants; what one before held is delivered first. */
void keeper_log_follow_policy(struct keeper *k);
/* Open it when that was not possible before; how long to wait, -1: for ever. */
int keeper_log_tend(struct keeper *k);
/*
 * Stage in the log what is for this target. False: there is no log, or no room
 * in it, or the target is not ready for the message.
 */
MUST_USE bool keeper_log_stage(struct keeper *k, struct target *t,
    struct queue_message *m, size_t *ticket);
void keeper_log_close(struct keeper *k);

#endif
