/*
 * Back end qmail-queue (FL-155 ... FL-157): one run of qmail's own program for
 * a message. It blocks, so it is called by a process that has nothing else to
 * do.
 */
#ifndef CORE_QUEUE_QMAIL_H
#define CORE_QUEUE_QMAIL_H

#include "core/base/clock.h"
#include "core/queue/queue.h"

struct queue_qmail {
	const char *program; /* "/var/qmail/bin/qmail-queue" */
	int64_t limit_ms;    /* it is killed after that */
	const struct clock *clock;
};

/*
 * Feed the program the message on descriptor 0 and the envelope on 1 and wait
 * for its end. Exit 0 is QUEUE_TAKEN, 11 to 40 QUEUE_REFUSED, all else, and an
 * end that cannot be learnt, QUEUE_DECLINED; the text for the peer names the
 * number. SIGPIPE must be ignored by the caller, SIGCHLD blocked and not
 * ignored.
 */
void queue_qmail_run(const struct queue_qmail *q, const struct queue_message *m,
    struct queue_result *r);

#endif
