/*
 * Writing to the log without waiting for its reader.
 *
 * A pipe is opened once more by its name in /proc: the flag that writes do not
 * wait belongs to what was opened, and whoever else holds the pipe's end (a
 * supervisor, a shell) must not find it set. The parts inherit that descriptor,
 * whatever root directory, user or filter they have. Of a terminal the same.
 *
 * Lost lines are counted by an eventfd, which needs no memory in common: each
 * part adds to it, the listener takes what is there.
 */
#include "cmd/filterd/log.h"
#include "cmd/filterd/log_int.h"
#include "core/sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PIPE_SIZE = 1 << 20, /* what a system gives without asking for more */
	PAGE = 4096
};

static void
prepare_stderr(void)
{
	struct stat st;
	if (fstat(STDERR_FILENO, &st) != 0 ||
	    (!S_ISFIFO(st.st_mode) && !isatty(STDERR_FILENO)))
		return;
	/* more room for a reader that is slow; none is no harm */
	(void)fcntl(STDERR_FILENO, F_SETPIPE_SZ, PIPE_SIZE);
	int fd = open(
	    "/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0) {
		(void)dup2(fd, STDERR_FILENO);
		close(fd);
		return;
	}
	/*
	 * One that another user has made: then the flag is set for all who hold
	 * it. Not on a terminal, whose shell would not read any more.
	 */
	int flags = fcntl(STDERR_FILENO, F_GETFL);
	if (S_ISFIFO(st.st_mode) && flags >= 0)
		(void)fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK);
}

bool
log_prepare(struct err *e)
{
	prepare_stderr();
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	bool there = fd == LOG_LOST_FD;
	bool ok = there || (fd >= 0 && dup3(fd, LOG_LOST_FD, O_CLOEXEC) >= 0);
	int error = errno;
	if (fd >= 0 && !there)
		close(fd);
	return ok || err_set_errno(e, error, "cannot prepare the log");
}

void
log_pass_on(void)
{
	(void)fcntl(LOG_LOST_FD, F_SETFD, 0);
}

void
log_take_over(void)
{
	(void)fcntl(LOG_LOST_FD, F_SETFD, FD_CLOEXEC);
}

void
log_count_lost(uint64_t n)
{
	(void)!write(LOG_LOST_FD, &n, sizeof(n));
}

uint64_t
log_take_lost(void)
{
	uint64_t n = 0;
	return read(LOG_LOST_FD, &n, sizeof(n)) == (ssize_t)sizeof(n) ? n : 0;
}

/*
 * A pipe takes up to PIPE_BUF bytes as a whole or not at all. Of more it would
 * take what there is room for, and the line would be torn; so it is written
 * only where there is plenty. Of its pages a reader may have emptied the first
 * in part, and two that follow each other hold more than one page of text.
 */
static bool
has_room(struct str line)
{
	int size, used = 0;
	if (line.len <= PIPE_BUF)
		return true;
	size = fcntl(STDERR_FILENO, F_GETPIPE_SZ);
	if (size < 0)
		return true; /* it is no pipe */
	return ioctl(STDERR_FILENO, FIONREAD, &used) == 0 &&
	       2 * (size_t)used + line.len + 3 * (size_t)PAGE <= (size_t)size;
}

bool
log_is_socket(void)
{
	struct stat st;
	return fstat(STDERR_FILENO, &st) == 0 && S_ISSOCK(st.st_mode);
}

bool
log_write(bool to_socket, struct str lines)
{
	int how = MSG_DONTWAIT | MSG_NOSIGNAL;
	if (to_socket)
		return send(STDERR_FILENO, lines.ptr, lines.len, how) ==
		       (ssize_t)lines.len;
	return has_room(lines) && file_write_all(STDERR_FILENO, lines);
}
