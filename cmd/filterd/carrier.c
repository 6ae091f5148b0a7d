/*
 * A child of the courier: one message at a time, blocking. It keeps its
 * connection to a server for the next message.
 */
#include "cmd/filterd/courier.h"
#include "cmd/filterd/job.h"
#include "cmd/filterd/limits.h"
#include "cmd/filterd/log.h"
#include "cmd/filterd/sandbox.h"
#include "core/queue/qmail.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MEMORY_MAX = 8 << 20
};

static const char qmail_dir[] = "/var/qmail";

/* The server this one is connected to, with texts of its own. */
struct link {
	struct queue_forward_spec spec;
	char host[COURIER_TEXT_MAX];
	char helo[COURIER_TEXT_MAX];
	struct queue_forward *forward;
};

struct carrier {
	struct channel courier;
	struct arena *arena;
	struct link link;
	bool walled;
};

static bool
read_message(struct carrier *c, const struct carry *carry, int fd,
    struct queue_message *m)
{
	struct str envelope;
	*m = (struct queue_message){ .body_fd = fd };
	if (carry->body_at > INT64_MAX ||
	    carry->body_length > INT64_MAX - carry->body_at ||
	    !job_read_part(c->arena, fd, carry->envelope_at,
		carry->envelope_length, FILTERD_JOB_META_MAX, &envelope) ||
	    !job_read_part(c->arena, fd, carry->head_at, carry->head_length,
		JOB_HEAD_MAX, &m->head))
		return false;
	m->body_offset = (off_t)carry->body_at;
	m->body_length = (off_t)carry->body_length;
	struct wire w = { envelope, false };
	return job_read_envelope(c->arena, &w, m) && wire_end(&w);
}

/* QMAILQUEUE, else the line's, else qmail's own (FL-155). */
static const char *
qmail_program(struct carrier *c, const struct carry *carry)
{
	const char *by_env = getenv("QMAILQUEUE");
	const char *qmail = getenv("QMAIL");
	if (by_env != NULL && by_env[0] != '\0')
		return by_env;
	if (carry->errand.place.len > 0)
		return arena_cstr(c->arena, carry->errand.place);
	return arena_printf(
	    c->arena, "%s/bin/qmail-queue", qmail != NULL ? qmail : qmail_dir);
}

static void
run_qmail(struct carrier *c, const struct carry *carry,
    const struct queue_message *m, struct queue_result *r)
{
	struct queue_qmail q = {
		.program = qmail_program(c, carry),
		.limit_ms = (int64_t)carry->errand.limit_s * 1000,
		.clock = &clock_system,
	};
	if (q.program != NULL)
		queue_qmail_run(&q, m, r);
}

static bool
is_linked_to(const struct link *l, const struct carry *c)
{
	return l->forward != NULL && str_is(c->errand.place, l->host) &&
	       str_is(c->errand.our_name, l->helo) &&
	       l->spec.port == c->errand.port &&
	       l->spec.lmtp == (c->errand.kind == FILTER_QUEUE_LMTP) &&
	       l->spec.xclient == c->xclient;
}

/*
 * What a server says is read here: from the first message on no program can
 * be run and nothing of the kernel's back rooms is open.
 */
static void
wall_up(struct carrier *c)
{
	if (c->walled)
		return;
	c->walled = true;
	/* files stay readable: the name lookup and TLS want them */
	sandbox_wall(SANDBOX_CARRIER, "carrier");
}

/* The answer for each recipient; NULL: one for all. */
static struct queue_answer *
run_forward(struct carrier *c, const struct carry *carry,
    const struct queue_message *m, struct queue_result *r)
{
	struct queue_answer *answers =
	    ARENA_ARRAY(c->arena, m->n_rcpts, struct queue_answer);
	struct link *l = &c->link;
	wall_up(c);
	if (!is_linked_to(l, carry)) {
		queue_forward_free(l->forward);
		str_copy(l->host, sizeof(l->host), carry->errand.place);
		str_copy(l->helo, sizeof(l->helo), carry->errand.our_name);
		l->spec = (struct queue_forward_spec){
			.host = l->host,
			.port = (uint16_t)carry->errand.port,
			.helo = l->helo,
			.lmtp = carry->errand.kind == FILTER_QUEUE_LMTP,
			.xclient = carry->xclient,
		};
		l->forward = queue_forward_new(&l->spec, &clock_system);
	}
	l->spec.limit_ms = (int64_t)carry->errand.limit_s * 1000;
	if (l->forward == NULL || answers == NULL)
		return NULL;
	static const struct queue_apart together;
	bool each = m->n_rcpts <= COURIER_ANSWERS_MAX;
	queue_forward_send(l->forward, m, &carry->client,
	    each ? &carry->apart : &together, answers, r);
	return each ? answers : NULL;
}

