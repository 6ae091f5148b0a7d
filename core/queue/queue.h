/*
 * Where accepted messages go. Messages are staged one by one and committed
 * together, so that one synchronisation serves many of them; what a commit
 * has taken is on disk for good, and only then may a peer be told 250.
 */
#ifndef CORE_QUEUE_QUEUE_H
#define CORE_QUEUE_QUEUE_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/mail/path.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * What file names are made of (FL-158). A message that is written down twice,
 * first in a log and then for good, keeps its stamp, so that the same names
 * come out however often it is delivered.
 */
struct queue_stamp {
	int64_t wall_ns;
	uint32_t pid;
	uint32_t serial; /* each recipient after the first counts one more */
};

struct queue_message {
	struct mail_path sender;
	const struct mail_path *rcpts;
	size_t n_rcpts;
	/*
	 * Whose mailbox takes it for each recipient; an empty name, and NULL:
	 * that of the recipient's own name. Of a Maildir for each. With a
	 * slash behind the name: the mailbox's folder junkmail.
	 */
	const struct str *boxes;
	struct str head; /* header with its empty line, LF line ends */
	struct str body; /* when body_fd is -1 */
	int body_fd;     /* a file that holds the body ... */
	off_t body_offset;
	off_t body_length;
	struct queue_stamp stamp;
	struct str target; /* of a log: what opens the queue behind it */
	bool again;        /* may have been delivered before a crash */
};

enum queue_outcome {
	QUEUE_TAKEN,    /* on disk and synced, or accepted elsewhere */
	QUEUE_DECLINED, /* not now: the sender keeps it and tries again */
	QUEUE_REFUSED,  /* it would fail again */
};

enum {
	QUEUE_TEXT_SIZE = 160
};
struct queue_result {
	enum queue_outcome outcome;
	char text[QUEUE_TEXT_SIZE]; /* for the peer; empty: none */
	/* "queued as ID" of a server that has it for some, whatever it said of
	   the others; empty: it has it for nobody, or has no ID */
	char queued_as[QUEUE_TEXT_SIZE];
	struct err err; /* for the log, when not taken */
};

/* What became of a message for one recipient, where that may differ. */
struct queue_answer {
	enum queue_outcome outcome;
	struct str text; /* why it was not taken, for the peer; may be empty */
};

/*
 * 'size' bytes of a body that is in a file, from 'from' of the body on. A
 * shorter file is an error, never a short copy.
 */
MUST_USE bool queue_body_read(const struct queue_message *m, off_t from,
    char *to, size_t size, struct err *e);

struct queue;

struct queue_ops {
	/*
	 * Could the message be staged? Places are opened, those that are not
	 * there only looked at: nothing is made or written. Asked before a log
	 * takes it for this queue.
	 */
	bool (*ready)(
	    struct queue *q, const struct queue_message *m, struct err *e);
	/*
	 * Write down the message, not for good yet. False: nothing of it is
	 * left, 'e' says why. 'm' is not needed afterwards. On success its
	 * result is number *ticket of the next commit, counted from 0.
	 */
	bool (*stage)(struct queue *q, const struct queue_message *m,
	    size_t *ticket, struct err *e);
	/*
	 * Make all staged messages last and fill results[0..staged).
	 * Afterwards none is staged.
	 */
	void (*commit)(struct queue *q, struct queue_result *results);
	void (*free)(struct queue *q);
	/* Each recipient has a file of its own; NULL: no. */
	bool (*apart)(const struct queue *q);
};

/* The beginning of every back end's own structure. */
struct queue {
	const struct queue_ops *ops;
};

/* What struct queue_ops says of each. */
MUST_USE bool queue_ready(
    struct queue *q, const struct queue_message *m, struct err *e);
MUST_USE bool queue_stage(struct queue *q, const struct queue_message *m,
    size_t *ticket, struct err *e);
void queue_commit(struct queue *q, struct queue_result *results);
bool queue_is_apart(const struct queue *q);
void queue_free(struct queue *q); /* NULL allowed; staged ones are lost */

/*
 * Write head and body to 'fd', wherever the body is. Used by back ends.
 */
MUST_USE bool queue_write_message(
    int fd, const struct queue_message *m, struct err *e);

#endif
