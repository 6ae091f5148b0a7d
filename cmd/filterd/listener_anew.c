/*
 * Starting anew without losing a session: this process becomes the program once
 * more and keeps its sockets, while the parts of before go on until their
 * sessions are over.
 */
#include "cmd/filterd/listener_int.h"

#include "cmd/filterd/log.h"
#include "cmd/filterd/readiness.h"
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

static const char *
program_of(const struct options *o)
{
	if (o->again != NULL)
		return o->again;
	return strchr(o->argv[0], '/') != NULL ? o->argv[0] : "/proc/self/exe";
}

static bool
may_start_anew(struct listener *l, struct err *e)
{
	const char *program = program_of(l->options);
	if (!l->announced)
		return err_set(e, ERR_TEMPORARY, _("it is not up yet"));
	if (l->init.has_user) {
		err_set(e, ERR_PERMANENT, _("root was given up at the start"));
		return err_next(e,
		    _("stop the daemon and start it: what waits is not lost"));
	}
	if (access(program, X_OK) != 0)
		return err_set_errno(e, errno, _("cannot start '%s'"), program);
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

void
listener_start_anew(struct listener *l)
{
	struct err e = ERR_INIT;
	const struct options *o = l->options;
	const char *again[] = { o->again, NULL };
	struct handover h = { .n_listens = l->n_listens };
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
	readiness_tell(READINESS_STARTING);
	retire_workers(l);
	retire_keeper(l);
	memcpy(h.listens, l->listens, sizeof(h.listens));
	memcpy(h.workers, l->retired, sizeof(h.workers));
	h.n_workers = l->n_retired;
	h.number = l->number;
	handover_exec(&h, program_of(o),
	    o->again != NULL ? (char *const *)(const void *)again : o->argv,
	    &e);
	/* the parts have retired: who supervises us starts others */
	log_error(&e);
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
