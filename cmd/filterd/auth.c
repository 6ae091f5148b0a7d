/*
 * The part that has logins judged. It waits for nothing itself: each question
 * gets a process that may wait, fail or be killed at the end of its time, and
 * that is gone with what it knew when it has answered.
 */
#include "cmd/filterd/auth_int.h"
#include "cmd/filterd/log.h"
#include "cmd/filterd/sandbox.h"
#include "core/filter/limit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	OWN_FDS = 1 + FILTERD_WORKERS_MAX /* channels, before the judges' */
};

/* A process that judges. */
struct judge {
	pid_t pid; /* 0: none */
	int fd;    /* its answer, one byte */
	struct asker asker;
	int64_t deadline;
};

struct auth {
	const struct clock *clock;
	const struct part_init *init;
	struct channel *listener;
	struct workers workers;
	struct filter_policy *policy;
	struct judge judges[FILTERD_JUDGES];
	unsigned n_judges;
	bool stopping;
};

static void
answer(struct auth *a, const struct asker *asker, enum login_answer answered)
{
	struct buf body = BUF_INIT(64);
	wire_put_u32(&body, asker->slot);
	wire_put_u32(&body, asker->serial);
	wire_put_u32(&body, answered);
	workers_tell(
	    &a->workers, asker->worker, MESSAGE_LOGGED_IN, buf_str(&body), -1);
	buf_clear(&body);
}

/* In the child. */
static void
judge_and_end(struct auth *a, struct auth_question *q, int fd)
{
	struct auth_place place = { a->policy, a->init };
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	close(a->listener->fd);
	workers_close(&a->workers); /* the question is in their memory */
	char said = (char)auth_judge(&place, q);
	_exit(write(fd, &said, 1) == 1 ? 0 : 111);
}

static bool
start_judge(struct auth *a, struct auth_question *q)
{
	int pipes[2];
	struct judge *j = a->judges;
	while (j->pid != 0)
		j++;
	if (pipe2(pipes, O_CLOEXEC) != 0)
		return false;
	pid_t pid = fork();
	if (pid == 0)
		judge_and_end(a, q, pipes[1]);
	close(pipes[1]);
	if (pid < 0) {
		close(pipes[0]);
		return false;
	}
	*j = (struct judge){ pid, pipes[0], q->asker,
		clock_mono_ms(a->clock) +
		    filter_policy_limit(a->policy, FILTER_LIMIT_LOGIN) * 1000 };
	a->n_judges++;
	return true;
}

