/*
 * A message for several mailboxes of which one cannot take it: each of the
 * others has it all the same, and only that one is tried again. Who has it is
 * known as long as this process lives; afterwards the names tell it of all who
 * have not moved it away.
 */
#include "core/queue/log_int.h"

#include <stdlib.h>

enum {
	APART_BATCH = 64 /* recipients whose files are synced together */
};

struct apart {
	struct queue *queue;
	const struct queue_message *m;
	struct log_span *span;
	struct err *e; /* the first */
};

void
log_keep_first(struct err *first, const struct err *e)
{
	if (first->text[0] == '\0')
		*first = *e;
}

/* From recipient *next on, as many as fit. */
static void
deliver_some(const struct apart *a, size_t *next)
{
	size_t who[APART_BATCH], n = 0, ticket;
	struct queue_result results[APART_BATCH];
	for (; *next < a->m->n_rcpts && n < APART_BATCH; ++*next) {
		struct queue_message one = *a->m;
		struct err e = ERR_INIT;
		if (a->span->has[*next])
			continue;
		one.rcpts += *next;
		one.boxes += *next;
		one.n_rcpts = 1;
		one.stamp.serial += (uint32_t)*next;
		one.again = true;
		if (queue_stage(a->queue, &one, &ticket, &e))
			who[n++] = *next;
		else
			log_keep_first(a->e, &e);
	}
	if (n == 0)
		return;
	queue_commit(a->queue, results);
	for (size_t i = 0; i < n; i++) {
		a->span->has[who[i]] = results[i].outcome == QUEUE_TAKEN;
		if (!a->span->has[who[i]])
			log_keep_first(a->e, &results[i].err);
	}
}

bool
log_deliver_apart(struct queue *queue, const struct queue_message *m,
    struct log_span *span, struct err *e)
{
	struct apart a = { queue, m, span, e };
	size_t next = 0, has = 0;
	if (span->has == NULL)
		span->has = calloc(m->n_rcpts, sizeof(*span->has));
	if (span->has == NULL)
		return err_set(e, ERR_TEMPORARY, "out of memory");
	while (next < m->n_rcpts)
		deliver_some(&a, &next);
	for (size_t i = 0; i < m->n_rcpts; i++)
		has += span->has[i];
	return has == m->n_rcpts;
}
