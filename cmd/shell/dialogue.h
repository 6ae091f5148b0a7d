/* The screen line by line, as a dialogue. */
#ifndef CMD_SHELL_DIALOGUE_H
#define CMD_SHELL_DIALOGUE_H

#include "cmd/app.h"

/* Runs until it is left; the exit status of the last command. */
int dialogue_open(struct app *app);

#endif
