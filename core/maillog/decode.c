/*
 * Reading and writing for the decoder: one thread for pipes, several for
 * regular files. A file is cut into blocks at fixed offsets; only labels need
 * to be seen whole, so a block is read with a few bytes before and behind it
 * and the text between is nobody's business, however long a line is.
 */
#include "core/maillog/decode.h"

#include "core/base/buf.h"
#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/maillog/decode_int.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	BLOCK = 256 * 1024,
	AROUND = 32, /* known before and behind a block; more than a label */
	PIPE_SIZE = 1024 * 1024,
	PARALLEL_BLOCKS = 8, /* shorter files are not worth a thread */
	THREADS_MAX = 8,
	ESCAPED_MAX = 4 * DECODE_OUT_SIZE(2 * BLOCK),
};

struct decoder *
decoder_new(const struct decode_options *options)
{
	struct decoder *d = calloc(1, sizeof(*d));
	if (d != NULL)
		d->options = *options;
	return d;
}

void
decoder_free(struct decoder *d)
{
	free(d);
}

const struct decode_count *
decoder_count(const struct decoder *d)
{
	return &d->count;
}

static bool
wait_writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	return poll(&p, 1, -1) >= 0 || errno == EINTR;
}

static enum decode_end
write_all(int fd, const char *bytes, size_t n, struct err *e)
{
	while (n > 0) {
		ssize_t done = write(fd, bytes, n);
		if (done >= 0) {
			bytes += done;
			n -= (size_t)done;
		} else if (errno == EPIPE) {
			return DECODE_NO_READER;
		} else if (errno == EAGAIN) {
			if (!wait_writable(fd))
				errno = EIO;
		} else if (errno != EINTR) {
			err_set_errno(
			    e, errno, "%s", _("cannot write decoded lines"));
			return DECODE_FAILED;
		}
	}
	return DECODE_EOF;
}

/* Bytes read, 0 at the end, -1 on failure; interruptions are repeated. */
static ssize_t
read_some(int fd, char *to, size_t n)
{
	ssize_t got;
	do {
		got = read(fd, to, n);
		if (got < 0 && errno == EAGAIN) {
			struct pollfd p = { .fd = fd, .events = POLLIN };
			if (poll(&p, 1, -1) >= 0)
				errno = EINTR;
		}
	} while (got < 0 && errno == EINTR);
	return got;
}

/* As many of 'n' bytes at 'at' as the file has; -1 on failure. */
static ssize_t
read_at(int fd, char *to, size_t n, off_t at)
{
	size_t have = 0;
	while (have < n) {
		ssize_t got = pread(fd, to + have, n - have, at + (off_t)have);
		if (got == 0)
			break;
		if (got > 0)
			have += (size_t)got;
		else if (errno != EINTR)
			return -1;
	}
	return (ssize_t)have;
}

/* A parallel run over the first blocks of a file. */
struct run {
	const struct decode_options *options;
	int in, out;
	off_t from; /* where block 0 begins */
	size_t blocks;
	const char *subject;
	pthread_mutex_t lock;
	pthread_cond_t turned;
	size_t next; /* block nobody has taken */
	size_t turn; /* block to be written now */
	bool stopped;
	enum decode_end end;
	struct err err;
	struct decode_count count;
	off_t stop; /* where the last block ended, labels across it included */
	bool in_line;
};

static bool
run_take(struct run *r, size_t *block)
{
	pthread_mutex_lock(&r->lock);
	bool more = !r->stopped && r->next < r->blocks;
	if (more)
		*block = r->next++;
	pthread_mutex_unlock(&r->lock);
	return more;
}

static void
run_stop(struct run *r, enum decode_end end, const struct err *e)
{
	pthread_mutex_lock(&r->lock);
	if (!r->stopped) {
		r->stopped = true;
		r->end = end;
		r->err = *e;
	}
	pthread_cond_broadcast(&r->turned);
	pthread_mutex_unlock(&r->lock);
}

