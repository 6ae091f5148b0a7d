/* System call filters. */
#include "cmd/filterd/sandbox.h"

#include "cmd/filterd/log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
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
/*
 * Nothing here is of use to a mail server, nor to a module of PAM: other
 * processes' memory, file systems and name spaces, programs and modules for
 * the kernel, its keys, the machine itself; and io_uring, which would do what
 * a filter of system calls forbids.
 */
static const int kernel_doors[] = {
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(process_madvise),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(kcmp),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(move_mount),
	SCMP_SYS(open_tree),
	SCMP_SYS(fsopen),
	SCMP_SYS(fsmount),
	SCMP_SYS(fspick),
	SCMP_SYS(mount_setattr),
	SCMP_SYS(pivot_root),
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(keyctl),
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(io_uring_enter),
	SCMP_SYS(io_uring_register),
	SCMP_SYS(swapon),
	SCMP_SYS(swapoff),
	SCMP_SYS(reboot),
	SCMP_SYS(acct),
	SCMP_SYS(quotactl),
	SCMP_SYS(syslog),
	SCMP_SYS(iopl),
	SCMP_SYS(ioperm),
	SCMP_SYS(settimeofday),
	SCMP_SYS(clock_settime),
	SCMP_SYS(sethostname),
	SCMP_SYS(setdomainname),
	SCMP_SYS(open_by_handle_at),
};
/*
 * What asks about logins stays root where PAM is asked. It serves nobody and
 * makes no devices; its root directory stays what it is.
 */
static const int closed_to_auth[] = {
	SCMP_SYS(listen),
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(chroot),
	SCMP_SYS(mknod),
	SCMP_SYS(mknodat),
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
 * end it: flags of descriptors only, and none but ourselves (abort). How full
 * the pipe to the log is may be asked.
 */
static bool
add_own(scmp_filter_ctx ctx)
{
	static const int commands[] = { F_GETFD, F_SETFD, F_GETFL, F_SETFL,
		F_GETPIPE_SZ };
	for (size_t i = 0; i < sizeof(commands) / sizeof(int); i++) {
		if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
			SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)commands[i])) != 0)
			return false;
	}
	return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
		   SCMP_A1(SCMP_CMP_EQ, FIONREAD)) == 0 &&
	       seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
		   SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid())) == 0;
}

static bool
add_sessions(scmp_filter_ctx ctx)
{
	return add_all(ctx, SCMP_ACT_ALLOW, session_calls,
		   ARRAY_LEN(session_calls)) &&
	       add_mmap(ctx) && add_own(ctx);
}

/* Packets are sent as the kernel makes them, and only those are seen. */
static bool
add_no_raw(scmp_filter_ctx ctx)
{
	enum {
		TYPE_BITS = 0xf /* the rest are flags */
	};
	uint32_t no = SCMP_ACT_ERRNO(EPERM);
	return seccomp_rule_add(ctx, no, SCMP_SYS(socket), 1,
		   SCMP_A0(SCMP_CMP_EQ, AF_PACKET)) == 0 &&
	       seccomp_rule_add(ctx, no, SCMP_SYS(socket), 2,
		   SCMP_A0(SCMP_CMP_EQ, AF_INET),
		   SCMP_A1(SCMP_CMP_MASKED_EQ, TYPE_BITS, SOCK_RAW)) == 0 &&
	       seccomp_rule_add(ctx, no, SCMP_SYS(socket), 2,
		   SCMP_A0(SCMP_CMP_EQ, AF_INET6),
		   SCMP_A1(SCMP_CMP_MASKED_EQ, TYPE_BITS, SOCK_RAW)) == 0;
}

/*
 * A child is no way to a name space either: clone without such flags. What
 * clone3 is asked for cannot be seen here; told that there is none, the C
 * library takes clone.
 */
static bool
add_no_spaces(scmp_filter_ctx ctx)
{
	static const unsigned long spaces[] = { CLONE_NEWNS, CLONE_NEWCGROUP,
		CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID,
		CLONE_NEWNET };
	for (size_t i = 0; i < ARRAY_LEN(spaces); i++) {
		if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM),
			SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, spaces[i], spaces[i])) != 0)
			return false;
	}
	return seccomp_rule_add(
		   ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
}

