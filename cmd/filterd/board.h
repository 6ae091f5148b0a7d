/*
 * What a worker counts, which of its sessions are over, the conversations of
 * the last ones, and what it is about to write to the log, in memory that it
 * shares with the listener: told without waking anybody or asking a worker that
 * may be stuck, and still there when it has died. The listener believes nothing
 * of it.
 */
#ifndef CMD_FILTERD_BOARD_H
#define CMD_FILTERD_BOARD_H

#include "cmd/filterd/counters.h"
#include "cmd/filterd/limits.h"
#include "cmd/filterd/log.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdatomic.h>
#include <stdint.h>

enum {
	BOARD_TRANSCRIPTS = 64, /* of the last sessions */
	BOARD_TRACE_MAX = 2048, /* bytes of one */
	BOARD_IP_SIZE = 48
};

/* The conversation of a session that is over. */
struct board_transcript {
	uint32_t number; /* 0: none */
	char ip[BOARD_IP_SIZE];
	int64_t began_s, took_ms;
	int64_t ended_ns; /* monotonic: puts those of all workers in order */
	uint32_t length;
	char lines[BOARD_TRACE_MAX]; /* "MILLISECONDS TEXT" */
};

struct board {
	struct counters counters;
	uint32_t next; /* of the transcripts */
	struct board_entry {
		atomic_uint version; /* odd while it is written */
		struct board_transcript t;
	} entries[BOARD_TRANSCRIPTS];
	struct log_batch lines; /* of sessions, not yet in the log */
	/* as many at once as there are slots; number n stands at n % slots */
	struct board_ended {
		atomic_uint_fast64_t n; /* so far */
		uint32_t slots[FILTERD_INSTANCES_MAX];
	} ended;
};

/*
 * The listener's: memory for one worker after the other, to be passed on as
 * this descriptor, which stays the caller's; -1 sets the error.
 */
MUST_USE int board_create(const struct board **out, struct err *e);
/*
 * The listener's, of a worker of before; NULL when it is not one as this
 * release makes them. 'fd' stays the caller's.
 */
const struct board *board_look(int fd);
void board_leave(const struct board *b);
/* The worker's end of it; NULL when that is not possible. Closes 'fd'. */
struct board *board_attach(int fd);
/* Worker: one more, in place of the oldest. Lines too many are left out. */
void board_put(
    struct board *b, const struct board_transcript *t, struct str lines);
/* Worker: the session in this slot, of so many, is over. */
void board_end(struct board *b, uint32_t slot, uint32_t n_slots);
/*
 * Listener: the slots of sessions that ended since '*seen', one by one; false
 * when there are no more. What cannot be sets 'bad', and all of it is skipped.
 */
bool board_next_ended(const struct board *b, uint32_t n_slots, uint64_t *seen,
    uint32_t *slot, bool *bad);
/* Listener: those told of so far are believed no more. */
void board_skip_ended(const struct board *b, uint64_t *seen);
/* Listener: entry 'i' as a whole; false when there is none. */
bool board_get(const struct board *b, unsigned i, struct board_transcript *out);

#endif
