/*
 * Messages that found no room in a channel: they wait here, in their order, so
 * that nobody has to wait for the part that does not read.
 */
#ifndef CMD_FILTERD_OUTBOX_H
#define CMD_FILTERD_OUTBOX_H

#include "cmd/filterd/channel.h"
#include "core/base/list.h"

enum {
	OUTBOX_BYTES = 1 << 20,
	OUTBOX_FDS = 64
};

struct outbox {
	struct list letters;
	size_t bytes; /* with what each letter needs itself */
	unsigned fds;
};

void outbox_init(struct outbox *o);
void outbox_clear(struct outbox *o);
bool outbox_is_empty(const struct outbox *o);
/*
 * Send it now, or behind those that wait. AGAIN: there is no room for it here
 * either; END: the other part is gone. 'fd' stays the caller's.
 */
enum channel_status outbox_send(struct outbox *o, struct channel *c,
    enum message_type type, struct str body, int fd);
/* What waits, as far as there is room. END: the other part is gone. */
enum channel_status outbox_flush(struct outbox *o, struct channel *c);

#endif