/* Write a decoded block when its turn has come. */
static bool
run_put(struct run *r, size_t block, const char *bytes, size_t n)
{
	struct err e = ERR_INIT;
	pthread_mutex_lock(&r->lock);
	while (!r->stopped && r->turn != block)
		pthread_cond_wait(&r->turned, &r->lock);
	bool stopped = r->stopped;
	pthread_mutex_unlock(&r->lock);
	if (stopped)
		return false;
	enum decode_end end = write_all(r->out, bytes, n, &e);
	if (end != DECODE_EOF) {
		run_stop(r, end, &e);
		return false;
	}
	pthread_mutex_lock(&r->lock);
	r->turn++;
	pthread_cond_broadcast(&r->turned);
	pthread_mutex_unlock(&r->lock);
	return true;
}

/* Decode block 'i'; bytes written to 'out', or -1 when it cannot be read. */
static ssize_t
run_block(struct run *r, struct decoder *d, size_t i, char *in, char *out)
{
	off_t at = r->from + (off_t)i * BLOCK;
	size_t before = i == 0 ? 0 : AROUND;
	ssize_t got =
	    read_at(r->in, in, before + BLOCK + AROUND, at - (off_t)before);
	if (got < 0)
		return -1;
	const char *limit = in + got, *begin = in + before,
		   *end = begin + BLOCK;
	if (limit < begin) /* cut short meanwhile */
		return 0;
	if (end > limit)
		end = limit;
	d->in_line = before > 0 && begin[-1] != '\n';
	const char *p = before == 0
			    ? begin
			    : decode_skip_crossing(in, i == 0, begin, limit);
	d->in_line = d->in_line || p != begin;
	const char *stop = p;
	char *put = decode_range(d, p, end, limit, false, &stop, out);
	if (i + 1 == r->blocks) { /* the only thread that has this block */
		r->stop = at + (stop - begin);
		r->in_line = d->in_line;
	}
	return put - out;
}

static void *
run_thread(void *ctx)
{
	struct run *r = ctx;
	struct err e = ERR_INIT;
	struct decoder *d = decoder_new(r->options);
	char *in = calloc(1, AROUND + BLOCK + AROUND + DECODE_PAD);
	char *out = malloc(DECODE_OUT_SIZE(BLOCK) + DECODE_PAD);
	size_t i;
	if (d == NULL || in == NULL || out == NULL) {
		err_no_memory(&e);
		run_stop(r, DECODE_FAILED, &e);
	}
	while (run_take(r, &i)) {
		ssize_t n = run_block(r, d, i, in, out);
		if (n < 0) {
			err_set_errno(
			    &e, errno, _("cannot read '%s'"), r->subject);
			run_stop(r, DECODE_FAILED, &e);
		} else if (!run_put(r, i, out, (size_t)n)) {
			break;
		}
	}
	if (d != NULL) {
		pthread_mutex_lock(&r->lock);
		r->count.labelled += d->count.labelled;
		r->count.unlabelled += d->count.unlabelled;
		pthread_mutex_unlock(&r->lock);
	}
	free(in);
	free(out);
	decoder_free(d);
	return NULL;
}

/* Processors this process may use. */
static unsigned
processors(void)
{
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 1;
	return (unsigned)CPU_COUNT(&set);
}

/* Blocks of a regular file that lie well before its end, else 0. */
static size_t
parallel_blocks(const struct decoder *d, int in, off_t *from)
{
	struct stat st;
	if (d->options.escape || d->options.style == DECODE_RELATIVE ||
	    fstat(in, &st) != 0 || !S_ISREG(st.st_mode))
		return 0;
	*from = lseek(in, 0, SEEK_CUR);
	if (*from < 0 || st.st_size - *from < PARALLEL_BLOCKS * BLOCK)
		return 0;
	/* labels of the last block must be seen whole: leave some bytes */
	return (size_t)((st.st_size - *from - AROUND) / BLOCK);
}

