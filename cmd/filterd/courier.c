/*
 * The courier's loop: jobs in, each to a child that is free or new, answers
 * out. It never blocks and reads nothing that a peer wrote.
 */
#include "cmd/filterd/courier.h"

#include "cmd/filterd/limits.h"
#include "cmd/filterd/log.h"
#include "cmd/filterd/sandbox.h"
#include "core/base/list.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	WAITING_MAX = 100000 /* no more sessions are there to wait */
};

/* A job that waits for a child, or is with one. */
struct job {
	struct list_node node;
	struct carry carry; /* its texts are in 'bytes' */
	int fd;             /* of the file with its parts; -1: handed on */
	int64_t deadline;
	size_t length;
	char bytes[]; /* as it came */
};

struct child {
	pid_t pid; /* 0: none here */
	struct channel channel;
	uint32_t kind;   /* a child keeps to one kind */
	struct job *job; /* NULL: free */
	int64_t free_since;
};

struct courier {
	const struct clock *clock;
	struct channel *keeper;
	struct child children[COURIER_CHILDREN];
	struct list waiting;
	size_t n_waiting;
	bool over;
};

static void
job_free(struct job *j)
{
	if (j == NULL)
		return;
	if (j->fd >= 0)
		close(j->fd);
	free(j);
}

static void
send_answer(struct courier *c, struct str body)
{
	if (channel_send(c->keeper, MESSAGE_CARRIED, body, -1,
		FILTERD_SEND_MS) != CHANNEL_OK)
		c->over = true;
}

static void
answer(struct courier *c, const struct job *j, const char *why)
{
	struct queue_result r = { .outcome = QUEUE_DECLINED };
	struct buf body;
	err_set(&r.err, ERR_TEMPORARY, "handing a message to '%.*s': %s",
	    STR_ARG(j->carry.place), why);
	buf_init(&body, 2048);
	carried_put(&body, &j->carry, &r);
	send_answer(c, buf_str(&body));
	buf_clear(&body);
}

static void
take_job(struct courier *c, struct message *m)
{
	struct str bytes = m->in.rest;
	struct job *j = calloc(1, sizeof(*j) + bytes.len);
	if (j == NULL || c->n_waiting >= WAITING_MAX) {
		/* unanswered it would wait for ever: end, all are answered */
		c->over = true;
		close(m->fd);
		free(j);
		return;
	}
	memcpy(j->bytes, bytes.ptr, bytes.len);
	j->length = bytes.len;
	j->fd = m->fd;
	struct wire in = { str_n(j->bytes, j->length), false };
	if (!carry_get(&in, &j->carry)) {
		c->over = true;
		job_free(j);
		return;
	}
	j->deadline = clock_mono_ms(c->clock) +
		      (int64_t)j->carry.limit_s * 1000 + COURIER_GRACE_MS;
	list_append(&c->waiting, &j->node);
	c->n_waiting++;
}

static void
hear_keeper(struct courier *c)
{
	struct message m;
	struct err e = ERR_INIT;
	for (;;) {
		enum channel_status s = channel_receive(c->keeper, &m, &e);
		if (s == CHANNEL_AGAIN)
			return;
		if (s == CHANNEL_BAD)
			log_error(&e);
		if (s != CHANNEL_OK || m.type != MESSAGE_CARRY) {
			c->over = true;
			return;
		}
		take_job(c, &m);
	}
}

/* In the new process: nothing of the courier's but its own channel. */
NORETURN static void
be_child(struct courier *c, int fd)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	channel_clear(c->keeper);
	for (size_t i = 0; i < COURIER_CHILDREN; i++) {
		if (c->children[i].pid > 0)
			channel_clear(&c->children[i].channel);
	}
	LIST_FOREACH(node, &c->waiting)
	{
		close(LIST_ITEM(node, struct job, node)->fd);
	}
	carrier_run(fd);
}

static bool
start_child(struct courier *c, struct child *child, uint32_t kind)
{
	int pair[2];
	struct err e = ERR_INIT;
	int how = SOCK_SEQPACKET | SOCK_CLOEXEC;
	if (socketpair(AF_UNIX, how, 0, pair) != 0)
		return false;
	pid_t pid = fork();
	if (pid == 0) {
		close(pair[0]);
		be_child(c, pair[1]);
	}
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return false;
	}
	*child = (struct child){ .pid = pid, .kind = kind };
	if (!channel_init(
		&child->channel, pair[0], PART_COURIER, PART_CARRIER, &e)) {
		kill(pid, SIGKILL);
		return true; /* its end is noticed as any other's */
	}
	child->channel.phase = CHANNEL_RUN;
	return true;
}

/* A free one of this kind; else a new one; else one of another kind ends. */
static struct child *
find_child(struct courier *c, uint32_t kind)
{
	struct child *none = NULL, *other = NULL;
	for (size_t i = 0; i < COURIER_CHILDREN; i++) {
		struct child *child = &c->children[i];
		if (child->pid == 0)
			none = child;
		else if (child->job == NULL && child->channel.fd >= 0) {
			if (child->kind == kind)
				return child;
			other = child;
		}
	}
	if (none != NULL)
		return start_child(c, none, kind) ? none : NULL;
	if (other != NULL)
		channel_clear(&other->channel); /* it ends by itself */
	return NULL;
}

