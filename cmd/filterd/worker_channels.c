/* What a worker is told by the listener and by the parts that serve it. */
#include "cmd/filterd/log.h"
#include "cmd/filterd/tickets.h"
#include "cmd/filterd/worker_int.h"

#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/*
 * Room in a channel is told of whenever its other end takes something: only
 * where somebody waits for it, and once, as there may be too little.
 */
static bool
watch(struct worker *w, struct channel *c, int how)
{
	bool for_room = c == &w->keeper && !list_is_empty(&w->asking);
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = (uintptr_t)c };
	if (for_room)
		ev.events |= EPOLLOUT | EPOLLET;
	if (c == &w->keeper)
		w->for_room = for_room;
	return epoll_ctl(w->epoll_fd, how, c->fd, &ev) == 0;
}

bool
worker_watch_listener(struct worker *w)
{
	return watch(w, w->listener, EPOLL_CTL_ADD);
}

void
worker_await_room(struct worker *w)
{
	/* a keeper that is gone is watched anew when the next one is there */
	if (w->keeper.fd >= 0 && !watch(w, &w->keeper, EPOLL_CTL_MOD))
		log_own("worker: cannot watch the keeper");
}

static bool
take_policy(struct worker *w, struct message *m)
{
	struct err e = ERR_INIT;
	struct snapshot *fresh = NULL;
	struct buf bundle, answer;
	uint32_t generation = wire_get_u32(&m->in);
	buf_init(&bundle, FILTERD_BUNDLE_MAX);
	buf_init(&answer, 2048);
	wire_put_u32(&answer, generation);
	enum message_type type = MESSAGE_READY;
	if (part_bundle_read(m->fd, &bundle, &e) &&
	    snapshot_new(buf_str(&bundle), generation, &fresh, &e)) {
		snapshot_open_tls(w, fresh);
		snapshot_release(w->snapshot);
		w->snapshot = fresh;
		w->freed++;
	} else {
		type = MESSAGE_BAD_POLICY;
		wire_put_str(&answer, str_of(e.text));
	}
	close(m->fd);
	buf_wipe(&bundle); /* there was a key in it */
	(void)channel_send(
	    w->listener, type, buf_str(&answer), -1, FILTERD_SEND_MS);
	buf_clear(&answer);
	return true;
}

/* The parts that serve the workers. */
static const struct {
	enum part part;
	size_t channel; /* its place in the worker */
	void (*lose)(struct worker *w);
	bool (*hear)(struct worker *w, struct message *m);
} servants[] = {
	{ PART_KEEPER, offsetof(struct worker, keeper), worker_lose_keeper,
	    worker_hear_keeper },
	{ PART_RESOLVER, offsetof(struct worker, resolver),
	    worker_lose_resolver, worker_hear_resolver },
	{ PART_AUTH, offsetof(struct worker, auth), worker_lose_auth,
	    worker_hear_auth },
	{ PART_STATE, offsetof(struct worker, state.channel), worker_lose_state,
	    worker_hear_state },
};

static struct channel *
channel_of(struct worker *w, size_t servant)
{
	char *base = (char *)w;
	return (struct channel *)(void *)(base + servants[servant].channel);
}

/* A servant, the first or one in place of a dead one. */
static bool
take_peer(struct worker *w, struct message *m)
{
	struct err e = ERR_INIT;
	uint32_t part = wire_get_u32(&m->in);
	(void)wire_get_u32(&m->in); /* there is one of each */
	for (size_t i = 0; i < ARRAY_LEN(servants); i++) {
		struct channel *c = channel_of(w, i);
		if (part != servants[i].part)
			continue;
		servants[i].lose(w);
		if (!channel_init(
			c, m->fd, PART_WORKER, servants[i].part, &e)) {
			log_error(&e);
			return true;
		}
		c->phase = CHANNEL_RUN;
		if (!watch(w, c, EPOLL_CTL_ADD))
			channel_clear(c);
		return true;
	}
	close(m->fd);
	return false;
}

static bool
take_session(struct worker *w, struct message *m)
{
	if (w->snapshot == NULL || w->board == NULL) {
		close(m->fd);
		return false;
	}
	conn_new(w, m->fd, &m->in);
	return true;
}

static bool
take_drain(struct worker *w, struct message *m)
{
	(void)m;
	w->listener->phase = CHANNEL_DRAIN;
	worker_stop(w);
	return true;
}

