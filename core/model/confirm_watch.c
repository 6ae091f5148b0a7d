/* The process that takes a change back when its time is over. */
#include "core/model/confirm_int.h"

#include "core/base/i18n.h"
#include "core/event/event.h"
#include "core/model/undo.h"
#include "core/sys/file.h"
#include "core/sys/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOCK_FILE "/var/lib/smemail/confirm.lock"

enum {
	ARENA_MAX = 512 << 20,
	LOOK_MS = 500,
	TRIES = 5,
	TRY_AGAIN_MS = 5000,
	DESCRIPTORS_MAX = 1024
};

static void
log_line(const struct model_ctx *m, const char *text)
{
	struct event_log log;
	event_log_open(&log, m->root, m->clock);
	event_log_linef(&log, "smemail: %s", text);
	event_log_close(&log);
}

/* Take it back now. *change is the number of the apply that did so. */
static bool
confirm_rollback(const struct model_ctx *m, const struct confirm *c,
    long *change, struct err *e)
{
	struct journal j;
	struct plan_result done;
	struct plan_order order = {
		.kind = JOURNAL_ROLLBACK,
		.of = c->change,
		.raw = true,
	};
	*change = 0;
	if (!journal_read(m, &j, e))
		return false;
	struct settings_wish *w = undo_since(m, &j, c->from, &order.n);
	order.draft = w;
	if (!plan_apply(m, &order, &done, e))
		return false;
	*change = done.change;
	confirm_drop(m);
	return true;
}

/* Is it over, and still the same? False with *gone when it was confirmed. */
static bool
is_over(const struct model_ctx *m, struct confirm *c, bool *gone)
{
	*gone = !confirm_read(m, c);
	return !*gone && confirm_left_s(m, c) == 0;
}

static void
watch(struct model_ctx *m)
{
	struct confirm c;
	bool gone = false;
	int failed = 0;
	while (!gone && failed < TRIES) {
		struct err e = ERR_INIT;
		long change = 0;
		arena_reset(m->arena);
		if (!is_over(m, &c, &gone)) {
			if (!gone)
				clock_sleep_ms(m->clock, LOOK_MS);
			continue;
		}
		if (confirm_rollback(m, &c, &change, &e)) {
			log_line(m,
			    arena_printf(m->arena,
				"change %ld was not confirmed in time and is "
				"taken back (change %ld)",
				c.change, change));
			return;
		}
		log_line(m, e.text);
		failed++;
		clock_sleep_ms(m->clock, TRY_AGAIN_MS);
	}
}

/* Locks and pipes of the caller are not ours to hold. */
static void
descriptors_close(int kept)
{
	for (int fd = 0; fd < DESCRIPTORS_MAX; fd++)
		if (fd != kept)
			close(fd);
	int null = open("/dev/null", O_RDWR);
	if (null == STDIN_FILENO && dup(null) == STDOUT_FILENO &&
	    dup(null) == STDERR_FILENO)
		return;
}

NORETURN static void
watcher_run(const struct model_ctx *m, struct lock *l)
{
	struct model_ctx own = *m;
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	setsid();
	if (chdir("/") != 0)
		_exit(1);
	descriptors_close(l->fd);
	own.arena = arena_new(ARENA_MAX, NULL, NULL);
	if (own.arena == NULL)
		_exit(1);
	watch(&own);
	_exit(0);
}

/* Held by the watcher as long as it lives. */
static bool
lock_try(const struct model_ctx *m, struct lock *l, struct err *e)
{
	char path[SYS_PATH_MAX];
	return root_path(m->root, LOCK_FILE, path, e) &&
	       file_mkdirs_for(path, 0755, JOURNAL_DIR, e) &&
	       lock_take(l, path, LOCK_FILE, 0, m->clock, e);
}

/* Twice, so that nobody has to wait for its end. */
static bool
fork_twice(const struct model_ctx *m, struct lock *l, struct err *e)
{
	pid_t pid = fork();
	if (pid == 0) {
		pid_t second = fork();
		if (second == 0)
			watcher_run(m, l);
		_exit(second < 0 ? 1 : 0);
	}
	int state = 0;
	while (pid > 0 && waitpid(pid, &state, 0) < 0 && errno == EINTR)
		;
	if (pid > 0 && state == 0)
		return true;
	return err_set_errno(e, errno != 0 ? errno : EAGAIN,
	    _("cannot start the process that watches over the change"));
}

bool
confirm_watch_start(const struct model_ctx *m, struct err *e)
{
	struct lock l = LOCK_INIT;
	struct err busy = ERR_INIT;
	if (!lock_try(m, &l, &busy)) {
		if (busy.code == ERR_TEMPORARY && busy.sys_errno == 0)
			return true; /* one is at work */
		if (e != NULL)
			*e = busy;
		return false;
	}
	bool ok = fork_twice(m, &l, e);
	lock_release(&l);
	return ok;
}

bool
confirm_attend(const struct model_ctx *m, long *undone, struct confirm *what,
    struct err *e)
{
	struct lock l = LOCK_INIT;
	long change = 0;
	*undone = 0;
	if (!confirm_read(m, what))
		return true;
	/* somebody who may not take it back, or a watcher that is at work */
	if (!lock_try(m, &l, NULL))
		return true;
	if (confirm_left_s(m, what) > 0) {
		bool ok = fork_twice(m, &l, e);
		lock_release(&l);
		return ok;
	}
	bool ok = confirm_rollback(m, what, &change, e);
	lock_release(&l);
	if (ok)
		*undone = what->change;
	return ok;
}
