/* What the parts of the shell share. */
#ifndef CMD_SHELL_SHELL_INT_H
#define CMD_SHELL_SHELL_INT_H

#include "cmd/app.h"
#include "core/base/str.h"

#include <stdbool.h>

enum {
	SHELL_CONTEXT_MAX = 64
};

struct shell {
	struct app *app;
	char context[SHELL_CONTEXT_MAX]; /* words put before each line */
	int status;                      /* of the last command */
	bool done;                       /* quit was said */
	bool interactive;
};

/* Run one line; sets status, context and done. */
void shell_line(struct shell *s, struct str line);

/* The loop on a terminal (readline.c). */
void shell_terminal(struct shell *s);

/* Where the history lives: a file of this user, or false. */
bool shell_history_path(struct app *app, char out[SYS_PATH_MAX]);

#endif
