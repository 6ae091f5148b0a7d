/* The listener's dealings with the other parts. */
#include "cmd/filterd/listener_int.h"

#include "cmd/filterd/log.h"
#include "cmd/filterd/places.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	MS_PER_S = 1000
};

static void
lose(struct part_process *p, const char *why)
{
	log_own("%s: stopped for that reason: %s", part_name(p->part), why);
	/* it ends by itself when its channel closes, this makes sure */
	if (p->pid > 0)
		kill(p->pid, SIGKILL);
	channel_clear(&p->channel);
}

static bool
tell(struct part_process *p, enum message_type type, struct str body, int fd)
{
	if (p->channel.fd < 0)
		return false;
	enum channel_status s =
	    channel_send(&p->channel, type, body, fd, FILTERD_SEND_MS);
	if (s == CHANNEL_AGAIN)
		lose(p, "it takes no messages any more");
	return s == CHANNEL_OK;
}

static const struct {
	enum part part;
	bool has_policy;
	bool serves_worker; /* they have a channel between them */
	bool spared;        /* sessions go on without it */
	int patience_s;     /* without an answer so long it is stuck */
} kinds[PARTS] = {
	/* these write, and a sync may take its time */
	[LISTENER_KEEPER] = { PART_KEEPER, true, true, false, 30 },
	[LISTENER_STATE] = { PART_STATE, true, true, true, 20 },
	/* these never wait */
	[LISTENER_AUTH] = { PART_AUTH, true, true, false, 15 },
	[LISTENER_RESOLVER] = { PART_RESOLVER, false, true, false, 10 },
	/* its end is that of all sessions */
	[LISTENER_WORKER] = { PART_WORKER, true, false, false, 30 },
};

void
parts_init(struct listener *l)
{
	for (size_t i = 0; i < PARTS; i++)
		l->parts[i] = (struct part_process){ .part = kinds[i].part,
			.channel = { .fd = -1 } };
}

static void
renew(struct listener *l, struct part_process *p)
{
	struct buf folders;
	buf_init(&folders, FILTERD_PACKET_MAX);
	places_put_folders(&folders, l->config.policy);
	tell(p, MESSAGE_RENEW, buf_str(&folders), -1);
	buf_clear(&folders);
}

static void
publish_to(struct listener *l, size_t i)
{
	struct err e = ERR_INIT;
	struct part_process *p = &l->parts[i];
	if (!kinds[i].has_policy) {
		renew(l, p);
		return;
	}
	/* the worker alone needs certificate and key */
	struct str secrets = STR_EMPTY;
	if (i == LISTENER_WORKER)
		secrets = buf_str(&l->config.secrets);
	int fd = part_bundle_fd(buf_str(&l->config.bundle), secrets, &e);
	if (fd < 0) {
		log_error(&e);
		return;
	}
	struct buf body;
	buf_init(&body, 64);
	wire_put_u32(&body, l->config.generation);
	tell(p, MESSAGE_POLICY, buf_str(&body), fd);
	buf_clear(&body);
	close(fd);
}

void
parts_publish(struct listener *l)
{
	/* the worker last: the keeper must know where a message may go */
	for (size_t i = 0; i < PARTS; i++)
		publish_to(l, i);
}

/* A fresh channel between a part and the worker. */
static bool
join_one(struct listener *l, size_t i, struct err *e)
{
	int pair[2];
	int kind = SOCK_SEQPACKET | SOCK_CLOEXEC;
	struct buf part, worker;
	if (socketpair(AF_UNIX, kind, 0, pair) != 0)
		return err_set_errno(e, errno, "cannot make a channel");
	buf_init(&part, sizeof(uint32_t));
	buf_init(&worker, sizeof(uint32_t));
	wire_put_u32(&worker, PART_WORKER);
	wire_put_u32(&part, kinds[i].part);
	bool ok = tell(&l->parts[i], MESSAGE_PEER, buf_str(&worker), pair[0]);
	ok = tell(&l->parts[LISTENER_WORKER], MESSAGE_PEER, buf_str(&part),
		 pair[1]) &&
	     ok;
	buf_clear(&part);
	buf_clear(&worker);
	close(pair[0]);
	close(pair[1]);
	return ok || err_set(e, ERR_TEMPORARY, "cannot join worker and %s",
			 part_name(kinds[i].part));
}

/* The channels of a part that has been started. */
static bool
join(struct listener *l, size_t i, struct err *e)
{
	if (kinds[i].serves_worker)
		return join_one(l, i, e);
	for (size_t other = 0; other < PARTS; other++) {
		if (l->parts[other].pid == 0)
			continue; /* it is done without for now */
		if (kinds[other].serves_worker && !join_one(l, other, e))
			return false;
	}
	return true;
}

bool
parts_start(struct listener *l, struct err *e)
{
	for (size_t i = 0; i < PARTS; i++) {
		if (!part_start(
			&l->parts[i], PART_LISTENER, l->exe_fd, &l->init, e))
			return false;
	}
	return join(l, LISTENER_WORKER, e);
}

bool
parts_are_ready(const struct listener *l)
{
	for (size_t i = 0; i < PARTS; i++) {
		if (kinds[i].spared &&
		    (l->announced || l->parts[i].restarts > FILTERD_RESTARTS))
			continue;
		if (l->parts[i].channel.fd < 0 ||
		    (kinds[i].has_policy && l->parts[i].generation == 0))
			return false;
	}
	return true;
}

static bool
hear_ended(struct listener *l, struct wire *in)
{
	while (in->rest.len > 0) {
		if (!slots_release(&l->slots, wire_get_u32(in)) || in->bad)
			return false;
	}
	return true;
}

