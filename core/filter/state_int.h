/* What a kind of state is: one const record with its pure functions. */
#ifndef CORE_FILTER_STATE_INT_H
#define CORE_FILTER_STATE_INT_H

#include "core/filter/state.h"

struct state_kind {
	const char *name;
	/* The record after the verb; true when it has to be stored. */
	bool (*apply)(const struct filter_state_op *op, bool found,
	    struct state_record *r, int64_t now);
	int64_t (*stamp)(const struct state_record *r, int64_t now);
};

extern const struct state_kind state_karma;
extern const struct state_kind state_greylist;

#endif
