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
	MS_PER_S = 1000,
	WORKER_PATIENCE_S = 30 /* its end is that of its sessions */
};

enum {
	NAME_SIZE = 32
};

static bool
is_worker(const struct listener *l, const struct part_process *p)
{
	return p >= &l->parts[SERVANTS];
}

static unsigned
number_of(const struct listener *l, const struct part_process *p)
{
	return (unsigned)(p - &l->parts[SERVANTS]);
}

/* "the keeper", "worker 2 of 4" */
static const char *
name_of(const struct listener *l, const struct part_process *p,
    char name[NAME_SIZE])
{
	if (is_worker(l, p) && l->n_workers > 1)
		snprintf(name, NAME_SIZE, "worker %u of %u",
		    number_of(l, p) + 1, l->n_workers);
	else
		snprintf(name, NAME_SIZE, "the %s", part_name(p->part));
	return name;
}

static void
lose(const struct listener *l, struct part_process *p, const char *why)
{
	char name[NAME_SIZE];
	log_own("%s is stopped for a reason: %s", name_of(l, p, name), why);
	/* it ends by itself when its channel closes, this makes sure */
	if (p->pid > 0)
		kill(p->pid, SIGKILL);
	channel_clear(&p->channel);
}

bool
parts_tell(const struct listener *l, struct part_process *p,
    enum message_type type, struct str body, int fd)
{
	if (p->channel.fd < 0)
		return false;
	enum channel_status s =
	    channel_send(&p->channel, type, body, fd, FILTERD_SEND_MS);
	if (s == CHANNEL_AGAIN)
		lose(l, p, "it takes no messages any more");
	return s == CHANNEL_OK;
}

static const struct kind {
	enum part part;
	bool has_policy;
	bool spared;    /* sessions go on without it */
	int patience_s; /* without an answer so long it is stuck */
} servants[SERVANTS] = {
	/* these write, and a sync may take its time */
	[LISTENER_KEEPER] = { PART_KEEPER, true, false, 30 },
	[LISTENER_STATE] = { PART_STATE, true, true, 20 },
	/* these never wait */
	[LISTENER_AUTH] = { PART_AUTH, true, false, 15 },
	[LISTENER_RESOLVER] = { PART_RESOLVER, false, false, 10 },
};

static bool
has_policy(size_t i)
{
	return i >= SERVANTS || servants[i].has_policy;
}

/* Can the others go on without it for a while? */
static bool
is_spared(const struct listener *l, size_t i)
{
	if (i < SERVANTS)
		return servants[i].spared;
	for (size_t other = SERVANTS; other < PARTS_MAX; other++) {
		if (other != i && l->parts[other].pid != 0)
			return true;
	}
	return false;
}

void
parts_init(struct listener *l)
{
	for (size_t i = 0; i < PARTS_MAX; i++)
		l->parts[i] = (struct part_process){
			.part = i < SERVANTS ? servants[i].part : PART_WORKER,
			.channel = { .fd = -1 },
		};
}

static void
renew(struct listener *l, struct part_process *p)
{
	struct buf folders;
	buf_init(&folders, FILTERD_PACKET_MAX);
	places_put_folders(&folders, l->config.policy);
	parts_tell(l, p, MESSAGE_RENEW, buf_str(&folders), -1);
	buf_clear(&folders);
}

/* The configuration in force as descriptors; -1: it cannot be passed on. */
struct publication {
	int fd;
	int fd_with_secrets; /* workers alone need certificate and key */
};

static struct publication
publication_open(const struct listener *l)
{
	struct err e = ERR_INIT;
	struct str bundle = buf_str(&l->config.bundle);
	struct publication p;
	p.fd = part_bundle_fd(bundle, (struct str)STR_EMPTY, &e);
	p.fd_with_secrets =
	    part_bundle_fd(bundle, buf_str(&l->config.secrets), &e);
	if (e.text[0] != '\0')
		log_error(&e);
	return p;
}

