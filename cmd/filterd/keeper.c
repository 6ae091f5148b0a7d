/*
 * The keeper: the only part that writes messages. It takes all that wait as
 * one batch, makes them durable together, and then answers each. Where a
 * message goes it learns from its own copy of the policy, never from the
 * worker, which peers could have got hold of.
 */
#include "cmd/filterd/limits.h"
#include "cmd/filterd/log.h"
#include "cmd/filterd/part.h"
#include "cmd/filterd/sandbox.h"
#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/filter/filter.h"
#include "core/queue/maildir.h"
#include "core/smtp/session.h"
#include "core/sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	JOB_MEMORY_MAX = 4 << 20,
	SPOOL_MODE = 0600,
	HEAD_BYTES_MAX = 1 << 20
};

/* A queue the policy names, opened when first used. */
struct target {
	char *dir;
	char *subdir; /* may be NULL */
	mode_t mode;
	struct queue *queue;
	size_t staged;
};

/* A job staged in this batch. */
struct pending {
	uint32_t slot, serial;
	size_t target;
	size_t ticket;
};

struct keeper {
	const struct clock *clock;
	const char *host;
	struct channel *listener;
	struct channel worker;
	struct filter_policy *policy;
	struct vec targets; /* struct target */
	struct pending batch[FILTERD_BATCH];
	size_t n_batch;
	struct arena *arena; /* of one job */
	bool stopping;
};

