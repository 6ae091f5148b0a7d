/* qmail-queue: a child with the message on 0 and the envelope on 1. */
#include "core/queue/qmail.h"

#include "core/base/buf.h"
#include "core/sys/file.h"
#include "core/sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	ENVELOPE_MAX = 8 << 20,
	BLOCK = 64 * 1024,
	REFUSED_FIRST = 11, /* these exits say that it would fail again */
	REFUSED_LAST = 40,
	EXIT_ADDRESS_TOO_LONG = 11,
	EXIT_REFUSED = 31,
	NO_LONGER_MS = 100 /* of one wait for its end */
};

/* What goes into one of its descriptors. */
struct feed {
	int fd; /* -1: all is written, or it is not read */
	struct str parts[2];
	const struct queue_message *body; /* its file is behind the parts */
	off_t at;                         /* ... from here on */
	off_t left;
	char block[BLOCK];
	bool cut; /* the program did not want all of it */
};

struct run {
	const struct queue_qmail *q;
	int64_t end_ms;
	pid_t pid;
	struct feed message, envelope;
	struct buf text; /* of the envelope */
	struct err err;
};

/* qmail knows no quoting: what stands in quotes is the local part itself. */
static void
add_address(struct buf *out, const struct mail_path *p)
{
	struct str local = p->local;
	bool quoted = local.len >= 2 && local.ptr[0] == '"';
	if (quoted)
		local = str_sub(local, 1, local.len - 1);
	for (size_t i = 0; i < local.len; i++) {
		if (quoted && local.ptr[i] == '\\' && i + 1 < local.len)
			i++;
		buf_add_char(out, local.ptr[i]);
	}
	if (p->domain.len > 0) {
		buf_add_char(out, '@');
		buf_add_str(out, p->domain);
	}
}

/* F sender NUL, T recipient NUL for each, NUL (FL-155) */
static bool
make_envelope(struct run *r, const struct queue_message *m)
{
	buf_init(&r->text, ENVELOPE_MAX);
	buf_add_char(&r->text, 'F');
	add_address(&r->text, &m->sender);
	buf_add_char(&r->text, '\0');
	for (size_t i = 0; i < m->n_rcpts; i++) {
		buf_add_char(&r->text, 'T');
		add_address(&r->text, &m->rcpts[i]);
		buf_add_char(&r->text, '\0');
	}
	buf_add_char(&r->text, '\0');
	return !r->text.failed;
}

/* The next piece out of the file; false: it cannot be read. */
static bool
refill(struct feed *f, struct err *e)
{
	size_t want = f->left < BLOCK ? (size_t)f->left : (size_t)BLOCK;
	if (!queue_body_read(f->body, f->at, f->block, want, e))
		return false;
	f->parts[1] = str_n(f->block, want);
	f->at += (off_t)want;
	f->left -= (off_t)want;
	return true;
}

/* Write what the pipe takes. False: the run is of no use. */
static bool
feed(struct feed *f, struct err *e)
{
	while (f->fd >= 0) {
		struct str *s =
		    f->parts[0].len > 0 ? &f->parts[0] : &f->parts[1];
		if (s->len == 0 && f->left > 0 && !refill(f, e))
			return false;
		if (s->len == 0) {
			file_close_fd(&f->fd); /* all of it: the end of file */
			return true;
		}
		ssize_t n = write(f->fd, s->ptr, s->len);
		if (n > 0) {
			*s = str_sub(*s, (size_t)n, s->len);
		} else if (n < 0 && errno == EAGAIN) {
			return true;
		} else if (n < 0 && errno != EINTR) {
			/* it ended or closed its end: its exit tells why */
			f->cut = true;
			file_close_fd(&f->fd);
		}
	}
	return true;
}

static int64_t
time_left(const struct run *r)
{
	return r->end_ms - clock_mono_ms(r->q->clock);
}

static bool
too_long(struct run *r)
{
	return err_set(&r->err, ERR_TEMPORARY,
	    "'%s' did not end within %lld s and was killed", r->q->program,
	    (long long)(r->q->limit_ms / 1000));
}

static bool
feed_all(struct run *r)
{
	while (r->message.fd >= 0 || r->envelope.fd >= 0) {
		struct pollfd p[] = {
			{ .fd = r->message.fd, .events = POLLOUT },
			{ .fd = r->envelope.fd, .events = POLLOUT },
		};
		int64_t left = time_left(r);
		if (left <= 0)
			return too_long(r);
		if (poll(p, 2, left > INT32_MAX ? INT32_MAX : (int)left) < 0)
			continue;
		if ((p[0].revents != 0 && !feed(&r->message, &r->err)) ||
		    (p[1].revents != 0 && !feed(&r->envelope, &r->err)))
			return false;
	}
	return true;
}

