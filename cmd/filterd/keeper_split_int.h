/* A message in shares, for the files that see to it. */
#ifndef CMD_FILTERD_KEEPER_SPLIT_INT_H
#define CMD_FILTERD_KEEPER_SPLIT_INT_H

#include "cmd/filterd/keeper_int.h"

/* One of those whom a server is to take it for. */
struct share_rcpt {
	enum queue_outcome outcome; /* QUEUE_TAKEN too when it is reported */
	char *text;                 /* of the server that did not take it */
	struct siphash_sum sum;     /* has_sums: of the split */
};

/* What one server gets. */
struct share {
	char host[COURIER_TEXT_MAX];
	uint16_t port;
	uint64_t at, length; /* of its envelope, in the file */
	/* in the order of the envelope; 0: it has all from before */
	struct share_rcpt *rcpts;
	size_t n;
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
	bool is_whole;  /* one share, by the policy's own line */
	bool any_is_ours;
	bool is_known; /* would be, if its sender came again */
	bool has_sums;
	bool is_noted;  /* by split_note */
	bool is_staged; /* what is ours: all that is missing is its answer */
	struct vec had; /* struct siphash_sum: from before, in no share now */
	struct share *shares;
	size_t n, begun, waits; /* of them, handed on, not answered yet */
	int64_t until_ms;       /* as of its job */
	uint32_t generation;    /* of the policy that it began under */
	const struct filter_queue *queue; /* of that policy */
	struct queue_result worst;        /* of the answers so far */
	char queued_as[QUEUE_TEXT_SIZE];  /* where one server has it */
	enum split_report report;
	uint32_t report_serial;
};

/* keeper_plan.c */
/*
 * The shares of a new split, their envelopes behind all else in its file. 'd':
 * who gets which; NULL: one server gets all of 'm'.
 */
MUST_USE bool split_plan(struct keeper *k, struct split *s,
    const struct queue_message *m, const struct filter_deliveries *d,
    struct err *e);
void split_shares_free(struct split *s);
/* Sender and recipients of an envelope in the file, in the keeper's arena. */
MUST_USE bool split_read_envelope(struct keeper *k, const struct split *s,
    uint64_t at, uint64_t length, struct queue_message *m);
/* Another envelope in place of the one that the share had. */
MUST_USE bool split_write_envelope(const struct split *s, struct share *share,
    const struct mail_path *sender, const struct mail_path *rcpts, size_t n);

/* keeper_report.c */
/*
 * Could a report of what was refused get to somebody, who would then know what
 * a refusal of the whole message tells: is there a way?
 */
MUST_USE bool split_may_report(struct keeper *k, struct split *s);
/* Send it; its answer comes by keeper_split_reported. False: it is not sent. */
MUST_USE bool split_report(struct keeper *k, struct split *s, struct err *e);

/* keeper_recall.c */
/* Does a server have it for any of them now, or a report what became of it? */
MUST_USE bool split_any_has_it(const struct split *s);
/* Out of the shares with those whose servers took it when it came before. */
void split_recall(struct keeper *k, struct split *s);
/*
 * A server has answered for this share while others have not: who has it is
 * known from here on, even if this process ends.
 */
void split_note(struct keeper *k, struct split *s, const struct share *share);
/* It is answered: keep in mind who has it, if the sender comes 'again'. */
void split_remember(struct keeper *k, struct split *s, bool again);

#endif
