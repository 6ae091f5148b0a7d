/* What sessions ask the part that remembers. */
#include "cmd/filterd/state_wire.h"
#include "cmd/filterd/worker_int.h"

#include <stdlib.h>

enum {
	FLIGHTS_MAX = 1 << 16
};

/*
 * A question under way; the oldest has the first deadline. It is ours until
 * 'done' was called, which happens once: at the answer, at the deadline, or
 * when the part is gone. There is no way to take a question back, and none is
 * needed: 'ctx' belongs to whoever asks and has to be there until then. That is
 * a fact in the wait of a session (core/filter/wait.c), which outlives a
 * session that ends first, as an orphan, and is freed by the last answer.
 */
struct flight {
	struct list_node node;
	uint32_t serial;
	int64_t deadline;
	filter_state_done *done;
	void *ctx;
};

static bool
send_question(
    struct worker *w, uint32_t serial, const struct filter_state_op *op)
{
	struct buf body = BUF_INIT(STATE_ASK_MAX);
	state_ask_put(&body, serial, op);
	bool sent =
	    !body.failed && channel_send(&w->state.channel, MESSAGE_STATE_ASK,
				buf_str(&body), -1, 0) == CHANNEL_OK;
	buf_clear(&body);
	return sent;
}

static bool
ask(struct filter_state *st, const struct filter_state_op *op,
    filter_state_done *done, void *ctx)
{
	struct worker *w = LIST_ITEM(st, struct worker, state.ask);
	struct worker_state *s = &w->state;
	struct flight *f = NULL;
	uint32_t serial = 0; /* nobody waits */
	if (done != NULL) {
		f = s->n_open < FLIGHTS_MAX ? calloc(1, sizeof(*f)) : NULL;
		if (f == NULL) {
			w->board->counters.state_failures++;
			return false;
		}
		serial = ++s->serial != 0 ? s->serial : ++s->serial;
	}
	w->board->counters.state_questions++;
	if (!send_question(w, serial, op)) {
		w->board->counters.state_failures++;
		free(f);
		return false;
	}
	if (f == NULL)
		return true;
	f->serial = serial;
	f->deadline = w->now + STATE_MS;
	f->done = done;
	f->ctx = ctx;
	list_append(&s->open, &f->node);
	s->n_open++;
	return true;
}

void
worker_state_init(struct worker *w)
{
	list_init(&w->state.open);
	w->state.ask.ask = ask;
}

static void
end_flight(struct worker *w, struct flight *f,
    const struct filter_state_answer *answer)
{
	struct flight ended = *f;
	list_remove(&f->node);
	free(f);
	w->state.n_open--;
	if (answer->status == STATE_FAILED || !answer->stored)
		w->board->counters.state_failures++;
	ended.done(ended.ctx, answer);
}

static void
fail_first(struct worker *w, const char *why)
{
	struct filter_state_answer a = { .status = STATE_FAILED };
	snprintf(a.why, sizeof(a.why), "%s", why);
	end_flight(
	    w, LIST_ITEM(list_first(&w->state.open), struct flight, node), &a);
}

bool
worker_hear_state(struct worker *w, struct message *m)
{
	struct filter_state_answer answer;
	uint32_t serial;
	if (!state_told_get(&m->in, &serial, &answer))
		return false;
	/* answers come in the order of the questions: it is mostly the first */
	LIST_FOREACH(node, &w->state.open)
	{
		struct flight *f = LIST_ITEM(node, struct flight, node);
		if (f->serial != serial)
			continue;
		end_flight(w, f, &answer);
		return true;
	}
	return true; /* its time had passed */
}

void
worker_lose_state(struct worker *w)
{
	channel_clear(&w->state.channel);
	while (!list_is_empty(&w->state.open))
		fail_first(w, "its keeper has ended");
}

void
worker_state_step(struct worker *w)
{
	while (!list_is_empty(&w->state.open) &&
	       LIST_ITEM(list_first(&w->state.open), struct flight, node)
		       ->deadline <= w->now)
		fail_first(w, "its keeper does not answer");
}

int64_t
worker_state_next(const struct worker *w)
{
	const struct list *l = &w->state.open;
	return list_is_empty(l)
		   ? -1
		   : LIST_ITEM(l->head.next, struct flight, node)->deadline;
}
