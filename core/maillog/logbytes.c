/*
 * Bytes of a part of a log: read at their place, or through the ordinary tool
 * that unpacks them (LG-11). No shell is started.
 */
#include "core/base/i18n.h"
#include "core/maillog/logread_int.h"
#include "core/sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const gzip_argv[] = { "gzip", "-dc", NULL };
static const char *const xz_argv[] = { "xz", "-dc", NULL };

enum {
	TIME_ARG = 48
};

/* Start the program with 'in' as its input; b->fd is its output. */
static bool
start(struct logbytes *b, const char *const *argv, int in, struct err *e)
{
	struct spawn spawn = { .argv = argv };
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_set_errno(
		    e, errno, _("cannot read '%s'"), b->plan->shown);
	/* what it has to complain of is told by its exit status */
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	bool ok = spawn_start(&spawn, in, ends[1], null, &b->pid, e);
	close(ends[1]);
	if (null >= 0)
		close(null);
	if (!ok) {
		close(ends[0]);
		return false;
	}
	b->fd = ends[0];
	return true;
}

/* The file again, with a position of its own; -1 for what has none. */
static int
open_again(const struct logpart *part)
{
	char path[TIME_ARG];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", part->fd);
	return lseek(part->fd, 0, SEEK_CUR) >= 0
		   ? open(path, O_RDONLY | O_CLOEXEC)
		   : -1;
}

static bool
start_unpack(struct logbytes *b, const char *const *argv, struct err *e)
{
	int in = open_again(b->part);
	if (in < 0)
		return err_set_errno(
		    e, errno, _("cannot read '%s'"), b->plan->shown);
	bool ok = start(b, argv, in, e);
	close(in);
	return ok;
}

static bool
start_journal(struct logbytes *b, struct err *e)
{
	char since[TIME_ARG], until[TIME_ARG];
	const char *argv[] = { "journalctl", "-o", "export", "--no-pager", "-q",
		NULL, NULL, NULL };
	size_t n = 5;
	const struct logrange *range = &b->plan->range;
	if (range->from_ns != INT64_MIN) {
		snprintf(since, sizeof(since), "--since=@%lld",
		    (long long)(range->from_ns / NS_PER_S));
		argv[n++] = since;
	}
	if (range->to_ns != INT64_MAX) {
		snprintf(until, sizeof(until), "--until=@%lld",
		    (long long)(range->to_ns / NS_PER_S + 1));
		argv[n++] = until;
	}
	return start(b, argv, -1, e);
}

bool
logbytes_open(struct logbytes *b, const struct logplan *p,
    const struct logpart *part, uint64_t offset, struct err *e)
{
	bool ok = true;
	*b = (struct logbytes){
		.part = part, .plan = p, .fd = part->fd, .offset = offset
	};
	switch (part->pack) {
	case LOGPACK_NONE:
		break;
	case LOGPACK_GZIP:
		ok = start_unpack(b, gzip_argv, e);
		break;
	case LOGPACK_XZ:
		ok = start_unpack(b, xz_argv, e);
		break;
	case LOGPACK_JOURNAL:
		if (part->fd < 0) {
			ok = start_journal(b, e);
		} else {
			int own = open_again(part);
			b->fd = own >= 0 ? own : part->fd;
		}
		if (!ok)
			break;
		b->journal = logjournal_new(b->fd);
		if (b->journal == NULL)
			ok = err_no_memory(e);
		break;
	}
	if (!ok)
		logbytes_close(b);
	return ok;
}

/* How much of the part may be read now. */
static size_t
bounded(const struct logbytes *b, size_t n)
{
	uint64_t left = b->part->to > b->offset ? b->part->to - b->offset : 0;
	if (b->part->at_end) /* it may have grown */
		return n;
	return left < n ? (size_t)left : n;
}

static ssize_t
read_plain(struct logbytes *b, char *to, size_t n)
{
	ssize_t got = pread(b->fd, to, bounded(b, n), (off_t)b->offset);
	if (got < 0 && errno == ESPIPE)
		got = read(b->fd, to, n);
	if (got > 0)
		b->offset += (uint64_t)got;
	return got;
}

/* The program is through: did it like what it read? */
static bool
ended_well(struct logbytes *b)
{
	int status;
	if (b->pid == 0)
		return true;
	while (waitpid(b->pid, &status, 0) < 0)
		if (errno != EINTR)
			return true;
	b->pid = 0;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

ssize_t
logbytes_read(struct logbytes *b, char *to, size_t n, struct err *e)
{
	ssize_t got;
	do {
		if (b->journal != NULL)
			got = logjournal_read(b->journal, to, n);
		else if (b->pid != 0)
			got = read(b->fd, to, n);
		else if (b->part->pack != LOGPACK_NONE)
			got = 0; /* the program ended */
		else
			got = read_plain(b, to, n);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		err_set_errno(e, errno, _("cannot read '%s'"), b->plan->shown);
		return -1;
	}
	if (got == 0 && !ended_well(b)) {
		err_set(e, ERR_PERMANENT,
		    _("cannot read '%s/%s': it is damaged or cannot be "
		      "unpacked"),
		    b->plan->shown, b->part->name);
		return -1;
	}
	return got;
}

void
logbytes_close(struct logbytes *b)
{
	logjournal_free(b->journal);
	b->journal = NULL;
	if (b->fd != b->part->fd && b->fd >= 0)
		close(b->fd);
	b->fd = -1;
	if (b->pid != 0) {
		kill(b->pid, SIGTERM);
		(void)ended_well(b);
	}
}
