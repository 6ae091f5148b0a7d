/*
 * Servers that fail again and again are left alone for a while: what is for
 * them is answered at once, so that no child hangs on a dead one. Then one
 * message is the probe.
 */
#ifndef CMD_FILTERD_BREAKER_H
#define CMD_FILTERD_BREAKER_H

#include "core/base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	BREAKER_PLACES = 64,
	BREAKER_HOST_SIZE = 256
};

struct breaker_place {
	char host[BREAKER_HOST_SIZE]; /* empty: a free entry */
	uint32_t port;
	unsigned failures; /* in a row */
	bool probing;      /* one message tries whether it is back */
	int64_t open_until;
	int64_t used;
};

struct breaker {
	struct breaker_place places[BREAKER_PLACES];
};

/* How much is too much. */
struct breaker_limit {
	unsigned failures; /* in a row; 0: there is no breaker */
	int64_t pause_ms;
};

/* May a message go there now? */
bool breaker_lets(const struct breaker *b, struct str host, uint32_t port,
    const struct breaker_limit *limit, int64_t now);
/* One goes. Followed by breaker_note for it. */
void breaker_begin(struct breaker *b, struct str host, uint32_t port,
    const struct breaker_limit *limit, int64_t now);
/* What came of it: was there somebody who answered? */
void breaker_note(struct breaker *b, struct str host, uint32_t port,
    const struct breaker_limit *limit, bool answered, int64_t now);

#endif
