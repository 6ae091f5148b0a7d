/*
 * Starting anew without losing a session: this process becomes the program once
 * more and keeps its sockets, while the parts of before go on until their
 * sessions are over.
 */
#include "cmd/filterd/listener_int.h"

#include "cmd/filterd/log.h"
#include "core/base/i18n.h"

#include <errno.h>
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
	if (listener_count_retired(l) + l->n_workers > FILTERD_RETIRED_MAX)
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

static bool
send_one(struct channel *master, enum message_type type, uint32_t word, int fd)
{
	struct buf body = BUF_INIT(sizeof(word));
	if (type == MESSAGE_LEFT_WORKER || type == MESSAGE_ANEW)
		wire_put_u32(&body, word);
	bool ok = channel_send(master, type, buf_str(&body), fd,
		      FILTERD_SEND_MS) == CHANNEL_OK;
	buf_clear(&body);
	return ok;
}

/* All of it; false: the master takes no more. */
static bool
send_left(struct channel *master, const struct handover *h)
{
	bool ok = true;
	for (unsigned i = 0; ok && i < h->n_listens; i++)
		ok = send_one(master, MESSAGE_LEFT_LISTEN, 0, h->listens[i]);
	for (unsigned i = 0; ok && i < h->n_workers; i++) {
		const struct handover_worker *w = &h->workers[i];
		ok = send_one(master, MESSAGE_LEFT_WORKER, (uint32_t)w->pid,
			 w->fd) &&
		     send_one(master, MESSAGE_LEFT_BOARD, 0, w->board_fd);
	}
	if (ok && h->sessions_fd >= 0)
		ok = send_one(master, MESSAGE_LEFT_SESSIONS, 0, h->sessions_fd);
	return ok && send_one(master, MESSAGE_ANEW, h->number, -1);
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
	struct handover h = { .happened = true,
		.n_listens = l->n_listens,
		.number = l->number,
		.sessions_fd = -1 };
	if (l->stopping)
		return;
	listener_take_ended(l);
	if (!may_start_anew(l, &e)) {
		log_error(&e);
		log_own("%s", FILTER_LOG_NOT_ANEW);
		return;
	}
	log_own("starting anew: %u sessions go on with the parts of before",
	    (unsigned)l->slots.running);
	listener_tell_standing(l, READINESS_STARTING);
	listener_leave_retired(l, &h);
	retire_keeper(l);
	memcpy(h.listens, l->listens, sizeof(h.listens));
	if (l->master.fd >= 0) {
		leave_to_master(l, &h);
	} else {
		handover_exec(&h, l->options, &e);
		log_error(&e);
	}
	if (h.sessions_fd >= 0)
		close(h.sessions_fd);
	/* the parts have retired: who supervises us starts others */
	kill(getpid(), SIGTERM);
}
