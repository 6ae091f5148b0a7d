/* The listener's start and its loop. */
#include "cmd/filterd/listener.h"

#include "cmd/filterd/control.h"
#include "cmd/filterd/listener_int.h"
#include "cmd/filterd/log.h"
#include "cmd/filterd/sandbox.h"
#include "core/base/i18n.h"
#include "core/service/service.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum {
	/* signals, control, master, who reads there, channels; then sockets */
	OWN_FDS = 3 + AUDIENCE_MAX + PARTS_MAX,
	SPARE_FDS = 64, /* of a worker beside its sessions */
	FULL_MS = 5, /* until somebody who waits for room is looked at again */
	MS_PER_S = 1000
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

static void
note(
    void *ctx, int level, const char *hook, const char *plugin, struct str text)
{
	(void)ctx;
	(void)level;
	log_line((uint32_t)getpid(), hook, plugin, text);
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

static bool
start(struct listener *l, struct handover *h, struct err *e)
{
	const struct options *o = l->options;
	l->init.host = str_of(l->host);
	l->init.config = o->config;
	l->init.qmail_control = o->qmail_control;
	l->init.relay_env = getenv("RELAYCLIENT") != NULL;
	int exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	/* out of the way of the number that a part finds its channel at */
	l->exe_fd = fcntl(exe, F_DUPFD_CLOEXEC, PART_CHANNEL_FD + 1);
	if (exe >= 0)
		close(exe);
	if (l->exe_fd < 0)
		return err_set_errno(
		    e, errno, _("cannot open '%s'"), "/proc/self/exe");
	raise_limits(l);
	find_nobody(l);
	if (!slots_init(&l->slots, l->init.instances))
		return err_no_memory(e);
	listener_take_retired(l, h);
	if (!find_user(l, e) || !open_sockets(l, h, e) || !open_signals(l, e) ||
	    !listener_prepare_workers(l, e) || !start_parts(l, e))
		return false;
	filter_policy_notes(l->config.policy, note, NULL);
	parts_publish(l);
	return true;
}

void
listener_tell_standing(struct listener *l, enum readiness state)
{
	struct buf body = BUF_INIT(16);
	if (l->master.fd < 0) {
		readiness_tell(state);
		return;
	}
	wire_put_u32(&body, state);
	(void)channel_send(
	    &l->master, MESSAGE_STANDING, buf_str(&body), -1, FILTERD_SEND_MS);
	buf_clear(&body);
}

static void
announce(struct listener *l)
{
	char name[LISTEN_TEXT_SIZE];
	for (unsigned i = 0; i < l->n_listens; i++) {
		listen_name(l->listens[i], name);
		log_own("listening on %s:%s, at most %u sessions",
		    listen_role_name(l->options->listens[i].role), name,
		    (unsigned)l->init.instances);
	}
	if (l->is_anew)
		log_own("%s", FILTER_LOG_ANEW);
	l->announced = true;
	listener_tell_standing(l, READINESS_READY);
}

/* What was given up at the start cannot be had back. */
static void
note_rights(const struct listener *l)
{
	if (!l->init.gains_rights &&
	    filter_policy_gains_rights(l->config.policy))
		log_own("qmail-queue and what PAM asks run as user %u, which "
			"may not be enough: start the daemon anew",
		    (unsigned)geteuid());
}

void
listener_note_refusal(struct listener *l, bool all, const struct err *why)
{
	struct listener_refusal *r = &l->refusal;
	/* what a HUP found wrong in the lists of plugins only another one sees
	   to be right: they are read by nothing else */
	if (why == NULL && r->all && !all)
		return;
	snprintf(r->why, sizeof(r->why), "%s", why != NULL ? why->text : "");
	r->all = why != NULL && (all || r->all);
}

void
listener_reread(struct listener *l, bool all)
{
	struct err e = ERR_INIT;
	switch (config_refresh(&l->config, all, l->clock, &e)) {
	case CONFIG_SAME:
		if (l->config.told[0] == '\0')
			listener_note_refusal(l, all, NULL);
		break;
	case CONFIG_NEW:
		listener_note_refusal(l, all, NULL);
		filter_policy_notes(l->config.policy, note, NULL);
		note_rights(l);
		l->reloads += all; /* told when it is in force everywhere */
		parts_publish(l);
		break;
	case CONFIG_BAD:
		listener_note_refusal(l, all, &e);
		log_error(&e);
		log_own("%s", FILTER_LOG_REFUSED);
		break;
	}
}

_Static_assert(SERVICE_END_MS > (FILTERD_DRAIN_S + FILTERD_END_S) * MS_PER_S,
    "who stops the daemon waits for its messages");

static void
stop(struct listener *l)
{
	if (l->stopping)
		return;
	listener_take_ended(l);
	listener_drop_held(l);
	log_own("stopping: %u sessions finish the message under way",
	    (unsigned)l->slots.running);
	l->stopping = true;
	listener_tell_standing(l, READINESS_STOPPING);
	l->deadline = clock_mono_ms(l->clock) +
		      (int64_t)(FILTERD_DRAIN_S + FILTERD_END_S) * MS_PER_S;
	for (unsigned i = 0; i < l->n_listens; i++)
		close(l->listens[i]);
	l->n_listens = 0;
	parts_stop(l);
	listener_stop_retired(l);
}

static void
take_signals(struct listener *l)
{
	struct signalfd_siginfo info;
	while (
	    read(l->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGCHLD:
			parts_reap(l);
			break;
		case SIGHUP:
			listener_reread(l, true);
			break;
		case SIGUSR2:
			listener_start_anew(l);
			break;
		default:
			stop(l);
			break;
		}
	}
}

/* Milliseconds until there is something to do without an event. */
static int
time_to_wait(struct listener *l)
{
	int revive = parts_revive(l);
	int watch = parts_watch(l);
	int lost = listener_tell_lost(l);
	int slow = audience_wait(&l->audience, clock_mono_ms(l->clock));
	if (l->stopping)
		return MS_PER_S;
	int wait = listener_turn_tickets(l);
	/* workers wake nobody when a session ends */
	listener_take_ended(l);
	if ((l->slots.running == l->slots.n || l->held.a.fd >= 0) &&
	    wait > FULL_MS)
		wait = FULL_MS;
	if (revive >= 0 && revive < wait)
		wait = revive;
	if (lost >= 0 && lost < wait)
		wait = lost;
	if (slow >= 0 && slow < wait)
		wait = slow;
	return watch >= 0 && watch < wait ? watch : wait;
}

/* It has nothing to say here: it is gone, and with it who stops us. */
static void
lose_master(struct listener *l)
{
	log_own("the process that started this one is gone, ending");
	l->failed = true;
}

static void
turn(struct listener *l)
{
	int wait = time_to_wait(l);
	bool tells = !l->stopping && audience_has_seat(&l->audience);
	struct pollfd p[OWN_FDS + FILTERD_LISTENS_MAX] = {
		{ .fd = l->signal_fd, .events = POLLIN },
		{ .fd = tells ? l->control_fd : -1, .events = POLLIN },
		{ .fd = l->master.fd, .events = POLLIN },
	};
	struct pollfd *readers = p + 3, *parts = readers + AUDIENCE_MAX;
	audience_watch(&l->audience, readers);
	for (size_t i = 0; i < PARTS_MAX; i++)
		parts[i] = (struct pollfd){ .fd = l->parts[i].channel.fd,
			.events = POLLIN };
	nfds_t n = OWN_FDS;
	if (listener_may_accept(l)) {
		for (unsigned i = 0; i < l->n_listens; i++)
			p[n++] = (struct pollfd){ .fd = l->listens[i],
				.events = POLLIN };
	}
	if (poll(p, n, wait) < 0)
		return;
	for (size_t i = 0; i < PARTS_MAX; i++) {
		if (parts[i].revents != 0)
			parts_hear(l, &l->parts[i]);
	}
	if (p[0].revents != 0)
		take_signals(l);
	audience_serve(&l->audience, readers);
	listener_pass_held(l);
	if (p[1].revents != 0)
		listener_tell(l);
	if (p[2].revents != 0)
		lose_master(l);
	if (l->reloads > 0)
		parts_tell_reloads(l);
	if (!l->announced && parts_ready(l) != 0)
		announce(l);
	for (nfds_t i = OWN_FDS; i < n; i++) {
		if (p[i].revents != 0)
			listener_accept(l, (unsigned)(i - OWN_FDS));
	}
}

/* The loop; the exit status. */
static int
serve(struct listener *l)
{
	while (!l->failed) {
		turn(l);
		if (!l->stopping)
			continue;
		listener_look_at_retired(l);
		if (parts_are_gone(l))
			return 0;
		if (clock_mono_ms(l->clock) > l->deadline) {
			log_own("not all messages ended in time, stopping");
			listener_kill_retired(l);
			return err_exit_status(ERR_TEMPORARY);
		}
	}
	return err_exit_status(ERR_TEMPORARY);
}

int
listener_run(const struct options *options, struct handover *handover,
    const struct channel *master)
{
	struct err e = ERR_INIT;
	struct listener l = {
		.options = options,
		.clock = &clock_system,
		.master = *master,
		.exe_fd = -1,
		.signal_fd = -1,
		.control_fd = -1,
		.held = { .a = { .fd = -1 } },
		.config = { .watch_fd = -1 },
		.number = (uint32_t)getpid(),
		.n_workers = options->workers,
		.is_anew = handover->happened,
		.started_ms = clock_mono_ms(&clock_system),
	};
	if (gethostname(l.host, sizeof(l.host) - 1) != 0 || l.host[0] == '\0')
		snprintf(l.host, sizeof(l.host), "localhost");
	parts_init(&l);
	audience_init(&l.audience);
	listener_init_retired(&l);
	int status;
	if (start(&l, handover, &e)) {
		parts_reap(&l); /* those that ended on the way here */
		status = serve(&l);
	} else {
		log_error(&e);
		status = err_exit_status(e.code);
	}
	parts_kill(&l);
	channel_clear(&l.master);
	for (unsigned i = 0; i < l.n_listens; i++)
		close(l.listens[i]);
	audience_clear(&l.audience);
	listener_drop_held(&l);
	config_close(&l.config);
	slots_clear(&l.slots);
	tickets_clear(&l.tickets);
	if (l.signal_fd >= 0)
		close(l.signal_fd);
	if (l.control_fd >= 0)
		close(l.control_fd);
	if (l.exe_fd >= 0)
		close(l.exe_fd);
	return status;
}
