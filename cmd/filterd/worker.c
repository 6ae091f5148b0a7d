/* A session worker's process: walls and event loop. */
#include "cmd/filterd/log.h"
#include "cmd/filterd/sandbox.h"
#include "cmd/filterd/worker_int.h"
#include "core/base/random.h"
#include "core/sys/memory.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum {
	EVENTS = 256,
	TICK_MS = 1000,
	CLOSE_MS = 30 * 1000,
	FAREWELL_MS = 2 * TICK_MS, /* at a stop, for the last replies */
	TIDY_MS = 2 * 1000,        /* between two looks for free memory ... */
	TIDY_SHARE = 100, /* ... which take this part of the time at most */
	MS_PER_S = 1000
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

void
worker_stop(struct worker *w)
{
	if (w->stopping)
		return;
	w->stopping = true;
	w->drain_until = w->now + (int64_t)FILTERD_DRAIN_S * MS_PER_S;
	LIST_FOREACH(node, &w->conns)
	{
		struct conn *c = LIST_ITEM(node, struct conn, all);
		if (c->over)
			continue;
		smtp_session_drain(c->smtp, w->drain_until);
		if (c->wait == CONN_NOTHING)
			conn_enlist(c, &w->ready);
	}
}

static void
handle(struct worker *w, const struct epoll_event *ev)
{
	uint64_t id = ev->data.u64;
	if (id >> EVENT_CONN_SHIFT == 0) {
		worker_hear_channel(w, (const void *)(uintptr_t)id);
		return;
	}
	uint32_t slot = (uint32_t)id;
	struct conn *c = slot < w->n_slots ? w->slots[slot] : NULL;
	if (c == NULL || conn_event(c) != id)
		return;
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

static void
tick(struct worker *w)
{
	if (w->now - w->ticked < TICK_MS)
		return;
	w->ticked = w->now;
	worker_ask_for_servants(w);
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

/* Until the clocks are looked at; -1: nothing waits for them. */
static int
time_to_tick(struct worker *w)
{
	bool rests = w->running == 0 && w->freed == 0 && !w->stopping &&
		     worker_has_servants(w);
	return rests ? -1 : TICK_MS;
}

static void
turn(struct worker *w)
{
	struct epoll_event events[EVENTS];
	int wait = list_is_empty(&w->ready)
		       ? worker_facts_wait(w, time_to_tick(w))
		       : 0;
	int n = epoll_wait(w->epoll_fd, events, EVENTS, wait);
	w->now = clock_mono_ms(w->clock);
	for (int i = 0; i < n; i++)
		handle(w, &events[i]);
	tick(w);
	worker_facts_step(w);
	worker_state_step(w);
	run_ready(w);
	free_over(w);
	tidy(w);
	if (w->board == NULL)
		return;
	worker_write_log(w);
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
	list_init(&w->conns);
	list_init(&w->ready);
	list_init(&w->asking);
	list_init(&w->over);
	w->now = clock_mono_ms(w->clock);
	worker_state_init(w);
	if (!worker_facts_init(w, e))
		return false;
	if (w->slots != NULL && w->block != NULL && w->epoll_fd >= 0 &&
	    worker_watch_listener(w))
		return true;
	return err_set(e, ERR_TEMPORARY, "worker: out of memory");
}

static bool
is_done(const struct worker *w)
{
	if (w->running == 0)
		return w->stopping || w->retired;
	return w->stopping && w->now > w->drain_until + FAREWELL_MS;
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
	while (ok && !is_done(&w))
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
	free(w.slots);
	free(w.block);
	if (w.epoll_fd >= 0)
		close(w.epoll_fd);
	return err_exit_status(e.code);
}
