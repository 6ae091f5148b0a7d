/*
 * A run of plugins that stands still until facts of the DNS or of the state, or
 * what a next server says, are known. A plugin that wants one asks, is left at
 * once, and is run anew from its beginning when all it asked for is known: so
 * it must not change or log anything before it has its facts.
 */
#ifndef CORE_FILTER_WAIT_INT_H
#define CORE_FILTER_WAIT_INT_H

#include "core/auth/facts.h"
#include "core/filter/filter.h"
#include "core/filter/state.h"

/* What a next server said about a recipient. */
struct filter_hop_reply {
	unsigned code; /* 0: it could not be asked */
	struct str text;
};

enum {
	FILTER_FACTS_MEMORY = 4 << 20 /* of one run */
};

/* A question to the state, answered once in a run. */
struct state_fact {
	struct filter_wait *owner;
	struct filter_state_op op;
	bool asked, known;
	struct filter_state_answer answer;
	struct state_fact *next;
};

struct filter_wait {
	struct arena *arena;
	struct facts facts;
	bool asks_hop;
	bool has_hop; /* it is answered */
	struct filter_hop_question hop;
	struct filter_hop_reply hop_reply;
	struct state_fact *states;
	size_t open;    /* questions under way */
	bool fetching;  /* answers that come at once settle nothing */
	bool orphaned;  /* the session is gone, or asks something else */
	int64_t dns_ms; /* that the plugin which waits has for its facts */
	int64_t session_dns_ms; /* that its session has in all (FL-191) */
	int64_t began_ms;
	struct filter_session *session;
	const struct clock *clock;
	void (*settled)(void *ctx);
	void *ctx;

	/* where the run goes on */
	enum filter_hook hook;
	unsigned stage;
	size_t next;
	bool rcpt_listed;

	/* what the plugin that waits has worked out so far */
	const void *kept_by; /* its instance */
	void *kept;
	void (*release)(void *kept);
};

/* The session's wait, made when there is none; NULL: out of memory. */
struct filter_wait *filter_wait_of(struct filter_session *s);
/* What is known of it; noted as wanted when new. NULL: out of memory. */
struct state_fact *filter_wait_state(
    struct filter_wait *w, const struct filter_state_op *op);
/* The run is over or of no interest any more. */
void filter_wait_end(struct filter_session *s);
/* Let go of what a plugin has kept in it. */
void filter_wait_release(struct filter_wait *w);

#endif
