/* Exclusive lock files. */
#include "core/sys/lock.h"

#include "core/base/i18n.h"
#include "core/sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	POLL_MS = 20
};

/* Does 'path' still name the file behind 'fd'? */
static bool
same_file(int fd, const char *path)
{
	struct stat a, b;
	return fstat(fd, &a) == 0 && stat(path, &b) == 0 &&
	       a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

long
lock_holder(const char *path)
{
	struct stat st;
	FILE *f = fopen("/proc/locks", "re");
	if (f == NULL || stat(path, &st) != 0) {
		if (f != NULL)
			fclose(f);
		return 0;
	}
	char line[256];
	long pid, found = 0;
	unsigned long long inode;
	while (found == 0 && fgets(line, sizeof(line), f) != NULL) {
		/* 1: FLOCK ADVISORY WRITE 4711 fe:00:131 0 EOF */
		if (sscanf(line, "%*d: FLOCK %*s %*s %ld %*x:%*x:%llu", &pid,
			&inode) == 2 &&
		    inode == (unsigned long long)st.st_ino)
			found = pid;
	}
	fclose(f);
	return found;
}

static bool
timed_out(const char *path, const char *subject, int64_t wait_ms, struct err *e)
{
	long pid = lock_holder(path);
	long long seconds = (long long)(wait_ms / 1000);
	if (pid > 0)
		err_set(e, ERR_TEMPORARY,
		    _("cannot lock '%s': held by pid %ld for %lld s"), subject,
		    pid, seconds);
	else
		err_set(e, ERR_TEMPORARY,
		    _("cannot lock '%s': held by another program for %lld s"),
		    subject, seconds);
	return err_next(e, _("try again in a moment"));
}

/* flock 'fd', polling until the deadline; false with the error set. */
static bool
flock_wait(int fd, const char *path, const char *subject, int64_t wait_ms,
    int64_t deadline, const struct clock *clock, struct err *e)
{
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_set_errno(
			    e, errno, _("cannot lock '%s'"), subject);
		if (clock_mono_ms(clock) >= deadline)
			return timed_out(path, subject, wait_ms, e);
		clock_sleep_ms(clock, POLL_MS);
	}
	return true;
}

bool
lock_take(struct lock *l, const char *path, const char *subject,
    int64_t wait_ms, const struct clock *clock, struct err *e)
{
	int64_t deadline = clock_mono_ms(clock) + wait_ms;
	l->fd = -1;
	for (;;) {
		/* a link here could make us create a file elsewhere */
		int fd = open(path,
		    O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666);
		if (fd < 0)
			return err_set_errno(
			    e, errno, _("cannot lock '%s'"), subject);
		if (!flock_wait(
			fd, path, subject, wait_ms, deadline, clock, e)) {
			close(fd);
			return false;
		}
		if (same_file(fd, path)) {
			l->fd = fd;
			return true;
		}
		close(fd);
	}
}

bool
lock_is_named(const struct lock *l, const char *path)
{
	return l->fd >= 0 && same_file(l->fd, path);
}

void
lock_release(struct lock *l)
{
	file_close_fd(&l->fd);
}
