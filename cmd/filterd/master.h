/*
 * The process that stays root when the daemon is started as root to run as
 * another user. It starts the listener, which gives root up, passes signals on
 * to it, tells the supervisor how the daemon stands, and becomes the program
 * once more at a start anew: sockets at ports below 1024, groups and root
 * folders could not be had back otherwise. It reads nothing else, of nobody.
 */
#ifndef CMD_FILTERD_MASTER_H
#define CMD_FILTERD_MASTER_H

#include "cmd/filterd/handover.h"
#include "cmd/filterd/options.h"

/* What the listener is started as; its options follow. */
#define MASTER_LISTENER_ROLE "listener"

/*
 * Run until the listener ends; the exit status, which is the listener's.
 * 'handover' is what a daemon that this one was before has left, and is closed.
 */
int master_run(const struct options *options, struct handover *handover);

#endif
