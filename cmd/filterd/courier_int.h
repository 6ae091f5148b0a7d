/* The courier's state, shared by its files. */
#ifndef CMD_FILTERD_COURIER_INT_H
#define CMD_FILTERD_COURIER_INT_H

#include "cmd/filterd/breaker.h"
#include "cmd/filterd/courier.h"
#include "core/base/list.h"

/* A job that waits for a child, or is with one. */
struct job {
	struct list_node node;
	enum message_type type;
	struct errand errand; /* its texts are in 'bytes' */
	int fd; /* of the file with its parts; -1: handed on, or none */
	int64_t deadline;
	size_t length;
	char bytes[]; /* as it came */
};

struct child {
	pid_t pid; /* 0: none here */
	struct channel channel;
	uint32_t kind;   /* a child keeps to one kind */
	struct job *job; /* NULL: free */
	int64_t free_since;
};

struct courier {
	const struct clock *clock;
	struct channel *keeper;
	struct child children[COURIER_CHILDREN];
	struct breaker breaker;
	struct list waiting;
	size_t n_waiting;
	bool over;
};

/* courier_job.c */
/* A job of the keeper joins those that wait; takes its descriptor. */
void courier_take_job(struct courier *c, struct message *m);
void courier_job_free(struct job *j); /* NULL allowed */
/* What answers a job of this type. */
enum message_type courier_answer_to(enum message_type type);
/* A child's answer; or that nobody could be asked, and why. */
void courier_send_answer(
    struct courier *c, const struct job *j, struct str body);
void courier_answer(struct courier *c, const struct job *j, const char *why);

/* courier_children.c */
/* A free one of this kind; else a new one; else one of another kind ends. */
struct child *courier_child(struct courier *c, uint32_t kind);

#endif
