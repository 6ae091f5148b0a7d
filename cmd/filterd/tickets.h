/*
 * Keys of the tickets that TLS clients come back with, the same for all workers
 * and made by the listener: whoever serves the next session, it is resumed.
 * They are in memory only, and change: a ticket cannot be opened long after.
 */
#ifndef CMD_FILTERD_TICKETS_H
#define CMD_FILTERD_TICKETS_H

#include "cmd/filterd/wire.h"
#include "core/base/compiler.h"
#include "core/net/tls_server.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	/* a ticket is good for two hours, so the key before is enough */
	TICKETS_MS = 4 * 3600 * 1000,
	TICKETS_WIRE_SIZE =
	    sizeof(uint32_t) + TLS_TICKET_KEYS * TLS_TICKET_KEY_SIZE
};

struct tickets {
	struct tls_ticket_keys keys;
	int64_t made_ms; /* the first of them */
};

/* A new key when it is time for one; true then. 'now' is monotonic. */
bool tickets_turn(struct tickets *t, int64_t now);
/* Milliseconds until then. */
int tickets_wait(const struct tickets *t, int64_t now);
void tickets_clear(struct tickets *t);

/* MESSAGE_TICKETS; whoever is done with such bytes overwrites them. */
void tickets_put(struct buf *out, const struct tls_ticket_keys *keys);
MUST_USE bool tickets_get(struct wire *in, struct tls_ticket_keys *keys);

#endif
