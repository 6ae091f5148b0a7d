/*
 * A log whose name was taken away while messages wait in it: what is only in
 * an open file is lost with the process, so the file is made anew under its
 * name before anybody is told 250 again.
 */
#include "core/queue/log_int.h"

#include "core/sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	COPY_BYTES = 1 << 20,
	FOLDER_MODE = 0750
};

/*
 * Asked before each message is answered, and not by stat: a file system with
 * fine time stamps (ext4 from Linux 6.13 on) gives whoever looks at one a new
 * one with the next write, and the next sync then writes the inode as well.
 */
bool
log_file_is_named(const struct log_file *f)
{
	const struct log_identity *own = &f->own;
	struct statx named;
	int nofollow = AT_SYMLINK_NOFOLLOW;
	return own->known &&
	       statx(AT_FDCWD, f->path, nofollow, STATX_INO, &named) == 0 &&
	       own->inode == named.stx_ino &&
	       own->major == named.stx_dev_major &&
	       own->minor == named.stx_dev_minor;
}

void
log_file_identify(struct log_file *f)
{
	struct statx s;
	bool known = statx(f->fd, "", AT_EMPTY_PATH, STATX_INO, &s) == 0;
	f->own = (struct log_identity){ .known = known };
	if (!known)
		return;
	f->own.inode = s.stx_ino;
	f->own.major = s.stx_dev_major;
	f->own.minor = s.stx_dev_minor;
}

/* The whole of it: space in use lies anywhere. */
static bool
copy(int from, int to)
{
	char *chunk = malloc(COPY_BYTES);
	bool ok = chunk != NULL;
	off_t at = 0;
	ssize_t n = 1;
	while (ok && n != 0) {
		n = pread(from, chunk, COPY_BYTES, at);
		if (n < 0 && errno == EINTR)
			continue;
		ok = n >= 0 && log_write_at(to, (uint64_t)at, chunk, (size_t)n);
		at += n;
	}
	int error = errno;
	free(chunk);
	errno = error;
	return ok && fsync(to) == 0;
}

/* The folder may be gone too, but not the one it lay in. */
static int
open_new(const char *path)
{
	int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
	int fd = open(path, flags, LOG_FILE_MODE);
	const char *slash = strrchr(path, '/');
	if (fd >= 0 || errno != ENOENT || slash == NULL || slash == path)
		return fd;
	char *folder = strndup(path, (size_t)(slash - path));
	bool made = folder != NULL && mkdir(folder, FOLDER_MODE) == 0;
	free(folder);
	return made ? open(path, flags, LOG_FILE_MODE) : -1;
}

/* Nothing that stands at the name now is replaced: it is somebody else's. */
static bool
move_to(struct log_file *f, int fd, const char *path)
{
	return flock(fd, LOCK_EX | LOCK_NB) == 0 && copy(f->fd, fd) &&
	       link(path, f->path) == 0 && file_sync_parent(f->path) &&
	       dup3(fd, f->fd, O_CLOEXEC) >= 0;
}

bool
log_file_restore(struct log_file *f, struct err *e)
{
	size_t size = strlen(f->path) + sizeof(".new");
	char *path = malloc(size);
	if (path == NULL)
		return err_set(e, ERR_TEMPORARY, "out of memory");
	snprintf(path, size, "%s.new", f->path);
	/* left by a process that died at just this */
	unlink(path);
	int fd = open_new(path);
	bool ok = fd >= 0 && move_to(f, fd, path);
	int error = errno;
	if (fd >= 0) {
		unlink(path);
		close(fd);
	}
	free(path);
	if (ok)
		log_file_identify(f);
	return ok || err_set_errno(e, error,
			 "the queue log '%s' was removed, and cannot be made "
			 "anew",
			 f->path);
}
