/*
 * Directories of multilog and svlogd: which files hold lines, and in which
 * order (LG-10).
 */
#ifndef CORE_MAILLOG_LOGDIR_H
#define CORE_MAILLOG_LOGDIR_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "core/maillog/tai64n.h"

#include <stdbool.h>
#include <sys/types.h>

enum {
	LOGDIR_NAME_SIZE = 32, /* "@", 24 digits, ".s.gz" */
};

/* One file with finished lines, or 'current'. */
struct logdir_file {
	char name[LOGDIR_NAME_SIZE];
	bool has_label;      /* an old file: its name tells when it ended */
	struct tai64n label; /* LG-10: lines are not younger than it */
	bool is_current;
	bool is_packed;  /* ".s.gz", ".s.xz" (LG-11) */
	bool was_killed; /* ".u": its last line may be lost in part */
	dev_t dev;
	ino_t ino;
	bool is_regular; /* false only before a listing is done */
};

/*
 * The files of directory 'path' in reading order: old files, 'previous' where
 * it is none of them ('processed' where that has gone already), 'current'. No
 * file between the first and 'current' is overlooked, however fast they are
 * turned: the directory is listed until two listings agree. 'files' holds
 * struct logdir_file and is emptied first. In e->sys_errno ENOENT is a missing
 * directory, EAGAIN one without rest. 'shown' is the path for messages.
 */
MUST_USE bool logdir_list(
    const char *path, const char *shown, struct vec *files, struct err *e);
/* Does the directory look like one of multilog's or svlogd's? */
bool logdir_is_one(const char *path);

#endif
