/*
 * The listener: it binds, accepts and passes
 * sockets on, reads the configuration, and keeps the other parts running. It
 * never reads a byte of a peer.
 */
#ifndef CMD_FILTERD_LISTENER_H
#define CMD_FILTERD_LISTENER_H

#include "cmd/filterd/channel.h"
#include "cmd/filterd/handover.h"
#include "cmd/filterd/options.h"

/*
 * Run until TERM or until it cannot go on; the exit status. 'handover' is what
 * a daemon that this one was before has left. 'master' (taken): the channel to
 * the process that stays root, its fd -1 where there is none.
 */
int listener_run(const struct options *options, struct handover *handover,
    const struct channel *master);

#endif
