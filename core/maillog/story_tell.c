/* How a story ended, and handing it over (LG-47). */
#include "core/maillog/story_int.h"
#include "core/maillog/story_time.h"

#include <stdlib.h>
#include <string.h>

enum {
	AGE_MAX_S = 10 * 366 * 24 * 3600 /* of a message in the queue */
};

/* The lines of both in the order of time. */
static void
set_steps(struct arena *a, struct story *o, const struct story_lines *one,
    const struct story_lines *two)
{
	size_t n = one->n + (two != NULL ? two->n : 0), at = 0;
	struct story_step *steps = ARENA_ARRAY(a, n, struct story_step);
	if (one->cut || (two != NULL && two->cut) || steps == NULL)
		o->doubts |= one->n > 0 ? STORY_STEPS_CUT : 0;
	if (steps == NULL)
		return;
	for (const struct story_line *l = one->first; l != NULL; l = l->next)
		steps[at++] = l->step;
	if (two != NULL)
		for (const struct story_line *l = two->first; l != NULL;
		     l = l->next)
			steps[at++] = l->step;
	/* a stable insertion: the parts are sorted but for scans */
	for (size_t i = 1; i < n; i++) {
		struct story_step step = steps[i];
		size_t k = i;
		while (k > 0 && steps[k - 1].key_ns > step.key_ns) {
			steps[k] = steps[k - 1];
			k--;
		}
		steps[k] = step;
	}
	o->steps = steps;
	o->n_steps = n;
}

static void
set_deliveries(struct arena *a, struct story *o, const struct message *m)
{
	struct story_delivery *list =
	    ARENA_ARRAY(a, m->n, struct story_delivery);
	size_t i = 0;
	if (list == NULL)
		return;
	for (const struct recipient *r = m->first; r != NULL; r = r->next) {
		struct story_try *tries =
		    ARENA_ARRAY(a, r->n, struct story_try);
		size_t k = 0;
		if (tries == NULL)
			return;
		for (const struct try_open *t = r->first; t != NULL;
		     t = t->next)
			tries[k++] = t->t;
		list[i].address = r->address;
		list[i].remote = r->remote;
		list[i].tries = tries;
		list[i++].n_tries = r->n;
	}
	o->deliveries = list;
	o->n_deliveries = m->n;
}

static uint64_t
square_root(uint64_t n)
{
	uint64_t r = 0;
	for (uint64_t bit = (uint64_t)1 << 31; bit > 0; bit >>= 1)
		if ((r | bit) * (r | bit) <= n)
			r |= bit;
	return r;
}

/* When qmail will try again: birth + (root of the age + 10 or 20) squared. */
static int64_t
next_try(const struct message *m)
{
	int64_t first = STORY_NO_TIME;
	if (m->queue_id.len > 0)
		return first; /* Postfix keeps other times, by its settings */
	for (const struct recipient *r = m->first; r != NULL; r = r->next) {
		if (r->done || r->last == NULL ||
		    r->last->t.done_ns == STORY_NO_TIME ||
		    m->new_ns == STORY_NO_TIME)
			continue;
		int64_t birth = m->new_ns / NS_PER_S;
		int64_t age = r->last->t.done_ns / NS_PER_S - birth;
		uint64_t root = age > 0 ? square_root((uint64_t)age) : 0;
		root += r->remote ? 20 : 10;
		/* ages of decades are those of clocks that were set */
		if (age > AGE_MAX_S)
			continue;
		int64_t at =
		    story_later(birth * NS_PER_S, (int64_t)(root * root));
		if (first == STORY_NO_TIME || at < first)
			first = at;
	}
	return first;
}

static enum story_end
message_end(const struct message *m)
{
	bool failed = m->bounce_qp != 0 || m->bounce_id.len > 0;
	if (m->discarded)
		return STORY_DISCARDED;
	for (const struct recipient *r = m->first; r != NULL; r = r->next)
		failed = failed || r->failed;
	if (!m->ended)
		return STORY_QUEUED;
	if (failed)
		return STORY_BOUNCED;
	if (m->end_ns == STORY_NO_TIME)
		return STORY_UNKNOWN;
	return STORY_DELIVERED;
}

/* The recipients as a list, for mail without a verdict. */
static void
set_recipients(struct arena *a, struct story *o, const struct message *m)
{
	struct str list = STR_EMPTY;
	for (const struct recipient *r = m->first; r != NULL; r = r->next) {
		char *more = arena_printf(a, "%.*s%s<%.*s>", STR_ARG(list),
		    list.len > 0 ? "," : "", STR_ARG(r->address));
		if (more == NULL || list.len > 64 * 1024)
			break;
		list = str_of(more);
	}
	o->recipients = list;
}

