/*
 * The sessions that run, as the listener knows them: a number each and whose
 * they are (FL-21).
 */
#ifndef CMD_FILTERD_SLOTS_H
#define CMD_FILTERD_SLOTS_H

#include "cmd/filterd/crowd.h"
#include "cmd/filterd/limits.h"

enum {
	/* behind those that take sessions, those of before that keep theirs */
	SLOTS_WORKERS_MAX = FILTERD_WORKERS_MAX + FILTERD_RETIRED_MAX
};

struct slot {
	bool used;
	unsigned worker; /* that has the session */
	uint32_t next_free;
	uint32_t address, network; /* of the crowds */
};

struct slots {
	struct slot *slots;
	uint32_t n; /* how many there can be */
	uint32_t running;
	uint32_t first_free;
	struct crowd addresses;
	struct crowd networks;                 /* each a /24 or a /64 */
	uint32_t of_worker[SLOTS_WORKERS_MAX]; /* that run */
};

MUST_USE bool slots_init(struct slots *s, uint32_t n);
void slots_clear(struct slots *s);
/*
 * Which of these workers (a bit each) gets the next session: one that has the
 * fewest, the first of several: its memory is the warmest. -1: there is none.
 */
int slots_worker(const struct slots *s, uint32_t workers);
/* One for a session of this address; there must be a free one. */
uint32_t slots_take(struct slots *s, const char *ip, unsigned worker);
/* False when that worker did not have it. */
bool slots_release(struct slots *s, uint32_t slot, unsigned worker);
/* All of a worker that is gone; how many. */
uint32_t slots_release_all(struct slots *s, unsigned worker);
/* Whose session it is, one that runs; returns 'ip'. */
char *slots_ip(
    const struct slots *s, uint32_t slot, char ip[NET_ADDR_TEXT_SIZE]);
/* Sessions of this address that run. */
uint32_t slots_of_ip(const struct slots *s, const char *ip);
/* Sessions of its /24 or /64 that run. */
uint32_t slots_of_network(const struct slots *s, const char *ip);

#endif
