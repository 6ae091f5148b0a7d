/*
 * Starting anew without losing a session: this process becomes the program once
 * more and keeps its sockets, while the parts of before go on until their
 * sessions are over.
 */
#include "cmd/filterd/listener_int.h"

#include "cmd/filterd/log.h"
#include "core/base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum {
	GIVE_UP_MS = 5000 /* for the keeper to leave its log to the next one */
};

static bool
may_start_anew(struct listener *l, struct err *e)
{
	if (!l->announced)
		return err_set(e, ERR_TEMPORARY, _("it is not up yet"));
	/* a master has looked, by rights that are not had here */
	if (l->master.fd < 0 && !handover_may_run(l->options, e))
		return false;
	if (l->n_retired + l->n_workers > HANDOVER_WORKERS_MAX)
		return err_set(e, ERR_TEMPORARY,
		    _("sessions of too many starts before still go on"));
	if (config_refresh(&l->config, true, l->clock, e) != CONFIG_BAD)
		return true;
	listener_note_refusal(l, true, e);
	return false;
}

/* Its log, and what else there is one of, is free then for the next keeper. */
static void
retire_keeper(struct listener *l)
{
	struct part_process *p = &l->parts[LISTENER_KEEPER];
	int64_t until = clock_mono_ms(l->clock) + GIVE_UP_MS;
	int64_t left = GIVE_UP_MS;
	if (!parts_tell(l, p, MESSAGE_RETIRE, (struct str)STR_EMPTY, -1))
		return;
	while (p->channel.fd >= 0 && left > 0) {
		struct pollfd f = { .fd = p->channel.fd, .events = POLLIN };
		if (poll(&f, 1, (int)left) > 0)
			parts_hear(l, p);
		left = until - clock_mono_ms(l->clock);
	}
}

static void
retire_workers(struct listener *l)
{
	for (size_t i = SERVANTS; i < PARTS_MAX; i++) {
		struct part_process *p = &l->parts[i];
		if (p->pid > 0 &&
		    parts_tell(l, p, MESSAGE_RETIRE, (struct str)STR_EMPTY, -1))
			l->retired[l->n_retired++] =
			    (struct handover_worker){ p->channel.fd, p->pid };
	}
}

/* All of it; false: the master takes no more. */
static bool
send_left(struct channel *master, const struct handover *h)
{
	struct buf body = BUF_INIT(16);
	bool ok = true;
	for (unsigned i = 0; ok && i < h->n_listens; i++)
		ok = channel_send(master, MESSAGE_LEFT_LISTEN,
			 (struct str)STR_EMPTY, h->listens[i],
			 FILTERD_SEND_MS) == CHANNEL_OK;
	for (unsigned i = 0; ok && i < h->n_workers; i++) {
		buf_reset(&body);
		wire_put_u32(&body, (uint32_t)h->workers[i].pid);
		ok = channel_send(master, MESSAGE_LEFT_WORKER, buf_str(&body),
			 h->workers[i].fd, FILTERD_SEND_MS) == CHANNEL_OK;
	}
	buf_reset(&body);
	wire_put_u32(&body, h->number);
	ok = ok && channel_send(master, MESSAGE_ANEW, buf_str(&body), -1,
		       FILTERD_SEND_MS) == CHANNEL_OK;
	buf_clear(&body);
	return ok;
}

/*
 * The master becomes the program: it alone may, where root was given up here.
 * Its end of the channel closes then; returns when it cannot, which it told.
 */
static void
leave_to_master(struct listener *l, const struct handover *h)
{
	struct message m;
	struct err e = ERR_INIT;
	struct pollfd p = { .fd = l->master.fd, .events = POLLIN };
	/* the next one is to answer there, maybe before this one has ended */
	if (l->control_fd >= 0)
		close(l->control_fd);
	l->control_fd = -1;
	bool sent = send_left(&l->master, h);
	while (sent && poll(&p, 1, -1) < 0 && errno == EINTR)
		;
	if (!sent || channel_receive(&l->master, &m, &e) != CHANNEL_OK)
		_exit(0);
}

void
listener_start_anew(struct listener *l)
{
	struct err e = ERR_INIT;
	struct handover h = { .happened = true, .n_listens = l->n_listens };
	if (l->stopping)
		return;
	if (!may_start_anew(l, &e)) {
		log_error(&e);
		log_own("%s", FILTER_LOG_NOT_ANEW);
		return;
	}
	listener_take_ended(l);
	log_own("starting anew: %u sessions go on with the parts of before",
	    (unsigned)l->slots.running);
	listener_tell_standing(l, READINESS_STARTING);
	retire_workers(l);
	retire_keeper(l);
	memcpy(h.listens, l->listens, sizeof(h.listens));
	memcpy(h.workers, l->retired, sizeof(h.workers));
	h.n_workers = l->n_retired;
	h.number = l->number;
	if (l->master.fd >= 0) {
		leave_to_master(l, &h);
	} else {
		handover_exec(&h, l->options, &e);
		log_error(&e);
	}
	/* the parts have retired: who supervises us starts others */
	kill(getpid(), SIGTERM);
}

void
listener_take_retired(struct listener *l, const struct handover *h)
{
	memcpy(l->retired, h->workers, sizeof(l->retired));
	l->n_retired = h->n_workers;
	if (h->number != 0)
		l->number = h->number;
}

void
listener_drop_retired(struct listener *l)
{
	unsigned n = 0;
	for (unsigned i = 0; i < l->n_retired; i++) {
		struct pollfd p = { .fd = l->retired[i].fd };
		if (poll(&p, 1, 0) > 0)
			close(p.fd);
		else
			l->retired[n++] = l->retired[i];
	}
	l->n_retired = n;
}

void
listener_stop_retired(struct listener *l)
{
	struct err e = ERR_INIT;
	for (unsigned i = 0; i < l->n_retired; i++) {
		struct channel c;
		/* the end of ours stays open: by it the worker's is seen */
		int fd = fcntl(l->retired[i].fd, F_DUPFD_CLOEXEC, 0);
		if (fd < 0 ||
		    !channel_init(&c, fd, PART_LISTENER, PART_WORKER, &e)) {
			kill(l->retired[i].pid, SIGKILL);
			continue;
		}
		c.phase = CHANNEL_RUN;
		(void)channel_send(&c, MESSAGE_DRAIN, (struct str)STR_EMPTY, -1,
		    FILTERD_SEND_MS);
		channel_clear(&c);
	}
}

void
listener_kill_retired(struct listener *l)
{
	listener_drop_retired(l); /* their numbers may be those of others */
	for (unsigned i = 0; i < l->n_retired; i++)
		kill(l->retired[i].pid, SIGKILL);
}
