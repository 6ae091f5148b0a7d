/* The history of an address: bad and good sessions, and the penalty. */
#include "core/filter/state_int.h"

enum {
	DAY_S = 24 * 60 * 60,
	/* FL-169: never good, and below this: shut out for longer */
	HOPELESS = -5,
	LONGEST_DAYS = 365 /* of a penalty put into the future */
};

int64_t
karma_history(const struct state_record *r)
{
	return r->n[KARMA_NICE] - r->n[KARMA_NAUGHTY];
}

int64_t
karma_penalty_left(const struct state_record *r, int64_t penalty_s, int64_t now)
{
	int64_t start = r->n[KARMA_START];
	if (start == 0 || now - start >= penalty_s)
		return 0;
	return penalty_s - (now - start);
}

static bool
is_hopeless(const struct state_record *r)
{
	return r->n[KARMA_NICE] == 0 && karma_history(r) < HOPELESS;
}

bool
karma_shuts_out(const struct state_record *r, int64_t negative)
{
	return karma_history(r) <= -negative || is_hopeless(r);
}

static void
punish(const struct filter_state_op *op, struct state_record *r, int64_t now)
{
	r->n[KARMA_NAUGHTY]++;
	int64_t history = karma_history(r);
	int64_t days = -history < LONGEST_DAYS ? -history : LONGEST_DAYS;
	if (karma_shuts_out(r, op->arguments[KARMA_NEGATIVE]))
		r->n[KARMA_START] = is_hopeless(r) ? now + days * DAY_S : now;
}

static bool
apply(const struct filter_state_op *op, bool found, struct state_record *r,
    int64_t now)
{
	int64_t karma = op->arguments[KARMA_OF_SESSION];
	int64_t strikes = op->arguments[KARMA_STRIKES];
	if (op->verb == STATE_ARRIVE) {
		/* only those shut out are counted here (FL-166) */
		if (!found || karma_penalty_left(
				  r, op->arguments[KARMA_PENALTY_S], now) == 0)
			return false;
	} else if (karma <= -strikes) {
		punish(op, r, now);
	} else if (karma >= strikes) {
		r->n[KARMA_NICE]++;
	}
	r->n[KARMA_CONNECTS]++;
	return true;
}

/* A penalty in the future is not forgotten before it begins. */
static int64_t
stamp(const struct state_record *r, int64_t now)
{
	return r->n[KARMA_START] > now ? r->n[KARMA_START] : now;
}

const struct state_kind state_karma = { "karma", apply, stamp };
