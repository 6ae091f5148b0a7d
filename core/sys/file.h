/* Whole files: bounded reading, atomic replacement, directories. */
#ifndef CORE_SYS_FILE_H
#define CORE_SYS_FILE_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/*
 * Open a regular file for reading, and nothing else: others may write into the
 * folders of many files, and put a pipe there that nobody ever writes to. -1
 * when it cannot be. 'shown' is the path for messages, NULL for 'path' itself.
 */
MUST_USE int file_open_regular(
    const char *path, const char *shown, struct stat *st, struct err *e);
/*
 * Append its content to 'out' (bounded by its maximum). e->sys_errno tells
 * ENOENT apart.
 */
MUST_USE bool file_read(
    const char *path, const char *shown, struct buf *out, struct err *e);
/* The same for what a person names: it may be a pipe, and is waited for. */
MUST_USE bool file_read_named(const char *path, struct buf *out, struct err *e);
/* The same from an open descriptor. */
MUST_USE bool file_read_fd(
    int fd, const char *shown, struct buf *out, struct err *e);
/* Close what it is, if it is any; it is -1 then. */
void file_close_fd(int *fd);
/* Write all bytes, across interruptions and short writes. */
MUST_USE bool file_write_all(int fd, struct str bytes);

struct file_replace {
	mode_t mode;         /* of the new file, whatever the umask */
	uid_t uid;           /* (uid_t)-1 leaves the caller's */
	gid_t gid;           /* (gid_t)-1 leaves the caller's */
	bool chown_may_fail; /* go on when the owner cannot be set */
	bool transient;      /* nobody wants it after a crash: no fsync */
	const char *shown;   /* path for messages, or NULL */
	/* asked when all but the rename is done; false: it is not, with 'e' */
	bool (*still)(void *ctx, struct err *e); /* or NULL */
	void *ctx;
};

/*
 * Replace 'path' by 'bytes' so that a reader sees the old file or the new one
 * whole: a temporary "PATH.PID" in the same directory (a stale one is
 * unlinked, created with O_EXCL|O_NOFOLLOW), mode and owner, fsync, rename,
 * fsync of the directory. On failure the temporary is removed and 'path' is
 * as it was (ES-23).
 */
MUST_USE bool file_replace(const char *path, struct str bytes,
    const struct file_replace *how, struct err *e);

/* Make 'path' and its missing parents; an existing directory is fine. */
MUST_USE bool file_mkdirs(
    const char *path, mode_t mode, const char *shown, struct err *e);
/* Make the missing parents of 'path'. */
MUST_USE bool file_mkdirs_for(
    const char *path, mode_t mode, const char *shown, struct err *e);
bool file_exists(const char *path);
bool file_is_dir(const char *path);
/* A folder that somebody named; 'e' says why it is none. */
MUST_USE bool file_need_dir(const char *path, struct err *e);

/* fsync of the folder that holds 'path': a name made or changed there lasts. */
MUST_USE bool file_sync_parent(const char *path);

#endif
