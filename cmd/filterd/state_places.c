/*
 * The files of the part that remembers. Nobody waits for one that is locked,
 * full or broken: after one attempt it is let alone for some seconds, and what
 * is asked meanwhile is answered at once with the reason.
 */
#include "cmd/filterd/log.h"
#include "cmd/filterd/state_int.h"

#include <stdio.h>
#include <string.h>

/* ---- which there are ---- */

static struct state_place *
find(struct state_part *p, enum filter_state_kind kind, struct str dir)
{
	for (size_t i = 0; i < p->n_places; i++) {
		if (p->places[i].kind == kind && str_is(dir, p->places[i].dir))
			return &p->places[i];
	}
	return NULL;
}

static void
close_place(struct state_place *place)
{
	state_store_close(place->store);
	place->store = NULL;
	place->begun = false;
}

/* Room for another: a new one, or that of one no longer wanted. */
static struct state_place *
make_place(struct state_part *p)
{
	if (p->n_places < STATE_PLACES_MAX)
		return &p->places[p->n_places++];
	for (size_t i = 0; i < p->n_places; i++) {
		if (!p->places[i].wanted) {
			close_place(&p->places[i]);
			return &p->places[i];
		}
	}
	return NULL;
}

void
state_places_follow(struct state_part *p)
{
	struct filter_state_place wanted[STATE_PLACES_MAX];
	size_t n = filter_policy_states(p->policy, wanted);
	for (size_t i = 0; i < p->n_places; i++)
		p->places[i].wanted = false;
	for (size_t i = 0; i < n; i++) {
		struct state_place *place =
		    find(p, wanted[i].kind, str_of(wanted[i].dir));
		if (place != NULL)
			place->wanted = true;
	}
	for (size_t i = 0; i < n; i++) {
		struct state_place *place =
		    find(p, wanted[i].kind, str_of(wanted[i].dir));
		if (place == NULL && (place = make_place(p)) != NULL) {
			*place = (struct state_place){ .kind = wanted[i].kind };
			snprintf(place->dir, sizeof(place->dir), "%s",
			    wanted[i].dir);
		}
		if (place == NULL)
			continue;
		place->wanted = true;
		place->keep_s = wanted[i].keep_s;
		place->open_ms = 0; /* whatever was wrong may be put right */
	}
}

void
state_places_clear(struct state_part *p)
{
	for (size_t i = 0; i < p->n_places; i++)
		close_place(&p->places[i]);
}

/* Sessions that began under the policy before may still ask. */
struct state_place *
state_place_find(struct state_part *p, const struct filter_state_op *op)
{
	return find(p, op->kind, op->dir);
}

/* ---- trouble ---- */

static void
tell_trouble(struct state_place *place, const struct err *e)
{
	snprintf(place->why, sizeof(place->why), "%.*s", STATE_WHY_SIZE - 1,
	    e->text);
	if (!place->told)
		log_own("state: %s is not remembered: %s",
		    state_kind_name(place->kind), place->why);
	place->told = true;
}

static void
tell_cured(struct state_place *place)
{
	if (place->told)
		log_own("state: %s is remembered again",
		    state_kind_name(place->kind));
	place->told = false;
}

/* A broken file is set aside, so that the next attempt makes a new one. */
static void
set_aside(struct state_place *place)
{
	struct err e = ERR_INIT;
	close_place(place);
	if (!state_store_set_aside(place->kind, place->dir, &e)) {
		log_error(&e);
		return;
	}
	place->open_ms = 0;
	log_own("state: '%s/%s.sqlite' is broken, renamed to "
		"'%s.sqlite.broken'; beginning anew",
	    place->dir, state_kind_name(place->kind),
	    state_kind_name(place->kind));
}

/* 'e' keeps it from being used; for how long. */
static void
give_up(struct state_part *p, struct state_place *place, const struct err *e,
    int64_t *until_ms)
{
	tell_trouble(place, e);
	*until_ms = clock_mono_ms(p->clock) + STATE_RETRY_MS;
	if (e->code == ERR_PERMANENT)
		set_aside(place);
}

/* ---- a question ---- */

static bool
is_open(struct state_part *p, struct state_place *place)
{
	struct err e = ERR_INIT;
	int64_t now = clock_mono_ms(p->clock);
	if (place->store != NULL)
		return true;
	if (now < place->open_ms)
		return false;
	if (state_store_open(place->kind, place->dir, STATE_ACCESS_OWN,
		STATE_BUSY_MS, &place->store, &e)) {
		place->tend_ms = place->write_ms = 0;
		return true;
	}
	give_up(p, place, &e, &place->open_ms);
	return false;
}

