/* The part that remembers: its files, and the questions it has heard. */
#ifndef CMD_FILTERD_STATE_INT_H
#define CMD_FILTERD_STATE_INT_H

#include "cmd/filterd/part.h"
#include "cmd/filterd/state_wire.h"
#include "cmd/filterd/workers.h"
#include "core/base/clock.h"
#include "core/filter/state_store.h"

enum {
	STATE_BATCH = 128, /* questions of one transaction */
	STATE_RETRY_MS = 5000,
	STATE_TEND_MS = 3600 * 1000,
	STATE_TEND_ROWS = 1000, /* forgotten at once */
};

/* A file that the policy names. */
struct state_place {
	enum filter_state_kind kind;
	char dir[STATE_DIR_MAX];
	int64_t keep_s;
	bool wanted; /* by the policy in force */
	struct state_store *store;
	bool begun;       /* a transaction is open */
	bool unstored;    /* what this batch changed is lost */
	bool told;        /* of the trouble there is */
	int64_t open_ms;  /* it may be opened again then */
	int64_t write_ms; /* it may be written to again then */
	int64_t tend_ms;  /* when what is old is forgotten next */
	unsigned stored;  /* records since then */
	char why[STATE_WHY_SIZE];
};

struct state_pending {
	uint32_t worker; /* an id */
	uint32_t serial; /* 0: nobody waits */
	struct state_place *place;
	bool changes;
	struct filter_state_answer answer;
};

struct state_part {
	const struct clock *clock;
	struct channel *listener;
	struct workers workers;
	struct filter_policy *policy;
	struct state_place places[STATE_PLACES_MAX];
	size_t n_places;
	struct state_pending batch[STATE_BATCH];
	size_t n_batch;
	bool stopping;
};

/* state_places.c */
/* The places of the policy in force. */
void state_places_follow(struct state_part *p);
void state_places_clear(struct state_part *p);
/* One of the policy in force, or NULL. */
struct state_place *state_place_find(
    struct state_part *p, const struct filter_state_op *op);
/* Look it up, do what the verb does, and tell. */
void state_place_do(struct state_part *p, struct state_place *place,
    const struct filter_state_op *op, struct filter_state_answer *out);
/* Make durable what the batch did. */
void state_places_commit(struct state_part *p);
/* Forget what is old; milliseconds until there is more to do, -1: never. */
int state_places_tend(struct state_part *p);

/* state.c */
/* A question of the worker into the batch; false: it makes no sense. */
MUST_USE bool state_take_question(
    struct state_part *p, uint32_t worker, struct message *m);

#endif