static struct target *
target_at(struct keeper *k, size_t i)
{
	return VEC_AT(&k->targets, struct target, i);
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static char *
copy_or_null(const char *s)
{
	return s != NULL ? strdup(s) : NULL;
}

/* The queue for this policy line; its index, or SIZE_MAX. */
static size_t
find_target(struct keeper *k, const struct filter_queue *q, struct err *e)
{
	for (size_t i = 0; i < k->targets.len; i++) {
		const struct target *t = target_at(k, i);
		if (same_text(t->dir, q->dir) &&
		    same_text(t->subdir, q->subdir) && t->mode == q->mode)
			return i;
	}
	struct queue_maildir_spec spec = { q->dir, q->subdir, q->mode,
		k->host };
	struct target t = { copy_or_null(q->dir), copy_or_null(q->subdir),
		q->mode, queue_maildir_new(&spec, k->clock), 0 };
	if (t.dir != NULL && (q->subdir == NULL || t.subdir != NULL) &&
	    t.queue != NULL && vec_push(&k->targets, &t))
		return k->targets.len - 1;
	free(t.dir);
	free(t.subdir);
	queue_free(t.queue);
	err_set(e, ERR_TEMPORARY, "out of memory");
	return SIZE_MAX;
}

/* Where mail of this client goes, by our own policy; NULL: nowhere. */
static const struct filter_queue *
queue_for(const struct keeper *k, struct str ip, struct err *e)
{
	struct filter_session s = { .client_ip = ip };
	const struct filter_queue *q = NULL;
	if (k->policy != NULL && filter_session_start(k->policy, &s))
		q = filter_policy_queue(k->policy, &s);
	if (q == NULL)
		err_set(e, ERR_TEMPORARY,
		    "the plugin list for '%.*s' has no queue", STR_ARG(ip));
	return q;
}

static void
answer(struct keeper *k, const struct pending *p, enum smtp_queued how,
    const char *text, const struct err *e)
{
	struct buf body;
	buf_init(&body, 1024);
	wire_put_u32(&body, p->slot);
	wire_put_u32(&body, p->serial);
	wire_put_u32(&body, how);
	wire_put_str(&body, str_of(text));
	wire_put_str(&body, str_of(e->text));
	/* the worker always reads; one that does not is as good as gone */
	if (channel_send(&k->worker, MESSAGE_RESULT, buf_str(&body), -1,
		FILTERD_SEND_MS) != CHANNEL_OK)
		channel_clear(&k->worker);
	buf_clear(&body);
}

static void
commit_target(struct keeper *k, size_t target)
{
	static const enum smtp_queued outcomes[] = {
		[QUEUE_TAKEN] = SMTP_QUEUED,
		[QUEUE_DECLINED] = SMTP_QUEUE_DECLINED,
		[QUEUE_REFUSED] = SMTP_QUEUE_REFUSED,
	};
	struct target *t = target_at(k, target);
	struct queue_result results[FILTERD_BATCH];
	if (t->staged == 0)
		return;
	queue_commit(t->queue, results);
	t->staged = 0;
	for (size_t i = 0; i < k->n_batch; i++) {
		const struct pending *p = &k->batch[i];
		if (p->target != target)
			continue;
		const struct queue_result *r = &results[p->ticket];
		answer(k, p, outcomes[r->outcome], r->text, &r->err);
	}
}

static void
commit_batch(struct keeper *k)
{
	for (size_t i = 0; i < k->targets.len; i++)
		commit_target(k, i);
	k->n_batch = 0;
}

/* Sender and recipients; false when they do not make sense. */
static bool
read_envelope(struct keeper *k, struct wire *in, struct queue_message *m)
{
	m->sender.local = wire_get_str(in);
	m->sender.domain = wire_get_str(in);
	m->n_rcpts = wire_get_u32(in);
	/* each needs two lengths at least */
	if (in->bad || m->n_rcpts == 0 ||
	    m->n_rcpts > in->rest.len / (2 * sizeof(uint32_t)))
		return false;
	struct filter_path *rcpts =
	    ARENA_ARRAY(k->arena, m->n_rcpts, struct filter_path);
	if (rcpts == NULL)
		return false;
	for (size_t i = 0; i < m->n_rcpts; i++) {
		rcpts[i].local = wire_get_str(in);
		rcpts[i].domain = wire_get_str(in);
	}
	m->rcpts = rcpts;
	return !in->bad;
}

/* Part of a file into memory of this job. */
static bool
read_part(struct keeper *k, int fd, uint64_t at, uint64_t length, uint64_t max,
    struct str *out)
{
	if (length > max)
		return false;
	char *to = arena_alloc(k->arena, (size_t)length);
	size_t got = 0;
	while (to != NULL && got < length) {
		ssize_t n = pread(
		    fd, to + got, (size_t)length - got, (off_t)(at + got));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	*out = str_n(to, (size_t)length);
	return to != NULL;
}

/* The message of MESSAGE_JOB_FILE. */
static bool
read_job_file(
    struct keeper *k, struct wire *in, int fd, struct queue_message *m)
{
	uint64_t n[6];
	struct str envelope;
	for (size_t i = 0; i < ARRAY_LEN(n); i++)
		n[i] = wire_get_u64(in);
	if (!wire_end(in) || n[4] > INT64_MAX || n[5] > INT64_MAX - n[4] ||
	    !read_part(k, fd, n[0], n[1], FILTERD_JOB_META_MAX, &envelope) ||
	    !read_part(k, fd, n[2], n[3], HEAD_BYTES_MAX, &m->head))
		return false;
	m->body_fd = fd;
	m->body_offset = (off_t)n[4];
	m->body_length = (off_t)n[5];
	struct wire w = { envelope, false };
	return read_envelope(k, &w, m) && wire_end(&w);
}

/* The message of MESSAGE_JOB. */
static bool
read_job(struct keeper *k, struct wire *in, struct queue_message *m)
{
	if (!read_envelope(k, in, m))
		return false;
	size_t head = wire_get_u32(in);
	size_t body = wire_get_u32(in);
	m->head = wire_get_bytes(in, head);
	m->body = wire_get_bytes(in, body);
	return wire_end(in);
}

static void
take_job(struct keeper *k, struct message *msg)
{
	struct err e = ERR_INIT;
	struct queue_message m = { .body_fd = -1 };
	struct pending p = { .slot = wire_get_u32(&msg->in) };
	p.serial = wire_get_u32(&msg->in);
	struct str ip = wire_get_str(&msg->in);
	arena_reset(k->arena);
	bool ok = msg->type == MESSAGE_JOB
		      ? read_job(k, &msg->in, &m)
		      : read_job_file(k, &msg->in, msg->fd, &m);
	if (!ok)
		err_set(&e, ERR_TEMPORARY, "the job cannot be understood");
	const struct filter_queue *q = ok ? queue_for(k, ip, &e) : NULL;
	p.target = q != NULL ? find_target(k, q, &e) : SIZE_MAX;
	if (p.target != SIZE_MAX &&
	    queue_stage(target_at(k, p.target)->queue, &m, &p.ticket, &e)) {
		target_at(k, p.target)->staged++;
		k->batch[k->n_batch++] = p;
	} else {
		answer(k, &p, SMTP_QUEUE_DECLINED, "", &e);
	}
	if (msg->fd >= 0)
		close(msg->fd);
}

/* A nameless file for a long text, where the policy wants it. */
static int
open_spool(struct keeper *k, struct str ip, struct err *e)
{
	struct str setting = filter_policy_setting(k->policy, "spool_dir");
	const struct filter_queue *q = queue_for(k, ip, e);
	if (q == NULL)
		return -1;
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

static void
give_spool(struct keeper *k, struct message *msg)
{
	struct err e = ERR_INIT;
	struct buf body;
	buf_init(&body, 64);
	wire_put_u32(&body, wire_get_u32(&msg->in));
	wire_put_u32(&body, wire_get_u32(&msg->in));
	struct str ip = wire_get_str(&msg->in);
	arena_reset(k->arena);
	int fd = k->policy != NULL ? open_spool(k, ip, &e) : -1;
	if (fd < 0)
		log_error(&e);
	if (channel_send(&k->worker,
		fd >= 0 ? MESSAGE_SPOOLED : MESSAGE_NO_SPOOL, buf_str(&body),
		fd, FILTERD_SEND_MS) != CHANNEL_OK)
		channel_clear(&k->worker);
	if (fd >= 0)
		close(fd);
	buf_clear(&body);
}

/* All that waits, up to a batch; then it is made durable and answered. */
static void
hear_worker(struct keeper *k)
{
	struct message m;
	struct err e = ERR_INIT;
	enum channel_status status = CHANNEL_OK;
	while (k->n_batch < FILTERD_BATCH) {
		status = channel_receive(&k->worker, &m, &e);
		if (status != CHANNEL_OK)
			break;
		if (m.type == MESSAGE_SPOOL)
			give_spool(k, &m);
		else
			take_job(k, &m);
	}
	commit_batch(k);
	if (status == CHANNEL_BAD)
		log_error(&e);
	if (status == CHANNEL_BAD || status == CHANNEL_END)
		channel_clear(&k->worker);
}

static void
take_policy(struct keeper *k, struct message *m)
{
	struct err e = ERR_INIT;
	struct filter_policy *fresh = NULL;
	struct buf bundle, body;
	enum message_type type = MESSAGE_READY;
	buf_init(&bundle, FILTERD_BUNDLE_MAX);
	buf_init(&body, 2048);
	wire_put_u32(&body, wire_get_u32(&m->in));
	if (part_bundle_read(m->fd, &bundle, &e) &&
	    filter_policy_new(buf_str(&bundle), &fresh, &e)) {
		filter_policy_free(k->policy);
		k->policy = fresh;
	} else {
		type = MESSAGE_BAD_POLICY;
		wire_put_str(&body, str_of(e.text));
	}
	close(m->fd);
	buf_clear(&bundle);
	(void)channel_send(
	    k->listener, type, buf_str(&body), -1, FILTERD_SEND_MS);
	buf_clear(&body);
}

static void
take_worker(struct keeper *k, int fd)
{
	struct err e = ERR_INIT;
	channel_clear(&k->worker);
	if (channel_init(&k->worker, fd, PART_KEEPER, PART_WORKER, &e))
		k->worker.phase = CHANNEL_RUN;
	else
		log_error(&e);
}

/* The listener is gone or says so: end when the worker has ended. */
static void
hear_listener(struct keeper *k)
{
	struct message m;
	struct err e = ERR_INIT;
	for (;;) {
		enum channel_status s = channel_receive(k->listener, &m, &e);
		if (s == CHANNEL_AGAIN)
			return;
		if (s == CHANNEL_BAD)
			log_error(&e);
		if (s != CHANNEL_OK || m.type == MESSAGE_DRAIN) {
			k->stopping = true;
			channel_clear(k->listener);
			return;
		}
		if (m.type == MESSAGE_POLICY)
			take_policy(k, &m);
		else if (m.type == MESSAGE_PEER)
			take_worker(k, m.fd);
	}
}

static bool
prepare(struct keeper *k, const struct part_init *init, struct err *e)
{
	struct err missing = ERR_INIT;
	umask(0); /* modes are the policy's */
	k->arena = arena_new(JOB_MEMORY_MAX, NULL, NULL);
	if (k->arena == NULL)
		return err_set(e, ERR_TEMPORARY, "keeper: out of memory");
	if (init->has_user && geteuid() == 0 &&
	    !sandbox_become(init->uid, init->gid, e))
		return false;
	if (!sandbox_seccomp(SANDBOX_KEEPER, &missing))
		log_own("keeper: going on without a system call filter: %s",
		    missing.text);
	return true;
}

static void
clear(struct keeper *k)
{
	for (size_t i = 0; i < k->targets.len; i++) {
		struct target *t = target_at(k, i);
		queue_free(t->queue);
		free(t->dir);
		free(t->subdir);
	}
	vec_clear(&k->targets);
	filter_policy_free(k->policy);
	channel_clear(&k->worker);
	arena_free(k->arena);
}

int
keeper_run(struct channel *listener, const struct part_init *init)
{
	struct err e = ERR_INIT;
	struct keeper k = { .clock = &clock_system,
		.host = init->host.ptr,
		.listener = listener,
		.worker = { .fd = -1 },
		.targets = VEC_INIT(struct target) };
	bool ok = prepare(&k, init, &e);
	if (!ok)
		log_error(&e);
	while (ok && !(k.stopping && k.worker.fd < 0)) {
		struct pollfd p[] = {
			{ .fd = k.listener->fd, .events = POLLIN },
			{ .fd = k.worker.fd, .events = POLLIN },
		};
		if (poll(p, ARRAY_LEN(p), -1) < 0)
			continue;
		if (p[1].revents != 0)
			hear_worker(&k);
		if (p[0].revents != 0)
			hear_listener(&k);
	}
	clear(&k);
	return err_exit_status(e.code);
}
