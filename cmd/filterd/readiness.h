/*
 * Telling whoever supervises the daemon how it stands: systemd by the datagrams
 * of sd_notify(3), runit by an answer to its script "check".
 */
#ifndef CMD_FILTERD_READINESS_H
#define CMD_FILTERD_READINESS_H

#include "core/base/err.h"

enum readiness {
	READINESS_READY,    /* connections are taken */
	READINESS_STARTING, /* anew: as systemd has it, a reload */
	READINESS_STOPPING
};

/* To the socket that NOTIFY_SOCKET names; nothing where it names none. */
void readiness_tell(enum readiness state);

/*
 * Ask the daemon that has this control socket; the exit status: 0 it takes
 * connections, 1 not yet, 111 nobody answers, which 'e' says.
 */
int readiness_ask(const char *control, struct err *e);

#endif
