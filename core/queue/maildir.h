/* Maildir back end (FL-158). */
#ifndef CORE_QUEUE_MAILDIR_H
#define CORE_QUEUE_MAILDIR_H

#include "core/base/buf.h"
#include "core/queue/queue.h"

struct queue_maildir_spec {
	const char *dir;    /* absolute */
	const char *subdir; /* with %l %d %u, or NULL: one box for all */
	mode_t mode;        /* of folders made; files get its rw bits */
	const char *host;   /* for file names */
};

/* NULL when out of memory. Folders are made when first needed. */
struct queue *queue_maildir_new(const struct queue_maildir_spec *spec);

/*
 * The folder below 'dir' for a recipient: 'pattern' with %l, %d and %u
 * replaced, made harmless. Appended to 'out'.
 */
bool queue_maildir_subdir(
    struct buf *out, const char *pattern, const struct mail_path *rcpt);

/* Staging the message would make a mailbox that is not there. */
bool queue_maildir_lacks(struct queue *q, const struct queue_message *m);

#endif