static void
drop_judge(struct auth *a, struct judge *j)
{
	close(j->fd);
	kill(j->pid, SIGKILL);
	while (waitpid(j->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*j = (struct judge){ .fd = -1 };
	a->n_judges--;
}

/* It has answered, or ended without, or is out of time. */
static void
end_judge(struct auth *a, struct judge *j)
{
	char said = LOGIN_LATER;
	bool in_time = clock_mono_ms(a->clock) <= j->deadline;
	if (!in_time)
		log_own("auth: nobody answered about a login in time");
	if (!in_time || read(j->fd, &said, 1) != 1 || said < LOGIN_OK ||
	    said > LOGIN_LATER)
		said = LOGIN_LATER;
	answer(a, &j->asker, (enum login_answer)said);
	drop_judge(a, j);
}

static bool
hear_question(void *ctx, uint32_t worker, struct message *m)
{
	struct auth *a = ctx;
	struct auth_question q;
	char *bytes = a->workers.channels[workers_number(worker)].in;
	size_t length = m->in.rest.len;
	bool good = auth_question_get(&m->in, &q);
	q.asker.worker = worker;
	bool judged = good && a->policy != NULL && start_judge(a, &q);
	explicit_bzero(bytes, length); /* there was a password in it */
	if (good && !judged)
		answer(a, &q.asker, LOGIN_LATER);
	return good;
}

/* As many questions as there may be judges. */
static bool
has_room(const void *ctx)
{
	const struct auth *a = ctx;
	return a->n_judges < FILTERD_JUDGES;
}

static const struct workers_ears ears = { hear_question, has_room };

/*
 * PAM needs root to read what it compares with. Without it root is given up
 * for good, at the first policy; one that asks PAM later needs a new start.
 */
static void
settle(struct auth *a)
{
	struct err e = ERR_INIT;
	bool pam = filter_policy_has_login(a->policy, FILTER_LOGIN_PAM);
	if (pam && geteuid() != 0)
		log_own("auth: PAM is asked as user %u, which may not be "
			"enough: start the daemon anew as root",
		    (unsigned)geteuid());
	if (pam || !a->init->has_user || geteuid() != 0)
		return;
	if (!sandbox_become(a->init->uid, a->init->gid, &e)) {
		log_error(&e);
		filter_policy_free(a->policy);
		a->policy = NULL;
	}
}

static void
take_policy(struct auth *a, struct message *m)
{
	if (part_take_policy(a->listener, m, &a->policy))
		settle(a);
}

static void
hear_listener(struct auth *a)
{
	struct message m;
	struct err e = ERR_INIT;
	for (;;) {
		enum channel_status s = channel_receive(a->listener, &m, &e);
		if (s == CHANNEL_AGAIN)
			return;
		if (s == CHANNEL_BAD)
			log_error(&e);
		if (s != CHANNEL_OK || m.type == MESSAGE_DRAIN) {
			a->stopping = true;
			channel_clear(a->listener);
			return;
		}
		if (m.type == MESSAGE_POLICY)
			take_policy(a, &m);
		else if (m.type == MESSAGE_PEER)
			(void)workers_take(&a->workers, &m);
	}
}

/* Until the first judge is out of time, or without end. */
static int
wait_ms(const struct auth *a)
{
	int64_t first = -1, now = clock_mono_ms(a->clock);
	for (size_t i = 0; i < FILTERD_JUDGES; i++) {
		const struct judge *j = &a->judges[i];
		int64_t left = j->deadline > now ? j->deadline - now : 0;
		if (j->pid != 0 && (first < 0 || left < first))
			first = left;
	}
	return first < 0 ? -1 : (int)first + 1;
}

static void
turn(struct auth *a)
{
	struct pollfd p[OWN_FDS + FILTERD_JUDGES] = {
		{ .fd = a->listener->fd, .events = POLLIN },
	};
	workers_watch(&a->workers, p + 1);
	for (size_t i = 0; i < FILTERD_WORKERS_MAX && !has_room(a); i++)
		p[1 + i].fd = -1;
	for (size_t i = 0; i < FILTERD_JUDGES; i++) {
		const struct judge *j = &a->judges[i];
		p[OWN_FDS + i] =
		    (struct pollfd){ .fd = j->pid != 0 ? j->fd : -1,
			    .events = POLLIN };
	}
	if (poll(p, ARRAY_LEN(p), wait_ms(a)) < 0)
		return;
	int64_t now = clock_mono_ms(a->clock);
	for (size_t i = 0; i < FILTERD_JUDGES; i++) {
		struct judge *j = &a->judges[i];
		if (j->pid != 0 &&
		    (p[OWN_FDS + i].revents != 0 || now > j->deadline))
			end_judge(a, j);
	}
	workers_hear(&a->workers, p + 1, &ears, a);
	if (p[0].revents != 0)
		hear_listener(a);
}

/*
 * Whoever asks PAM stays root. The listener, which has given root up, ends a
 * part that hangs all the same: a signal is allowed by our saved user too. To
 * PAM we are root, and so is each program that it starts.
 */
static void
let_listener_end_us(const struct part_init *init)
{
	if (init->has_user && geteuid() == 0)
		(void)!setresuid((uid_t)-1, (uid_t)-1, init->uid);
}

int
auth_run(struct channel *listener, const struct part_init *init)
{
	struct auth a = {
		.clock = &clock_system, .init = init, .listener = listener
	};
	workers_init(&a.workers, PART_AUTH);
	let_listener_end_us(init);
	sandbox_wall_programs(SANDBOX_AUTH, "auth", init->gains_rights);
	while (!(a.stopping && workers_are_gone(&a.workers)))
		turn(&a);
	for (size_t i = 0; i < FILTERD_JUDGES; i++) {
		if (a.judges[i].pid != 0) /* nobody waits for it */
			drop_judge(&a, &a.judges[i]);
	}
	filter_policy_free(a.policy);
	workers_clear(&a.workers);
	return 0;
}