static bool
take_retire(struct worker *w, struct message *m)
{
	(void)m;
	w->retired = true;
	return true;
}

static bool
take_board(struct worker *w, struct message *m)
{
	if (w->board != NULL) {
		close(m->fd);
		return false;
	}
	w->board = board_attach(m->fd);
	return w->board != NULL;
}

static bool
take_tickets(struct worker *w, struct message *m)
{
	struct tls_ticket_keys keys;
	struct wire in = m->in;
	bool good = tickets_get(&m->in, &keys);
	if (good)
		worker_take_tickets(w, &keys);
	explicit_bzero(&keys, sizeof(keys));
	explicit_bzero(w->listener->in, in.rest.len);
	return good;
}

static bool
hear_listener(struct worker *w, struct message *m)
{
	/* the channel lets no other type through */
	static bool (*const handlers[MESSAGE_TYPES])(
	    struct worker *, struct message *) = {
		[MESSAGE_POLICY] = take_policy,
		[MESSAGE_PEER] = take_peer,
		[MESSAGE_SESSION] = take_session,
		[MESSAGE_DRAIN] = take_drain,
		[MESSAGE_BOARD] = take_board,
		[MESSAGE_RETIRE] = take_retire,
		[MESSAGE_TICKETS] = take_tickets,
	};
	return handlers[m->type] != NULL && handlers[m->type](w, m);
}

/*
 * A session alone has one thing to be told: epoll, which is asked anyway, tells
 * of another, where a look for it would mostly be in vain. Not where it tells
 * of something once.
 */
static bool
may_have_more(const struct worker *w, const struct channel *c)
{
	return w->running > 1 || (c == &w->keeper && w->for_room);
}

/* Messages of the channel until there are none; false when it is done for. */
static bool
hear(struct worker *w, struct channel *c,
    bool (*one)(struct worker *w, struct message *m))
{
	struct message m;
	struct err e = ERR_INIT;
	for (;;) {
		switch (channel_receive(c, &m, &e)) {
		case CHANNEL_AGAIN:
			return true;
		case CHANNEL_OK:
			if (!one(w, &m)) {
				log_own("worker: the %s sends nonsense",
				    part_name(c->peer));
				return false;
			}
			if (!may_have_more(w, c))
				return true;
			break;
		case CHANNEL_END:
			return false;
		case CHANNEL_BAD:
			log_error(&e);
			return false;
		}
	}
}

/* The keeper has room again: those who waited ask now. */
static void
ask_again(struct worker *w)
{
	struct list waiting;
	if (!w->for_room)
		return;
	list_init(&waiting);
	while (!list_is_empty(&w->asking)) {
		struct list_node *node = list_first(&w->asking);
		list_remove(node);
		list_append(&waiting, node);
	}
	while (!list_is_empty(&waiting)) {
		struct list_node *node = list_first(&waiting);
		list_remove(node);
		struct conn *c = LIST_ITEM(node, struct conn, queue);
		c->wait = CONN_NOTHING;
		conn_go(c);
	}
	if (list_is_empty(&w->asking))
		worker_await_room(w);
}

void
worker_hear_channel(struct worker *w, const void *channel)
{
	if (channel == w->listener) {
		if (hear(w, w->listener, hear_listener))
			return;
		/* its end would be told of without end */
		(void)epoll_ctl(
		    w->epoll_fd, EPOLL_CTL_DEL, w->listener->fd, NULL);
		worker_stop(w);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(servants); i++) {
		if (channel != channel_of(w, i))
			continue;
		if (!hear(w, channel_of(w, i), servants[i].hear))
			servants[i].lose(w);
		else if (servants[i].part == PART_KEEPER)
			ask_again(w);
		return;
	}
}

bool
worker_has_servants(struct worker *w)
{
	size_t n = 0;
	while (n < ARRAY_LEN(servants) && channel_of(w, n)->fd >= 0)
		n++;
	return n == ARRAY_LEN(servants);
}

void
worker_ask_for_servants(struct worker *w)
{
	for (size_t i = 0;
	     i < ARRAY_LEN(servants) && !w->stopping && !w->retired; i++) {
		struct buf body = BUF_INIT(sizeof(uint32_t));
		if (channel_of(w, i)->fd >= 0)
			continue;
		wire_put_u32(&body, servants[i].part);
		(void)channel_send(
		    w->listener, MESSAGE_JOIN, buf_str(&body), -1, 0);
		buf_clear(&body);
	}
}