/* Decode the bulk of a regular file; leaves the position behind it. */
static enum decode_end
run_parallel(
    struct decoder *d, int in, int out, const char *subject, struct err *e)
{
	pthread_t threads[THREADS_MAX];
	unsigned wanted = d->options.threads, started = 0;
	struct run r = { .options = &d->options,
		.in = in,
		.out = out,
		.subject = subject,
		.end = DECODE_EOF,
		.err = ERR_INIT };
	if (wanted == 0)
		wanted = processors();
	if (wanted > THREADS_MAX)
		wanted = THREADS_MAX;
	r.blocks = wanted > 1 ? parallel_blocks(d, in, &r.from) : 0;
	if (r.blocks == 0)
		return DECODE_EOF;
	pthread_mutex_init(&r.lock, NULL);
	pthread_cond_init(&r.turned, NULL);
	while (started + 1 < wanted &&
	       pthread_create(&threads[started], NULL, run_thread, &r) == 0)
		started++;
	run_thread(&r); /* this thread works too */
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	pthread_cond_destroy(&r.turned);
	pthread_mutex_destroy(&r.lock);
	d->count.labelled += r.count.labelled;
	d->count.unlabelled += r.count.unlabelled;
	d->in_line = r.in_line;
	if (r.end == DECODE_EOF && lseek(in, r.stop, SEEK_SET) < 0) {
		err_set_errno(e, errno, _("cannot read '%s'"), subject);
		return DECODE_FAILED;
	}
	if (r.end == DECODE_FAILED && e != NULL)
		*e = r.err;
	return r.end;
}

/* Show everything but newlines and tabs as escape_terminal does. */
static bool
escape_lines(struct buf *to, const char *bytes, size_t n)
{
	const char *p = bytes, *end = bytes + n;
	while (p < end) {
		const char *q = p;
		while (q < end && *q != '\n' && *q != '\t')
			q++;
		escape_terminal(to, str_n(p, (size_t)(q - p)));
		if (q < end)
			buf_add_char(to, *q++);
		p = q;
	}
	return !to->failed;
}

/* The buffers of a stream. */
struct stream {
	char *in, *out;
	size_t have; /* bytes in 'in' */
	struct buf escaped;
};

/* Decode and write what 'in' holds; the rest moves to its front. */
static enum decode_end
stream_put(
    struct decoder *d, struct stream *s, int out, bool final, struct err *e)
{
	size_t take = s->have, used;
	if (d->options.escape && !final) { /* do not tear characters */
		const char *newline = memrchr(s->in, '\n', s->have);
		if (newline != NULL)
			take = (size_t)(newline - s->in) + 1;
		else if (s->have < BLOCK)
			return DECODE_EOF;
	}
	size_t n = decoder_block(d, s->in, take, final, &used, s->out);
	memmove(s->in, s->in + used, s->have - used);
	s->have -= used;
	if (!d->options.escape)
		return write_all(out, s->out, n, e);
	buf_reset(&s->escaped);
	if (!escape_lines(&s->escaped, s->out, n)) {
		err_no_memory(e);
		return DECODE_FAILED;
	}
	return write_all(out, s->escaped.data, s->escaped.len, e);
}

static enum decode_end
run_stream(
    struct decoder *d, int in, int out, const char *subject, struct err *e)
{
	enum decode_end end = DECODE_EOF;
	struct stream s = { .in = calloc(1, 2 * BLOCK + DECODE_PAD),
		.out = malloc(DECODE_OUT_SIZE(2 * BLOCK) + DECODE_PAD),
		.escaped = BUF_INIT(ESCAPED_MAX) };
	ssize_t got = 1;
	if (s.in == NULL || s.out == NULL) {
		err_no_memory(e);
		end = DECODE_FAILED;
	}
	while (end == DECODE_EOF && got > 0) {
		got = read_some(in, s.in + s.have, BLOCK);
		if (got < 0) {
			int why = errno;
			(void)stream_put(d, &s, out, true, NULL);
			err_set_errno(e, why, _("cannot read '%s'"), subject);
			end = DECODE_FAILED;
			break;
		}
		s.have += (size_t)got;
		end = stream_put(d, &s, out, got == 0, e);
	}
	free(s.in);
	free(s.out);
	buf_clear(&s.escaped);
	return end;
}

enum decode_end
decoder_run(
    struct decoder *d, int in, int out, const char *subject, struct err *e)
{
	/* refused where the limits of the user forbid it, which is fine */
	(void)fcntl(in, F_SETPIPE_SZ, PIPE_SIZE);
	(void)fcntl(out, F_SETPIPE_SZ, PIPE_SIZE);
	tzset();
	d->in_line = false;
	enum decode_end end = run_parallel(d, in, out, subject, e);
	return end == DECODE_EOF ? run_stream(d, in, out, subject, e) : end;
}
