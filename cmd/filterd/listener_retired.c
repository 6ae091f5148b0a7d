/*
 * Workers of before this daemon was started anew. They end with their sessions;
 * until then these count, as those of the workers of now do, for what may run
 * at once in all, of one network, and of one address.
 */
#include "cmd/filterd/listener_int.h"

#include "cmd/filterd/log.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	SESSIONS_MAX = 64 << 20 /* bytes of what is told about them */
};

void
listener_init_retired(struct listener *l)
{
	for (unsigned i = 0; i < FILTERD_RETIRED_MAX; i++)
		l->retired[i] = (struct listener_retired){ .at = { .fd = -1 } };
}

unsigned
listener_count_retired(const struct listener *l)
{
	unsigned n = 0;
	for (unsigned i = 0; i < FILTERD_RETIRED_MAX; i++)
		n += l->retired[i].at.fd >= 0;
	return n;
}

/* Its number among all that have sessions. */
static unsigned
worker_of(const struct listener *l, const struct listener_retired *r)
{
	return FILTERD_WORKERS_MAX + (unsigned)(r - l->retired);
}

/* --- to the next one, and from the one before --- */

/* Sessions of one worker as they are told: how many slots it knows, how many of
   those that ended were seen, and of each that runs its slot there and whose it
   is. */
struct told {
	struct buf *out;
	const struct slots *slots;
};

static void
tell_session(const struct told *t, uint32_t there, uint32_t here)
{
	char ip[NET_ADDR_TEXT_SIZE];
	wire_put_u32(t->out, there);
	wire_put_str(t->out, str_of(slots_ip(t->slots, here, ip)));
}

static void
tell_worker(struct listener *l, unsigned i, const struct told *t)
{
	wire_put_u32(t->out, l->slots.n);
	wire_put_u64(t->out, l->workers[i].ended_seen);
	wire_put_u32(t->out, l->slots.of_worker[i]);
	for (uint32_t slot = 0; slot < l->slots.n; slot++) {
		const struct slot *s = &l->slots.slots[slot];
		if (s->used && s->worker == i)
			tell_session(t, slot, slot);
	}
}

static void
tell_retired(
    struct listener *l, const struct listener_retired *r, const struct told *t)
{
	wire_put_u32(t->out, r->n_slots);
	wire_put_u64(t->out, r->ended_seen);
	wire_put_u32(t->out, l->slots.of_worker[worker_of(l, r)]);
	for (uint32_t slot = 0; slot < r->n_slots; slot++) {
		if (r->slot_of[slot] != 0)
			tell_session(t, slot, r->slot_of[slot] - 1);
	}
}

void
listener_leave_retired(struct listener *l, struct handover *h)
{
	struct err e = ERR_INIT;
	struct buf out = BUF_INIT(SESSIONS_MAX);
	const struct told t = { &out, &l->slots };
	for (unsigned i = 0; i < FILTERD_RETIRED_MAX; i++) {
		if (l->retired[i].at.fd < 0)
			continue;
		h->workers[h->n_workers++] = l->retired[i].at;
		tell_retired(l, &l->retired[i], &t);
	}
	for (unsigned i = 0; i < l->n_workers; i++) {
		struct part_process *p = &l->parts[SERVANTS + i];
		if (p->pid <= 0 || !parts_tell(l, p, MESSAGE_RETIRE,
				       (struct str)STR_EMPTY, -1))
			continue;
		h->workers[h->n_workers++] =
		    (struct handover_worker){ p->channel.fd, p->pid,
			    l->workers[i].board_fd };
		tell_worker(l, i, &t);
	}
	/* without it they go on and do not count */
	h->sessions_fd =
	    part_bundle_fd(buf_str(&out), (struct str)STR_EMPTY, &e);
	if (h->sessions_fd < 0)
		log_error(&e);
	buf_clear(&out);
}

/* One that runs; it counts if there is room for it here. */
static void
take_session(struct listener *l, struct listener_retired *r, uint32_t there,
    struct str ip)
{
	char text[NET_ADDR_TEXT_SIZE];
	if (r->board == NULL || there >= r->n_slots || r->slot_of[there] != 0 ||
	    l->slots.running == l->slots.n)
		return;
	snprintf(text, sizeof(text), "%.*s", STR_ARG(ip));
	r->slot_of[there] = slots_take(&l->slots, text, worker_of(l, r)) + 1;
}

