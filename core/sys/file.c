/* Whole files: bounded reading, atomic replacement, directories. */
#include "core/sys/file.h"

#include "core/base/i18n.h"
#include "core/sys/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	READ_STEP = 64 * 1024
};

bool
file_read_fd(int fd, const char *shown, struct buf *out, struct err *e)
{
	for (;;) {
		size_t room = out->max - out->len;
		char probe = 0;
		char *to = room > 0 ? buf_reserve(out,
					  room < READ_STEP ? room : READ_STEP)
				    : &probe;
		if (to == NULL)
			return err_set_errno(
			    e, ENOMEM, _("cannot read '%s'"), shown);
		size_t want = room == 0 ? 1 : room;
		ssize_t n = read(fd, to, want < READ_STEP ? want : READ_STEP);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_errno(
			    e, errno, _("cannot read '%s'"), shown);
		if (n == 0)
			return true;
		if (room == 0)
			return err_set(e, ERR_PERMANENT,
			    _("cannot read '%s': larger than %zu bytes"), shown,
			    out->max);
		buf_used(out, (size_t)n);
	}
}

int
file_open_regular(
    const char *path, const char *shown, struct stat *st, struct err *e)
{
	shown = shown != NULL ? shown : path;
	/* without O_NONBLOCK a FIFO of that name would hold us */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		err_set_errno(e, errno, _("cannot open '%s'"), shown);
		return -1;
	}
	if (fstat(fd, st) != 0) {
		err_set_errno(e, errno, _("cannot read '%s'"), shown);
	} else if (S_ISREG(st->st_mode)) {
		return fd;
	} else if (S_ISDIR(st->st_mode)) {
		err_set_errno(e, EISDIR, _("cannot read '%s'"), shown);
	} else {
		err_set(e, ERR_PERMANENT,
		    _("cannot read '%s': not a regular file"), shown);
		err_next(e, _("remove or rename it"));
	}
	close(fd);
	return -1;
}

bool
file_read(const char *path, const char *shown, struct buf *out, struct err *e)
{
	struct stat st;
	int fd = file_open_regular(path, shown, &st, e);
	if (fd < 0)
		return false;
	bool ok = file_read_fd(fd, shown != NULL ? shown : path, out, e);
	close(fd);
	return ok;
}

bool
file_read_named(const char *path, struct buf *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return err_set_errno(e, errno, _("cannot open '%s'"), path);
	bool ok = file_read_fd(fd, path, out, e);
	close(fd);
	return ok;
}

void
file_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

bool
file_write_all(int fd, struct str bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes = str_sub(bytes, (size_t)n, bytes.len);
	}
	return true;
}

static bool
owner_set(int fd, const struct file_replace *how)
{
	if (how->uid == (uid_t)-1 && how->gid == (gid_t)-1)
		return true;
	return fchown(fd, how->uid, how->gid) == 0 || how->chown_may_fail;
}

static bool
temporary_fill(int fd, struct str bytes, const struct file_replace *how)
{
	/* owner before mode: chown clears set-id bits */
	return file_write_all(fd, bytes) && owner_set(fd, how) &&
	       fchmod(fd, how->mode) == 0 && (how->transient || fsync(fd) == 0);
}

bool
file_sync_parent(const char *path)
{
	char dir[SYS_PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path);
	if (n + 2 > sizeof(dir))
		return false;
	memcpy(dir, slash == NULL ? "." : path, slash == NULL ? 1 : n);
	dir[slash == NULL ? 1 : n] = '\0';
	int fd = open(n == 0 && slash != NULL ? "/" : dir,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool ok = fsync(fd) == 0 || errno == EINVAL;
	close(fd);
	return ok;
}

bool
file_replace(const char *path, struct str bytes, const struct file_replace *how,
    struct err *e)
{
	const char *shown = how->shown != NULL ? how->shown : path;
	char tmp[SYS_PATH_MAX];
	int n = snprintf(tmp, sizeof(tmp), "%s.%ld", path, (long)getpid());
	if (n < 0 || (size_t)n >= sizeof(tmp))
		return err_set(e, ERR_USAGE, _("path '%s' is too long"), shown);
	unlink(tmp); /* left by a crashed process that had this number */
	int fd = open(
	    tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set_errno(e, errno, _("cannot write '%s'"), shown);
	bool ok = temporary_fill(fd, bytes, how);
	int saved = errno;
	if (close(fd) != 0 && ok) {
		ok = false;
		saved = errno;
	}
	if (ok && how->still != NULL && !how->still(how->ctx, e)) {
		unlink(tmp);
		return false;
	}
	if (ok && rename(tmp, path) != 0) {
		ok = false;
		saved = errno;
	}
	if (!ok) {
		unlink(tmp);
		return err_set_errno(e, saved, _("cannot write '%s'"), shown);
	}
	if (!how->transient && !file_sync_parent(path))
		return err_set_errno(
		    e, errno, _("cannot sync the folder of '%s'"), shown);
	return true;
}

bool
file_mkdirs(const char *path, mode_t mode, const char *shown, struct err *e)
{
	char part[SYS_PATH_MAX];
	size_t n = strlen(path);
	shown = shown != NULL ? shown : path;
	if (n + 1 > sizeof(part))
		return err_set(e, ERR_USAGE, _("path '%s' is too long"), shown);
	/* mostly its parents are there */
	if (file_is_dir(path) || mkdir(path, mode) == 0)
		return true;
	memcpy(part, path, n + 1);
	for (size_t i = 1; i <= n; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		char kept = part[i];
		part[i] = '\0';
		int reason = mkdir(part, mode) == 0 ? 0 : errno;
		if (reason != 0 && reason != EEXIST &&
		    !(reason == EROFS && file_is_dir(part)))
			return err_set_errno(
			    e, reason, _("cannot make folder '%s'"), shown);
		part[i] = kept;
	}
	if (!file_is_dir(path))
		return err_set_errno(
		    e, ENOTDIR, _("cannot make folder '%s'"), shown);
	return true;
}

bool
file_mkdirs_for(const char *path, mode_t mode, const char *shown, struct err *e)
{
	char dir[SYS_PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path);
	if (n == 0)
		return true;
	if (n + 1 > sizeof(dir))
		return err_set(e, ERR_USAGE, _("path '%s' is too long"), path);
	memcpy(dir, path, n);
	dir[n] = '\0';
	return file_mkdirs(dir, mode, shown, e);
}

bool
file_exists(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0;
}

bool
file_is_dir(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool
file_need_dir(const char *path, struct err *e)
{
	struct stat st;
	int reason = stat(path, &st) != 0  ? errno
		     : S_ISDIR(st.st_mode) ? 0
					   : ENOTDIR;
	return reason == 0 ||
	       err_set_errno(e, reason, _("cannot read '%s'"), path);
}