/*
 * Wait for its end; a signal of it shortens the waits. False with the reason
 * when it does not come, or nobody can tell how it was: where SIGCHLD is
 * ignored, which a supervisor may have handed down, the kernel keeps no exit.
 */
static bool
reap(struct run *r, int *status)
{
	pid_t got;
	sigset_t child;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	while ((got = waitpid(r->pid, status, WNOHANG)) == 0) {
		struct timespec wait = { 0, (long)NO_LONGER_MS * NS_PER_MS };
		if (time_left(r) <= 0)
			return too_long(r);
		(void)sigtimedwait(&child, NULL, &wait);
	}
	int error = errno;
	bool known = got == r->pid;
	/* gone in either case: its number may be another's from now on */
	r->pid = -1;
	return known || err_set_errno(&r->err, error,
			    "cannot learn how '%s' ended", r->q->program);
}

static void
judge_exit(const struct run *r, int code, struct queue_result *out)
{
	bool cut = r->message.cut || r->envelope.cut;
	if (code == 0 && !cut) {
		out->outcome = QUEUE_TAKEN;
		return;
	}
	out->outcome = code >= REFUSED_FIRST && code <= REFUSED_LAST
			   ? QUEUE_REFUSED
			   : QUEUE_DECLINED;
	const char *why = code == EXIT_ADDRESS_TOO_LONG ? "address too long"
			  : code == EXIT_REFUSED        ? "message refused"
							: "queuing failed";
	snprintf(out->text, sizeof(out->text), "%s (#%d)", why, code);
	err_set(&out->err, ERR_TEMPORARY,
	    code == 0 ? "'%s' ended with %d without reading all"
		      : "'%s' ended with %d",
	    r->q->program, code);
}

static bool
start(struct run *r, const struct queue_message *m)
{
	int message[2] = { -1, -1 }, envelope[2] = { -1, -1 };
	const char *argv[] = { r->q->program, NULL };
	struct spawn s = { .argv = argv, .path = r->q->program, .apart = true };
	bool ok = false;
	if (pipe2(message, O_CLOEXEC) != 0 || pipe2(envelope, O_CLOEXEC) != 0)
		err_set_errno(&r->err, errno, "cannot make a pipe");
	else
		ok = spawn_start(
		    &s, message[0], envelope[0], -1, &r->pid, &r->err);
	file_close_fd(&message[0]);
	file_close_fd(&envelope[0]);
	if (ok && (fcntl(message[1], F_SETFL, O_NONBLOCK) != 0 ||
		      fcntl(envelope[1], F_SETFL, O_NONBLOCK) != 0))
		ok = err_set_errno(&r->err, errno, "cannot make a pipe");
	if (!ok) {
		file_close_fd(&message[1]);
		file_close_fd(&envelope[1]);
		return false;
	}
	r->message.fd = message[1];
	r->message.parts[0] = m->head;
	if (m->body_fd < 0)
		r->message.parts[1] = m->body;
	else
		r->message.left = m->body_length;
	r->message.body = m;
	r->envelope.fd = envelope[1];
	r->envelope.parts[0] = buf_str(&r->text);
	return true;
}

/* It and what it may have started. */
static void
end(struct run *r)
{
	file_close_fd(&r->message.fd);
	file_close_fd(&r->envelope.fd);
	if (r->pid > 0) {
		kill(-r->pid, SIGKILL);
		kill(r->pid, SIGKILL);
		waitpid(r->pid, NULL, 0);
	}
	buf_clear(&r->text);
}

static void
judge_end(const struct run *r, int status, pid_t pid, struct queue_result *out)
{
	if (WIFEXITED(status)) {
		judge_exit(r, WEXITSTATUS(status), out);
	} else {
		snprintf(out->text, sizeof(out->text),
		    "queuing failed (signal %d)", WTERMSIG(status));
		err_set(&out->err, ERR_TEMPORARY, "'%s' ended by signal %d",
		    r->q->program, WTERMSIG(status));
	}
	if (out->outcome == QUEUE_TAKEN)
		snprintf(out->text, sizeof(out->text), "Queued! %lld qp %ld",
		    (long long)clock_wall_s(r->q->clock), (long)pid);
}

void
queue_qmail_run(const struct queue_qmail *q, const struct queue_message *m,
    struct queue_result *out)
{
	struct run r = { .q = q,
		.end_ms = clock_mono_ms(q->clock) + q->limit_ms,
		.pid = -1,
		.message = { .fd = -1 },
		.envelope = { .fd = -1 } };
	int status = 0;
	*out = (struct queue_result){ .outcome = QUEUE_DECLINED };
	bool ok = make_envelope(&r, m) ||
		  err_set(&r.err, ERR_TEMPORARY, "envelope is too large");
	ok = ok && start(&r, m);
	pid_t pid = r.pid;
	ok = ok && feed_all(&r) && reap(&r, &status);
	end(&r);
	if (ok)
		judge_end(&r, status, pid, out);
	else
		out->err = r.err;
}
