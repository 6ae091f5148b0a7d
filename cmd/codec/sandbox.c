/* The decoder keeps two descriptors, bounded memory and nothing else. */
#include "cmd/codec/sandbox.h"

#include "core/base/compiler.h"
#include "core/sys/rlimit.h"

#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>

/* T-31: decoding asks for nothing; T-30: the allocator may ask for memory. */
static const int calls[] = {
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(getrandom),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

static const struct {
	rlimit_resource resource;
	rlim_t value;
} limits[] = {
	{ RLIMIT_CORE, 0 },
	{ RLIMIT_FSIZE, 0 },
	{ RLIMIT_NPROC, 0 },
/* address sanitizer reserves terabytes */
#if !defined(__SANITIZE_ADDRESS__)
	{ RLIMIT_AS, (rlim_t)96 << 20 },
#endif
};

static bool
calls_allow(scmp_filter_ctx ctx)
{
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 0) != 0)
			return false;
	}
	/* memory, but none that can be run */
	return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
		   SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
}

bool
codec_sandbox(void)
{
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		struct rlimit l = { limits[i].value, limits[i].value };
		if (setrlimit(limits[i].resource, &l) != 0)
			return false;
	}
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return false;
/* the sanitizers' own calls are many */
#if !defined(__SANITIZE_ADDRESS__)
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (ctx == NULL)
		return false;
	bool ok = calls_allow(ctx) && seccomp_load(ctx) == 0;
	seccomp_release(ctx);
	return ok;
#else
	(void)calls_allow;
	return true;
#endif
}
