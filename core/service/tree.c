/* A whole tree of services under runsvdir. */
#include "core/service/service.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/sys/file.h"
#include "core/sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define PID_FILE "/var/run/runsvdir.pid"
#define LOG_FILE "/var/log/runsvdir.log"

enum {
	POLL_MS = 20,
	REPEAT_MS = 1000,
	START_LIMIT_MS = 15000,
	KILL_BEFORE_MS = 3000,
	NAMES_MAX = 64 * 1024
};

/* Is that process a runsvdir over this root's folder? */
static bool
is_our_runsvdir(const struct root *root, pid_t pid)
{
	char path[64], dir[SYS_PATH_MAX];
	struct buf line = BUF_INIT(2 * SYS_PATH_MAX);
	bool program = false, folder = false;
	snprintf(path, sizeof(path), "/proc/%ld/cmdline", (long)pid);
	bool ok = root_path(root, SERVICE_DIR, dir, NULL) &&
		  file_read(path, NULL, &line, NULL);
	struct str rest = buf_str(&line);
	while (ok && rest.len > 0) {
		struct str word = str_cut(rest, '\0', &rest);
		program = program || str_ends(word, STR("runsvdir"));
		folder = folder || str_is(word, dir);
	}
	buf_clear(&line);
	return program && folder;
}

pid_t
service_tree_pid(const struct root *root)
{
	char path[SYS_PATH_MAX];
	struct buf text = BUF_INIT(32);
	int64_t pid = 0;
	if (!root_path(root, PID_FILE, path, NULL) ||
	    !file_read(path, NULL, &text, NULL) ||
	    !num_parse_i64(str_trim(buf_str(&text)), 1, INT32_MAX, &pid) ||
	    !is_our_runsvdir(root, (pid_t)pid))
		pid = 0;
	buf_clear(&text);
	return (pid_t)pid;
}

static bool
pid_write(const struct root *root, pid_t pid, struct err *e)
{
	char path[SYS_PATH_MAX], text[32];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)pid);
	const struct file_replace how = {
		.mode = 0644,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.shown = PID_FILE,
	};
	return root_path(root, PID_FILE, path, e) &&
	       file_mkdirs_for(path, 0755, PID_FILE, e) &&
	       file_replace(path, str_n(text, (size_t)n), &how, e);
}

static bool
services_list(const struct root *root, struct arena *a,
    const char *const **names, size_t *count, struct err *e)
{
	return supervisor_runit.list(root, a, names, count, e);
}

static bool
all_supervised(const struct root *root, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct service_status s;
		if (!supervisor_runit.status(root, names[i], &s, NULL) ||
		    !s.supervised)
			return false;
	}
	return true;
}

static bool tree_stop(const struct root *root, pid_t started, int64_t limit_ms,
    const struct clock *clock, struct err *e);

/* What cannot be found again must not be left running. */
static bool
tree_begin(const struct root *root, const struct spawn *s, const char *log,
    const struct clock *clock, struct err *e)
{
	pid_t pid;
	if (!pid_write(root, 0, e)) /* before anything runs */
		return false;
	if (!spawn_daemon(s, log, &pid, e))
		return false;
	if (pid_write(root, pid, e))
		return true;
	(void)tree_stop(root, pid, START_LIMIT_MS, clock, NULL);
	return false;
}

bool
service_tree_start(const struct root *root, const char *program,
    const struct clock *clock, struct err *e)
{
	char dir[SYS_PATH_MAX], log[SYS_PATH_MAX];
	const char *const *names;
	size_t count;
	struct arena *a = arena_new(NAMES_MAX, NULL, NULL);
	bool ok = a != NULL && root_path(root, SERVICE_DIR, dir, e) &&
		  root_path(root, LOG_FILE, log, e) &&
		  services_list(root, a, &names, &count, e);
	const char *argv[] = { program, "-P", dir, NULL };
	const struct spawn s = { .argv = argv, .dir = "/" };
	ok = ok && file_mkdirs_for(log, 0755, LOG_FILE, e) &&
	     tree_begin(root, &s, log, clock, e);
	int64_t deadline = clock_mono_ms(clock) + START_LIMIT_MS;
	while (ok && !all_supervised(root, names, count)) {
		if (clock_mono_ms(clock) >= deadline) {
			err_set(e, ERR_TEMPORARY,
			    _("cannot start services: no supervisor after "
			      "%d s"),
			    START_LIMIT_MS / 1000);
			ok = err_next(e, _("see %s"), log);
			break;
		}
		clock_sleep_ms(clock, POLL_MS);
	}
	arena_free(a);
	return ok;
}

