/*
 * Fuzzes the messages between the daemon's processes: four bytes choose who
 * sends to whom, when, whether with a descriptor and how the length is told,
 * then come the type and the content. What the table lets through is given to
 * those who would get it: the worker, the keeper, the part for logins, the
 * listener, the master. Exercises cmd/filterd/channel.c, wire.c,
 * courier_wire.c, job.c and what hears messages in worker_*.c, keeper_*.c,
 * auth_judge.c, state.c, listener_parts.c, master.c.
 */
#include "cmd/filterd/auth_int.h"
#include "cmd/filterd/courier.h"
#include "cmd/filterd/keeper_int.h"
#include "cmd/filterd/listener_int.h"
#include "cmd/filterd/log.h"
#include "cmd/filterd/log_int.h"
#include "cmd/filterd/master_int.h"
#include "cmd/filterd/state_int.h"
#include "cmd/filterd/worker_int.h"
#include "core/filter/bundle_int.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	CHOICES = 5, /* bytes in front of the content */
	SLOTS = 4,
	MEMORY = 8 << 20
};

/* In place of the real ones: nobody reads a log here. */
void
log_line(uint32_t number, const char *hook, const char *plugin, struct str text)
{
	(void)number;
	(void)hook;
	(void)plugin;
	(void)text;
}

void
log_own(const char *fmt, ...)
{
	(void)fmt;
}

void
log_error(const struct err *e)
{
	(void)e;
}

struct str
log_format(char *line, uint32_t number, const char *hook, const char *plugin,
    struct str text)
{
	log_line(number, hook, plugin, text);
	return str_n(line, 0);
}

bool
log_tell_lost(uint64_t n)
{
	(void)n;
	return true;
}

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static const enum part parts[] = { PART_LISTENER, PART_WORKER, PART_KEEPER,
	PART_RESOLVER, PART_COURIER, PART_CARRIER, PART_AUTH, PART_STATE };
static const enum channel_phase phases[] = { CHANNEL_START, CHANNEL_RUN,
	CHANNEL_DRAIN };

/*
 * The types as samples name them: a type that comes or goes leaves the others
 * what they are. Other bytes stand for themselves.
 */
static const uint8_t types[] = {
	[1] = MESSAGE_INIT,
	[2] = MESSAGE_POLICY,
	[3] = MESSAGE_PEER,
	[4] = MESSAGE_RENEW,
	[5] = MESSAGE_SESSION,
	[6] = MESSAGE_DRAIN,
	[7] = MESSAGE_BOARD,
	[8] = MESSAGE_READY,
	[9] = MESSAGE_BAD_POLICY,
	[11] = MESSAGE_JOIN,
	[12] = MESSAGE_SPOOL,
	[13] = MESSAGE_SPOOLED,
	[14] = MESSAGE_NO_SPOOL,
	[15] = MESSAGE_JOB,
	[16] = MESSAGE_JOB_FILE,
	[17] = MESSAGE_RESULT,
	[18] = MESSAGE_ASK,
	[19] = MESSAGE_ANSWER,
	[20] = MESSAGE_CARRY,
	[21] = MESSAGE_CARRIED,
	[22] = MESSAGE_LOGIN,
	[23] = MESSAGE_LOGGED_IN,
	[24] = MESSAGE_RCPT,
	[25] = MESSAGE_INQUIRE,
	[26] = MESSAGE_INQUIRED,
	[27] = MESSAGE_PLACE,
	[28] = MESSAGE_PLACED,
	[29] = MESSAGE_STATE_ASK,
	[30] = MESSAGE_STATE_TOLD,
	[31] = MESSAGE_PING,
	[32] = MESSAGE_PONG,
	[33] = MESSAGE_TICKETS,
	[34] = MESSAGE_WAITING,
	[35] = MESSAGE_RETIRE,
	[36] = MESSAGE_STANDING,
	[37] = MESSAGE_LEFT_LISTEN,
	[38] = MESSAGE_LEFT_WORKER,
	[39] = MESSAGE_ANEW,
	[40] = MESSAGE_STAY,
	[41] = MESSAGE_LEFT_BOARD,
	[42] = MESSAGE_LEFT_SESSIONS,
};

/* A byte for each of those above, whatever comes to be; a sign for the master.
 */
static enum part
part_of(uint8_t byte)
{
	return byte == 'M' ? PART_MASTER : parts[byte % ARRAY_LEN(parts)];
}

static uint32_t
type_of(uint8_t byte)
{
	return byte < ARRAY_LEN(types) && types[byte] != 0 ? types[byte] : byte;
}

