/* The listener's dealings with the other parts. */
#include "cmd/filterd/listener_int.h"

#include "cmd/filterd/log.h"

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

static void
publish_to(struct listener *l, struct part_process *p)
{
	struct err e = ERR_INIT;
	int fd = part_bundle_fd(buf_str(&l->config.bundle), &e);
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
	/* the keeper first: it must know where a message may go */
	publish_to(l, &l->keeper);
	publish_to(l, &l->worker);
}

/* A fresh channel between worker and keeper. */
static bool
join(struct listener *l, struct err *e)
{
	int pair[2];
	int kind = SOCK_SEQPACKET | SOCK_CLOEXEC;
	if (socketpair(AF_UNIX, kind, 0, pair) != 0)
		return err_set_errno(e, errno, "cannot make a channel");
	struct str nothing = STR_EMPTY;
	bool ok = tell(&l->keeper, MESSAGE_PEER, nothing, pair[0]);
	ok = tell(&l->worker, MESSAGE_PEER, nothing, pair[1]) && ok;
	close(pair[0]);
	close(pair[1]);
	return ok || err_set(e, ERR_TEMPORARY, "cannot join worker and keeper");
}

bool
parts_start(struct listener *l, struct err *e)
{
	l->worker.part = PART_WORKER;
	l->keeper.part = PART_KEEPER;
	return part_start(&l->keeper, l->exe_fd, &l->init, e) &&
	       part_start(&l->worker, l->exe_fd, &l->init, e) && join(l, e);
}

bool
parts_are_ready(const struct listener *l)
{
	return l->worker.channel.fd >= 0 && l->keeper.channel.fd >= 0 &&
	       l->worker.generation > 0 && l->keeper.generation > 0;
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
	log_own("the %s ended %u times within %d seconds, giving up",
	    part_name(p->part), p->restarts, FILTERD_RESTART_S);
	return false;
}

static void
restart(struct listener *l, struct part_process *p)
{
	struct err e = ERR_INIT;
	if (!may_restart(l, p)) {
		l->failed = true;
		return;
	}
	if (!part_start(p, l->exe_fd, &l->init, &e) || !join(l, &e)) {
		log_error(&e);
		l->failed = true;
		return;
	}
	publish_to(l, p);
}

static void
ended(struct listener *l, struct part_process *p, int status)
{
	/* what it said last, ends of sessions above all */
	parts_hear(l, p);
	channel_clear(&p->channel);
	p->pid = 0;
	if (p->part == PART_WORKER)
		slots_reset(&l->slots);
	if (l->stopping)
		return;
	tell_how_it_ended(p, status);
	restart(l, p);
}

void
parts_reap(struct listener *l)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == l->worker.pid)
			ended(l, &l->worker, status);
		else if (pid == l->keeper.pid)
			ended(l, &l->keeper, status);
	}
	/* the keeper has nothing to do once the worker is gone */
	if (l->stopping && l->worker.pid == 0 && l->keeper.channel.fd >= 0) {
		tell(&l->keeper, MESSAGE_DRAIN, (struct str)STR_EMPTY, -1);
		channel_clear(&l->keeper.channel);
	}
}

void
parts_stop(struct listener *l)
{
	struct str nothing = STR_EMPTY;
	if (l->worker.pid > 0 && !tell(&l->worker, MESSAGE_DRAIN, nothing, -1))
		kill(l->worker.pid, SIGKILL);
}

bool
parts_are_gone(const struct listener *l)
{
	return l->worker.pid == 0 && l->keeper.pid == 0;
}

void
parts_kill(struct listener *l)
{
	struct part_process *both[] = { &l->worker, &l->keeper };
	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		if (both[i]->pid > 0) {
			kill(both[i]->pid, SIGKILL);
			waitpid(both[i]->pid, NULL, 0);
		}
		both[i]->pid = 0;
		channel_clear(&both[i]->channel);
	}
}
