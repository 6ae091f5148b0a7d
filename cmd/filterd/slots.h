/*
 * The sessions that run, as the listener knows them: a number each and whose
 * they are (FL-21).
 */
#ifndef CMD_FILTERD_SLOTS_H
#define CMD_FILTERD_SLOTS_H

#include "cmd/filterd/crowd.h"

struct slot {
	bool used;
	uint32_t next_free;
	uint32_t address, network; /* of the crowds */
};

struct slots {
	struct slot *slots;
	uint32_t n; /* how many there can be */
	uint32_t running;
	uint32_t first_free;
	struct crowd addresses;
	struct crowd networks; /* each a /24 or a /64 */
};

MUST_USE bool slots_init(struct slots *s, uint32_t n);
void slots_clear(struct slots *s);
/* All are free again: the worker that had them is gone. */
void slots_reset(struct slots *s);
/* One for a session of this address; there must be a free one. */
uint32_t slots_take(struct slots *s, const char *ip);
/* False when it was not in use. */
bool slots_release(struct slots *s, uint32_t slot);
/* Sessions of this address that run. */
uint32_t slots_of_ip(const struct slots *s, const char *ip);
/* Sessions of its /24 or /64 that run. */
uint32_t slots_of_network(const struct slots *s, const char *ip);

#endif