/* Does a supervisor hold the lock of this folder (T-22)? */
static bool
is_locked(const struct root *root, const char *service, const char *sub)
{
	char path[SYS_PATH_MAX];
	if (!root_pathf(root, path, NULL, SERVICE_DIR "/%s%s/supervise/lock",
		service, sub))
		return false;
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool held = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	close(fd);
	return held;
}

/*
 * Tell every supervisor still there to end, and KILL its service when time
 * is short. Returns the number of those still there; one is named.
 */
static size_t
remaining_tell(const struct root *root, const char *const *names, size_t count,
    bool tell, bool with_kill, const char **one)
{
	size_t left = 0;
	for (size_t i = 0; i < count; i++) {
		if (!is_locked(root, names[i], ""))
			continue;
		left++;
		*one = names[i];
		if (!tell)
			continue;
		/* it may end between the two: nothing to do then */
		(void)supervisor_runit.control(root, names[i], 'x', NULL);
		if (with_kill)
			(void)supervisor_runit.control(
			    root, names[i], 'k', NULL);
	}
	return left;
}

/* The loggers end by themselves once their service's pipe is closed. */
static size_t
loggers_left(const struct root *root, const char *const *names, size_t count,
    const char **one)
{
	size_t left = 0;
	for (size_t i = 0; i < count; i++)
		if (is_locked(root, names[i], "/log")) {
			left++;
			*one = names[i];
		}
	return left;
}

static bool
not_stopped(const char *name, int64_t limit_ms, struct err *e)
{
	err_set(e, ERR_TEMPORARY,
	    _("cannot stop '%s': it still runs after %lld s"), name,
	    (long long)(limit_ms / 1000));
	return err_next(e, "smemail down");
}

/* 'started' is a runsvdir that the pid file does not name, or 0. */
static bool
tree_stop(const struct root *root, pid_t started, int64_t limit_ms,
    const struct clock *clock, struct err *e)
{
	char path[SYS_PATH_MAX];
	const char *const *names = NULL;
	size_t count = 0;
	const char *one = "runsvdir";
	struct arena *a = arena_new(NAMES_MAX, NULL, NULL);
	bool ok = a != NULL && services_list(root, a, &names, &count, e);
	int64_t now = clock_mono_ms(clock);
	int64_t deadline = now + limit_ms, told = now - REPEAT_MS;
	while (ok) {
		now = clock_mono_ms(clock);
		bool tell = now - told >= REPEAT_MS;
		pid_t pid = service_tree_pid(root);
		if (pid == 0 && started > 0 && is_our_runsvdir(root, started))
			pid = started;
		if (tell && pid > 0)
			kill(pid, SIGHUP);
		/* while runsvdir lives it would start them again */
		size_t left = remaining_tell(root, names, count,
		    tell && pid == 0, deadline - now < KILL_BEFORE_MS, &one);
		left += loggers_left(root, names, count, &one);
		if (tell)
			told = now;
		if (pid == 0 && left == 0)
			break;
		if (now >= deadline)
			ok = not_stopped(one, limit_ms, e);
		clock_sleep_ms(clock, POLL_MS);
	}
	if (ok && root_path(root, PID_FILE, path, NULL))
		unlink(path);
	arena_free(a);
	return ok;
}

bool
service_tree_stop(const struct root *root, int64_t limit_ms,
    const struct clock *clock, struct err *e)
{
	return tree_stop(root, 0, limit_ms, clock, e);
}
