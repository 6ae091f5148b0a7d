/* The keeper's state, shared by its files. */
#ifndef CMD_FILTERD_KEEPER_INT_H
#define CMD_FILTERD_KEEPER_INT_H

#include "cmd/filterd/courier.h"
#include "cmd/filterd/keeper_shares.h"
#include "cmd/filterd/limits.h"
#include "cmd/filterd/part.h"
#include "cmd/filterd/workers.h"
#include "core/base/arena.h"
#include "core/base/list.h"
#include "core/base/vec.h"
#include "core/filter/deliver.h"
#include "core/queue/forward.h"
#include "core/queue/log.h"
#include "core/queue/maildir.h"
#include "core/queue/queue.h"

/* A queue the policy names, opened when first used. */
struct target {
	char *dir;
	char *subdir; /* may be NULL */
	mode_t mode;
	struct queue *queue;
	struct buf name;       /* as the log has it */
	int64_t roomy_till_ms; /* its disk has plenty of room until then */
};

/* A job staged in this batch. */
struct pending {
	struct asker asker;
	struct queue *queue; /* that has it staged */
	size_t ticket;
};

/* The write-ahead log, in the folder of setting spool_dir. */
struct keeper_log {
	struct queue_log *log; /* NULL: there is none */
	struct queue *queue;   /* of it */
	char *path;            /* NULL: the policy has none */
	uint64_t size;
	int64_t tried_ms;  /* when it could not be opened last */
	int64_t tended_ms; /* when it was looked after last */
};

/* Where a job's parts are, for the courier. */
struct job_parts {
	int fd; /* -1: in the packet, as these two tell */
	struct str envelope;
	const struct queue_message *message;
	uint64_t at[6]; /* in the file: envelope, header, text, with lengths */
	uint32_t share; /* of its message; 0 where it is whole */
	struct queue_apart apart;
	int64_t until_ms; /* who waits for it gives up then, by our clock */
};

enum {
	KEEPER_ITSELF =
	    UINT32_MAX /* no worker: it waits for a report's answer */
};

/* Reports of failure, so many in so much time. */
struct keeper_reports {
	uint32_t serial; /* of the last one */
	int64_t began_ms;
	unsigned n;
};

struct keeper {
	const struct clock *clock;
	const char *host;
	struct channel *listener;
	struct workers workers;
	struct part_process courier;
	struct filter_policy *policy;
	struct vec targets; /* struct target */
	struct keeper_log log;
	uint32_t pid;   /* ours, in names */
	uint32_t files; /* names given so far: they count on */
	struct list splits;
	struct keeper_reports reports;
	struct keeper_expired {
		uint32_t serial; /* of the report under way; 0: none */
		uint64_t seq;    /* of its message in the log */
	} expired;
	struct keeper_told {
		int64_t next_ms; /* not before */
		bool untold;     /* the listener knows something else */
	} told;
	struct keeper_shares shares; /* that are with their servers already */
	uint32_t generation;         /* of our policy */
	/* to be sent to each worker together, by its number */
	struct buf answers[FILTERD_WORKERS_MAX];
	struct pending batch[FILTERD_BATCH];
	size_t n_batch;
	struct arena *arena;        /* of one job */
	struct keeper_aside *aside; /* NULL: not needed so far */
	int64_t rest_ms;            /* memory is given back then; 0: it was */
	bool stopping;
};

/* keeper_job.c */
/* Stage a job of a worker; one that cannot be is answered at once. */
void keeper_take_job(struct keeper *k, uint32_t worker, struct message *msg);
/* Make all that is staged durable, and answer. */
void keeper_commit(struct keeper *k);
/* A file for a long text, or the answer that there is none. */
void keeper_give_spool(struct keeper *k, uint32_t worker, struct message *msg);

/* Tell its worker, with the others at the end of the turn. */
void keeper_answer(struct keeper *k, const struct asker *asker,
    enum queue_outcome outcome, struct str text, struct str why);
void keeper_send_answers(struct keeper *k);
/*
 * To where 'q' says, whoever asks for it. False: nothing is under way, and the
 * asker is not answered.
 */
MUST_USE bool keeper_send(struct keeper *k, const struct filter_queue *q,
    struct queue_message *m, const struct asker *asker,
    const struct queue_client *client, const struct job_parts *parts,
    struct err *e);

/* keeper_stage.c */
/* Who gets it, by our policy; errors as filter_policy_deliver. */
MUST_USE bool keeper_deliveries(struct keeper *k, const struct filter_queue *q,
    const struct queue_message *m, struct filter_deliveries *out,
    struct err *e);
/*
 * Stage what stays here for the Maildir of 'q', by the log if there is one;
 * answered at the next keeper_commit, or later when it takes its time. Not
 * after 'until_ms': its sender would be told to come again.
 */
MUST_USE bool keeper_stage(struct keeper *k, const struct filter_queue *q,
    struct queue_message *m, const struct filter_deliveries *d,
    const struct asker *asker, int64_t until_ms, struct err *e);
void keeper_targets_clear(struct keeper *k);

/* keeper_aside.c */
/*
 * Store a message by a thread of its own, which may make mailboxes and write
 * for long; 'm' has its target's name, and is copied. False: it cannot now.
 */
MUST_USE bool keeper_put_aside(struct keeper *k, const struct queue_message *m,
    const struct asker *asker, int64_t until_ms);