/* False: the courier is gone. */
static bool
reply(struct carrier *c, enum message_type type, struct buf *body)
{
	bool ok = channel_send(&c->courier, type, buf_str(body), -1,
		      FILTERD_SEND_MS) == CHANNEL_OK;
	buf_clear(body);
	return ok;
}

static bool
carry_out(struct carrier *c, struct message *msg)
{
	struct queue_result r = { .outcome = QUEUE_DECLINED };
	struct queue_answer *answers = NULL;
	struct queue_message m = { .n_rcpts = 0 };
	struct carry carry;
	struct buf body;
	err_set(&r.err, ERR_TEMPORARY, "the message cannot be handed on");
	arena_reset(c->arena);
	if (carry_get(&msg->in, &carry) &&
	    read_message(c, &carry, msg->fd, &m)) {
		if (carry.errand.kind == FILTER_QUEUE_QMAIL)
			run_qmail(c, &carry, &m, &r);
		else
			answers = run_forward(c, &carry, &m, &r);
	}
	close(msg->fd);
	buf_init(&body, FILTERD_CARRIED_MAX);
	carried_put(&body, &carry.errand, &r, answers, m.n_rcpts);
	return reply(c, MESSAGE_CARRIED, &body);
}

/* The connection kept for messages stays as it is. */
static bool
inquire(struct carrier *c, struct message *msg)
{
	struct inquiry q;
	struct queue_inquiry answer = { .code = 0 };
	struct buf body = BUF_INIT(2048);
	wall_up(c);
	err_set(&answer.err, ERR_TEMPORARY, "the question is not understood");
	if (inquiry_get(&msg->in, &q)) {
		char host[COURIER_TEXT_MAX], helo[COURIER_TEXT_MAX];
		struct queue_forward_spec spec = { .host = host,
			.port = (uint16_t)q.errand.port,
			.helo = helo,
			.limit_ms = (int64_t)q.errand.limit_s * 1000 };
		str_copy(host, sizeof(host), q.errand.place);
		str_copy(helo, sizeof(helo), q.errand.our_name);
		queue_forward_inquire(
		    &spec, &clock_system, &q.sender, &q.rcpt, &answer);
	}
	struct inquired done = { .asker = q.errand.asker,
		.code = answer.code,
		.text =
		    str_of(answer.code != 0 ? answer.text : answer.err.text) };
	inquired_put(&body, &done);
	return reply(c, MESSAGE_INQUIRED, &body);
}

static void
do_nothing(int number)
{
	(void)number;
}

/* A handler, unlike ignoring, is not inherited by a program that is run. */
static void
set_signals(void)
{
	static const int to_ignore[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
	struct sigaction nothing = { .sa_handler = do_nothing };
	sigset_t child;
	for (size_t i = 0; i < ARRAY_LEN(to_ignore); i++)
		sigaction(to_ignore[i], &nothing, NULL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
}

void
carrier_run(int fd)
{
	struct carrier c = { .arena = arena_new(MEMORY_MAX, NULL, NULL) };
	struct err e = ERR_INIT;
	umask(077);
	set_signals();
	if (c.arena == NULL ||
	    !channel_init(&c.courier, fd, PART_CARRIER, PART_COURIER, &e))
		_exit(111);
	c.courier.phase = CHANNEL_RUN;
	for (;;) {
		struct message m;
		struct pollfd p = { .fd = c.courier.fd, .events = POLLIN };
		bool linked = c.link.forward != NULL;
		int n = poll(&p, 1, linked ? QUEUE_FORWARD_IDLE_MS : -1);
		if (n == 0)
			queue_forward_hang_up(c.link.forward);
		if (n <= 0)
			continue;
		enum channel_status s = channel_receive(&c.courier, &m, &e);
		if (s == CHANNEL_AGAIN)
			continue;
		if (s != CHANNEL_OK ||
		    !(m.type == MESSAGE_CARRY ? carry_out(&c, &m)
					      : inquire(&c, &m)))
			break;
	}
	queue_forward_free(c.link.forward);
	_exit(0);
}