/* Into the transaction of the batch; false: nothing can be changed now. */
static bool
can_change(struct state_part *p, struct state_place *place)
{
	struct err e = ERR_INIT;
	if (place->begun || place->unstored)
		return place->begun;
	if (clock_mono_ms(p->clock) < place->write_ms)
		return false;
	place->begun = state_store_begin(place->store, &e);
	if (!place->begun)
		give_up(p, place, &e, &place->write_ms);
	return place->begun;
}

static void
lose_batch(struct state_part *p, struct state_place *place, const struct err *e)
{
	state_store_rollback(place->store);
	place->begun = false;
	place->unstored = true;
	place->tend_ms = 0;
	give_up(p, place, e, &place->write_ms);
}

static void
change(struct state_part *p, struct state_place *place,
    const struct filter_state_op *op, struct filter_state_answer *out)
{
	struct err e = ERR_INIT;
	struct state_record r = out->record;
	if (!state_apply(op, out->status == STATE_FOUND, &r, out->now))
		return;
	int64_t stamp = state_stamp(op->kind, &r, out->now);
	out->stored = place->begun &&
		      state_store_put(place->store, op->key, &r, stamp, &e);
	if (out->stored)
		place->stored++;
	else if (place->begun)
		lose_batch(p, place, &e);
}

void
state_place_do(struct state_part *p, struct state_place *place,
    const struct filter_state_op *op, struct filter_state_answer *out)
{
	struct err e = ERR_INIT;
	bool found;
	*out = (struct filter_state_answer){ .status = STATE_FAILED,
		.stored = true,
		.now = clock_wall_s(p->clock) };
	if (is_open(p, place)) {
		/* what is read and what is written must be of one moment */
		if (op->verb != STATE_READ)
			(void)can_change(p, place);
		if (place->store != NULL &&
		    state_store_get(
			place->store, op->key, &out->record, &found, &e))
			out->status = found ? STATE_FOUND : STATE_NONE;
		else if (place->store != NULL)
			give_up(p, place, &e, &place->open_ms);
	}
	if (out->status != STATE_FAILED)
		change(p, place, op, out);
	if (out->status == STATE_FAILED || !out->stored)
		memcpy(out->why, place->why, sizeof(out->why));
}

/* ---- the end of a batch ---- */

static void
commit(struct state_part *p, struct state_place *place)
{
	struct err e = ERR_INIT;
	if (place->begun && state_store_commit(place->store, &e)) {
		place->begun = false;
		tell_cured(place);
	} else if (place->begun) {
		lose_batch(p, place, &e);
	}
}

void
state_places_commit(struct state_part *p)
{
	for (size_t i = 0; i < p->n_places; i++)
		commit(p, &p->places[i]);
	for (size_t i = 0; i < p->n_batch; i++) {
		struct state_pending *b = &p->batch[i];
		if (b->place == NULL || !b->place->unstored || !b->changes)
			continue;
		b->answer.stored = false;
		memcpy(b->answer.why, b->place->why, sizeof(b->answer.why));
	}
	for (size_t i = 0; i < p->n_places; i++)
		p->places[i].unstored = false;
}

/* ---- what is old ---- */

/* A part at a time: there may be questions meanwhile. */
static void
tend(struct state_part *p, struct state_place *place, int64_t now)
{
	struct err e = ERR_INIT;
	int64_t n = 0, before = clock_wall_s(p->clock) - place->keep_s;
	place->stored = 0;
	if (!state_store_expire(
		place->store, before, STATE_TEND_ROWS, &n, &e)) {
		place->tend_ms = now + STATE_RETRY_MS;
		give_up(p, place, &e, &place->write_ms);
		return;
	}
	if (n > 0)
		log_own("state: %lld records of %s forgotten", (long long)n,
		    state_kind_name(place->kind));
	place->tend_ms = n >= STATE_TEND_ROWS ? now : now + STATE_TEND_MS;
}

int
state_places_tend(struct state_part *p)
{
	int64_t now = clock_mono_ms(p->clock), next = -1;
	for (size_t i = 0; i < p->n_places; i++) {
		struct state_place *place = &p->places[i];
		if (place->store == NULL)
			continue;
		if (place->stored >= STATE_TEND_ROWS / 2)
			place->tend_ms = now;
		if (now >= place->tend_ms && now >= place->write_ms)
			tend(p, place, now);
		if (place->store == NULL)
			continue;
		int64_t due = place->tend_ms > place->write_ms
				  ? place->tend_ms
				  : place->write_ms;
		int64_t left = due > now ? due - now : 0;
		if (next < 0 || left < next)
			next = left;
	}
	return (int)next;
}