/* To poll for what it has stored; -1: there is nothing to wait for. */
int keeper_aside_fd(const struct keeper *k);
/* Answer that. */
void keeper_hear_aside(struct keeper *k);
void keeper_aside_free(struct keeper *k);

/* keeper_split.c */
/*
 * Hand each server its share, some side by side, then keep what is ours. 'd':
 * who gets which; NULL: the server of 'q' all of it, told of 'client' if it
 * wants to know. False: nothing is under way.
 */
MUST_USE bool keeper_split(struct keeper *k, const struct filter_queue *q,
    const struct filter_deliveries *d, const struct asker *asker,
    const struct queue_client *client, const struct job_parts *parts,
    struct err *e);
/* An answer of the courier; false: no split message waited for it. */
MUST_USE bool keeper_split_go_on(struct keeper *k, struct carried *c);
/* What was ours of a message is answered so, if it was one in shares. */
void keeper_split_stored(
    struct keeper *k, const struct asker *asker, enum queue_outcome outcome);
/* An answer to a report of ours. */
void keeper_split_reported(
    struct keeper *k, uint32_t serial, enum queue_outcome outcome);
/* Those whose report is answered, while there is room to stage; true: any. */
MUST_USE bool keeper_splits_resume(struct keeper *k);
void keeper_splits_clear(struct keeper *k);

/* Where mail of this client goes, by our own policy; NULL: nowhere. */
const struct filter_queue *keeper_queue_for(
    const struct keeper *k, struct str ip, bool logged_in, struct err *e);

/* keeper_report.c */
/* Has mail for this address a way from here, by the policy's line? */
MUST_USE bool keeper_reaches(
    struct keeper *k, const struct filter_queue *q, const struct mail_path *to);
/* A report of ours, with an answer by its serial. False: it is not sent. */
MUST_USE bool keeper_send_report(struct keeper *k, const struct filter_queue *q,
    const struct mail_path *to, uint32_t serial, int64_t until_ms,
    struct queue_message *m, struct err *e);

/* keeper_expired.c */
/* Tell the sender of the next message whose time in the log is over. */
void keeper_expire(struct keeper *k);
/* An answer to a report of ours. */
void keeper_expired_reported(
    struct keeper *k, uint32_t serial, enum queue_outcome outcome);

/* keeper_waiting.c */
/* Tell the listener what waits, each second; milliseconds until then, -1. */
int keeper_tell_waiting(struct keeper *k);

/* keeper_recall.c */
/* The record of shares lies in the policy's spool folder. */
void keeper_recall_follow_policy(struct keeper *k);

/* keeper_carry.c */
/* Parts that came in a packet into a file of memory; its descriptor or -1. */
MUST_USE int keeper_parts_file(
    const struct job_parts *parts, uint64_t at[6], struct err *e);
/* Before the walls go up: it needs what they close. */
MUST_USE bool keeper_start_courier(
    struct keeper *k, const struct part_init *init, struct err *e);
/* Hand the message on to qmail-queue or a server; the answer comes later. */
MUST_USE bool keeper_carry(struct keeper *k, const struct filter_queue *q,
    const struct asker *asker, const struct queue_client *client,
    const struct job_parts *parts, struct err *e);
/* End it when it is stuck; milliseconds until the next look, -1: none. */
int keeper_watch_courier(struct keeper *k);
/* Answers. False: it is gone. */
MUST_USE bool keeper_hear_courier(struct keeper *k);
/* As which this server is known: 'me', or the machine's name. */
struct str keeper_our_name(const struct keeper *k);
/* The policy's part of an errand; kind, limit and place are still to be set. */
struct errand keeper_errand(const struct keeper *k, const struct asker *asker);

/* keeper_inquire.c */
/* A worker asks about a recipient: pass it on with the server it is for. */
void keeper_take_rcpt(struct keeper *k, uint32_t worker, struct message *msg);
/* What the server said, for the worker; false: it makes no sense. */
MUST_USE bool keeper_hear_inquired(struct keeper *k, struct wire *in);

/* keeper_log.c */
/* What the log calls a queue, so that a later process can open it again. */
void keeper_log_name(struct buf *out, const struct queue_maildir_spec *spec);
/* The queue of such a name, for a thread of its own. */
struct queue *keeper_log_target(struct str target, struct err *e);
/* The log that the policy wants; what one before held is delivered first. */
void keeper_log_follow_policy(struct keeper *k);
/* Open it when that was not possible before; how long to wait, -1: for ever. */
int keeper_log_tend(struct keeper *k);
/*
 * Can the disk of this target take it, and what waits in the log before it?
 * Mailboxes on disks of their own are not looked at: what one of them has no
 * room for waits in the log, and is told.
 */
MUST_USE bool keeper_log_has_disk(
    const struct keeper *k, struct target *t, const struct queue_message *m);
/*
 * Stage in the log what is for this target, as the message says. False: there
 * is no log, or no room in it, or the target is not ready, which says why.
 */
MUST_USE bool keeper_log_stage(struct keeper *k, struct target *t,
    struct queue_message *m, size_t *ticket);
void keeper_log_close(struct keeper *k);
/* Messages wait in it for their delivery. */
bool keeper_log_is_busy(const struct keeper *k);

#endif
