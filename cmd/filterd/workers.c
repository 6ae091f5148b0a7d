/* The session workers, as the parts see them that serve them. */
#include "cmd/filterd/workers.h"

#include "cmd/filterd/log.h"

#include <unistd.h>

void
asker_put(struct buf *out, const struct asker *a)
{
	wire_put_u32(out, a->worker);
	wire_put_u32(out, a->slot);
	wire_put_u32(out, a->serial);
}

void
asker_get(struct wire *in, struct asker *a)
{
	a->worker = wire_get_u32(in);
	a->slot = wire_get_u32(in);
	a->serial = wire_get_u32(in);
	a->reported = false;
}

bool
asker_eq(const struct asker *a, const struct asker *b)
{
	return a->worker == b->worker && a->slot == b->slot &&
	       a->serial == b->serial;
}

void
workers_init(struct workers *w, enum part self)
{
	*w = (struct workers){ .self = self };
	for (uint32_t i = 0; i < FILTERD_WORKERS_MAX; i++) {
		w->channels[i].fd = -1;
		outbox_init(&w->outboxes[i]);
		w->ids[i] = i;
	}
}

/* The answers that wait are of no use to the next one. */
static void
lose(struct workers *w, unsigned i)
{
	channel_clear(&w->channels[i]);
	outbox_clear(&w->outboxes[i]);
}

void
workers_clear(struct workers *w)
{
	for (unsigned i = 0; i < FILTERD_WORKERS_MAX; i++)
		lose(w, i);
}

void
workers_close(const struct workers *w)
{
	for (unsigned i = 0; i < FILTERD_WORKERS_MAX; i++) {
		if (w->channels[i].fd >= 0)
			close(w->channels[i].fd);
	}
}

int
workers_take(struct workers *w, struct message *m)
{
	struct err e = ERR_INIT;
	uint32_t part = wire_get_u32(&m->in);
	uint32_t i = wire_get_u32(&m->in);
	if (part != PART_WORKER || i >= FILTERD_WORKERS_MAX) {
		close(m->fd);
		return -1;
	}
	struct channel *c = &w->channels[i];
	lose(w, i);
	w->ids[i] += FILTERD_WORKERS_MAX;
	if (channel_init(c, m->fd, w->self, PART_WORKER, &e))
		c->phase = CHANNEL_RUN;
	else
		log_error(&e);
	return (int)i;
}

bool
workers_are_gone(const struct workers *w)
{
	for (unsigned i = 0; i < FILTERD_WORKERS_MAX; i++) {
		if (w->channels[i].fd >= 0)
			return false;
	}
	return true;
}

unsigned
workers_number(uint32_t id)
{
	return id % FILTERD_WORKERS_MAX;
}

bool
workers_has(const struct workers *w, uint32_t id)
{
	unsigned i = workers_number(id);
	return w->ids[i] == id && w->channels[i].fd >= 0;
}

void
workers_watch(const struct workers *w, struct pollfd *p)
{
	for (unsigned i = 0; i < FILTERD_WORKERS_MAX; i++)
		p[i] = (struct pollfd){ .fd = w->channels[i].fd,
			.events = outbox_is_empty(&w->outboxes[i]) ? POLLIN
								   : POLLOUT };
}

/* One message; false when there are no more for now, or for ever. */
static bool
hear_one(
    struct workers *w, unsigned i, const struct workers_ears *ears, void *ctx)
{
	struct message m;
	struct err e = ERR_INIT;
	switch (channel_receive(&w->channels[i], &m, &e)) {
	case CHANNEL_AGAIN:
		return false;
	case CHANNEL_OK:
		if (ears->hear(ctx, w->ids[i], &m))
			return true;
		log_own("%s: the worker sends nonsense", part_name(w->self));
		break;
	case CHANNEL_BAD:
		log_error(&e);
		break;
	case CHANNEL_END:
		break;
	}
	lose(w, i);
	return false;
}

/* What waits for it first; is it to be heard then? */
static bool
serves(struct workers *w, unsigned i, short events)
{
	if (events == 0)
		return false;
	if (outbox_flush(&w->outboxes[i], &w->channels[i]) == CHANNEL_END)
		outbox_clear(&w->outboxes[i]); /* it may have said more */
	return outbox_is_empty(&w->outboxes[i]);
}

void
workers_hear(struct workers *w, const struct pollfd *p,
    const struct workers_ears *ears, void *ctx)
{
	uint32_t left = 0;
	unsigned n = 0;
	for (unsigned i = 0; i < FILTERD_WORKERS_MAX; i++)
		left |= serves(w, i, p[i].revents) ? 1u << i : 0;
	for (unsigned i = w->first;
	     left != 0 && n < FILTERD_HEARD_MAX && ears->has_room(ctx);
	     i = (i + 1) % FILTERD_WORKERS_MAX) {
		if ((left >> i & 1) == 0)
			continue;
		n++;
		if (!outbox_is_empty(&w->outboxes[i]) ||
		    !hear_one(w, i, ears, ctx))
			left &= ~(1u << i);
	}
	w->first = (w->first + 1) % FILTERD_WORKERS_MAX;
}

void
workers_tell(struct workers *w, uint32_t id, enum message_type type,
    struct str body, int fd)
{
	if (!workers_has(w, id))
		return;
	unsigned i = workers_number(id);
	enum channel_status s =
	    outbox_send(&w->outboxes[i], &w->channels[i], type, body, fd);
	if (s == CHANNEL_AGAIN)
		log_own("%s: worker %u takes no answers any more",
		    part_name(w->self), i + 1);
	if (s != CHANNEL_OK)
		lose(w, i);
}
