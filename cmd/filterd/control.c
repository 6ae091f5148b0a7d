/* The control socket. */
#include "cmd/filterd/control.h"

#include "core/base/i18n.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	BACKLOG = 16
};

static bool
address_of(const char *path, struct sockaddr_un *a, struct err *e)
{
	size_t n = strlen(path);
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (n >= sizeof(a->sun_path))
		return err_set(e, ERR_PERMANENT,
		    _("'%s' is too long for the name of a socket"), path);
	memcpy(a->sun_path, path, n + 1);
	return true;
}

/* A socket that nobody answers at is of a daemon that died. */
static void
remove_stale(const struct sockaddr_un *a)
{
	struct stat st;
	if (lstat(a->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)(const void *)a, sizeof(*a)) !=
		0 &&
	    errno == ECONNREFUSED)
		unlink(a->sun_path);
	close(fd);
}

int
control_open(const char *path, struct err *e)
{
	struct sockaddr_un a;
	if (!address_of(path, &a, e))
		return -1;
	remove_stale(&a);
	int kind = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd = socket(AF_UNIX, kind, 0);
	mode_t old = umask(0177);
	bool ok = fd >= 0 &&
		  bind(fd, (struct sockaddr *)(void *)&a, sizeof(a)) == 0 &&
		  listen(fd, BACKLOG) == 0;
	int error = errno;
	umask(old);
	if (ok)
		return fd;
	err_set_errno(e, error, _("cannot listen on '%s'"), path);
	if (fd >= 0)
		close(fd);
	return -1;
}

int
control_accept(int fd)
{
	return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
