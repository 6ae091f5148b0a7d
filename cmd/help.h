/* Help texts, made from the records. */
#ifndef CMD_HELP_H
#define CMD_HELP_H

#include "cmd/app.h"
#include "cmd/command.h"
#include "core/base/buf.h"
#include "core/base/err.h"

/*
 * Explain a command, a group of commands ("log"), or, when both are NULL, the
 * whole program. Returns the exit status.
 */
int help_show(struct app *app, const struct command *command, const char *group,
    struct err *e);

#endif
