/* The keeper's state, shared by its two files. */
#ifndef CMD_FILTERD_KEEPER_INT_H
#define CMD_FILTERD_KEEPER_INT_H

#include "cmd/filterd/limits.h"
#include "cmd/filterd/part.h"
#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/filter/filter.h"
#include "core/queue/queue.h"

/* A queue the policy names, opened when first used. */
struct target {
	char *dir;
	char *subdir; /* may be NULL */
	mode_t mode;
	struct queue *queue;
	size_t staged;
};

/* A job staged in this batch. */
struct pending {
	uint32_t slot, serial;
	size_t target;
	size_t ticket;
};

struct keeper {
	const struct clock *clock;
	const char *host;
	struct channel *listener;
	struct channel worker;
	struct filter_policy *policy;
	struct vec targets; /* struct target */
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

#endif
