/*
 * A log with a queue behind it that notes what it is given, refuses on demand,
 * and whose retries come when the test says so.
 */
#ifndef TESTS_UNIT_QUEUE_LOG_FIXTURE_H
#define TESTS_UNIT_QUEUE_LOG_FIXTURE_H

#include "core/queue/log.h"

#include "core/base/buf.h"
#include "core/base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	DELIVERED_MAX = 20000,
	SIZE = QUEUE_LOG_SIZE_MIN,
	DATA = 8192,   /* heads in front of the records */
	RECORD = 1088, /* of message(), with its head and filling */
	BODY = 900,
	PATH_SIZE = 256,
	WAIT_MS = 20000
};

/* What the queue behind the log was given. */
struct book {
	pthread_mutex_t lock;
	uint32_t serials[DELIVERED_MAX];
	bool again[DELIVERED_MAX];
	size_t n;
	bool bad_text;
	/* what it does: nothing is taken, or this one is not */
	atomic_bool refuse;
	atomic_uint refuse_serial;
	char told[4096]; /* reports, one a line */
};

struct fixture {
	char dir[PATH_SIZE];
	char path[PATH_SIZE];
	struct book book;
	struct queue_log *log;
	uint32_t serial;
	int64_t taken_ns; /* of the next messages; 0: before any clock */
};

static atomic_llong skipped_ns; /* the clock is put on by so much */

static int64_t
wall(void *ctx)
{
	return clock_system.wall_ns(ctx);
}

static int64_t
mono(void *ctx)
{
	return clock_system.mono_ns(ctx) + atomic_load(&skipped_ns);
}

static void
sleep_for(void *ctx, int64_t ns)
{
	clock_system.sleep_ns(ctx, ns);
}

static const struct clock test_clock = { wall, mono, sleep_for, NULL };

/* A queue that writes in the book. */
struct fake {
	struct queue queue;
	struct book *book;
	uint32_t staged[512];
	bool again[512];
	size_t n;
};

static void
fill_body(char body[BODY], uint32_t serial)
{
	memset(body, 'a' + (int)(serial % 26), BODY);
	memcpy(body, &serial, sizeof(serial));
}

static bool
fake_ready(struct queue *q, const struct queue_message *m, struct err *e)
{
	(void)q;
	(void)m;
	(void)e;
	return true;
}

static bool
fake_stage(struct queue *q, const struct queue_message *m, size_t *ticket,
    struct err *e)
{
	struct fake *f = (struct fake *)(void *)q;
	char body[BODY];
	if (atomic_load(&f->book->refuse) ||
	    atomic_load(&f->book->refuse_serial) == m->stamp.serial)
		return err_set(e, ERR_TEMPORARY, "refused by the test");
	fill_body(body, m->stamp.serial);
	if (m->body_fd >= 0 || m->n_rcpts != 1 ||
	    !str_eq(m->body, str_n(body, BODY)) ||
	    !str_is(m->head, "Subject: t\n\n") ||
	    !str_is(m->rcpts[0].local, "b") || m->boxes == NULL ||
	    !str_is(m->boxes[0], "c") ||
	    !str_is(m->sender.domain, "out.example"))
		f->book->bad_text = true;
	f->staged[f->n] = m->stamp.serial;
	f->again[f->n] = m->again;
	*ticket = f->n++;
	return true;
}

static void
fake_commit(struct queue *q, struct queue_result *results)
{
	struct fake *f = (struct fake *)(void *)q;
	pthread_mutex_lock(&f->book->lock);
	for (size_t i = 0; i < f->n; i++) {
		results[i].outcome = QUEUE_TAKEN;
		f->book->again[f->book->n] = f->again[i];
		f->book->serials[f->book->n++] = f->staged[i];
	}
	pthread_mutex_unlock(&f->book->lock);
	f->n = 0;
}

static void
fake_free(struct queue *q)
{
	free(q);
}

static const struct queue_ops fake_ops = { fake_ready, fake_stage, fake_commit,
	fake_free, NULL };

static struct queue *
fake_open(void *ctx, struct str target, struct err *e)
{
	(void)e;
	struct fake *f = calloc(1, sizeof(*f));
	assert_true(str_is(target, "here"));
	f->queue.ops = &fake_ops;
	f->book = &((struct fixture *)ctx)->book;
	return &f->queue;
}

static void
note_report(void *ctx, const struct err *e)
{
	struct book *b = &((struct fixture *)ctx)->book;
	pthread_mutex_lock(&b->lock);
	size_t n = strlen(b->told);
	snprintf(b->told + n, sizeof(b->told) - n, "%s\n", e->text);
	pthread_mutex_unlock(&b->lock);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char dir[] = "/tmp/smemail-log.XXXXXX";
	assert_non_null(mkdtemp(dir));
	snprintf(f->dir, sizeof(f->dir), "%s", dir);
	snprintf(f->path, sizeof(f->path), "%s/queue-log", dir);
	pthread_mutex_init(&f->book.lock, NULL);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	queue_log_close(f->log, 0);
	unlink(f->path);
	rmdir(f->dir);
	free(f);
	return 0;
}

