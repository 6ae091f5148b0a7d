/* The index of the logs, brought up to date behind an answer. */
#ifndef CMD_LOG_INDEX_H
#define CMD_LOG_INDEX_H

#include "cmd/app.h"
#include "cmd/command.h"

/*
 * The answer is written out first; then what is new in the server's logs is
 * read, some seconds at most. Nothing is done for a call with --logs.
 */
void log_index_refresh(struct app *app, const struct call *call);

#endif
