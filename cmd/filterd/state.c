/*
 * The part that remembers across sessions: karma and greylisting. A part of
 * its own, not the keeper: a file that is locked or full must not hold up mail
 * that waits to be made durable, and a library that reads a damaged file may
 * crash without losing more than what it was just asked. Sessions go on
 * without it.
 */
#include "cmd/filterd/limits.h"
#include "cmd/filterd/log.h"
#include "cmd/filterd/sandbox.h"
#include "cmd/filterd/state_int.h"

#include <poll.h>
#include <unistd.h>

bool
state_take_question(struct state_part *p, uint32_t worker, struct message *m)
{
	struct filter_state_op op;
	struct state_pending *b = &p->batch[p->n_batch];
	if (!state_ask_get(&m->in, &b->serial, &op))
		return false;
	b->worker = worker;
	b->place = state_place_find(p, &op);
	b->changes = op.verb != STATE_READ;
	p->n_batch++;
	if (b->place != NULL)
		state_place_do(p, b->place, &op, &b->answer);
	else
		b->answer = (struct filter_state_answer){
			.why = "no plugin of the configuration keeps it"
		};
	return true;
}

static void
answer_batch(struct state_part *p)
{
	state_places_commit(p);
	for (size_t i = 0; i < p->n_batch; i++) {
		const struct state_pending *b = &p->batch[i];
		struct buf body = BUF_INIT(STATE_TOLD_MAX);
		if (b->serial == 0)
			continue;
		state_told_put(&body, b->serial, &b->answer);
		workers_tell(&p->workers, b->worker, MESSAGE_STATE_TOLD,
		    buf_str(&body), -1);
		buf_clear(&body);
	}
	p->n_batch = 0;
}

static bool
hear_question(void *ctx, uint32_t worker, struct message *m)
{
	return state_take_question(ctx, worker, m);
}

static bool
has_room(const void *ctx)
{
	const struct state_part *p = ctx;
	return p->n_batch < STATE_BATCH;
}

static const struct workers_ears ears = { hear_question, has_room };

static void
hear_listener(struct state_part *p)
{
	struct message m;
	struct err e = ERR_INIT;
	for (;;) {
		enum channel_status s = channel_receive(p->listener, &m, &e);
		if (s == CHANNEL_AGAIN)
			return;
		if (s == CHANNEL_BAD)
			log_error(&e);
		if (s != CHANNEL_OK || m.type == MESSAGE_DRAIN) {
			p->stopping = true;
			channel_clear(p->listener);
			return;
		}
		if (m.type == MESSAGE_PEER)
			(void)workers_take(&p->workers, &m);
		else if (m.type == MESSAGE_POLICY &&
			 part_take_policy(p->listener, &m, &p->policy))
			state_places_follow(p);
	}
}

/* Files are opened as the user that the daemon runs as. */
static bool
prepare(const struct part_init *init, struct err *e)
{
	struct err missing = ERR_INIT;
	if (init->has_user && geteuid() == 0 &&
	    !sandbox_become(init->uid, init->gid, e))
		return false;
	if (!sandbox_seccomp(SANDBOX_KEEPER, &missing))
		log_own("state: going on without a system call filter: %s",
		    missing.text);
	return true;
}

int
state_run(struct channel *listener, const struct part_init *init)
{
	struct err e = ERR_INIT;
	struct state_part p = { .clock = &clock_system, .listener = listener };
	workers_init(&p.workers, PART_STATE);
	bool ok = prepare(init, &e);
	if (!ok)
		log_error(&e);
	/* what the workers said last is counted too: they end first */
	while (ok && !(p.stopping && workers_are_gone(&p.workers))) {
		struct pollfd fds[1 + FILTERD_WORKERS_MAX] = {
			{ .fd = p.listener->fd, .events = POLLIN },
		};
		workers_watch(&p.workers, fds + 1);
		if (poll(fds, ARRAY_LEN(fds), state_places_tend(&p)) < 0)
			continue;
		/* all that waits, as one transaction */
		workers_hear(&p.workers, fds + 1, &ears, &p);
		answer_batch(&p);
		if (fds[0].revents != 0)
			hear_listener(&p);
	}
	state_places_clear(&p);
	filter_policy_free(p.policy);
	workers_clear(&p.workers);
	return err_exit_status(e.code);
}
