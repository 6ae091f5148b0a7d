/*
 * Messages that go on to qmail-queue or another server: the courier does it,
 * started by the keeper before it walls itself in. Without a courier the
 * keeper ends, and the listener starts both anew.
 */
#include "cmd/filterd/courier.h"
#include "cmd/filterd/job.h"
#include "cmd/filterd/keeper_int.h"
#include "cmd/filterd/log.h"
#include "core/filter/limit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	MS_PER_S = 1000
};

bool
keeper_start_courier(
    struct keeper *k, const struct part_init *init, struct err *e)
{
	int exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (exe < 0)
		return err_set_errno(e, errno, "cannot start the courier");
	bool ok = part_start(&k->courier, PART_KEEPER, exe, init, e);
	close(exe);
	return ok;
}

/* Behind what is there; *at and *length tell where it is. */
static bool
append_part(
    int fd, struct str bytes, uint64_t *at, uint64_t *length, uint64_t *end)
{
	*at = *end;
	*length = bytes.len;
	return job_append(fd, bytes, end);
}

int
keeper_parts_file(const struct job_parts *p, uint64_t at[6], struct err *e)
{
	uint64_t end = 0;
	int fd = memfd_create("job", MFD_CLOEXEC);
	if (fd >= 0 && append_part(fd, p->envelope, &at[0], &at[1], &end) &&
	    append_part(fd, p->message->head, &at[2], &at[3], &end) &&
	    append_part(fd, p->message->body, &at[4], &at[5], &end))
		return fd;
	err_set_errno(e, errno, "cannot hand the message on");
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Seconds; without the file a program has more of them than a server. */
static uint32_t
seconds_of(const struct keeper *k, const struct filter_queue *q)
{
	int64_t n = filter_policy_limit(k->policy, FILTER_LIMIT_QUEUE);
	if (n != FILTER_LIMIT_NOT_SET)
		return (uint32_t)n;
	return q->kind == FILTER_QUEUE_QMAIL ? COURIER_LIMIT_QMAIL
					     : COURIER_LIMIT_FORWARD;
}

static uint32_t
number_of(const struct keeper *k, enum filter_limit limit)
{
	return (uint32_t)filter_policy_limit(k->policy, limit);
}

struct str
keeper_our_name(const struct keeper *k)
{
	struct str me = filter_policy_setting(k->policy, "me");
	return me.len > 0 ? me : str_of(k->host);
}

struct errand
keeper_errand(const struct keeper *k, const struct asker *asker)
{
	return (struct errand){
		.asker = *asker,
		.failures = number_of(k, FILTER_LIMIT_FAILURES),
		.pause_s = number_of(k, FILTER_LIMIT_PAUSE),
		.connections = number_of(k, FILTER_LIMIT_CONNECTIONS),
		.our_name = keeper_our_name(k),
	};
}

bool
keeper_carry(struct keeper *k, const struct filter_queue *q,
    const struct asker *asker, const struct queue_client *client,
    const struct job_parts *parts, struct err *e)
{
	struct carry c = {
		.errand = keeper_errand(k, asker),
		.xclient = q->xclient,
		.apart = parts->apart,
		.client = *client,
	};
	c.errand.share = parts->share;
	c.errand.kind = q->kind;
	c.errand.limit_s = seconds_of(k, q);
	c.errand.place = str_of(q->place);
	c.errand.port = q->port;
	uint64_t made[6];
	const uint64_t *at = parts->at;
	int fd = parts->fd;
	if (fd < 0) {
		fd = keeper_parts_file(parts, made, e);
		at = made;
	}
	if (fd < 0)
		return false;
	c.envelope_at = at[0];
	c.envelope_length = at[1];
	c.head_at = at[2];
	c.head_length = at[3];
	c.body_at = at[4];
	c.body_length = at[5];
	struct buf body;
	buf_init(&body, 4096);
	carry_put(&body, &c);
	bool ok = !body.failed &&
		  channel_send(&k->courier.channel, MESSAGE_CARRY,
		      buf_str(&body), fd, FILTERD_SEND_MS) == CHANNEL_OK;
	buf_clear(&body);
	if (fd != parts->fd)
		close(fd);
	return ok || err_set(e, ERR_TEMPORARY, "the courier takes no messages");
}

int
keeper_watch_courier(struct keeper *k)
{
	bool stuck;
	int wait = part_watch(&k->courier, k->clock,
	    (int64_t)FILTERD_COURIER_S * MS_PER_S, &stuck);
	if (stuck) {
		log_own("keeper: the courier does not answer any more");
		/* its end is seen as any other */
		kill(k->courier.pid, SIGKILL);
	}
	return wait;
}

/* What became of a message; false: it makes no sense. */
static bool
hear_carried(struct keeper *k, struct wire *in)
{
	struct carried c;
	if (!carried_get(in, &c))
		return false;
	if (!keeper_split_go_on(k, &c)) {
		keeper_answer(k, &c.asker, c.outcome, c.text, c.why);
		keeper_commit(k);
	}
	return true;
}

bool
keeper_hear_courier(struct keeper *k)
{
	struct message m;
	struct err e = ERR_INIT;
	for (;;) {
		enum channel_status s =
		    channel_receive(&k->courier.channel, &m, &e);
		if (s == CHANNEL_AGAIN)
			return true;
		if (s == CHANNEL_BAD)
			log_error(&e);
		if (s != CHANNEL_OK)
			return false;
		if (!(m.type == MESSAGE_CARRIED
			    ? hear_carried(k, &m.in)
			    : keeper_hear_inquired(k, &m.in)))
			return false;
	}
}
