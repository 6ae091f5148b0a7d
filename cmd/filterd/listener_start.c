/* The listener's start: limits, user, sockets, signals, the other parts. */
#include "cmd/filterd/control.h"
#include "cmd/filterd/listener_int.h"
#include "cmd/filterd/log.h"
#include "cmd/filterd/sandbox.h"
#include "core/base/i18n.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum {
	SPARE_FDS = 64 /* of a worker beside its sessions */
};

static void
find_nobody(struct listener *l)
{
	enum {
		NOBODY = 65534 /* where no such name is known */
	};
	const struct passwd *pw = getpwnam("nobody");
	l->init.nobody_uid = pw != NULL ? pw->pw_uid : NOBODY;
	l->init.nobody_gid = pw != NULL ? pw->pw_gid : NOBODY;
}

static bool
find_user(struct listener *l, struct err *e)
{
	const char *name = l->options->user;
	const struct passwd *pw;
	if (geteuid() != 0) {
		if (l->options->user != NULL)
			log_own("not started as root: staying user %u",
			    (unsigned)geteuid());
		return true;
	}
	if (name == NULL) {
		log_own("started as root and no user given: the listener and "
			"the keeper stay root (see --user)");
		return true;
	}
	errno = 0;
	pw = getpwnam(name);
	if (pw == NULL) {
		err_set(e, ERR_PERMANENT, _("cannot run as '%s': no such user"),
		    name);
		return err_next(e, "smemail-filterd --user NAME");
	}
	l->init.has_user = true;
	l->init.uid = pw->pw_uid;
	l->init.gid = pw->pw_gid;
	return true;
}

/* As many descriptors as the system allows; the sessions fit them (T-14). */
static void
raise_limits(struct listener *l)
{
	struct rlimit files;
	l->init.instances = l->options->instances;
	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return;
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	/* a session may need a second one for a long text */
	uint64_t room =
	    files.rlim_cur > SPARE_FDS ? (files.rlim_cur - SPARE_FDS) / 2 : 1;
	if (room >= l->init.instances)
		return;
	log_own("only %u sessions at once: the limit of open files is %llu",
	    (unsigned)room, (unsigned long long)files.rlim_cur);
	l->init.instances = (uint32_t)room;
}

static bool
open_sockets(struct listener *l, struct handover *h, struct err *e)
{
	for (unsigned i = 0; i < l->options->n_listens; i++) {
		const struct listen_spec *spec = &l->options->listens[i];
		int fd = handover_find(h, spec);
		if (fd < 0)
			fd = listen_open(spec, e);
		if (fd < 0)
			return false;
		l->listens[l->n_listens++] = fd;
	}
	handover_close_listens(h);
	if (l->options->control != NULL) {
		l->control_fd = control_open(l->options->control, e);
		return l->control_fd >= 0;
	}
	return true;
}

static bool
open_signals(struct listener *l, struct err *e)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* the parts inherit these: a write that fails is answered, not died of
	 */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	l->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return l->signal_fd >= 0 ||
	       err_set_errno(e, errno, "cannot wait for signals");
}

/*
 * As root the parts are started first, and the configuration is read with what
 * is left when root is given up. Without root there is nothing to give up but
 * the right to gain any: that is given up too unless a program of the
 * configuration may need it.
 */
static bool
start_parts(struct listener *l, struct err *e)
{
	const struct options *o = l->options;
	bool root = geteuid() == 0;
	l->init.gains_rights = true;
	if (!root) {
		if (!config_open(
			&l->config, o->config, o->qmail_control, l->clock, e))
			return false;
		l->init.gains_rights =
		    filter_policy_gains_rights(l->config.policy);
	}
	if (!parts_start(l, e))
		return false;
	sandbox_wall_programs(
	    SANDBOX_LISTENER, "listener", l->init.gains_rights);
	if (!root)
		return true;
	return (!l->init.has_user ||
		   sandbox_become(l->init.uid, l->init.gid, e)) &&
	       config_open(
		   &l->config, o->config, o->qmail_control, l->clock, e);
}

bool
listener_start(struct listener *l, struct handover *h, struct err *e)
{
	const struct options *o = l->options;
	l->init.host = str_of(l->host);
	l->init.config = o->config;
	l->init.qmail_control = o->qmail_control;
	l->init.relay_env = getenv("RELAYCLIENT") != NULL;
	l->exe_fd = part_open_program(e);
	if (l->exe_fd < 0)
		return false;
	raise_limits(l);
	find_nobody(l);
	if (!slots_init(&l->slots, l->init.instances))
		return err_no_memory(e);
	listener_take_retired(l, h);
	if (!find_user(l, e) || !open_sockets(l, h, e) || !open_signals(l, e) ||
	    !listener_prepare_workers(l, e) || !start_parts(l, e))
		return false;
	listener_tell_notes(l);
	parts_publish(l);
	return true;
}