static void
add_message(struct arena *a, struct story *o, const struct message *m)
{
	o->qp = m->qp != 0 ? m->qp : o->qp;
	if (o->queue_id.len == 0)
		o->queue_id = m->queue_id;
	o->bounce_id = m->bounce_id;
	o->uid = m->uid;
	o->msg = m->msg;
	o->bytes = m->bytes;
	o->new_ns = m->new_ns;
	o->end_ns = m->end_ns;
	o->bounce_qp = m->bounce_qp;
	o->bounce_of = m->bounce_of;
	if (m->began_earlier)
		o->doubts |= STORY_BEGAN_EARLIER;
	o->end = message_end(m);
	if (o->end == STORY_QUEUED)
		o->next_try_ns = next_try(m);
	set_deliveries(a, o, m);
}

static void
give(struct stories *s, const struct story *o)
{
	if (s->options.done != NULL)
		s->options.done(s->options.ctx, o);
}

void
story_tell_message(struct stories *s, struct message *m)
{
	struct story o = { .id = m->id,
		.source = m->source,
		.begun_ns = m->first_ns,
		.closed_ns = STORY_NO_TIME,
		.verdict_ns = STORY_NO_TIME,
		.scan_start_ns = STORY_NO_TIME,
		.scan_end_ns = STORY_NO_TIME,
		.taken_ns = STORY_NO_TIME,
		.next_try_ns = STORY_NO_TIME,
		.queue = STORY_SURE };
	o.sender = m->info_ns != STORY_NO_TIME && m->sender.len == 0
		       ? STR("<>")
		       : m->sender;
	o.mid = m->mid;
	o.ip = m->ip;
	o.host = m->host;
	add_message(m->arena, &o, m);
	set_recipients(m->arena, &o, m);
	set_steps(m->arena, &o, &m->lines, NULL);
	give(s, &o);
	story_message_free(s, m);
}

static enum story_end
verdict_end(const struct stories *s, struct tale *t)
{
	switch (t->s.verdict) {
	case MAILLOG_NO_VERDICT:
		return t->s.verdict_ns == STORY_NO_TIME ? STORY_DROPPED
							: STORY_UNKNOWN;
	case MAILLOG_REFUSED:
		return STORY_REFUSED;
	case MAILLOG_DEFERRED:
		return STORY_DEFERRED;
	case MAILLOG_QUEUED:
		break;
	}
	/* "...; but RECIPIENT": refused there, and reported to the sender */
	if (t->s.delivered_to.len > 0)
		return str_find_str(t->s.delivered_to, STR("; but ")) <
			       t->s.delivered_to.len
			   ? STORY_BOUNCED
			   : STORY_DELIVERED;
	/* LG-31: "queued" means that every check passed, no more */
	if (t->s.taken_ns == STORY_NO_TIME && t->reply >= 400)
		return STORY_NOT_TAKEN;
	t->s.queue = s->saw_queue ? STORY_MISSING : STORY_NONE;
	return STORY_UNKNOWN;
}

bool
story_is_complete(const struct stories *s, const struct tale *t)
{
	if (t->s.verdict != MAILLOG_QUEUED)
		return true;
	if (t->message != NULL)
		return t->message->ended;
	if (t->s.taken_ns == STORY_NO_TIME &&
	    (t->reply >= 400 || t->s.delivered_to.len > 0))
		return true;
	return s->now_ns / NS_PER_S - t->s.verdict_ns / NS_PER_S >
	       STORY_WINDOW_S + 30;
}

bool
story_tell_if_over(struct stories *s, struct tale *t, bool all)
{
	if (!all && (t->conn != NULL || !story_is_complete(s, t)))
		return false;
	struct message *m = t->message;
	if (m != NULL)
		add_message(t->arena, &t->s, m);
	else
		t->s.end = verdict_end(s, t);
	set_steps(t->arena, &t->s, &t->lines, m != NULL ? &m->lines : NULL);
	give(s, &t->s);
	if (t->conn != NULL)
		list_remove(&t->conn_node);
	list_remove(&t->node);
	story_queue_forget(&t->qp_node);
	s->n_tales--;
	if (m != NULL)
		story_message_free(s, m);
	arena_free(t->arena);
	return true;
}
