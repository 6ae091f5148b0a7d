/* State that is looked at and never changed, for rehearsals. */
#ifndef CORE_FILTER_STATE_LOCAL_H
#define CORE_FILTER_STATE_LOCAL_H

#include "core/base/clock.h"
#include "core/filter/state.h"
#include "core/filter/state_store.h"

struct state_local_file {
	enum filter_state_kind kind;
	char dir[STATE_DIR_MAX];
	struct state_store *store;
};

/* Answers at once. What would be stored counts as stored. */
struct state_local {
	struct filter_state state; /* what a session gets */
	const struct clock *clock;
	struct state_local_file files[STATE_PLACES_MAX];
	size_t n;
};

/* Files are opened at the first question, and closed by clear. */
void state_local_init(struct state_local *l, const struct clock *clock);
void state_local_clear(struct state_local *l);

#endif