/* False: what was told is broken from here on. */
static bool
take_sessions(struct listener *l, struct listener_retired *r, struct wire *in)
{
	r->n_slots = wire_get_u32(in);
	r->ended_seen = wire_get_u64(in);
	uint32_t n = wire_get_u32(in);
	if (in->bad || r->n_slots > FILTERD_INSTANCES_MAX || n > r->n_slots) {
		r->n_slots = 0;
		return false;
	}
	r->slot_of = calloc((size_t)r->n_slots + 1, sizeof(*r->slot_of));
	if (r->slot_of == NULL)
		r->n_slots = 0;
	for (; n > 0; n--) {
		uint32_t there = wire_get_u32(in);
		struct str ip = wire_get_str(in);
		if (in->bad)
			return false;
		take_session(l, r, there, ip);
	}
	return true;
}

void
listener_take_retired(struct listener *l, struct handover *h)
{
	struct err e = ERR_INIT;
	struct buf sessions = BUF_INIT(SESSIONS_MAX);
	bool good = h->sessions_fd >= 0 &&
		    part_bundle_read(h->sessions_fd, &sessions, &e);
	struct wire in = { buf_str(&sessions), false };
	for (unsigned i = 0; i < h->n_workers; i++) {
		struct listener_retired *r = &l->retired[i];
		*r = (struct listener_retired){ .at = h->workers[i],
			.board = board_look(h->workers[i].board_fd) };
		good = good && take_sessions(l, r, &in);
	}
	buf_clear(&sessions);
	if (h->sessions_fd >= 0)
		close(h->sessions_fd);
	h->sessions_fd = -1;
	h->n_workers = 0;
	if (h->number != 0)
		l->number = h->number;
}

/* --- until they end --- */

static void
take_ended(struct listener *l, struct listener_retired *r)
{
	uint32_t slot;
	bool bad = false;
	while (r->board != NULL && r->n_slots > 0 &&
	       board_next_ended(
		   r->board, r->n_slots, &r->ended_seen, &slot, &bad)) {
		if (slot >= r->n_slots || r->slot_of[slot] == 0)
			continue; /* it found no room here */
		(void)slots_release(
		    &l->slots, r->slot_of[slot] - 1, worker_of(l, r));
		r->slot_of[slot] = 0;
	}
}

static void
drop(struct listener *l, struct listener_retired *r)
{
	if (r->board != NULL)
		log_batch_write_left(&r->board->lines);
	(void)slots_release_all(&l->slots, worker_of(l, r));
	board_leave(r->board);
	close(r->at.board_fd);
	close(r->at.fd);
	free(r->slot_of);
	*r = (struct listener_retired){ .at = { .fd = -1 } };
}

/* By the end of its channel: under a master it is no child of ours, and a shell
   that started this program may have waited for it. */
static bool
has_ended(const struct listener_retired *r)
{
	struct pollfd p = { .fd = r->at.fd };
	return poll(&p, 1, 0) > 0;
}

void
listener_look_at_retired(struct listener *l)
{
	for (unsigned i = 0; i < FILTERD_RETIRED_MAX; i++) {
		struct listener_retired *r = &l->retired[i];
		if (r->at.fd < 0)
			continue;
		take_ended(l, r);
		if (has_ended(r))
			drop(l, r);
	}
}

/* It finishes the message of each session, and ends. */
static void
drain(const struct listener_retired *r)
{
	struct channel c;
	struct err e = ERR_INIT;
	/* the end of ours stays open: by it the worker's is seen */
	int fd = fcntl(r->at.fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0 || !channel_init(&c, fd, PART_LISTENER, PART_WORKER, &e)) {
		kill(r->at.pid, SIGKILL);
		return;
	}
	c.phase = CHANNEL_RUN;
	(void)channel_send(
	    &c, MESSAGE_DRAIN, (struct str)STR_EMPTY, -1, FILTERD_SEND_MS);
	channel_clear(&c);
}

void
listener_stop_retired(struct listener *l)
{
	for (unsigned i = 0; i < FILTERD_RETIRED_MAX; i++) {
		if (l->retired[i].at.fd >= 0)
			drain(&l->retired[i]);
	}
}

void
listener_kill_retired(struct listener *l)
{
	listener_look_at_retired(l); /* their numbers may be those of others */
	for (unsigned i = 0; i < FILTERD_RETIRED_MAX; i++) {
		if (l->retired[i].at.fd >= 0)
			kill(l->retired[i].at.pid, SIGKILL);
	}
}
