/* The socket of --control: whoever connects is told how the daemon fares. */
#ifndef CMD_FILTERD_CONTROL_H
#define CMD_FILTERD_CONTROL_H

#include "core/base/compiler.h"
#include "core/base/err.h"

/*
 * Bind it at 'path', mode 0600, in place of one that a daemon left behind.
 * Returns the descriptor, non-blocking, or -1.
 */
MUST_USE int control_open(const char *path, struct err *e);
/* The next who connects, or -1. */
MUST_USE int control_accept(int fd);

#endif
