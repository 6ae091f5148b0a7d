/* A session worker's process: walls, channels, event loop. */
#include "cmd/filterd/log.h"
#include "cmd/filterd/sandbox.h"
#include "cmd/filterd/tickets.h"
#include "cmd/filterd/worker_int.h"
#include "core/base/random.h"
#include "core/sys/memory.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum {
	EVENTS = 256,
	TICK_MS = 1000,
	CLOSE_MS = 30 * 1000,
	TIDY_MS = 2 * 1000, /* between two looks for free memory ... */
	TIDY_SHARE = 100,   /* ... which take this part of the time at most */
	MS_PER_S = 1000,
	ENDED_MAX = 32 * 1024 /* bytes of one report */
};

/*
 * No files, no other root, no other user, few system calls. What a system
 * lacks is told; as root at least the user must change.
 */
static bool
build_walls(const struct part_init *init, struct err *e)
{
	struct err missing = ERR_INIT;
	/* these open files, so before the walls stand (T-32) */
	tzset();
	time_t now = time(NULL);
	struct tm tm;
	(void)localtime_r(&now, &tm);
	if (geteuid() == 0 && !sandbox_chroot(&missing))
		log_own("worker: going on with the root as it is: %s",
		    missing.text);
	if (!part_drop_root(init, e))
		return false;
	sandbox_limits(init->instances);
	if (!sandbox_landlock(&missing))
		log_own("worker: going on without Landlock: %s", missing.text);
	sandbox_wall(SANDBOX_SESSIONS, "worker");
	return true;
}

/*
 * Room in a channel is told of whenever its other end takes something: only
 * where somebody waits for it.
 */
static bool
watch(struct worker *w, struct channel *c, int how)
{
	bool for_room = c == &w->keeper && !list_is_empty(&w->asking);
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET, .data.ptr = c };
	if (for_room)
		ev.events |= EPOLLOUT;
	return epoll_ctl(w->epoll_fd, how, c->fd, &ev) == 0;
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
	if (bundle.data != NULL) /* there was a key in it */
		explicit_bzero(bundle.data, bundle.cap);
	buf_clear(&bundle);
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

/* TERM, or the listener is gone: messages under way end, then we do. */
static void
stop(struct worker *w)
{
	if (w->stopping)
		return;
	w->stopping = true;
	w->deadline = w->now + (int64_t)FILTERD_DRAIN_S * MS_PER_S;
	LIST_FOREACH(node, &w->conns)
	{
		struct conn *c = LIST_ITEM(node, struct conn, all);
		if (c->over)
			continue;
		smtp_session_drain(c->smtp);
		if (c->wait == CONN_NOTHING)
			conn_enlist(c, &w->ready);
	}
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
	stop(w);
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
		[MESSAGE_TICKETS] = take_tickets,
	};
	return handlers[m->type] != NULL && handlers[m->type](w, m);
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
			if (one(w, &m))
				break;
			log_own("worker: the %s sends nonsense",
			    part_name(c->peer));
			return false;
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
	if (list_is_empty(&w->asking))
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

