/* The records of all commands, each defined beside its handler. */
#ifndef CMD_COMMANDS_H
#define CMD_COMMANDS_H

#include "cmd/command.h"

/* cmd/help.c */
extern const struct command command_help;

#endif
