/*
 * The courier's loop: jobs in, each to a child that is free or new, answers
 * out. It never blocks and reads nothing that a peer wrote.
 */
#include "cmd/filterd/courier_int.h"

#include "cmd/filterd/limits.h"
#include "cmd/filterd/log.h"
#include "cmd/filterd/sandbox.h"
#include "core/sys/file.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Programs are no servers: each call of one may fail for itself. */
static bool
is_for_server(const struct job *j)
{
	return j->errand.kind != FILTER_QUEUE_QMAIL;
}

static struct breaker_limit
limit_of(const struct job *j)
{
	return (struct breaker_limit){ j->errand.failures,
		(int64_t)j->errand.pause_s * 1000 };
}

static void
note(struct courier *c, const struct job *j, bool answered)
{
	struct breaker_limit limit = limit_of(j);
	if (is_for_server(j))
		breaker_note(&c->breaker, j->errand.place, j->errand.port,
		    &limit, answered, clock_mono_ms(c->clock));
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
		if (s != CHANNEL_OK ||
		    (m.type != MESSAGE_CARRY && m.type != MESSAGE_INQUIRE)) {
			c->over = true;
			return;
		}
		courier_take_job(c, &m);
	}
}

static bool
same_server(const struct job *a, const struct job *b)
{
	return is_for_server(a) && is_for_server(b) &&
	       a->errand.port == b->errand.port &&
	       str_eq(a->errand.place, b->errand.place);
}

/*
 * Have its server, or questions in all, as many children as they may? Others
 * get theirs.
 */
static bool
has_its_share(const struct courier *c, const struct job *j)
{
	unsigned there = 0, questions = 0, questions_there = 0;
	for (size_t i = 0; i < COURIER_CHILDREN; i++) {
		const struct job *other = c->children[i].job;
		if (other == NULL)
			continue;
		bool asks = other->type == MESSAGE_INQUIRE;
		there += same_server(other, j);
		questions += asks;
		questions_there += asks && same_server(other, j);
	}
	return there >= j->errand.connections ||
	       (j->type == MESSAGE_INQUIRE &&
		   (questions >= COURIER_INQUIRIES ||
		       questions_there >= COURIER_INQUIRIES_PER_SERVER));
}

static void
give_to(struct courier *c, struct child *child, struct job *j)
{
	struct breaker_limit limit = limit_of(j);
	if (is_for_server(j))
		breaker_begin(&c->breaker, j->errand.place, j->errand.port,
		    &limit, clock_mono_ms(c->clock));
	child->job = j;
	/* one that fails here is about to be reaped, with its job */
	(void)channel_send(&child->channel, j->type, str_n(j->bytes, j->length),
	    j->fd, FILTERD_SEND_MS);
	file_close_fd(&j->fd);
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
	    !breaker_lets(&c->breaker, j->errand.place, j->errand.port, &limit,
		clock_mono_ms(c->clock))) {
		list_remove(&j->node);
		courier_answer(c, j,
		    "it failed several times in a row and is left alone "
		    "for a while");
		courier_job_free(j);
		return true;
	}
	if (*full || has_its_share(c, j))
		return false;
	struct child *child = courier_child(c, j->errand.kind);
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

/* Was there somebody who said something? */
static bool
was_answered(enum message_type type, struct wire in)
{
	if (type == MESSAGE_INQUIRED)
		return wire_get_u32(&in) != 0;
	(void)wire_get_u32(&in); /* the share */
	/* one that has no words was not heard */
	return wire_get_u32(&in) == QUEUE_TAKEN || wire_get_str(&in).len > 0;
}

/* The answer of a child to its job, or something else. */
static bool
take_answer(struct courier *c, struct child *child, const struct message *m)
{
	struct wire in = m->in;
	const struct job *j = child->job;
	struct asker asker;
	asker_get(&in, &asker);
	if (j == NULL || m->type != courier_answer_to(j->type) ||
	    !asker_eq(&asker, &j->errand.asker))
		return false;
	note(c, j, was_answered(m->type, in));
	courier_send_answer(c, j, m->in.rest);
	courier_job_free(child->job);
	child->job = NULL;
	child->free_since = clock_mono_ms(c->clock);
	return true;
}

static void
hear_child(struct courier *c, struct child *child)
{
	struct message m;
	struct err e = ERR_INIT;
	enum channel_status s = channel_receive(&child->channel, &m, &e);
	if (s == CHANNEL_AGAIN)
		return;
	if (s == CHANNEL_OK && take_answer(c, child, &m))
		return;
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
				courier_answer(
				    c, child->job, "the process for it died");
			}
			courier_job_free(child->job);
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
			courier_answer(c, child->job, "it took too long");
			courier_job_free(child->job);
			child->job = NULL;
			kill(child->pid, SIGKILL);
			channel_clear(&child->channel);
		} else if (child->job == NULL &&
			   now - child->free_since > COURIER_IDLE_MS) {
			channel_clear(&child->channel);
		}
	}
	struct list_node *next;
	for (struct list_node *node = c->waiting.head.next;
	     node != &c->waiting.head; node = next) {
		struct job *j = LIST_ITEM(node, struct job, node);
		next = node->next;
		/* a question must be answered in its time, begun or not */
		bool asks = j->type == MESSAGE_INQUIRE;
		if (now <= j->deadline - (asks ? COURIER_GRACE_MS : 0))
			continue;
		courier_answer(c, j, "too many others wait");
		list_remove(&j->node);
		c->n_waiting--;
		courier_job_free(j);
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
	sandbox_wall_programs(SANDBOX_COURIER, "courier", init->gains_rights);
	/* no new rights would take qmail-queue the user it runs as */
	if (c == NULL || (init->has_user && geteuid() == 0 &&
			     !sandbox_become(init->uid, init->gid, &e))) {
		log_error(&e);
		free(c);
		return err_exit_status(ERR_TEMPORARY);
	}
	/* behind the change of user, which would undo it: one that is stuck
	   does not see that its keeper is gone */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
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
		courier_job_free(c->children[i].job);
		channel_clear(&c->children[i].channel);
	}
	free(c);
	return 0;
}
