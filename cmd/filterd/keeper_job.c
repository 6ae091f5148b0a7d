/*
 * Jobs of the keeper. Where a message goes it learns from its own copy of the
 * policy, never from the worker, which peers could have got hold of.
 */
#include "cmd/filterd/job.h"
#include "cmd/filterd/keeper_int.h"
#include "cmd/filterd/log.h"
#include "core/smtp/session.h"
#include "core/sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	SPOOL_MODE = 0600
};

/* Whoever logged in has another list (FL-43). */
const struct filter_queue *
keeper_queue_for(
    const struct keeper *k, struct str ip, bool logged_in, struct err *e)
{
	struct filter_session s = { .client_ip = ip };
	const struct filter_queue *q = NULL;
	if (k->policy != NULL && filter_session_start(k->policy, &s)) {
		if (logged_in)
			filter_session_login(k->policy, &s);
		q = filter_policy_queue(k->policy, &s);
	}
	if (q == NULL)
		err_set(e, ERR_TEMPORARY,
		    "the plugin list for '%.*s' has no queue", STR_ARG(ip));
	return q;
}

static void
send_answers(struct keeper *k, unsigned worker)
{
	struct buf *out = &k->answers[worker];
	if (out->len == 0)
		return;
	/* whoever is told to come again may do so at once */
	keeper_shares_settle(&k->shares);
	workers_tell(&k->workers, k->workers.ids[worker], MESSAGE_RESULT,
	    buf_str(out), -1);
	buf_reset(out);
}

void
keeper_answer(struct keeper *k, const struct asker *asker,
    enum queue_outcome outcome, struct str text, struct str why)
{
	static const enum smtp_queued outcomes[] = {
		[QUEUE_TAKEN] = SMTP_QUEUED,
		[QUEUE_DECLINED] = SMTP_QUEUE_DECLINED,
		[QUEUE_REFUSED] = SMTP_QUEUE_REFUSED,
	};
	unsigned worker = workers_number(asker->worker);
	struct buf *out = &k->answers[worker];
	keeper_split_stored(k, asker, outcome);
	if (asker->worker == KEEPER_ITSELF) {
		keeper_split_reported(k, asker->serial, outcome);
		keeper_expired_reported(k, asker->serial, outcome);
		return;
	}
	if (!workers_has(&k->workers, asker->worker))
		return; /* nobody waits any more */
	if (outcome == QUEUE_TAKEN)
		why = asker->reported
			  ? STR("some recipients are refused, which the sender "
				"is told")
			  : (struct str)STR_EMPTY;
	wire_put_u32(out, asker->slot);
	wire_put_u32(out, asker->serial);
	wire_put_u32(out, outcomes[outcome]);
	wire_put_str(out, text);
	wire_put_str(out, why);
	if (out->len > FILTERD_RESULTS_MAX / 2)
		send_answers(k, worker);
}

void
keeper_send_answers(struct keeper *k)
{
	for (unsigned i = 0; i < FILTERD_WORKERS_MAX; i++)
		send_answers(k, i);
}

static void
commit_queue(struct keeper *k, struct queue *q)
{
	struct queue_result results[FILTERD_BATCH];
	queue_commit(q, results);
	for (size_t i = 0; i < k->n_batch; i++) {
		struct pending *p = &k->batch[i];
		if (p->queue != q)
			continue;
		const struct queue_result *r = &results[p->ticket];
		keeper_answer(k, &p->asker, r->outcome, str_of(r->text),
		    str_of(r->err.text));
		p->queue = NULL;
	}
}

void
keeper_commit(struct keeper *k)
{
	do {
		for (size_t i = 0; i < k->n_batch; i++) {
			if (k->batch[i].queue != NULL)
				commit_queue(k, k->batch[i].queue);
		}
		k->n_batch = 0;
		/* a report that is on disk now lets its message go on */
	} while (keeper_splits_resume(k));
}

/* The message of MESSAGE_JOB_FILE. */
static bool
read_job_file(struct keeper *k, struct wire *in, int fd,
    struct queue_message *m, struct job_parts *parts)
{
	uint64_t *n = parts->at;
	struct str envelope;
	parts->fd = fd;
	for (size_t i = 0; i < ARRAY_LEN(parts->at); i++)
		n[i] = wire_get_u64(in);
	if (!wire_end(in) || n[4] > INT64_MAX || n[5] > INT64_MAX - n[4] ||
	    !job_read_part(
		k->arena, fd, n[0], n[1], FILTERD_JOB_META_MAX, &envelope) ||
	    !job_read_part(k->arena, fd, n[2], n[3], JOB_HEAD_MAX, &m->head))
		return false;
	m->body_fd = fd;
	m->body_offset = (off_t)n[4];
	m->body_length = (off_t)n[5];
	struct wire w = { envelope, false };
	return job_read_envelope(k->arena, &w, m) && wire_end(&w);
}

/* The message of MESSAGE_JOB. */
static bool
read_job(struct keeper *k, struct wire *in, struct queue_message *m,
    struct job_parts *parts)
{
	struct str before = in->rest;
	if (!job_read_envelope(k->arena, in, m))
		return false;
	parts->fd = -1;
	parts->envelope = str_sub(before, 0, before.len - in->rest.len);
	size_t head = wire_get_u32(in);
	size_t body = wire_get_u32(in);
	m->head = wire_get_bytes(in, head);
	m->body = wire_get_bytes(in, body);
	return wire_end(in);
}

