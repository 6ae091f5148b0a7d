/* The process that stays root: starts the listener, and itself anew. */
#include "cmd/filterd/master.h"

#include "cmd/filterd/log.h"
#include "cmd/filterd/master_int.h"
#include "cmd/filterd/part.h"
#include "cmd/filterd/readiness.h"
#include "core/base/i18n.h"
#include "core/filter/filter.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- what the listener says --- */

static bool
take_standing(struct master *m, struct message *msg)
{
	uint32_t state = wire_get_u32(&msg->in);
	(void)m;
	if (!wire_end(&msg->in) || state > READINESS_STOPPING)
		return false;
	readiness_tell((enum readiness)state);
	return true;
}

static bool
take_listen(struct master *m, struct message *msg)
{
	struct handover *h = &m->left;
	if (h->n_listens == FILTERD_LISTENS_MAX) {
		close(msg->fd);
		return false;
	}
	h->listens[h->n_listens++] = msg->fd;
	return true;
}

static bool
take_worker(struct master *m, struct message *msg)
{
	struct handover *h = &m->left;
	uint32_t pid = wire_get_u32(&msg->in);
	if (m->worker_fd >= 0 || h->n_workers == FILTERD_RETIRED_MAX ||
	    pid < 2 || pid > INT32_MAX) {
		close(msg->fd);
		return false;
	}
	m->worker_fd = msg->fd;
	m->worker_pid = (pid_t)pid;
	return true;
}

static bool
take_board(struct master *m, struct message *msg)
{
	struct handover *h = &m->left;
	if (m->worker_fd < 0) {
		close(msg->fd);
		return false;
	}
	h->workers[h->n_workers++] =
	    (struct handover_worker){ m->worker_fd, m->worker_pid, msg->fd };
	m->worker_fd = -1;
	return true;
}

static bool
take_sessions(struct master *m, struct message *msg)
{
	if (m->left.sessions_fd >= 0) {
		close(msg->fd);
		return false;
	}
	m->left.sessions_fd = msg->fd;
	return true;
}

static bool
take_anew(struct master *m, struct message *msg)
{
	m->left.happened = true;
	m->left.number = wire_get_u32(&msg->in);
	m->anew = true;
	return wire_end(&msg->in);
}

static bool
hear_one(struct master *m, struct message *msg)
{
	static bool (*const take[MESSAGE_TYPES])(
	    struct master * m, struct message * msg) = {
		[MESSAGE_STANDING] = take_standing,
		[MESSAGE_LEFT_LISTEN] = take_listen,
		[MESSAGE_LEFT_WORKER] = take_worker,
		[MESSAGE_LEFT_BOARD] = take_board,
		[MESSAGE_LEFT_SESSIONS] = take_sessions,
		[MESSAGE_ANEW] = take_anew,
	};
	return take[msg->type] != NULL && take[msg->type](m, msg);
}

static void
lose_listener(struct master *m, const char *why)
{
	log_own("the listener is stopped for a reason: %s", why);
	if (m->listener > 0)
		kill(m->listener, SIGKILL);
	channel_clear(&m->channel);
	m->anew = false;
}

void
master_hear(struct master *m)
{
	struct message msg;
	struct err e = ERR_INIT;
	for (;;) {
		switch (channel_receive(&m->channel, &msg, &e)) {
		case CHANNEL_OK:
			if (hear_one(m, &msg))
				break;
			lose_listener(m, "its message is broken");
			return;
		case CHANNEL_BAD:
			lose_listener(m, e.text);
			return;
		case CHANNEL_END:
			channel_clear(&m->channel);
			return;
		case CHANNEL_AGAIN:
			return;
		}
	}
}

/* --- signals --- */

static bool
open_signals(struct master *m, struct err *e)
{
	static const int passed_on[] = { SIGCHLD, SIGHUP, SIGUSR2, SIGTERM,
		SIGINT };
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(passed_on); i++)
		sigaddset(&set, passed_on[i]);
	/* the listener inherits that: it waits for them later, but is not ended
	   by one until then */
	sigprocmask(SIG_BLOCK, &set, NULL);
	m->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return m->signal_fd >= 0 ||
	       err_set_errno(e, errno, "cannot wait for signals");
}

