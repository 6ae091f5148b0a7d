/*
 * What the policy wants to know from outside: the DNS, what is remembered, the
 * peer's manners, and what next servers say.
 */
#include "cmd/filterd/log.h"
#include "cmd/filterd/worker_int.h"

#include "core/dns/remote.h"

#include <sys/socket.h>

enum {
	CACHED_REPLIES = 4096
};

static bool
ask_resolver(void *ctx, struct str message)
{
	struct worker *w = ctx;
	return channel_send(&w->resolver, MESSAGE_ASK, message, -1, 0) ==
	       CHANNEL_OK;
}

/* Before the walls stand: a module is a file. */
bool
worker_facts_init(struct worker *w, struct err *e)
{
	struct err missing = ERR_INIT;
	list_init(&w->listening);
	w->psl = psl_load(&missing);
	if (w->psl == NULL)
		log_own(
		    "without the list of public suffixes: %s", missing.text);
	w->dns = dns_remote_new(w->clock, CACHED_REPLIES, ask_resolver, w, e);
	return w->dns != NULL;
}

void
worker_facts_clear(struct worker *w)
{
	dns_free(w->dns);
	channel_clear(&w->resolver);
}

bool
worker_hear_resolver(struct worker *w, struct message *m)
{
	if (m->type == MESSAGE_PLACED)
		return worker_hear_place(w, &m->in);
	return dns_remote_hear(w->dns, m->in.rest);
}

void
worker_lose_resolver(struct worker *w)
{
	channel_clear(&w->resolver);
	dns_remote_lost(w->dns);
	worker_lose_places(w);
}

/* Go on, but not from within another connection's turn. */
static void
resume(struct conn *c)
{
	c->wait = CONN_NOTHING;
	conn_enlist(c, &c->w->ready);
}

static void
on_settled(void *ctx)
{
	struct conn *c = ctx;
	if (c->wait == CONN_FACTS)
		resume(c);
}

/* Most wait equally long: the place is near the end. */
static void
enlist_listening(struct conn *c)
{
	struct list *l = &c->w->listening;
	struct list_node *before = l->head.prev;
	while (before != &l->head &&
	       LIST_ITEM(before, struct conn, queue)->listens_until >
		   c->listens_until)
		before = before->prev;
	list_remove(&c->queue);
	c->queue.prev = before;
	c->queue.next = before->next;
	before->next->prev = &c->queue;
	before->next = &c->queue;
}

void
conn_await(struct conn *c)
{
	int64_t listen_ms = filter_listen_ms(&c->filter);
	if (listen_ms > 0) {
		c->wait = CONN_LISTENS;
		c->listens_until = c->w->now + listen_ms;
		enlist_listening(c);
		conn_heard(c);
		return;
	}
	if (filter_hop_asked(&c->filter) != NULL) {
		conn_ask_hop(c);
		return;
	}
	c->wait = CONN_FACTS;
	if (filter_fetch(&c->filter, c->w->dns, c->w->clock, on_settled, c))
		return;
	c->wait = CONN_TURN;
	conn_enlist(c, &c->w->ready);
}

bool
conn_has_input(const struct conn *c)
{
	char one;
	return c->input.len > 0 || conn_tls_has_read_ahead(c) ||
	       recv(c->fd, &one, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static void
stop_listening(struct conn *c)
{
	c->filter.listened = true;
	resume(c);
}

void
conn_heard(struct conn *c)
{
	if (c->ending || conn_has_input(c))
		stop_listening(c);
}

void
worker_facts_step(struct worker *w)
{
	dns_step(w->dns);
	while (!list_is_empty(&w->listening)) {
		struct conn *c =
		    LIST_ITEM(list_first(&w->listening), struct conn, queue);
		if (c->listens_until > w->now)
			break;
		stop_listening(c);
	}
}

int
worker_facts_wait(const struct worker *w, int most)
{
	int64_t next = dns_next_ms(w->dns);
	const struct list *l = &w->listening;
	if (!list_is_empty(l)) {
		const struct conn *c =
		    LIST_ITEM(l->head.next, struct conn, queue);
		if (next < 0 || c->listens_until < next)
			next = c->listens_until;
	}
	int64_t state = worker_state_next(w);
	if (state >= 0 && (next < 0 || state < next))
		next = state;
	if (next < 0)
		return most;
	int64_t left = next - clock_mono_ms(w->clock);
	if (left < 0)
		return 0;
	return most < 0 || left < most ? (int)left : most;
}