static struct queue_log *
open_size(struct fixture *f, uint64_t size, struct err *e)
{
	struct queue_log_spec spec = {
		.path = f->path,
		.size = size,
		.clock = &test_clock,
		.open = fake_open,
		.report = note_report,
		.ctx = f,
	};
	return queue_log_open(&spec, e);
}

static void
open_log(struct fixture *f)
{
	struct err e = ERR_INIT;
	f->log = open_size(f, SIZE, &e);
	assert_string_equal(e.text, "");
	assert_non_null(f->log);
}

static void
close_log(struct fixture *f)
{
	queue_log_close(f->log, 0);
	f->log = NULL;
}

static bool
stage_one(struct fixture *f, struct err *e)
{
	static const struct mail_path rcpt = { { "b", 1 },
		{ "local.example", 13 } };
	static const struct str box = { "c", 1 };
	char body[BODY];
	size_t ticket;
	fill_body(body, f->serial + 1);
	struct queue_message m = {
		.sender = { { "a", 1 }, { "out.example", 11 } },
		.rcpts = &rcpt,
		.n_rcpts = 1,
		.boxes = &box,
		.head = STR("Subject: t\n\n"),
		.body = str_n(body, BODY),
		.body_fd = -1,
		.stamp = { f->taken_ns > 0 ? f->taken_ns : 1, 2,
		    f->serial + 1 },
		.target = STR("here"),
	};
	if (!queue_stage(queue_log_queue(f->log), &m, &ticket, e))
		return false;
	f->serial++;
	return true;
}

/* A batch of 'n', all taken. */
static void
take(struct fixture *f, size_t n)
{
	struct queue_result results[64];
	struct err e = ERR_INIT;
	assert_true(n <= ARRAY_LEN(results));
	for (size_t i = 0; i < n; i++)
		assert_true(stage_one(f, &e));
	queue_commit(queue_log_queue(f->log), results);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(results[i].outcome, QUEUE_TAKEN);
}

static bool
told(struct fixture *f, const char *text)
{
	pthread_mutex_lock(&f->book.lock);
	bool found = strstr(f->book.told, text) != NULL;
	pthread_mutex_unlock(&f->book.lock);
	return found;
}

UNUSED static bool
wait_empty(const struct fixture *f)
{
	for (int i = 0; i < WAIT_MS; i++) {
		if (queue_log_is_empty(f->log))
			return true;
		clock_sleep_ms(&clock_system, 1);
	}
	return false;
}

static bool
wait_told(struct fixture *f, const char *text)
{
	for (int i = 0; i < WAIT_MS && !told(f, text); i++)
		clock_sleep_ms(&clock_system, 1);
	return told(f, text);
}

/* Exactly these, each once, in any order. */
UNUSED static void
assert_delivered(const struct fixture *f, const uint32_t *serials, size_t n)
{
	assert_false(f->book.bad_text);
	assert_int_equal(f->book.n, n);
	for (size_t i = 0; i < n; i++) {
		size_t times = 0;
		for (size_t k = 0; k < n; k++)
			times += f->book.serials[k] == serials[i];
		assert_int_equal(times, 1);
	}
}

static void
assert_delivered_up_to(const struct fixture *f, uint32_t last)
{
	assert_false(f->book.bad_text);
	assert_int_equal(f->book.n, last);
	for (uint32_t i = 0; i < last; i++)
		assert_int_equal(f->book.serials[i], i + 1);
}

/* Messages are in the log and nowhere else: as after a crash. */
static void
leave(struct fixture *f, const size_t *batches, size_t n)
{
	atomic_store(&f->book.refuse, true);
	open_log(f);
	for (size_t i = 0; i < n; i++)
		take(f, batches[i]);
	close_log(f);
	assert_int_equal(f->book.n, 0);
	atomic_store(&f->book.refuse, false);
	f->book.told[0] = '\0';
}

static void
overwrite(const struct fixture *f, off_t at, const void *bytes, size_t n)
{
	int fd = open(f->path, O_RDWR);
	assert_int_equal(pwrite(fd, bytes, n, at), n);
	close(fd);
}

/* Zeros from 'at' on within the record number 'i'. */
UNUSED static void
damage(const struct fixture *f, size_t i, size_t at)
{
	static const char zeros[RECORD];
	overwrite(f, (off_t)(DATA + i * RECORD + at), zeros, RECORD - at);
}

#endif
