/*
 * The keeper's write-ahead log: which file, and the queues behind it. It lies
 * in spool_dir (FL-192); setting queue_log is its size, 0 for none.
 */
#include "cmd/filterd/keeper_int.h"
#include "cmd/filterd/log.h"
#include "core/filter/limit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

enum {
	REOPEN_MS = 1000,
	TEND_MS = 1000,
	CLOSE_MS = 3000, /* for delivery at the end, below FILTERD_END_S */
	LOG_PATH_MAX = 4096
};

static const char file_name[] = "queue-log";

/* NULL as an empty text: neither is empty when it is there. */
static void
put_text(struct buf *out, const char *text)
{
	wire_put_str(out, str_of(text != NULL ? text : ""));
}

void
keeper_log_name(struct buf *out, const struct queue_maildir_spec *spec)
{
	wire_put_u32(out, FILTER_QUEUE_MAILDIR);
	wire_put_u32(out, spec->mode);
	put_text(out, spec->dir);
	put_text(out, spec->subdir);
	put_text(out, spec->host);
}

static const char *
or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

struct queue *
keeper_log_target(struct str target, struct err *e)
{
	enum {
		DIR,
		SUBDIR,
		HOST,
		TEXTS
	};
	struct wire w = { target, false };
	struct queue *q = NULL;
	uint32_t kind = wire_get_u32(&w);
	uint32_t mode = wire_get_u32(&w);
	char *text[TEXTS];
	bool ok = true;
	for (size_t i = 0; i < TEXTS; i++) {
		struct str s = wire_get_str(&w);
		text[i] = str_dup(s);
		ok = ok && text[i] != NULL;
	}
	if (ok && wire_end(&w) && kind == FILTER_QUEUE_MAILDIR) {
		struct queue_maildir_spec spec = { text[DIR],
			or_null(text[SUBDIR]), mode, text[HOST] };
		q = queue_maildir_new(&spec);
	}
	if (q == NULL)
		err_set(e, ERR_TEMPORARY,
		    "a queue that the queue log names cannot be opened");
	for (size_t i = 0; i < TEXTS; i++)
		free(text[i]);
	return q;
}

static struct queue *
open_target(void *ctx, struct str target, struct err *e)
{
	(void)ctx;
	return keeper_log_target(target, e);
}

/* Of either thread: a line is one write. */
static void
tell(void *ctx, const struct err *e)
{
	struct err told = *e;
	(void)ctx;
	if (e->sys_errno == ENOSPC || e->sys_errno == EDQUOT)
		(void)err_next(&told,
		    "make room there: it is tried again within a minute");
	log_error(&told);
}

static void
try_open(struct keeper *k)
{
	struct err e = ERR_INIT;
	struct keeper_log *l = &k->log;
	struct queue_log_spec spec = {
		.path = l->path,
		.size = l->size,
		.clock = k->clock,
		.open = open_target,
		.report = tell,
	};
	l->log = queue_log_open(&spec, &e);
	l->queue = l->log != NULL ? queue_log_queue(l->log) : NULL;
	bool first = l->tried_ms == 0;
	l->tried_ms = clock_mono_ms(k->clock);
	if (l->log != NULL)
		return;
	/* not again and again for one that another has or that is foreign */
	if (first) {
		err_context(&e, "messages are delivered without a log");
		log_error(&e);
	}
}

/* "DIR/queue-log", or NULL when the policy wants no log. */
static char *
wanted_path(const struct keeper *k, uint64_t *size)
{
	struct str dir = filter_policy_setting(k->policy, "spool_dir");
	int64_t n = filter_policy_limit(k->policy, FILTER_LIMIT_QUEUE_LOG);
	if (dir.len == 0 || dir.ptr[0] != '/' || n <= 0)
		return NULL;
	if (n < QUEUE_LOG_SIZE_MIN)
		n = QUEUE_LOG_SIZE_MIN;
	*size = (uint64_t)n;
	struct buf path;
	buf_init(&path, LOG_PATH_MAX);
	buf_addf(&path, "%.*s/%s", STR_ARG(dir), file_name);
	char *copy = path.failed ? NULL : strdup(path.data);
	buf_clear(&path);
	return copy;
}