/* What a sender that obeys nothing puts on the channel. */
static void
send_raw(int fd, const uint8_t *data, size_t size)
{
	uint32_t head[2] = { type_of(data[4]), (uint32_t)(size - CHOICES) };
	struct iovec iov[2] = { { head, sizeof(head) },
		{ (void *)(uintptr_t)(data + CHOICES), size - CHOICES } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} control = { .bytes = { 0 } };
	int fds[2] = { -1, -1 };
	size_t n = data[3] % 4 == 3 ? 2 : data[3] % 4 == 2 ? 1 : 0;
	if (data[3] >= 128)
		head[1]++; /* a lie */
	if (n > 0) {
		struct cmsghdr *h = &control.head;
		for (size_t i = 0; i < n; i++) {
			fds[i] = memfd_create("fuzz", MFD_CLOEXEC);
			require(write(fds[i], data, size) == (ssize_t)size);
		}
		msg.msg_control = control.bytes;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(h), fds, n * sizeof(int));
	}
	require(sendmsg(fd, &msg, MSG_NOSIGNAL) >= 0);
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
}

/* A keeper whose policy hands all mail on; nobody carries it. */
static struct filter_policy *
policy_new(void)
{
	struct filter_policy *p = NULL;
	struct buf bundle = BUF_INIT(4096);
	struct err e = ERR_INIT;
	struct bundle_record records[] = {
		{ STR("plugins"),
		    STR("rcpt_ok\nqueue/smtp-forward 192.0.2.1\n") },
		{ STR("me"), STR("mx.example\n") },
		{ STR("smtproutes"), STR("fwd.example:192.0.2.1:26\n") },
	};
	for (size_t i = 0; i < ARRAY_LEN(records); i++)
		require(bundle_add(&bundle, &records[i]));
	require(filter_policy_new(buf_str(&bundle), &p, &e));
	buf_clear(&bundle);
	return p;
}

static struct keeper *
keeper(void)
{
	static struct keeper k;
	if (k.policy == NULL) {
		k = (struct keeper){ .clock = &clock_system,
			.host = "mx.example",
			.courier = { .channel = { .fd = -1 } },
			.policy = policy_new(),
			.targets = VEC_INIT(struct target),
			.arena = arena_new(MEMORY, NULL, NULL) };
		workers_init(&k.workers, PART_KEEPER);
		for (size_t i = 0; i < FILTERD_WORKERS_MAX; i++)
			buf_init(&k.answers[i], FILTERD_RESULTS_MAX);
		list_init(&k.splits);
	}
	return &k;
}

static struct worker *
worker(void)
{
	static struct worker w;
	static struct conn *slots[SLOTS];
	static struct board board;
	struct err e = ERR_INIT;
	if (w.clock == NULL) {
		w = (struct worker){ .clock = &clock_system,
			.slots = slots,
			.n_slots = SLOTS,
			.board = &board,
			.resolver = { .fd = -1 },
			.auth = { .fd = -1 },
			.state = { .channel = { .fd = -1 } } };
		worker_state_init(&w);
		require(worker_facts_init(&w, &e));
	}
	w.keeper.fd = 0; /* as long as it is there results are read */
	return &w;
}

static void
hear_as_listener(struct channel *c)
{
	struct listener l = { .clock = &clock_system };
	struct part_process *p =
	    &l.parts[c->peer == PART_WORKER ? SERVANTS : LISTENER_KEEPER];
	*p = (struct part_process){ .part = c->peer, .channel = *c };
	require(slots_init(&l.slots, SLOTS));
	slots_take(&l.slots, "192.0.2.1", 0);
	parts_hear(&l, p);
	*c = p->channel;
	slots_clear(&l.slots);
}

/* It has no listener that could be killed, and nobody is told. */
static void
hear_as_master(struct channel *c)
{
	struct master m = {
		.channel = *c, .left = HANDOVER_INIT, .worker_fd = -1
	};
	master_hear(&m);
	if (m.worker_fd >= 0)
		close(m.worker_fd);
	require(!m.anew || m.left.happened);
	handover_close(&m.left);
	*c = m.channel;
}

static void
to_worker_of_keeper(struct message *m)
{
	(void)!worker_hear_keeper(worker(), m);
}

static void
to_worker_of_resolver(struct message *m)
{
	(void)!worker_hear_resolver(worker(), m);
}

static void
to_worker_of_auth(struct message *m)
{
	(void)!worker_hear_auth(worker(), m);
}

static void
to_worker_of_state(struct message *m)
{
	(void)!worker_hear_state(worker(), m);
}

/* It has no file: what is read out of the message is what counts. */
static void
to_state(struct message *m)
{
	static struct state_part p = { .clock = &clock_system };
	p.n_batch = 0;
	if (state_take_question(&p, 0, m))
		require(p.n_batch == 1 && p.batch[0].place == NULL);
}

