/* Exclusive lock files (flock), shared with the reference tools (ES-24). */
#ifndef CORE_SYS_LOCK_H
#define CORE_SYS_LOCK_H

#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct lock {
	int fd; /* -1 when not held */
};

#define LOCK_INIT                                                              \
	{                                                                      \
		-1                                                             \
	}

/*
 * Take flock(LOCK_EX) on 'path' (created 0666 less umask), waiting at most
 * 'wait_ms'. The reference unlinks its lock file, so the inode of the
 * descriptor is compared with that of the path and the lock retaken when they
 * differ. 'subject' is named in messages. A time-out is ERR_TEMPORARY and
 * names the holder when /proc/locks tells.
 */
MUST_USE bool lock_take(struct lock *l, const char *path, const char *subject,
    int64_t wait_ms, const struct clock *clock, struct err *e);
/* Does 'path' still name the locked file? Not when the reference removed it. */
bool lock_is_named(const struct lock *l, const char *path);
/* Pid of a process that holds a lock on the file, 0 when that is not told. */
long lock_holder(const char *path);
/* Release; the file stays (removing it is what makes the reference unsafe). */
void lock_release(struct lock *l);

#endif
