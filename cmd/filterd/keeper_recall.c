/* Shares that are not sent again when their message is. */
#include "cmd/filterd/job.h"
#include "cmd/filterd/keeper_split_int.h"
#include "cmd/filterd/log.h"

static bool
make_sums(struct keeper *k, struct split *s)
{
	struct siphash message;
	if (s->has_sums)
		return true;
	arena_reset(k->arena);
	s->has_sums =
	    keeper_shares_message(&k->shares, k->arena, s->fd, s->at, &message);
	for (size_t i = 0; s->has_sums && i < s->n; i++) {
		struct share *share = &s->shares[i];
		struct str envelope;
		s->has_sums = job_read_part(k->arena, s->fd, share->at,
		    share->length, FILTERD_JOB_META_MAX, &envelope);
		if (s->has_sums)
			share->sum = keeper_shares_sum(
			    &message, share->host, share->port, envelope);
	}
	return s->has_sums;
}

void
split_recall(struct keeper *k, struct split *s)
{
	if (k->shares.n == 0 || !make_sums(k, s))
		return;
	for (size_t i = 0; i < s->n; i++) {
		struct share *share = &s->shares[i];
		share->taken = keeper_shares_have(
		    &k->shares, &share->sum, clock_mono_ms(k->clock));
		if (share->taken)
			log_own("'%s' has its share of a message already, the "
				"rest goes on",
			    share->host);
	}
}

void
split_remember(struct keeper *k, struct split *s)
{
	bool again = s->worst.outcome == QUEUE_DECLINED;
	bool any = false;
	for (size_t i = 0; i < s->n; i++)
		any = any || s->shares[i].taken;
	if (!any || (!again && !s->has_sums) || !make_sums(k, s))
		return;
	for (size_t i = 0; i < s->n; i++) {
		const struct share *share = &s->shares[i];
		if (again && share->taken)
			keeper_shares_keep(
			    &k->shares, &share->sum, clock_mono_ms(k->clock));
		else if (!again)
			keeper_shares_forget(&k->shares, &share->sum);
	}
}
