/* The daemon's command line. */
#ifndef CMD_FILTERD_OPTIONS_H
#define CMD_FILTERD_OPTIONS_H

#include "cmd/filterd/limits.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/smtp/phase.h"
#include "core/sys/root.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

/* What for and where: "smtp:127.0.0.1:25", "smtps:[::1]:465". */
struct listen_spec {
	enum smtp_role role;
	struct sockaddr_storage address;
	socklen_t length;
};

struct options {
	const char *config;        /* the configuration directory */
	const char *qmail_control; /* where missing files are looked for */
	const char *user;          /* to run as, or NULL */
	const char *control;       /* the socket to tell at, or NULL */
	const char *role;          /* a started part, or NULL */
	const char *ready;         /* the control socket to ask, or NULL */
	const char *again;         /* program to start anew by, or NULL */
	char *const *argv;         /* else it is this, as it was started */
	struct listen_spec listens[FILTERD_LISTENS_MAX];
	unsigned n_listens;
	uint32_t instances;
	uint32_t instances_per_ip;
	uint32_t workers;
	bool check;
	bool version;
	bool help;
	char room[SYS_PATH_MAX]; /* of qmail_control */
};

/* Options with what the environment says where they are silent. */
MUST_USE bool options_parse(
    struct options *o, int argc, char **argv, struct err *e);
const char *options_help(void);

MUST_USE bool listen_spec_parse(
    struct listen_spec *spec, const char *text, struct err *e);
const char *listen_role_name(enum smtp_role role);
enum {
	LISTEN_TEXT_SIZE = 80
};
/* "127.0.0.1:25" or "[::1]:25" */
void listen_spec_format(
    const struct sockaddr *address, char out[LISTEN_TEXT_SIZE]);

#endif