void
keeper_log_close(struct keeper *k)
{
	queue_log_close(k->log.log, CLOSE_MS);
	free(k->log.path);
	k->log = (struct keeper_log){ .log = NULL };
}

void
keeper_log_follow_policy(struct keeper *k)
{
	uint64_t size = 0;
	char *path = wanted_path(k, &size);
	bool same = path != NULL && k->log.path != NULL &&
		    strcmp(path, k->log.path) == 0 && size == k->log.size;
	if (same || (path == NULL && k->log.path == NULL)) {
		free(path);
		return;
	}
	keeper_log_close(k);
	k->log.path = path;
	k->log.size = size;
	if (path != NULL)
		try_open(k);
}

bool
keeper_log_is_busy(const struct keeper *k)
{
	return k->log.log != NULL && !queue_log_is_empty(k->log.log);
}

/* Messages wait in it: is the file still where it was? */
static int
look_after(struct keeper *k)
{
	struct keeper_log *l = &k->log;
	int64_t now = clock_mono_ms(k->clock);
	if (queue_log_is_empty(l->log))
		return -1;
	if (now - l->tended_ms >= TEND_MS) {
		l->tended_ms = now;
		queue_log_tend(l->log);
	}
	return TEND_MS;
}

/*
 * One that another process had may be free meanwhile, and hold messages; one
 * that was removed is made anew.
 */
int
keeper_log_tend(struct keeper *k)
{
	struct keeper_log *l = &k->log;
	if (l->log != NULL && queue_log_is_over(l->log)) {
		queue_log_close(l->log, 0);
		l->log = NULL;
		l->queue = NULL;
	}
	if (l->log != NULL)
		return look_after(k);
	if (l->path == NULL)
		return -1;
	if (clock_mono_ms(k->clock) - l->tried_ms >= REOPEN_MS)
		try_open(k);
	return l->log != NULL ? -1 : REOPEN_MS;
}

static uint64_t
size_of(const struct queue_message *m)
{
	return m->head.len +
	       (m->body_fd >= 0 ? (uint64_t)m->body_length : m->body.len);
}

/* For root some more would be there: not to be used up by mail. */
static bool
has_left(const struct statvfs *fs, uint64_t bytes, uint64_t files)
{
	return fs->f_bavail * (uint64_t)fs->f_frsize >= bytes &&
	       (fs->f_files == 0 || fs->f_favail >= files);
}

bool
keeper_log_has_disk(
    const struct keeper *k, struct target *t, const struct queue_message *m)
{
	/* what a file takes there is more than what its record has here */
	enum {
		FILE_MORE = 8192,
		HELD_TIMES = 4,
		FILES_LEFT = 1000,
		/* so much more is not used up before the next look */
		PLENTY_FILES = 100000,
		PLENTY = 1 << 30,
		LOOK_MS = 100
	};
	struct statvfs fs;
	int64_t now = clock_mono_ms(k->clock);
	if (k->log.log == NULL || now < t->roomy_till_ms ||
	    statvfs(t->dir, &fs) != 0)
		return true;
	uint64_t need = HELD_TIMES * queue_log_held(k->log.log) +
			m->n_rcpts * (size_of(m) + FILE_MORE);
	if (has_left(&fs, need + PLENTY, m->n_rcpts + PLENTY_FILES))
		t->roomy_till_ms = now + LOOK_MS;
	return has_left(&fs, need, m->n_rcpts + FILES_LEFT);
}

bool
keeper_log_stage(
    struct keeper *k, struct target *t, struct queue_message *m, size_t *ticket)
{
	struct err e = ERR_INIT;
	/* a target that is not ready says so itself, when it is asked to stage
	 */
	return k->log.log != NULL && queue_ready(t->queue, m, &e) &&
	       queue_stage(k->log.queue, m, ticket, &e);
}
