/* First contacts: who came when, how often in vain, how often taken. */
#include "core/filter/state_int.h"

enum greylist_verdict
greylist_judge(const struct filter_state_op *op, bool found,
    const struct state_record *r, int64_t now)
{
	int64_t age = now - r->n[GREYLIST_TIME];
	int64_t grey_s = op->arguments[GREYLIST_GREY_S];
	if (!found)
		return GREYLIST_UNKNOWN;
	if (r->n[GREYLIST_WHITE] > 0)
		return age < op->arguments[GREYLIST_WHITE_S] ? GREYLIST_KNOWN
							     : GREYLIST_UNKNOWN;
	/* a clock that was wrong must not shut anybody out for years */
	if (age < 0)
		return GREYLIST_UNKNOWN;
	if (age < op->arguments[GREYLIST_BLACK_S])
		return GREYLIST_EARLY;
	/* only where the line sets such a limit, as up to 0.94 */
	return grey_s > 0 && age >= grey_s ? GREYLIST_UNKNOWN : GREYLIST_BACK;
}

static bool
apply(const struct filter_state_op *op, bool found, struct state_record *r,
    int64_t now)
{
	switch (greylist_judge(op, found, r, now)) {
	case GREYLIST_UNKNOWN:
		*r = (struct state_record){ .n = { now, 1, 0, 0 } };
		break;
	case GREYLIST_EARLY:
		r->n[GREYLIST_BLACK]++;
		break;
	case GREYLIST_BACK:
		r->n[GREYLIST_TIME] = now;
		r->n[GREYLIST_WHITE] = 1;
		break;
	case GREYLIST_KNOWN:
		r->n[GREYLIST_TIME] = now;
		r->n[GREYLIST_WHITE]++;
		break;
	}
	return true;
}

static int64_t
stamp(const struct state_record *r, int64_t now)
{
	(void)now;
	return r->n[GREYLIST_TIME];
}

const struct state_kind state_greylist = { "greylist", apply, stamp };