static bool
add_doors(scmp_filter_ctx ctx)
{
	return add_all(ctx, SCMP_ACT_ERRNO(EPERM), kernel_doors,
		   ARRAY_LEN(kernel_doors)) &&
	       add_no_spaces(ctx);
}

static bool
add_keeper(scmp_filter_ctx ctx)
{
	return add_all(ctx, SCMP_ACT_ERRNO(EPERM), closed_to_keeper,
		   ARRAY_LEN(closed_to_keeper)) &&
	       add_doors(ctx);
}

static bool
add_carrier(scmp_filter_ctx ctx)
{
	return add_all(ctx, SCMP_ACT_ERRNO(EPERM), closed_to_carrier,
		   ARRAY_LEN(closed_to_carrier)) &&
	       add_doors(ctx);
}

static bool
add_resolver(scmp_filter_ctx ctx)
{
	return add_all(ctx, SCMP_ACT_ERRNO(EPERM), closed_to_resolver,
		   ARRAY_LEN(closed_to_resolver)) &&
	       add_doors(ctx);
}

/* The listener has the sockets, and raw ones are none of them. */
static bool
add_programs(scmp_filter_ctx ctx)
{
	return add_no_raw(ctx) && add_doors(ctx);
}

static bool
add_auth(scmp_filter_ctx ctx)
{
	return add_all(ctx, SCMP_ACT_ERRNO(EPERM), closed_to_auth,
		   ARRAY_LEN(closed_to_auth)) &&
	       add_programs(ctx);
}

static const struct {
	uint32_t otherwise;
	bool (*add)(scmp_filter_ctx ctx);
	bool new_rights; /* its programs may have another user's */
} kinds[] = {
	[SANDBOX_SESSIONS] = { SCMP_ACT_ERRNO(EPERM), add_sessions, false },
	[SANDBOX_KEEPER] = { SCMP_ACT_ALLOW, add_keeper, false },
	[SANDBOX_RESOLVER] = { SCMP_ACT_ALLOW, add_resolver, false },
	[SANDBOX_CARRIER] = { SCMP_ACT_ALLOW, add_carrier, false },
	[SANDBOX_JUDGE] = { SCMP_ACT_ALLOW, add_carrier, false },
	[SANDBOX_LISTENER] = { SCMP_ACT_ALLOW, add_programs, true },
	[SANDBOX_COURIER] = { SCMP_ACT_ALLOW, add_programs, true },
	[SANDBOX_AUTH] = { SCMP_ACT_ALLOW, add_auth, true },
};

static bool
load(enum sandbox_kind kind, bool rights, struct err *e)
{
	scmp_filter_ctx ctx = seccomp_init(kinds[kind].otherwise);
	if (ctx == NULL ||
	    seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, !rights) != 0) {
		seccomp_release(ctx);
		return err_set(
		    e, ERR_PERMANENT, "cannot prepare a system call filter");
	}
	int error = kinds[kind].add(ctx) ? seccomp_load(ctx) : -EINVAL;
	seccomp_release(ctx);
	return error == 0 ||
	       err_set_errno(e, -error, "cannot load a system call filter");
}

bool
sandbox_seccomp(enum sandbox_kind kind, struct err *e)
{
	return load(kind, kinds[kind].new_rights, e);
}

static void
load_or_tell(enum sandbox_kind kind, bool rights, const char *part)
{
	struct err e = ERR_INIT;
	if (!load(kind, rights, &e))
		log_own("%s: going on without a system call filter: %s", part,
		    e.text);
}

void
sandbox_wall(enum sandbox_kind kind, const char *part)
{
	load_or_tell(kind, kinds[kind].new_rights, part);
}

void
sandbox_wall_programs(
    enum sandbox_kind kind, const char *part, bool gains_rights)
{
	if (!gains_rights || geteuid() == 0)
		load_or_tell(kind, gains_rights, part);
}