static void
hand_out(struct courier *c)
{
	while (!list_is_empty(&c->waiting)) {
		struct job *j =
		    LIST_ITEM(c->waiting.head.next, struct job, node);
		struct child *child = find_child(c, j->carry.kind);
		if (child == NULL)
			return;
		list_remove(&j->node);
		c->n_waiting--;
		child->job = j;
		/* one that fails here is about to be reaped, with its job */
		(void)channel_send(&child->channel, MESSAGE_CARRY,
		    str_n(j->bytes, j->length), j->fd, FILTERD_SEND_MS);
		close(j->fd);
		j->fd = -1;
	}
}

static void
hear_child(struct courier *c, struct child *child)
{
	struct message m;
	struct err e = ERR_INIT;
	enum channel_status s = channel_receive(&child->channel, &m, &e);
	if (s == CHANNEL_AGAIN)
		return;
	if (s == CHANNEL_OK && child->job != NULL) {
		struct wire in = m.in;
		bool same = wire_get_u32(&in) == child->job->carry.slot &&
			    wire_get_u32(&in) == child->job->carry.serial;
		if (same) {
			send_answer(c, m.in.rest);
			job_free(child->job);
			child->job = NULL;
			child->free_since = clock_mono_ms(c->clock);
			return;
		}
	}
	if (s == CHANNEL_BAD)
		log_error(&e);
	/* gone, or not to be trusted: reaping it answers for its job */
	kill(child->pid, SIGKILL);
	channel_clear(&child->channel);
}

static void
reap(struct courier *c)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (size_t i = 0; i < COURIER_CHILDREN; i++) {
			struct child *child = &c->children[i];
			if (child->pid != pid)
				continue;
			/* its answer may be there still */
			if (child->job != NULL && child->channel.fd >= 0)
				hear_child(c, child);
			if (child->job != NULL)
				answer(
				    c, child->job, "the process for it died");
			job_free(child->job);
			channel_clear(&child->channel);
			*child = (struct child){ .channel = { .fd = -1 } };
		}
	}
}

/* Children that ran over, jobs that waited too long, idle ones. */
static void
look_at_clock(struct courier *c)
{
	int64_t now = clock_mono_ms(c->clock);
	for (size_t i = 0; i < COURIER_CHILDREN; i++) {
		struct child *child = &c->children[i];
		if (child->pid == 0)
			continue;
		if (child->job != NULL && now > child->job->deadline) {
			answer(c, child->job, "it took too long");
			job_free(child->job);
			child->job = NULL;
			kill(child->pid, SIGKILL);
			channel_clear(&child->channel);
		} else if (child->job == NULL &&
			   now - child->free_since > COURIER_IDLE_MS) {
			channel_clear(&child->channel);
		}
	}
	while (!list_is_empty(&c->waiting)) {
		struct job *j =
		    LIST_ITEM(c->waiting.head.next, struct job, node);
		if (now <= j->deadline)
			break;
		answer(c, j, "too many messages wait");
		list_remove(&j->node);
		c->n_waiting--;
		job_free(j);
	}
}

static void
turn(struct courier *c)
{
	struct pollfd p[COURIER_CHILDREN + 1];
	bool busy = !list_is_empty(&c->waiting);
	p[0] = (struct pollfd){ .fd = c->keeper->fd, .events = POLLIN };
	for (size_t i = 0; i < COURIER_CHILDREN; i++) {
		const struct child *child = &c->children[i];
		bool has = child->pid > 0;
		busy = busy || has;
		p[i + 1] = (struct pollfd){ .fd = has ? child->channel.fd : -1,
			.events = POLLIN };
	}
	if (poll(p, ARRAY_LEN(p), busy ? 200 : -1) < 0)
		return;
	if (p[0].revents != 0)
		hear_keeper(c);
	for (size_t i = 0; i < COURIER_CHILDREN; i++) {
		if (p[i + 1].revents != 0 && c->children[i].pid > 0 &&
		    c->children[i].channel.fd >= 0)
			hear_child(c, &c->children[i]);
	}
	reap(c);
	look_at_clock(c);
	hand_out(c);
}

int
courier_run(struct channel *keeper, const struct part_init *init)
{
	struct err e = ERR_INIT;
	struct courier *c = calloc(1, sizeof(*c));
	/* no new rights would take qmail-queue the user it runs as */
	if (c == NULL || (init->has_user && geteuid() == 0 &&
			     !sandbox_become(init->uid, init->gid, &e))) {
		log_error(&e);
		free(c);
		return err_exit_status(ERR_TEMPORARY);
	}
	c->clock = &clock_system;
	c->keeper = keeper;
	list_init(&c->waiting);
	for (size_t i = 0; i < COURIER_CHILDREN; i++)
		c->children[i].channel.fd = -1;
	signal(SIGPIPE, SIG_IGN);
	while (!c->over)
		turn(c);
	for (size_t i = 0; i < COURIER_CHILDREN; i++) {
		if (c->children[i].pid > 0)
			kill(c->children[i].pid, SIGKILL);
		job_free(c->children[i].job);
		channel_clear(&c->children[i].channel);
	}
	free(c);
	return 0;
}
