/* Messages that wait for room in a channel. */
#include "cmd/filterd/outbox.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct letter {
	struct list_node node;
	enum message_type type;
	int fd; /* ours; -1: none */
	size_t len;
	char body[];
};

void
outbox_init(struct outbox *o)
{
	*o = (struct outbox){ .bytes = 0 };
	list_init(&o->letters);
}

bool
outbox_is_empty(const struct outbox *o)
{
	return list_is_empty(&o->letters);
}

static void
drop(struct outbox *o, struct letter *l)
{
	list_remove(&l->node);
	o->bytes -= sizeof(*l) + l->len;
	if (l->fd >= 0) {
		close(l->fd);
		o->fds--;
	}
	free(l);
}

static struct letter *
first(struct outbox *o)
{
	return LIST_ITEM(list_first(&o->letters), struct letter, node);
}

void
outbox_clear(struct outbox *o)
{
	while (!outbox_is_empty(o))
		drop(o, first(o));
}

/* False: there is no room. */
static bool
put(struct outbox *o, enum message_type type, struct str body, int fd)
{
	size_t size = sizeof(struct letter) + body.len;
	if (size > OUTBOX_BYTES - o->bytes || (fd >= 0 && o->fds == OUTBOX_FDS))
		return false;
	int own = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
	struct letter *l = malloc(size);
	if (l == NULL || (fd >= 0 && own < 0)) {
		free(l);
		if (own >= 0)
			close(own);
		return false;
	}
	l->type = type;
	l->fd = own;
	l->len = body.len;
	if (body.len > 0)
		memcpy(l->body, body.ptr, body.len);
	list_append(&o->letters, &l->node);
	o->bytes += size;
	o->fds += own >= 0;
	return true;
}

enum channel_status
outbox_send(struct outbox *o, struct channel *c, enum message_type type,
    struct str body, int fd)
{
	enum channel_status s = CHANNEL_AGAIN;
	if (outbox_is_empty(o))
		s = channel_send(c, type, body, fd, 0);
	if (s == CHANNEL_AGAIN && put(o, type, body, fd))
		s = CHANNEL_OK;
	return s;
}

enum channel_status
outbox_flush(struct outbox *o, struct channel *c)
{
	while (!outbox_is_empty(o)) {
		struct letter *l = first(o);
		enum channel_status s =
		    channel_send(c, l->type, str_n(l->body, l->len), l->fd, 0);
		if (s != CHANNEL_OK)
			return s;
		drop(o, l);
	}
	return CHANNEL_OK;
}