static bool
hear_one(struct listener *l, struct part_process *p, struct message *m)
{
	if (m->type == MESSAGE_ENDED)
		return hear_ended(l, &m->in);
	uint32_t generation = wire_get_u32(&m->in);
	if (m->type == MESSAGE_READY) {
		p->generation = generation;
	} else {
		struct str why = wire_get_str(&m->in);
		log_own("the %s could not take configuration %u, it keeps the "
			"one before: %.*s",
		    part_name(p->part), (unsigned)generation, STR_ARG(why));
	}
	return wire_end(&m->in);
}

void
parts_hear(struct listener *l, struct part_process *p)
{
	struct message m;
	struct err e = ERR_INIT;
	for (;;) {
		switch (channel_receive(&p->channel, &m, &e)) {
		case CHANNEL_AGAIN:
			return;
		case CHANNEL_OK:
			if (hear_one(l, p, &m))
				break;
			lose(p, "its message is broken");
			return;
		case CHANNEL_END:
			channel_clear(&p->channel);
			return;
		case CHANNEL_BAD:
			lose(p, e.text);
			return;
		}
	}
}

static void
tell_how_it_ended(const struct part_process *p, int status)
{
	if (WIFSIGNALED(status))
		log_own("the %s ended by signal %d, starting it anew",
		    part_name(p->part), WTERMSIG(status));
	else
		log_own("the %s ended with status %d, starting it anew",
		    part_name(p->part), WEXITSTATUS(status));
}

/* False when it dies too often to go on. */
static bool
may_restart(struct listener *l, struct part_process *p)
{
	int64_t now = clock_mono_ms(l->clock);
	if (now - p->period > (int64_t)FILTERD_RESTART_S * MS_PER_S) {
		p->period = now;
		p->restarts = 0;
	}
	if (++p->restarts <= FILTERD_RESTARTS)
		return true;
	return false;
}

static void
restart(struct listener *l, size_t i)
{
	struct err e = ERR_INIT;
	struct part_process *p = &l->parts[i];
	if (!may_restart(l, p)) {
		log_own("the %s ended %u times within %d seconds, %s",
		    part_name(p->part), p->restarts, FILTERD_RESTART_S,
		    kinds[i].spared ? "going on without it for a while"
				    : "giving up");
		l->failed = l->failed || !kinds[i].spared;
		return;
	}
	if (!part_start(p, PART_LISTENER, l->exe_fd, &l->init, &e) ||
	    !join(l, i, &e)) {
		log_error(&e);
		l->failed = l->failed || !kinds[i].spared;
		if (l->failed)
			return;
	}
	publish_to(l, i);
}

static void
ended(struct listener *l, size_t i, int status)
{
	struct part_process *p = &l->parts[i];
	/* what it said last, ends of sessions above all */
	parts_hear(l, p);
	channel_clear(&p->channel);
	p->pid = 0;
	if (i == LISTENER_WORKER)
		slots_reset(&l->slots);
	if (l->stopping)
		return;
	tell_how_it_ended(p, status);
	restart(l, i);
}

int
parts_revive(struct listener *l)
{
	int64_t now = clock_mono_ms(l->clock);
	int next = -1;
	for (size_t i = 0; i < PARTS && !l->stopping; i++) {
		struct part_process *p = &l->parts[i];
		int64_t left =
		    p->period + (int64_t)FILTERD_RESTART_S * MS_PER_S - now;
		if (!kinds[i].spared || p->pid != 0)
			continue;
		if (left < 0)
			restart(l, i);
		else if (next < 0 || left < next)
			next = (int)left + 1;
	}
	return next;
}

int
parts_watch(struct listener *l)
{
	int next = -1;
	for (size_t i = 0; i < PARTS && !l->stopping; i++) {
		bool stuck;
		struct part_process *p = &l->parts[i];
		int wait = part_watch(p, l->clock,
		    (int64_t)kinds[i].patience_s * MS_PER_S, &stuck);
		if (stuck)
			lose(p, "it does not answer any more");
		if (wait >= 0 && (next < 0 || wait < next))
			next = wait;
	}
	return next;
}

/* The others have nothing to do once the worker is gone. */
static void
stop_servants(struct listener *l)
{
	for (size_t i = 0; i < PARTS; i++) {
		if (!kinds[i].serves_worker || l->parts[i].channel.fd < 0)
			continue;
		tell(&l->parts[i], MESSAGE_DRAIN, (struct str)STR_EMPTY, -1);
		channel_clear(&l->parts[i].channel);
	}
}

void
parts_reap(struct listener *l)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (size_t i = 0; i < PARTS; i++) {
			if (pid == l->parts[i].pid) {
				ended(l, i, status);
				break;
			}
		}
	}
	if (l->stopping && l->parts[LISTENER_WORKER].pid == 0)
		stop_servants(l);
}

void
parts_stop(struct listener *l)
{
	struct part_process *worker = &l->parts[LISTENER_WORKER];
	if (worker->pid > 0 &&
	    !tell(worker, MESSAGE_DRAIN, (struct str)STR_EMPTY, -1))
		kill(worker->pid, SIGKILL);
}

bool
parts_are_gone(const struct listener *l)
{
	for (size_t i = 0; i < PARTS; i++) {
		if (l->parts[i].pid != 0)
			return false;
	}
	return true;
}

void
parts_kill(struct listener *l)
{
	for (size_t i = 0; i < PARTS; i++) {
		struct part_process *p = &l->parts[i];
		if (p->pid > 0) {
			kill(p->pid, SIGKILL);
			waitpid(p->pid, NULL, 0);
		}
		p->pid = 0;
		channel_clear(&p->channel);
	}
}
