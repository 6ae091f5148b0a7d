/*
 * Walls around the parts. Each mechanism is a file of its own; one that the
 * system lacks is left out and told, the others stand.
 */
#ifndef CMD_FILTERD_SANDBOX_H
#define CMD_FILTERD_SANDBOX_H

#include "core/base/compiler.h"
#include "core/base/err.h"

#include <stdbool.h>
#include <sys/types.h>

enum sandbox_kind {
	SANDBOX_SESSIONS, /* no file, no new socket, no other program */
	SANDBOX_KEEPER,   /* files, but no network and no kernel doors */
	SANDBOX_RESOLVER, /* asks the network, serves none; no kernel doors */
	SANDBOX_CARRIER,  /* the same, and runs no program */
	SANDBOX_JUDGE,    /* the same: asks a server about a login */
	/*
	 * No kernel doors. These may run programs that change their user
	 * (qmail-queue, what PAM asks); see sandbox_wall_programs.
	 */
	SANDBOX_LISTENER,
	SANDBOX_COURIER,
	SANDBOX_AUTH, /* serves no network, and talks past no protocol */
};

/* The root directory becomes an empty folder that is removed at once. */
MUST_USE bool sandbox_chroot(struct err *e);
/* Groups, group and user for good; fails when they could be had back. */
MUST_USE bool sandbox_become(uid_t uid, gid_t gid, struct err *e);
/* No file can be opened or changed from here on. */
MUST_USE bool sandbox_landlock(struct err *e);
/* System calls that the kind does without fail with EPERM from here on. */
MUST_USE bool sandbox_seccomp(enum sandbox_kind kind, struct err *e);
/* The same for a part that goes on without one, which is told. */
void sandbox_wall(enum sandbox_kind kind, const char *part);
/*
 * The same for one of the last three. 'gains_rights': its programs may take
 * another user's; then a filter is to be had by root alone, and without root
 * there is none and nothing is said.
 */
void sandbox_wall_programs(
    enum sandbox_kind kind, const char *part, bool gains_rights);
/* No core files, no children; memory for this many sessions. */
void sandbox_limits(unsigned sessions);

#endif