static void
publication_close(struct publication *p)
{
	if (p->fd >= 0)
		close(p->fd);
	if (p->fd_with_secrets >= 0)
		close(p->fd_with_secrets);
}

static void
publish_to(struct listener *l, size_t i, const struct publication *pub)
{
	struct part_process *p = &l->parts[i];
	int fd = i >= SERVANTS ? pub->fd_with_secrets : pub->fd;
	if (!has_policy(i)) {
		renew(l, p);
		return;
	}
	if (fd < 0)
		return;
	struct buf body;
	buf_init(&body, 64);
	wire_put_u32(&body, l->config.generation);
	parts_tell(l, p, MESSAGE_POLICY, buf_str(&body), fd);
	buf_clear(&body);
}

void
parts_publish(struct listener *l)
{
	struct publication pub = publication_open(l);
	/* workers last: the keeper must know where a message may go */
	for (size_t i = 0; i < SERVANTS + l->n_workers; i++)
		publish_to(l, i, &pub);
	publication_close(&pub);
}

/* A fresh channel between a servant and a worker. */
static bool
join_two(struct listener *l, size_t servant, size_t worker, struct err *e)
{
	int pair[2];
	int kind = SOCK_SEQPACKET | SOCK_CLOEXEC;
	struct buf to_servant, to_worker;
	if (socketpair(AF_UNIX, kind, 0, pair) != 0)
		return err_set_errno(e, errno, "cannot make a channel");
	buf_init(&to_servant, 2 * sizeof(uint32_t));
	buf_init(&to_worker, 2 * sizeof(uint32_t));
	l->joined[servant][worker - SERVANTS] = clock_mono_ms(l->clock);
	wire_put_u32(&to_servant, PART_WORKER);
	wire_put_u32(&to_servant, (uint32_t)(worker - SERVANTS));
	wire_put_u32(&to_worker, servants[servant].part);
	wire_put_u32(&to_worker, 0);
	bool ok = parts_tell(
	    l, &l->parts[servant], MESSAGE_PEER, buf_str(&to_servant), pair[0]);
	ok = parts_tell(l, &l->parts[worker], MESSAGE_PEER, buf_str(&to_worker),
		 pair[1]) &&
	     ok;
	buf_clear(&to_servant);
	buf_clear(&to_worker);
	close(pair[0]);
	close(pair[1]);
	return ok || err_set(e, ERR_TEMPORARY, "cannot join worker and %s",
			 part_name(servants[servant].part));
}

/*
 * A worker misses a servant that runs: it was given up, as one that does not
 * take its answers is. Whoever asks too often does not get what it wants.
 */
static bool
hear_join(struct listener *l, const struct part_process *worker, uint32_t part)
{
	struct err e = ERR_INIT;
	char name[NAME_SIZE];
	size_t i = 0;
	while (i < SERVANTS && servants[i].part != part)
		i++;
	if (i == SERVANTS)
		return false;
	int64_t age =
	    clock_mono_ms(l->clock) - l->joined[i][number_of(l, worker)];
	if (l->stopping || l->parts[i].channel.fd < 0 || age < FILTERD_JOIN_MS)
		return true;
	log_own("%s has lost the %s, joining them anew",
	    name_of(l, worker, name), part_name(servants[i].part));
	if (!join_two(l, i, SERVANTS + number_of(l, worker), &e))
		log_error(&e);
	return true;
}

/* The channels of a part that has been started, to those that run. */
static bool
join(struct listener *l, size_t i, struct err *e)
{
	bool worker = i >= SERVANTS;
	size_t from = worker ? 0 : SERVANTS;
	size_t to = worker ? SERVANTS : PARTS_MAX;
	for (size_t other = from; other < to; other++) {
		if (l->parts[other].pid == 0)
			continue;
		if (!(worker ? join_two(l, other, i, e)
			     : join_two(l, i, other, e)))
			return false;
	}
	return true;
}

