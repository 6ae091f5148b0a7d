/* Facts that a run waits for. */
#include "core/filter/wait_int.h"

#include "core/base/list.h"

#include <stdlib.h>
#include <string.h>

void
filter_wait_release(struct filter_wait *w)
{
	if (w->kept != NULL && w->release != NULL)
		w->release(w->kept);
	w->kept = NULL;
	w->kept_by = NULL;
	w->release = NULL;
}

static void
wait_free(struct filter_wait *w)
{
	filter_wait_release(w);
	facts_clear(&w->facts);
	arena_free(w->arena);
	free(w);
}

struct filter_wait *
filter_wait_of(struct filter_session *s)
{
	if (s->wait != NULL)
		return s->wait;
	struct filter_wait *w = calloc(1, sizeof(*w));
	if (w == NULL)
		return NULL;
	w->arena = arena_new(FILTER_FACTS_MEMORY, NULL, NULL);
	if (w->arena == NULL) {
		free(w);
		return NULL;
	}
	facts_init(&w->facts, w->arena);
	w->session = s;
	s->wait = w;
	return w;
}

void
filter_wait_end(struct filter_session *s)
{
	struct filter_wait *w = s->wait;
	s->wait = NULL;
	s->listen_ms = 0;
	if (w == NULL)
		return;
	/* answers under way still know it */
	if (w->open > 0)
		w->orphaned = true;
	else
		wait_free(w);
}

void
filter_session_clear(struct filter_session *s)
{
	filter_wait_end(s);
	buf_clear(&s->fields);
}

int64_t
filter_listen_ms(const struct filter_session *s)
{
	return s->listen_ms;
}

/* One question less is under way. */
static void
settle(struct filter_wait *w)
{
	w->open--;
	if (w->open > 0 || w->fetching)
		return;
	if (w->orphaned) {
		wait_free(w);
		return;
	}
	w->session->dns_ms += clock_mono_ms(w->clock) - w->began_ms;
	w->settled(w->ctx);
}

static void
on_answer(void *ctx, const struct dns_answer *answer)
{
	struct fact *fact = ctx;
	struct filter_wait *w =
	    LIST_ITEM(fact->owner, struct filter_wait, facts);
	if (!w->orphaned)
		facts_settle(fact, answer);
	settle(w);
}

static void
on_state(void *ctx, const struct filter_state_answer *answer)
{
	struct state_fact *fact = ctx;
	fact->answer = *answer;
	fact->known = true;
	settle(fact->owner);
}

static bool
is_same(const struct filter_state_op *a, const struct filter_state_op *b)
{
	return a->kind == b->kind && a->verb == b->verb &&
	       str_eq(a->dir, b->dir) && str_eq(a->key, b->key) &&
	       memcmp(a->arguments, b->arguments, sizeof(a->arguments)) == 0;
}

struct state_fact *
filter_wait_state(struct filter_wait *w, const struct filter_state_op *op)
{
	struct state_fact **end = &w->states;
	for (; *end != NULL; end = &(*end)->next) {
		if (is_same(&(*end)->op, op))
			return *end;
	}
	struct state_fact *fact = ARENA_NEW(w->arena, struct state_fact);
	if (fact == NULL)
		return NULL;
	*fact = (struct state_fact){ .owner = w, .op = *op };
	fact->op.dir = arena_str(w->arena, op->dir);
	fact->op.key = arena_str(w->arena, op->key);
	if (fact->op.dir.ptr == NULL || fact->op.key.ptr == NULL)
		return NULL;
	return *end = fact;
}

static void
submit_state(struct filter_wait *w, struct state_fact *fact)
{
	struct filter_state *st = w->session->state;
	fact->asked = true;
	w->open++;
	if (st->ask(st, &fact->op, on_state, fact))
		return;
	fact->answer =
	    (struct filter_state_answer){ .why = "its keeper is busy or away" };
	fact->known = true;
	w->open--;
}

/* What a question may still take of its plugin's time and the session's. */
static int64_t
time_left(const struct filter_wait *w)
{
	int64_t left = w->session_dns_ms - w->session->dns_ms;
	return left < w->dns_ms ? left : w->dns_ms;
}

static void
submit(struct filter_wait *w, struct fact *fact, struct dns *d)
{
	static const struct dns_answer no_memory = { .status = DNS_ABORTED };
	static const struct dns_answer no_time = { .status = DNS_TIMEOUT };
	struct dns_how how = { .deadline_ms = time_left(w) };
	fact->asked = true;
	if (how.deadline_ms <= 0)
		facts_settle(fact, &no_time);
	else if (dns_submit(d, fact->name, fact->type, &how, on_answer, fact) ==
		 NULL)
		facts_settle(fact, &no_memory);
	else
		w->open++;
}

bool
filter_fetch(struct filter_session *s, struct dns *d, const struct clock *clock,
    void (*settled)(void *ctx), void *ctx)
{
	struct filter_wait *w = s->wait;
	if (w == NULL)
		return false;
	w->began_ms = clock_mono_ms(clock);
	w->clock = clock;
	w->settled = settled;
	w->ctx = ctx;
	w->fetching = true;
	for (struct state_fact *f = w->states; f != NULL; f = f->next) {
		if (!f->asked)
			submit_state(w, f);
	}
	for (struct fact *fact; (fact = facts_next_wanted(&w->facts)) != NULL;)
		submit(w, fact, d);
	w->fetching = false;
	return w->open > 0;
}
