/* Beside command_all: the heads of groups in the overview of commands. */
#ifndef CMD_REGISTRY_H
#define CMD_REGISTRY_H

#include "cmd/command.h"

struct command_group {
	const char *title; /* marked N_() */
	const struct command *first;
};

/* Title of the group that begins with this command, or NULL. */
const char *command_group_title(const struct command *first);

#endif
