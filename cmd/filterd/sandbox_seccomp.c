/* System call filters. */
#include "cmd/filterd/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

/*
 * What the session worker needs: its descriptors, memory, time. T-29, T-30,
 * T-33 tell why the last ones are here.
 */
static const int session_calls[] = {
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(readv),
	SCMP_SYS(writev),
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
	SCMP_SYS(shutdown),
	SCMP_SYS(close),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(setsockopt),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(memfd_create),
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getrandom),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(sysinfo),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/* The keeper has the files, and no network; it runs no program. */
static const int closed_to_keeper[] = {
	SCMP_SYS(socket),
	SCMP_SYS(connect),
	SCMP_SYS(bind),
	SCMP_SYS(listen),
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
};
/* The resolver may start its decoder, which inherits this. */
static const int closed_to_resolver[] = {
	SCMP_SYS(listen),
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
};
static const int kernel_doors[] = {
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(pivot_root),
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(keyctl),
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(kexec_load),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(swapon),
	SCMP_SYS(reboot),
};

/* A child of the courier has the network, and reads what servers say. */
static const int closed_to_carrier[] = {
	SCMP_SYS(listen),
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat),
	SCMP_SYS(chmod),
	SCMP_SYS(fchmodat),
	SCMP_SYS(kill),
	SCMP_SYS(tkill),
};

static bool
add_all(scmp_filter_ctx ctx, uint32_t action, const int *calls, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (seccomp_rule_add(ctx, action, calls[i], 0) != 0)
			return false;
	}
	return true;
}

/* Memory may be mapped, but never to be run. */
static bool
add_mmap(scmp_filter_ctx ctx)
{
	return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
		   SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0 &&
	       seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
		   SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
}

/*
 * fcntl could make the system signal a process of the same user, and tgkill
 * end it: flags of descriptors only, and none but ourselves (abort).
 */
static bool
add_own(scmp_filter_ctx ctx)
{
	static const int commands[] = { F_GETFD, F_SETFD, F_GETFL, F_SETFL };
	for (size_t i = 0; i < sizeof(commands) / sizeof(int); i++) {
		if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
			SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)commands[i])) != 0)
			return false;
	}
	return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
		   SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid())) == 0;
}

static bool
add_sessions(scmp_filter_ctx ctx)
{
	return add_all(ctx, SCMP_ACT_ALLOW, session_calls,
		   ARRAY_LEN(session_calls)) &&
	       add_mmap(ctx) && add_own(ctx);
}

static bool
add_keeper(scmp_filter_ctx ctx)
{
	return add_all(ctx, SCMP_ACT_ERRNO(EPERM), closed_to_keeper,
		   ARRAY_LEN(closed_to_keeper)) &&
	       add_all(ctx, SCMP_ACT_ERRNO(EPERM), kernel_doors,
		   ARRAY_LEN(kernel_doors));
}

static bool
add_carrier(scmp_filter_ctx ctx)
{
	return add_all(ctx, SCMP_ACT_ERRNO(EPERM), closed_to_carrier,
		   ARRAY_LEN(closed_to_carrier)) &&
	       add_all(ctx, SCMP_ACT_ERRNO(EPERM), kernel_doors,
		   ARRAY_LEN(kernel_doors));
}

static bool
add_resolver(scmp_filter_ctx ctx)
{
	return add_all(ctx, SCMP_ACT_ERRNO(EPERM), closed_to_resolver,
		   ARRAY_LEN(closed_to_resolver)) &&
	       add_all(ctx, SCMP_ACT_ERRNO(EPERM), kernel_doors,
		   ARRAY_LEN(kernel_doors));
}

static const struct {
	uint32_t otherwise;
	bool (*add)(scmp_filter_ctx ctx);
} kinds[] = {
	[SANDBOX_SESSIONS] = { SCMP_ACT_ERRNO(EPERM), add_sessions },
	[SANDBOX_KEEPER] = { SCMP_ACT_ALLOW, add_keeper },
	[SANDBOX_RESOLVER] = { SCMP_ACT_ALLOW, add_resolver },
	[SANDBOX_CARRIER] = { SCMP_ACT_ALLOW, add_carrier },
};

bool
sandbox_seccomp(enum sandbox_kind kind, struct err *e)
{
	scmp_filter_ctx ctx = seccomp_init(kinds[kind].otherwise);
	if (ctx == NULL || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_set(
		    e, ERR_PERMANENT, "cannot prepare a system call filter");
	int error = kinds[kind].add(ctx) ? seccomp_load(ctx) : -EINVAL;
	seccomp_release(ctx);
	return error == 0 ||
	       err_set_errno(e, -error, "cannot load a system call filter");
}