/* Whose message it is. */
struct client {
	struct queue_client shown; /* to the next server */
	bool logged_in;
};

static void
read_client(struct wire *in, struct client *client)
{
	struct queue_client *c = &client->shown;
	c->ip = wire_get_str(in);
	c->name = wire_get_str(in);
	c->helo = wire_get_str(in);
	c->esmtp = wire_get_u32(in) != 0;
	client->logged_in = wire_get_u32(in) != 0;
}

bool
keeper_send(struct keeper *k, const struct filter_queue *q,
    struct queue_message *m, const struct asker *asker,
    const struct queue_client *client, const struct job_parts *parts,
    struct err *e)
{
	struct filter_deliveries d;
	if (q->kind != FILTER_QUEUE_MAILDIR) {
		/* a program has one answer for all */
		bool one = q->kind == FILTER_QUEUE_QMAIL || m->n_rcpts == 1;
		return one ? keeper_carry(k, q, asker, client, parts, e)
			   : keeper_split(k, q, NULL, asker, client, parts, e);
	}
	if (!keeper_deliveries(k, q, m, &d, e))
		return false;
	if (d.n_away > 0)
		return keeper_split(k, q, &d, asker, client, parts, e);
	return keeper_stage(k, q, m, &d, asker, parts->until_ms, e);
}

/* To where the policy says. */
static bool
dispatch(struct keeper *k, struct queue_message *m, const struct asker *asker,
    const struct client *client, const struct job_parts *parts, struct err *e)
{
	const struct filter_queue *q =
	    keeper_queue_for(k, client->shown.ip, client->logged_in, e);
	return q != NULL &&
	       keeper_send(k, q, m, asker, &client->shown, parts, e);
}

/* It could not be staged: for good when nobody here gets such mail. */
static void
refuse(struct keeper *k, const struct asker *asker, const struct err *e)
{
	bool for_good = e->code == ERR_NO;
	keeper_answer(k, asker, for_good ? QUEUE_REFUSED : QUEUE_DECLINED,
	    for_good ? str_of(e->text) : (struct str)STR_EMPTY,
	    str_of(e->text));
}

void
keeper_take_job(struct keeper *k, uint32_t worker, struct message *msg)
{
	struct err e = ERR_INIT;
	struct queue_message m = { .body_fd = -1 };
	struct job_parts parts = { .message = &m };
	struct client client;
	struct asker asker = { worker, wire_get_u32(&msg->in), 0, false };
	asker.serial = wire_get_u32(&msg->in);
	uint64_t until_ms = wire_get_u64(&msg->in);
	parts.until_ms = until_ms < INT64_MAX ? (int64_t)until_ms : INT64_MAX;
	read_client(&msg->in, &client);
	arena_reset(k->arena);
	bool ok = msg->type == MESSAGE_JOB
		      ? read_job(k, &msg->in, &m, &parts)
		      : read_job_file(k, &msg->in, msg->fd, &m, &parts);
	if (!ok)
		err_set(&e, ERR_TEMPORARY, "the job cannot be understood");
	/* its sender has been told to come again: it would be there twice */
	bool late = clock_mono_ms(k->clock) >= parts.until_ms;
	if (ok && late)
		err_set(&e, ERR_TEMPORARY, "nobody waits for it any more");
	if (!ok || late || !dispatch(k, &m, &asker, &client, &parts, &e))
		refuse(k, &asker, &e);
	if (msg->fd >= 0)
		close(msg->fd);
}

/* A nameless file for a long text, where the policy wants it. */
static int
open_spool(struct keeper *k, struct str ip, bool logged_in, struct err *e)
{
	struct str setting = filter_policy_setting(k->policy, "spool_dir");
	const struct filter_queue *q = keeper_queue_for(k, ip, logged_in, e);
	if (q == NULL)
		return -1;
	/* without a folder of ours it stays in memory (FL-192) */
	if (setting.len == 0 && q->kind != FILTER_QUEUE_MAILDIR)
		return memfd_create("spool", MFD_CLOEXEC);
	const char *dir =
	    setting.len > 0 ? arena_cstr(k->arena, setting) : q->dir;
	int flags = O_RDWR | O_TMPFILE | O_CLOEXEC;
	int fd = dir != NULL ? open(dir, flags, SPOOL_MODE) : -1;
	/* the Maildir is made with its first message: this may be it */
	if (fd < 0 && errno == ENOENT && setting.len == 0 &&
	    file_mkdirs(dir, q->mode, NULL, e))
		fd = open(dir, flags, SPOOL_MODE);
	if (fd < 0)
		err_set_errno(e, errno, "cannot spool a message in '%s'",
		    dir != NULL ? dir : "");
	return fd;
}

void
keeper_give_spool(struct keeper *k, uint32_t worker, struct message *msg)
{
	struct err e = ERR_INIT;
	struct buf body;
	buf_init(&body, 64);
	wire_put_u32(&body, wire_get_u32(&msg->in));
	wire_put_u32(&body, wire_get_u32(&msg->in));
	struct str ip = wire_get_str(&msg->in);
	bool logged_in = wire_get_u32(&msg->in) != 0;
	arena_reset(k->arena);
	int fd = k->policy != NULL ? open_spool(k, ip, logged_in, &e) : -1;
	if (fd < 0)
		log_error(&e);
	workers_tell(&k->workers, worker,
	    fd >= 0 ? MESSAGE_SPOOLED : MESSAGE_NO_SPOOL, buf_str(&body), fd);
	if (fd >= 0)
		close(fd);
	buf_clear(&body);
}
