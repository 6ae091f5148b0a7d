/*
 * Where a message went that the queue took. No other log tells it: qmail-send
 * and Postfix have logs of their own, mailboxes and other servers have none
 * here. By this line "why" knows how a message ended.
 */
#include "cmd/filterd/worker_int.h"
#include "core/base/escape.h"
#include "core/filter/deliver.h"

enum {
	WHERE_LEVEL = 5, /* as qpsmtpd has the line of its queue */
	WHERE_ARENA_MAX = 16 << 20,
	WHERE_MAX = 2048,  /* of the text ... */
	WHERE_ENOUGH = 768 /* ... which names no more places from here on */
};

struct where {
	struct conn *c;
	const struct smtp_job *job;
	struct arena *arena;
	struct buf text;
	size_t named, more;
	int marked; /* as spam; -1: not known yet */
};

/* One more place; false: there is no room, and it is counted. */
static bool
may_name(struct where *w)
{
	bool fits = w->text.len < WHERE_ENOUGH;
	if (fits && w->named++ > 0)
		buf_add_cstr(&w->text, ", ");
	w->more += !fits;
	return fits;
}

static void
name_server(struct where *w, struct str host, uint32_t port)
{
	if (!may_name(w))
		return;
	escape_terminal(&w->text, host);
	buf_addf(&w->text, ":%u", (unsigned)port);
}

static void
name_box(struct where *w, const struct filter_delivery *d)
{
	struct str box = d->box.len > 0 ? d->box : d->rcpt.local;
	bool sorted = filter_policy_sorts(
	    w->c->snapshot->policy, d, w->job->head, &w->marked);
	if (!may_name(w))
		return;
	buf_add_cstr(&w->text, sorted ? "junkmail of " : "Maildir of ");
	escape_terminal(&w->text, box);
}

/* The same that the keeper finds by its copy of the policy. */
static bool
name_boxes(struct where *w, const struct filter_queue *q)
{
	struct filter_deliveries d;
	struct err e = ERR_INIT;
	if (!filter_policy_deliver(w->c->snapshot->policy, w->job->rcpts,
		w->job->n_rcpts, q->subdir != NULL, w->arena, &d, &e))
		return false;
	bool all_in_one = false;
	for (size_t i = 0; i < d.n; i++) {
		const struct filter_delivery *one = &d.items[i];
		if (one->away)
			name_server(w, one->route.host, one->route.port);
		else if (q->subdir != NULL)
			name_box(w, one);
		else if (!all_in_one && may_name(w))
			all_in_one = buf_addf(&w->text, "Maildir %s", q->dir);
	}
	return w->named > 0;
}

void
conn_log_where(struct conn *c, const struct smtp_job *job, struct str but)
{
	const struct filter_policy *policy = c->snapshot->policy;
	const struct filter_queue *q = filter_policy_queue(policy, &c->filter);
	struct where w = { .c = c, .job = job, .marked = -1 };
	bool known = false;
	if (q == NULL || q->kind == FILTER_QUEUE_QMAIL ||
	    c->snapshot->log_level < WHERE_LEVEL)
		return;
	w.arena = arena_new(WHERE_ARENA_MAX, NULL, NULL);
	buf_init(&w.text, WHERE_MAX);
	buf_add_cstr(&w.text, "delivered to ");
	if (q->kind == FILTER_QUEUE_MAILDIR)
		known = w.arena != NULL && name_boxes(&w, q);
	else
		name_server(&w, str_of(q->place), q->port);
	if (w.more > 0)
		buf_addf(&w.text, " and %zu more", w.more);
	if (but.len > 0) {
		buf_add_cstr(&w.text, "; but ");
		escape_terminal(&w.text, but);
	}
	if (known || q->kind != FILTER_QUEUE_MAILDIR)
		conn_log(c, "queue",
		    filter_policy_queue_label(policy, &c->filter),
		    buf_str(&w.text));
	buf_clear(&w.text);
	if (w.arena != NULL)
		arena_free(w.arena);
}
