/*
 * What a listener that starts anew leaves to the program that it becomes: the
 * sockets it listens at, so that nobody is refused meanwhile, and the channels
 * and boards of the workers whose sessions go on. They pass as open
 * descriptors, named in the environment.
 */
#ifndef CMD_FILTERD_HANDOVER_H
#define CMD_FILTERD_HANDOVER_H

#include "cmd/filterd/limits.h"
#include "cmd/filterd/options.h"
#include "core/base/compiler.h"
#include "core/base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct handover {
	bool happened;   /* this process was a daemon before */
	uint32_t number; /* of its last session: those of now count on */
	int listens[FILTERD_LISTENS_MAX];
	unsigned n_listens;
	struct handover_worker {
		int fd; /* its channel */
		pid_t pid;
		int board_fd;
	} workers[FILTERD_RETIRED_MAX];
	unsigned n_workers;
	int sessions_fd; /* theirs, as listener_retired.c writes them; -1 */
};

#define HANDOVER_INIT                                                          \
	{                                                                      \
		.sessions_fd = -1                                              \
	}

/*
 * What was left to this program; what the environment names wrongly is not
 * there. All other descriptors from 'first' on are closed.
 */
void handover_take(struct handover *h, int first);

/* The socket that listens there already, no longer in 'h'; -1: none. */
int handover_find(struct handover *h, const struct listen_spec *spec);
/* Those nobody asked for. */
void handover_close_listens(struct handover *h);
/* All of it: somebody else has it now. */
void handover_close(struct handover *h);

/* What the daemon becomes at a start anew: --again, or what it was started as.
 */
const char *handover_program(const struct options *o);
/* May it be run? */
MUST_USE bool handover_may_run(const struct options *o, struct err *e);
/* Become it, with this left to it. Returns only when it fails. */
void handover_exec(
    const struct handover *h, const struct options *o, struct err *e);

/*
 * For a program about to be started: as open descriptors beside those of 'h',
 * named in the environment. Nothing where nothing was left.
 */
MUST_USE bool handover_leave(const struct handover *h, struct err *e);

/*
 * The text in the environment, for tests:
 * "number=77;listen=25,26;worker=27:1234:28;sessions=29"
 */
MUST_USE bool handover_parse(struct handover *h, struct str text);

#endif