static void
handle(struct worker *w, const struct epoll_event *ev)
{
	if (ev->data.ptr == w->listener) {
		if (!hear(w, w->listener, hear_listener))
			stop(w);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(servants); i++) {
		if (ev->data.ptr != channel_of(w, i))
			continue;
		if (!hear(w, channel_of(w, i), servants[i].hear))
			servants[i].lose(w);
		else if (servants[i].part == PART_KEEPER)
			ask_again(w);
		return;
	}
	struct conn *c = ev->data.ptr;
	if (ev->events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		c->readable = true;
	if (ev->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		c->ending = true;
	if (c->wait == CONN_LISTENS)
		conn_heard(c);
	else
		conn_go(c);
}

/* What nobody says in its time is unknown. */
static void
give_up_waiting(struct conn *c)
{
	if (c->unknown_at == 0 || c->w->now < c->unknown_at)
		return;
	if (c->wait == CONN_PLACE)
		conn_lose_place(c);
	else if (c->wait == CONN_HOP || c->wait == CONN_TO_ASK)
		conn_lose_hop(c, "the part that asks it does not answer");
}

/*
 * Servants that are not there: one that died comes back by itself, one that
 * gave us up does not. The listener knows which it is.
 */
static void
ask_for_servants(struct worker *w)
{
	for (size_t i = 0; i < ARRAY_LEN(servants) && !w->stopping; i++) {
		struct buf body = BUF_INIT(sizeof(uint32_t));
		if (channel_of(w, i)->fd >= 0)
			continue;
		wire_put_u32(&body, servants[i].part);
		(void)channel_send(
		    w->listener, MESSAGE_JOIN, buf_str(&body), -1, 0);
		buf_clear(&body);
	}
}

static void
tick(struct worker *w)
{
	if (w->now - w->ticked < TICK_MS)
		return;
	w->ticked = w->now;
	ask_for_servants(w);
	LIST_FOREACH(node, &w->conns)
	{
		struct conn *c = LIST_ITEM(node, struct conn, all);
		if (c->over)
			continue;
		give_up_waiting(c);
		enum smtp_want before = smtp_session_want(c->smtp);
		smtp_session_tick(c->smtp, w->now);
		enum smtp_want want = smtp_session_want(c->smtp);
		if (want != before)
			c->login_serial = 0; /* out of time */
		if (want != before && want != SMTP_WANT_CLOSE)
			conn_enlist(c, &w->ready);
		if (want != SMTP_WANT_CLOSE)
			continue;
		/* late answers find nobody */
		c->wait = CONN_NOTHING;
		conn_enlist(c, &w->ready);
		/* a peer that does not even take its last reply */
		if (c->close_seen == 0)
			c->close_seen = w->now;
		else if (w->now - c->close_seen > CLOSE_MS)
			conn_close(c);
	}
}

/*
 * A handshake takes some 40 KB that lie free between those of others when it
 * is done: a thousand at once would hold 40 MB for good.
 */
static void
tidy(struct worker *w)
{
	if (w->freed == 0 || w->now < w->tidy_ms)
		return;
	w->freed = 0;
	int64_t began = clock_mono_ms(w->clock);
	memory_give_back();
	int64_t took = clock_mono_ms(w->clock) - began;
	w->tidy_ms = began + TIDY_MS + took * TIDY_SHARE;
}

static void
run_ready(struct worker *w)
{
	struct list now;
	list_init(&now);
	while (!list_is_empty(&w->ready)) {
		struct list_node *node = list_first(&w->ready);
		list_remove(node);
		list_append(&now, node);
	}
	while (!list_is_empty(&now)) {
		struct list_node *node = list_first(&now);
		list_remove(node);
		struct conn *c = LIST_ITEM(node, struct conn, queue);
		if (c->wait == CONN_TURN)
			c->wait = CONN_NOTHING;
		conn_go(c);
	}
}

static void
free_over(struct worker *w)
{
	while (!list_is_empty(&w->over))
		conn_free(LIST_ITEM(list_first(&w->over), struct conn, queue));
}

/* Sessions that are over, to the listener; what has no room goes later. */
static void
report_ended(struct worker *w)
{
	while (w->ended.len > 0) {
		struct str part = str_sub(buf_str(&w->ended), 0, ENDED_MAX);
		if (channel_send(w->listener, MESSAGE_ENDED, part, -1, 0) !=
		    CHANNEL_OK)
			return;
		buf_consume(&w->ended, part.len);
	}
}

static void
turn(struct worker *w)
{
	struct epoll_event events[EVENTS];
	int wait = list_is_empty(&w->ready) ? worker_facts_wait(w, TICK_MS) : 0;
	int n = epoll_wait(w->epoll_fd, events, EVENTS, wait);
	w->now = clock_mono_ms(w->clock);
	for (int i = 0; i < n; i++)
		handle(w, &events[i]);
	tick(w);
	worker_facts_step(w);
	worker_state_step(w);
	run_ready(w);
	free_over(w);
	report_ended(w);
	tidy(w);
	if (w->board != NULL)
		worker_count(w);
}

static bool
prepare(struct worker *w, const struct part_init *init, struct err *e)
{
	w->n_slots = w->max_sessions = init->instances;
	w->relay_env = init->relay_env;
	w->number = init->number;
	w->slots = calloc(w->n_slots, sizeof(*w->slots));
	w->block = malloc(FILTERD_READ_SIZE);
	w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	buf_init(&w->ended, (size_t)w->n_slots * sizeof(uint32_t) * 2);
	list_init(&w->conns);
	list_init(&w->ready);
	list_init(&w->asking);
	list_init(&w->over);
	w->now = clock_mono_ms(w->clock);
	worker_state_init(w);
	if (!worker_facts_init(w, e))
		return false;
	if (w->slots != NULL && w->block != NULL && w->epoll_fd >= 0 &&
	    watch(w, w->listener, EPOLL_CTL_ADD))
		return true;
	return err_set(e, ERR_TEMPORARY, "worker: out of memory");
}

int
worker_run(struct channel *listener, const struct part_init *init)
{
	struct err e = ERR_INIT;
	struct worker w = { .clock = &clock_system,
		.listener = listener,
		.keeper = { .fd = -1 },
		.resolver = { .fd = -1 },
		.auth = { .fd = -1 },
		.state = { .channel = { .fd = -1 } },
		.epoll_fd = -1,
		/* answers meant for a worker before fit no session of ours */
		.serial = random_u32() / 2 };
	worker_load_tls(&w); /* the walls keep it from opening anything */
	bool ok = prepare(&w, init, &e) && build_walls(init, &e);
	if (!ok)
		log_error(&e);
	while (ok && !(w.stopping && (w.running == 0 || w.now > w.deadline)))
		turn(&w);
	while (!list_is_empty(&w.conns)) {
		struct conn *c =
		    LIST_ITEM(list_first(&w.conns), struct conn, all);
		conn_close(c);
		conn_free(c);
	}
	worker_facts_clear(&w);
	worker_lose_state(&w);
	snapshot_release(w.snapshot);
	channel_clear(&w.keeper);
	channel_clear(&w.auth);
	buf_clear(&w.ended);
	free(w.slots);
	free(w.block);
	if (w.epoll_fd >= 0)
		close(w.epoll_fd);
	return err_exit_status(e.code);
}
