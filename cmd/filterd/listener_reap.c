/* Parts that end, hang, or are to end: started anew, killed, stopped. */
#include "cmd/filterd/listener_int.h"

#include "cmd/filterd/log.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

enum {
	MS_PER_S = 1000,
	LOOK_MS = 10,
	LEAVE_MS = 2000,       /* behind all that a stop may take */
	WORKER_PATIENCE_S = 30 /* its end is that of its sessions */
};

/* Can the others go on without it for a while? */
static bool
is_spared(const struct listener *l, size_t i)
{
	if (i < SERVANTS)
		return listener_servants[i].spared;
	for (size_t other = SERVANTS; other < PARTS_MAX; other++) {
		if (other != i && l->parts[other].pid != 0)
			return true;
	}
	return false;
}

static void
tell_how_it_ended(
    const struct listener *l, const struct part_process *p, int status)
{
	char name[PARTS_NAME_SIZE];
	if (WIFSIGNALED(status))
		log_own("%s ended by signal %d, starting it anew",
		    parts_name(l, p, name), WTERMSIG(status));
	else
		log_own("%s ended with status %d, starting it anew",
		    parts_name(l, p, name), WEXITSTATUS(status));
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
	return ++p->restarts <= FILTERD_RESTARTS;
}

static void
restart(struct listener *l, size_t i)
{
	struct err e = ERR_INIT;
	char name[PARTS_NAME_SIZE];
	struct part_process *p = &l->parts[i];
	bool spared = is_spared(l, i);
	if (!may_restart(l, p)) {
		log_own("%s ended %u times within %d seconds, %s",
		    parts_name(l, p, name), p->restarts, FILTERD_RESTART_S,
		    spared ? "going on without it for a while" : "giving up");
		l->failed = l->failed || !spared;
		return;
	}
	if (!parts_start_one(l, i, &e)) {
		log_error(&e);
		l->failed = l->failed || !spared;
		if (l->failed)
			return;
	}
	parts_publish_to(l, i);
}

/* Its sessions are lost with it, those of the others are not. */
static void
lose_sessions(struct listener *l, unsigned worker)
{
	listener_take_ended_of(l, worker); /* what it said last */
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
	/* what it said last */
	parts_hear(l, p);
	if (i >= SERVANTS)
		log_batch_write_left(&l->workers[i - SERVANTS].board->lines);
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
		int patience_s = i < SERVANTS ? listener_servants[i].patience_s
					      : WORKER_PATIENCE_S;
		int wait = part_watch(
		    p, l->clock, (int64_t)patience_s * MS_PER_S, &stuck);
		if (stuck)
			parts_lose(l, p, "it does not answer any more");
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
	return listener_count_retired(l) == 0;
}

/*
 * One that is root still, just started, cannot be killed by who gave root up.
 * It ends by itself once its channels have, to which the workers have the
 * other ends; false when it did not for long.
 */
static bool
has_ended(const struct listener *l, pid_t pid, bool killed)
{
	int64_t until = clock_mono_ms(l->clock) + LEAVE_MS;
	while (waitpid(pid, NULL, killed ? 0 : WNOHANG) == 0) {
		if (clock_mono_ms(l->clock) > until)
			return false;
		(void)poll(NULL, 0, LOOK_MS);
	}
	return true;
}

void
parts_kill(struct listener *l)
{
	bool killed[PARTS_MAX];
	for (size_t i = 0; i < PARTS_MAX; i++) {
		struct part_process *p = &l->parts[i];
		killed[i] = p->pid > 0 && kill(p->pid, SIGKILL) == 0;
		channel_clear(&p->channel);
	}
	for (size_t i = 0; i < PARTS_MAX; i++) {
		char name[PARTS_NAME_SIZE];
		struct part_process *p = &l->parts[i];
		if (p->pid > 0 && !has_ended(l, p->pid, killed[i]))
			log_own("%s does not end and is left behind, as "
				"process %ld",
			    parts_name(l, p, name), (long)p->pid);
		p->pid = 0;
	}
}
