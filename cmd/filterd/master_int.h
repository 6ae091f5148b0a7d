/* The master's state, for its file and those who feed it hostile messages. */
#ifndef CMD_FILTERD_MASTER_INT_H
#define CMD_FILTERD_MASTER_INT_H

#include "cmd/filterd/channel.h"
#include "cmd/filterd/master.h"

struct master {
	const struct options *options;
	int signal_fd;
	pid_t listener;
	struct channel channel; /* to it */
	struct handover left;   /* by it, for a start anew */
	int worker_fd;          /* one of them, until its board comes; -1 */
	pid_t worker_pid;
	bool anew; /* that is all, and it waits */
	bool ended;
	int status; /* of the daemon, then */
};

/* What the listener says. It is not root: one that breaks the rules ends. */
void master_hear(struct master *m);

#endif
