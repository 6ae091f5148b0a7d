/*
 * Lines to the system log: datagrams to ROOT/dev/log (ES-30). Logging never
 * decides whether anything else is done: without a listener, or with one that
 * does not read, lines are dropped.
 */
#ifndef CORE_SYS_SYSLOG_PORT_H
#define CORE_SYS_SYSLOG_PORT_H

#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/sys/root.h"

#include <stdint.h>

enum {
	SYSLOG_LOCAL1_INFO = 142, /* facility local1, level info */
};

struct syslog_port {
	int fd; /* -1: nobody listens */
	const char *ident;
	const struct clock *clock;
	int64_t patience_ns; /* left of the time it may wait for the reader */
	int64_t stamp_s;     /* second that 'stamp' shows */
	char stamp[32];      /* "Nov 22 04:27:38" */
};

/*
 * Connect. 'ident' (borrowed) stands in front of each line, with the pid. A
 * port waits 0.1 s altogether when the reader's queue is full, so a burst is
 * kept and a hanging reader cannot hold the caller.
 */
void syslog_port_open(struct syslog_port *p, const struct root *root,
    const struct clock *clock, const char *ident);
/* One line, bytes as given; a very long one is cut. */
void syslog_port_send(struct syslog_port *p, int priority, struct str text);
void syslog_port_close(struct syslog_port *p);

#endif
