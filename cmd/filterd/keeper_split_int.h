/* A message in shares, for the files that see to it. */
#ifndef CMD_FILTERD_KEEPER_SPLIT_INT_H
#define CMD_FILTERD_KEEPER_SPLIT_INT_H

#include "cmd/filterd/keeper_int.h"

/* What one server gets. */
struct share {
	char host[COURIER_TEXT_MAX];
	uint16_t port;
	uint64_t at, length; /* of its envelope, in the file */
	bool taken;          /* now or before, or its end is reported */
	bool refused;
	char text[QUEUE_TEXT_SIZE]; /* of the server that refused it */
	struct siphash_sum sum;
};

enum split_report {
	REPORT_NONE,
	REPORT_UNDER_WAY,
	REPORT_TAKEN,
	REPORT_FAILED
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
	enum split_report report;
	uint32_t report_serial;
};

/* keeper_report.c */
/*
 * Could a report of what was refused get to somebody, who would then know what
 * a refusal of the whole message tells: is there a way?
 */
MUST_USE bool split_may_report(struct keeper *k, struct split *s);
/* Send it; its answer comes by keeper_split_reported. False: it is not sent. */
MUST_USE bool split_report(struct keeper *k, struct split *s, struct err *e);

/* keeper_recall.c */
/* Mark the shares that their servers took when the sender came before. */
void split_recall(struct keeper *k, struct split *s);
/* It is answered: keep in mind which were taken, if the sender comes again. */
void split_remember(struct keeper *k, struct split *s);

#endif
