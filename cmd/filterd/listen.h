/* Listening sockets. */
#ifndef CMD_FILTERD_LISTEN_H
#define CMD_FILTERD_LISTEN_H

#include "cmd/filterd/options.h"

/* A bound, listening, non-blocking socket; -1 with 'e' set. */
int listen_open(const struct listen_spec *spec, struct err *e);
/* "127.0.0.1:25" as the system bound it (port 0: any free one). */
void listen_name(int fd, char out[LISTEN_TEXT_SIZE]);
/*
 * The next waiting connection, non-blocking; -1 when there is none or it went
 * away. The texts are of both ends' addresses.
 */
struct accepted {
	int fd;
	char ip[64];
	char local_ip[64];
	uint16_t local_port;
};
int listen_accept(int fd, struct accepted *a);
/* Does a connection wait? Much cheaper than to accept in vain. */
bool listen_has_waiting(int fd);

#endif
