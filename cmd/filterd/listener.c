/* The listener's loop, and its end. */
#include "cmd/filterd/listener.h"

#include "cmd/filterd/listener_int.h"
#include "cmd/filterd/log.h"
#include "core/service/service.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum {
	/* signals, control, master, who reads there, channels; then sockets */
	OWN_FDS = 3 + AUDIENCE_MAX + PARTS_MAX,
	FULL_MS = 5, /* until somebody who waits for room is looked at again */
	MS_PER_S = 1000
};

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
	if (listener_start(&l, handover, &e)) {
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
