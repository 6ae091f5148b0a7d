/*
 * Who is told something at a socket and may be slow to read it: what does not
 * fit the socket's memory waits here, and nobody waits for whoever reads it.
 */
#ifndef CMD_FILTERD_AUDIENCE_H
#define CMD_FILTERD_AUDIENCE_H

#include "core/base/buf.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	AUDIENCE_MAX = 8,   /* at once */
	AUDIENCE_MS = 10000 /* for one to read all; then it is left */
};

struct audience {
	struct audience_seat {
		int fd; /* -1: the seat is free */
		struct buf rest;
		int64_t until; /* monotonic milliseconds */
	} seats[AUDIENCE_MAX];
	uint64_t dropped; /* too slow */
};

void audience_init(struct audience *a);
/* Those that still read are left, without being counted. */
void audience_clear(struct audience *a);
bool audience_has_seat(const struct audience *a);
/* Takes 'fd' and what is in 'text'; there must be a seat. */
void audience_tell_take(
    struct audience *a, int fd, struct buf *text, int64_t now_ms);
/* What to wait for, AUDIENCE_MAX of them, and what came of it. */
void audience_watch(const struct audience *a, struct pollfd *p);
void audience_serve(struct audience *a, const struct pollfd *p);
/* Those too slow are left; milliseconds until the next one is, -1: none. */
int audience_wait(struct audience *a, int64_t now_ms);

#endif