static bool
start_part(struct listener *l, size_t i, struct err *e)
{
	struct part_process *p = &l->parts[i];
	bool worker = i >= SERVANTS;
	l->init.number = worker ? (uint32_t)(i - SERVANTS) : 0;
	return part_start(p, PART_LISTENER, l->exe_fd, &l->init, e) &&
	       (!worker || listener_equip_worker(l, l->init.number) ||
		   err_set(e, ERR_TEMPORARY, "cannot reach the new worker")) &&
	       join(l, i, e);
}

bool
parts_start(struct listener *l, struct err *e)
{
	for (size_t i = 0; i < SERVANTS + l->n_workers; i++) {
		if (!start_part(l, i, e))
			return false;
	}
	return true;
}

static bool
is_ready(const struct listener *l, size_t i)
{
	return l->parts[i].channel.fd >= 0 &&
	       (!has_policy(i) || l->parts[i].generation != 0);
}

/* At the start all are waited for, but not for one that will not stay. */
static bool
is_waited_for(const struct listener *l, size_t i)
{
	bool spared = i >= SERVANTS || servants[i].spared;
	return !spared ||
	       (!l->announced && l->parts[i].restarts <= FILTERD_RESTARTS);
}

uint32_t
parts_ready(const struct listener *l)
{
	uint32_t workers = 0;
	for (size_t i = 0; i < SERVANTS + l->n_workers; i++) {
		bool ready = is_ready(l, i);
		if (!ready && is_waited_for(l, i))
			return 0;
		if (ready && i >= SERVANTS)
			workers |= 1u << (i - SERVANTS);
	}
	return workers;
}

static bool
hear_ended(struct listener *l, unsigned worker, struct wire *in)
{
	while (in->rest.len > 0) {
		if (!slots_release(&l->slots, wire_get_u32(in), worker) ||
		    in->bad)
			return false;
	}
	return true;
}

static bool
hear_one(struct listener *l, struct part_process *p, struct message *m)
{
	if (m->type == MESSAGE_ENDED)
		return hear_ended(l, number_of(l, p), &m->in);
	if (m->type == MESSAGE_JOIN)
		return hear_join(l, p, wire_get_u32(&m->in));
	char name[NAME_SIZE];
	uint32_t generation = p->answered = wire_get_u32(&m->in);
	if (m->type == MESSAGE_READY) {
		p->generation = generation;
	} else {
		struct str why = wire_get_str(&m->in);
		log_own("%s could not take configuration %u, it keeps the one "
			"before: %.*s",
		    name_of(l, p, name), (unsigned)generation, STR_ARG(why));
	}
	return wire_end(&m->in);
}

void
parts_tell_reloads(struct listener *l)
{
	for (size_t i = 0; i < PARTS_MAX; i++) {
		const struct part_process *p = &l->parts[i];
		if (p->pid != 0 && has_policy(i) &&
		    p->answered != l->config.generation)
			return;
	}
	for (; l->reloads > 0; l->reloads--)
		log_own("%s", FILTER_LOG_RELOADED);
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
			lose(l, p, "its message is broken");
			return;
		case CHANNEL_END:
			channel_clear(&p->channel);
			return;
		case CHANNEL_BAD:
			lose(l, p, e.text);
			return;
		}
	}
}

static void
tell_how_it_ended(
    const struct listener *l, const struct part_process *p, int status)
{
	char name[NAME_SIZE];
	if (WIFSIGNALED(status))
		log_own("%s ended by signal %d, starting it anew",
		    name_of(l, p, name), WTERMSIG(status));
	else
		log_own("%s ended with status %d, starting it anew",
		    name_of(l, p, name), WEXITSTATUS(status));
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
	char name[NAME_SIZE];
	struct part_process *p = &l->parts[i];
	bool spared = is_spared(l, i);
	if (!may_restart(l, p)) {
		log_own("%s ended %u times within %d seconds, %s",
		    name_of(l, p, name), p->restarts, FILTERD_RESTART_S,
		    spared ? "going on without it for a while" : "giving up");
		l->failed = l->failed || !spared;
		return;
	}
	if (!start_part(l, i, &e)) {
		log_error(&e);
		l->failed = l->failed || !spared;
		if (l->failed)
			return;
	}
	struct publication pub = publication_open(l);
	publish_to(l, i, &pub);
	publication_close(&pub);
}

