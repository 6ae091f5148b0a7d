/*
 * The courier's loop: jobs in, each to a child that is free or new, answers
 * out. It never blocks and reads nothing that a peer wrote.
 */
#include "cmd/filterd/courier_int.h"

#include "cmd/filterd/limits.h"
#include "cmd/filterd/log.h"
#include "cmd/filterd/sandbox.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	WAITING_MAX = 100000 /* no more sessions are there to wait */
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

/* Programs are no servers: each call of one may fail for itself. */
static bool
is_for_server(const struct job *j)
{
	return j->carry.kind != FILTER_QUEUE_QMAIL;
}

static struct breaker_limit
limit_of(const struct job *j)
{
	return (struct breaker_limit){ j->carry.failures,
		(int64_t)j->carry.pause_s * 1000 };
}

static void
note(struct courier *c, const struct job *j, bool answered)
{
	struct breaker_limit limit = limit_of(j);
	if (is_for_server(j))
		breaker_note(&c->breaker, j->carry.place, j->carry.port, &limit,
		    answered, clock_mono_ms(c->clock));
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

/* Children that are busy with its server. */
static unsigned
busy_with(const struct courier *c, const struct job *j)
{
	unsigned n = 0;
	for (size_t i = 0; i < COURIER_CHILDREN; i++) {
		const struct job *other = c->children[i].job;
		n += other != NULL && is_for_server(other) &&
		     other->carry.port == j->carry.port &&
		     str_eq(other->carry.place, j->carry.place);
	}
	return n;
}

static void
give_to(struct courier *c, struct child *child, struct job *j)
{
	struct breaker_limit limit = limit_of(j);
	if (is_for_server(j))
		breaker_begin(&c->breaker, j->carry.place, j->carry.port,
		    &limit, clock_mono_ms(c->clock));
	child->job = j;
	/* one that fails here is about to be reaped, with its job */
	(void)channel_send(&child->channel, MESSAGE_CARRY,
	    str_n(j->bytes, j->length), j->fd, FILTERD_SEND_MS);
	close(j->fd);
	j->fd = -1;
}

/*
 * Out of the list: to a child, or answered at once. False: it waits on. *full
 * once no child is to be had.
 */
static bool
dispose_of(struct courier *c, struct job *j, bool *full)
{
	struct breaker_limit limit = limit_of(j);
	if (is_for_server(j) &&
	    !breaker_lets(&c->breaker, j->carry.place, j->carry.port, &limit,
		clock_mono_ms(c->clock))) {
		list_remove(&j->node);
		answer(c, j,
		    "it failed several times in a row and is left alone "
		    "for a while");
		job_free(j);
		return true;
	}
	if (*full ||
	    (is_for_server(j) && busy_with(c, j) >= j->carry.connections))
		return false;
	struct child *child = courier_child(c, j->carry.kind);
	*full = child == NULL;
	if (child == NULL)
		return false;
	list_remove(&j->node);
	give_to(c, child, j);
	return true;
}

static void
hand_out(struct courier *c)
{
	struct list_node *next;
	bool full = false;
	for (struct list_node *node = c->waiting.head.next;
	     node != &c->waiting.head; node = next) {
		next = node->next;
		if (dispose_of(c, LIST_ITEM(node, struct job, node), &full))
			c->n_waiting--;
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
			uint32_t outcome = wire_get_u32(&in);
			/* one that has no words was not heard */
			bool answered =
			    outcome == QUEUE_TAKEN || wire_get_str(&in).len > 0;
			note(c, child->job, answered);
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
			if (child->job != NULL) {
				note(c, child->job, false);
				answer(
				    c, child->job, "the process for it died");
			}
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
			note(c, child->job, false);
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
