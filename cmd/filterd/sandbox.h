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
};

/* The root directory becomes an empty folder that is removed at once. */
MUST_USE bool sandbox_chroot(struct err *e);
/* Groups, group and user for good; fails when they could be had back. */
MUST_USE bool sandbox_become(uid_t uid, gid_t gid, struct err *e);
/* No file can be opened or changed from here on. */
MUST_USE bool sandbox_landlock(struct err *e);
/* System calls that the kind does without fail with EPERM from here on. */
MUST_USE bool sandbox_seccomp(enum sandbox_kind kind, struct err *e);
/* No core files, no children; memory for this many sessions. */
void sandbox_limits(unsigned sessions);

#endif
