/* A message in shares, for the files that see to it. */
#ifndef CMD_FILTERD_KEEPER_SPLIT_INT_H
#define CMD_FILTERD_KEEPER_SPLIT_INT_H

#include "cmd/filterd/keeper_int.h"

/* What one server gets. */
struct share {
	char host[COURIER_TEXT_MAX];
	uint16_t port;
	uint64_t at, length; /* of its envelope, in the file */
	bool taken;          /* now or before */
	struct siphash_sum sum;
};

struct split {
	struct list_node node;
	struct asker asker;
	int fd;         /* of the file with its parts */
	uint64_t at[6]; /* where they are; the envelope as it came */
	bool any_is_ours;
	bool has_sums; /* of its shares */
	struct share *shares;
	size_t n, begun, waits; /* of them, handed on, not answered yet */
	uint32_t generation;    /* of the policy that it began under */
	const struct filter_queue *queue; /* of that policy */
	struct queue_result worst;        /* of the answers so far */
};

/* keeper_recall.c */
/* Mark the shares that their servers took when the sender came before. */
void split_recall(struct keeper *k, struct split *s);
/* It is answered: keep in mind which were taken, if the sender comes again. */
void split_remember(struct keeper *k, struct split *s);

#endif
