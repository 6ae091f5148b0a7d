/* Root directory, user and resource limits. */
#include "cmd/filterd/sandbox.h"

#include "core/sys/rlimit.h"

#include <errno.h>
#include <grp.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Memory of the session worker: its own, and for each session (design 9). */
#define WORKER_MEMORY  ((rlim_t)256 << 20)
#define SESSION_MEMORY ((rlim_t)512 << 10)

bool
sandbox_chroot(struct err *e)
{
	char dir[] = "/tmp/smemail-filterd-XXXXXX";
	if (mkdtemp(dir) == NULL)
		return err_set_errno(e, errno, "cannot make an empty folder");
	bool ok = chdir(dir) == 0;
	/* removed while we stand in it: nothing can ever appear in it */
	ok = rmdir(dir) == 0 && ok;
	ok = ok && chroot(".") == 0 && chdir("/") == 0;
	return ok || err_set_errno(e, errno, "cannot change the root");
}

bool
sandbox_become(uid_t uid, gid_t gid, struct err *e)
{
	if (setgroups(1, &gid) != 0 || setresgid(gid, gid, gid) != 0 ||
	    setresuid(uid, uid, uid) != 0)
		return err_set_errno(
		    e, errno, "cannot become user %u", (unsigned)uid);
	if (uid != 0 && (setuid(0) == 0 || seteuid(0) == 0))
		return err_set(e, ERR_PERMANENT,
		    "root could be had back after becoming user %u",
		    (unsigned)uid);
	return true;
}

static void
limit(rlimit_resource what, rlim_t value)
{
	struct rlimit now;
	if (getrlimit(what, &now) == 0 &&
	    (now.rlim_max == RLIM_INFINITY || now.rlim_max > value)) {
		now.rlim_cur = now.rlim_max = value;
		/* a wall more; without it the others stand */
		(void)setrlimit(what, &now);
	}
}

void
sandbox_limits(unsigned sessions)
{
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NPROC, 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	limit(RLIMIT_DATA, WORKER_MEMORY + sessions * SESSION_MEMORY);
#else
	(void)sessions;
#endif
}
