/* Those who do not get a message again when their sender comes again. */
#include "cmd/filterd/keeper_split_int.h"
#include "cmd/filterd/log.h"

#include <stdlib.h>

void
keeper_recall_follow_policy(struct keeper *k)
{
	static const char file_name[] = "queue-shares";
	struct str dir = filter_policy_setting(k->policy, "spool_dir");
	bool usable = dir.len > 0 && dir.ptr[0] == '/';
	arena_reset(k->arena);
	keeper_shares_follow(&k->shares,
	    usable ? arena_printf(k->arena, "%.*s/%s", STR_ARG(dir), file_name)
		   : NULL,
	    clock_wall_s(k->clock));
}

static bool
make_sums(struct keeper *k, struct split *s)
{
	struct siphash message;
	if (s->has_sums || !s->is_known)
		return s->has_sums;
	arena_reset(k->arena);
	s->has_sums =
	    keeper_shares_message(&k->shares, k->arena, s->fd, s->at, &message);
	for (size_t i = 0; s->has_sums && i < s->n; i++) {
		struct share *share = &s->shares[i];
		struct queue_message m;
		s->has_sums =
		    split_read_envelope(k, s, share->at, share->length, &m);
		for (size_t j = 0; s->has_sums && j < share->n; j++)
			share->rcpts[j].sum = keeper_shares_sum(&message,
			    share->host, share->port, &m.sender, &m.rcpts[j]);
	}
	return s->has_sums;
}

/* Those who have it leave the share; false: it stays as it is. */
static bool
shorten(struct keeper *k, struct split *s, struct share *share, const bool *has)
{
	struct queue_message m;
	size_t left = 0;
	arena_reset(k->arena);
	if (!split_read_envelope(k, s, share->at, share->length, &m))
		return false;
	struct mail_path *rcpts =
	    ARENA_ARRAY(k->arena, share->n, struct mail_path);
	if (rcpts == NULL)
		return false;
	for (size_t j = 0; j < share->n; j++) {
		if (!has[j])
			rcpts[left++] = m.rcpts[j];
	}
	if (left > 0 && !split_write_envelope(s, share, &m.sender, rcpts, left))
		return false;
	left = 0;
	for (size_t j = 0; j < share->n; j++) {
		if (!has[j])
			share->rcpts[left++] = share->rcpts[j];
	}
	share->n = left;
	return true;
}

static void
recall_share(struct keeper *k, struct split *s, struct share *share)
{
	size_t before = s->had.len, n = share->n;
	bool *has = calloc(n, sizeof(*has));
	bool ok = has != NULL;
	for (size_t j = 0; ok && j < n; j++) {
		const struct siphash_sum *sum = &share->rcpts[j].sum;
		has[j] =
		    keeper_shares_have(&k->shares, sum, clock_wall_s(k->clock));
		ok = !has[j] || vec_push(&s->had, sum);
	}
	size_t had = s->had.len - before;
	if (had > 0 && (!ok || !shorten(k, s, share, has)))
		s->had.len = before;
	else if (had == n)
		log_own("'%s' has its share of a message already, the "
			"rest goes on",
		    share->host);
	else if (had > 0)
		log_own("'%s' has a message for %zu of its %zu recipients "
			"already, the rest goes on",
		    share->host, had, n);
	free(has);
}

void
split_recall(struct keeper *k, struct split *s)
{
	if (!k->shares.any || !make_sums(k, s))
		return;
	for (size_t i = 0; i < s->n; i++)
		recall_share(k, s, &s->shares[i]);
}

bool
split_any_has_it(const struct split *s)
{
	for (size_t i = 0; i < s->n; i++) {
		for (size_t j = 0; j < s->shares[i].n; j++) {
			if (s->shares[i].rcpts[j].outcome == QUEUE_TAKEN)
				return true;
		}
	}
	return false;
}

static void
keep_share(struct keeper *k, const struct share *share, bool firm)
{
	for (size_t j = 0; j < share->n; j++) {
		const struct share_rcpt *r = &share->rcpts[j];
		if (r->outcome == QUEUE_TAKEN)
			keeper_shares_keep(
			    &k->shares, &r->sum, clock_wall_s(k->clock), firm);
	}
}

void
split_note(struct keeper *k, struct split *s, const struct share *share)
{
	bool others = s->waits > 0 || s->begun < s->n || s->any_is_ours;
	if (others && split_any_has_it(s) && make_sums(k, s)) {
		s->is_noted = true;
		keep_share(k, share, false);
	}
}

static void
forget_share(struct keeper *k, const struct share *share)
{
	for (size_t j = 0; j < share->n; j++)
		keeper_shares_forget(&k->shares, &share->rcpts[j].sum);
}

void
split_remember(struct keeper *k, struct split *s, bool again)
{
	for (size_t i = 0; i < s->had.len; i++) {
		const struct siphash_sum *sum =
		    VEC_AT(&s->had, struct siphash_sum, i);
		if (again)
			keeper_shares_keep(
			    &k->shares, sum, clock_wall_s(k->clock), true);
		else
			keeper_shares_forget(&k->shares, sum);
	}
	for (size_t i = 0; !again && s->is_noted && i < s->n; i++)
		forget_share(k, &s->shares[i]);
	if (!again || !split_any_has_it(s) || !make_sums(k, s))
		return;
	for (size_t i = 0; i < s->n; i++)
		keep_share(k, &s->shares[i], true);
}
