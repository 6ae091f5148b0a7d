/* mtu --try: a smaller MTU for ten minutes, without a reboot. */
#ifndef CMD_MTU_TRY_H
#define CMD_MTU_TRY_H

#include "cmd/app.h"
#include "core/base/compiler.h"
#include "core/base/err.h"

#include <stdbool.h>

/*
 * Give the interface that leads to 'host' (an address; NULL: out into the
 * world) that MTU, and start a watcher that takes it back. With 'dry_run' it
 * is only told which interface that is. Returns the exit status.
 */
MUST_USE int mtu_try(struct app *app, const char *host, const char *mtu,
    bool dry_run, struct err *e);

#endif