/* Children: the listener, and parts of before whose listener has ended. */
static void
reap(struct master *m)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != m->listener)
			continue;
		m->ended = true;
		m->status = WIFEXITED(status) ? WEXITSTATUS(status)
					      : err_exit_status(ERR_TEMPORARY);
		if (WIFSIGNALED(status))
			log_own("the listener ended by signal %d, ending",
			    WTERMSIG(status));
	}
}

static bool
may_start_anew(const struct master *m)
{
	struct err e = ERR_INIT;
	if (handover_may_run(m->options, &e))
		return true;
	log_error(&e);
	log_own("%s", FILTER_LOG_NOT_ANEW);
	return false;
}

static void
take_signals(struct master *m)
{
	struct signalfd_siginfo info;
	while (
	    read(m->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		int sig = (int)info.ssi_signo;
		if (sig == SIGCHLD)
			reap(m);
		else if (!m->ended && (sig != SIGUSR2 || may_start_anew(m)))
			kill(m->listener, sig);
	}
}

/* --- the listener --- */

/* In the child; returns only when it fails. */
static void
become_listener(struct master *m, int channel_fd, struct err *e)
{
	static char role[] = "--role=" MASTER_LISTENER_ROLE;
	char *const *given = m->options->argv;
	size_t n = 0;
	while (given[n] != NULL)
		n++;
	char **argv = calloc(n + 2, sizeof(*argv));
	if (argv == NULL) {
		err_no_memory(e);
		return;
	}
	int exe_fd = part_open_program(e);
	if (exe_fd < 0)
		return;
	argv[0] = given[0];
	argv[1] = role;
	for (size_t i = 1; i < n; i++)
		argv[i + 1] = given[i];
	if (!handover_leave(&m->left, e))
		return;
	part_exec(exe_fd, argv, channel_fd);
	err_set_errno(e, errno, "cannot start the listener");
}

static bool
start_listener(struct master *m, struct err *e)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return err_set_errno(e, errno, "cannot make a channel");
	m->listener = fork();
	if (m->listener == 0) {
		become_listener(m, pair[1], e);
		log_error(e);
		_exit(err_exit_status(e->code));
	}
	close(pair[1]);
	handover_close(&m->left);
	if (m->listener < 0) {
		close(pair[0]);
		return err_set_errno(e, errno, "cannot start the listener");
	}
	if (!channel_init(&m->channel, pair[0], PART_MASTER, PART_LISTENER, e))
		return false;
	m->channel.phase = CHANNEL_RUN;
	return true;
}

/* Returns when it cannot be: the listener goes on then, and stops. */
static void
start_anew(struct master *m)
{
	struct err e = ERR_INIT;
	handover_exec(&m->left, m->options, &e);
	log_error(&e);
	handover_close(&m->left);
	m->anew = false;
	(void)channel_send(&m->channel, MESSAGE_STAY, (struct str)STR_EMPTY, -1,
	    FILTERD_SEND_MS);
}

static void
serve(struct master *m)
{
	while (!m->ended) {
		struct pollfd p[] = {
			{ .fd = m->signal_fd, .events = POLLIN },
			{ .fd = m->channel.fd, .events = POLLIN },
		};
		if (poll(p, ARRAY_LEN(p), -1) < 0)
			continue;
		if (p[1].revents != 0)
			master_hear(m);
		if (m->anew)
			start_anew(m);
		if (p[0].revents != 0)
			take_signals(m);
	}
}

int
master_run(const struct options *options, struct handover *handover)
{
	struct err e = ERR_INIT;
	struct master m = {
		.options = options,
		.signal_fd = -1,
		.channel = { .fd = -1 },
		.left = *handover,
		.worker_fd = -1,
	};
	/* parts that outlive their listener are children of this process, as
	   they would be without it */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (open_signals(&m, &e) && start_listener(&m, &e)) {
		serve(&m);
	} else {
		log_error(&e);
		m.status = err_exit_status(e.code);
	}
	handover_close(&m.left);
	channel_clear(&m.channel);
	if (m.signal_fd >= 0)
		close(m.signal_fd);
	return m.status;
}