static void
job_to_keeper(struct message *m)
{
	keeper_take_job(keeper(), 0, m);
	buf_reset(&keeper()->answers[0]);
}

static void
spool_to_keeper(struct message *m)
{
	keeper_give_spool(keeper(), 0, m);
}

static void
rcpt_to_keeper(struct message *m)
{
	keeper_take_rcpt(keeper(), 0, m);
}

/* Outcomes that are told are those of whoever counts them. */
static void
carried_to_keeper(struct message *m)
{
	struct carried c;
	size_t n[QUEUE_REFUSED + 1] = { 0 };
	if (!carried_get(&m->in, &c))
		return;
	struct carried again = c;
	for (size_t i = 0; i < c.each.len; i++)
		n[carried_next(&again, i, c.each.len).outcome]++;
	require(c.each.len == 0 ||
		(n[QUEUE_DECLINED] > 0) == (c.outcome == QUEUE_DECLINED));
	require(n[QUEUE_REFUSED] == 0 || c.outcome != QUEUE_TAKEN);
	require(!keeper_split_go_on(keeper(), &c)); /* nobody waits for it */
}

static void
to_courier_to_ask(struct message *m)
{
	struct inquiry q;
	if (inquiry_get(&m->in, &q))
		require(q.rcpt.local.len <= FILTERD_PACKET_MAX);
}

/* Passed on as it is, so whoever gets it looks at the same. */
static void
to_keeper_and_worker(struct message *m)
{
	struct wire same = m->in;
	struct inquired i;
	bool good = inquired_get(&same, &i);
	same = m->in;
	require(keeper_hear_inquired(keeper(), &same) == good);
	require(worker_hear_keeper(worker(), m) == good);
}

static void
to_auth(struct message *m)
{
	struct auth_question q;
	if (auth_question_get(&m->in, &q))
		require(q.login.ip == q.ip);
}

static void
to_courier(struct message *m)
{
	struct carry carry;
	if (carry_get(&m->in, &carry))
		require(carry.errand.place.len <= FILTERD_PACKET_MAX);
	close(m->fd);
}

/* To whom it is for; the descriptor is theirs. */
static void
deliver(struct message *m)
{
	static void (*const to[MESSAGE_TYPES])(struct message *) = {
		[MESSAGE_SPOOLED] = to_worker_of_keeper,
		[MESSAGE_NO_SPOOL] = to_worker_of_keeper,
		[MESSAGE_RESULT] = to_worker_of_keeper,
		[MESSAGE_ANSWER] = to_worker_of_resolver,
		[MESSAGE_PLACED] = to_worker_of_resolver,
		[MESSAGE_LOGGED_IN] = to_worker_of_auth,
		[MESSAGE_JOB] = job_to_keeper,
		[MESSAGE_JOB_FILE] = job_to_keeper,
		[MESSAGE_SPOOL] = spool_to_keeper,
		[MESSAGE_LOGIN] = to_auth,
		[MESSAGE_STATE_ASK] = to_state,
		[MESSAGE_STATE_TOLD] = to_worker_of_state,
		[MESSAGE_CARRY] = to_courier,
		[MESSAGE_CARRIED] = carried_to_keeper,
		[MESSAGE_RCPT] = rcpt_to_keeper,
		[MESSAGE_INQUIRE] = to_courier_to_ask,
		[MESSAGE_INQUIRED] = to_keeper_and_worker,
	};
	if (to[m->type] != NULL)
		to[m->type](m);
	else if (m->fd >= 0)
		close(m->fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int pair[2];
	struct channel c;
	struct message m;
	struct err e = ERR_INIT;
	if (size < CHOICES || size > FILTERD_PACKET_MAX)
		return 0;
	require(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	enum part from = part_of(data[0]);
	enum part to = part_of(data[1]);
	require(channel_init(&c, pair[1], to, from, &e));
	c.phase = phases[data[2] % ARRAY_LEN(phases)];
	send_raw(pair[0], data, size);
	if (to == PART_MASTER) {
		hear_as_master(&c);
	} else if (to == PART_LISTENER && from != PART_MASTER) {
		hear_as_listener(&c);
	} else {
		enum channel_status s = channel_receive(&c, &m, &e);
		if (s == CHANNEL_OK)
			deliver(&m);
		else if (s == CHANNEL_BAD)
			require(e.text[0] != '\0');
		else
			require(s == CHANNEL_AGAIN); /* it was a ping */
	}
	close(pair[0]);
	channel_clear(&c);
	return 0;
}