/* Its sessions are lost with it, those of the others are not. */
static void
lose_sessions(struct listener *l, unsigned worker)
{
	uint32_t lost = slots_release_all(&l->slots, worker);
	if (l->stopping)
		return;
	l->workers_ended++;
	if (lost > 0)
		log_own("%u sessions are lost with it, %u go on",
		    (unsigned)lost, (unsigned)l->slots.running);
}

static void
ended(struct listener *l, size_t i, int status)
{
	struct part_process *p = &l->parts[i];
	/* what it said last, ends of sessions above all */
	parts_hear(l, p);
	channel_clear(&p->channel);
	p->pid = 0;
	if (!l->stopping)
		tell_how_it_ended(l, p, status);
	if (i >= SERVANTS)
		lose_sessions(l, (unsigned)(i - SERVANTS));
	if (!l->stopping)
		restart(l, i);
}

int
parts_revive(struct listener *l)
{
	int64_t now = clock_mono_ms(l->clock);
	int next = -1;
	for (size_t i = 0; i < SERVANTS + l->n_workers && !l->stopping; i++) {
		struct part_process *p = &l->parts[i];
		int64_t left =
		    p->period + (int64_t)FILTERD_RESTART_S * MS_PER_S - now;
		if (p->pid != 0)
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
	for (size_t i = 0; i < PARTS_MAX && !l->stopping; i++) {
		bool stuck;
		struct part_process *p = &l->parts[i];
		int patience_s =
		    i < SERVANTS ? servants[i].patience_s : WORKER_PATIENCE_S;
		int wait = part_watch(
		    p, l->clock, (int64_t)patience_s * MS_PER_S, &stuck);
		if (stuck)
			lose(l, p, "it does not answer any more");
		if (wait >= 0 && (next < 0 || wait < next))
			next = wait;
	}
	return next;
}

/* The others have nothing to do once the workers are gone. */
static void
stop_servants(struct listener *l)
{
	for (size_t i = SERVANTS; i < PARTS_MAX; i++) {
		if (l->parts[i].pid != 0)
			return;
	}
	for (size_t i = 0; i < SERVANTS; i++) {
		if (l->parts[i].channel.fd < 0)
			continue;
		parts_tell(
		    l, &l->parts[i], MESSAGE_DRAIN, (struct str)STR_EMPTY, -1);
		channel_clear(&l->parts[i].channel);
	}
}

void
parts_reap(struct listener *l)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (size_t i = 0; i < PARTS_MAX; i++) {
			if (pid == l->parts[i].pid) {
				ended(l, i, status);
				break;
			}
		}
	}
	if (l->stopping)
		stop_servants(l);
}

void
parts_stop(struct listener *l)
{
	for (size_t i = SERVANTS; i < PARTS_MAX; i++) {
		struct part_process *p = &l->parts[i];
		if (p->pid > 0 &&
		    !parts_tell(l, p, MESSAGE_DRAIN, (struct str)STR_EMPTY, -1))
			kill(p->pid, SIGKILL);
	}
	stop_servants(l);
}

bool
parts_are_gone(const struct listener *l)
{
	for (size_t i = 0; i < PARTS_MAX; i++) {
		if (l->parts[i].pid != 0)
			return false;
	}
	return true;
}

void
parts_kill(struct listener *l)
{
	for (size_t i = 0; i < PARTS_MAX; i++) {
		struct part_process *p = &l->parts[i];
		if (p->pid > 0) {
			kill(p->pid, SIGKILL);
			waitpid(p->pid, NULL, 0);
		}
		p->pid = 0;
		channel_clear(&p->channel);
	}
}
