/* Landlock: no file access at all (T-28: asked for at run time). */
#include "cmd/filterd/sandbox.h"

#include <errno.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The rights of the first version; later kernels know these too. */
#define FIRST_RIGHTS ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

bool
sandbox_landlock(struct err *e)
{
	struct landlock_ruleset_attr attr = {
		.handled_access_fs = FIRST_RIGHTS,
	};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_set_errno(e, errno, "cannot give up new rights");
	long fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (fd < 0)
		return err_set_errno(e, errno, "this kernel has no Landlock");
	/* no rule is added: nothing is allowed */
	long done = syscall(SYS_landlock_restrict_self, (int)fd, 0);
	int error = errno;
	close((int)fd);
	return done == 0 || err_set_errno(e, error, "cannot use Landlock");
}
