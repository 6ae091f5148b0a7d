/* From the words of a command line to a handler and an exit status. */
#ifndef CMD_DISPATCH_H
#define CMD_DISPATCH_H

#include "cmd/app.h"
#include "cmd/command.h"

#include <stddef.h>

/*
 * Run one command line (without the program's name): parse, check what the
 * record requires, call the handler, print its error. 'app' is changed by
 * global options; a caller that goes on gives a copy. Returns the exit status.
 */
int dispatch_run(struct app *app, const char *const *words, size_t n);

/*
 * Run 'command' on words that are not parsed at all: what the programs do
 * that are named after a command (db, config).
 */
int dispatch_raw(struct app *app, const struct command *command,
    const char *const *words, size_t n);

#endif
