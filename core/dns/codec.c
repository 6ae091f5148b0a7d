/* The decoder's keeper. */
#include "core/dns/codec_int.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/list.h"
#include "core/dns/flat.h"
#include "core/sys/file.h"
#include "core/sys/libexec.h"
#include "core/sys/root.h"
#include "core/sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	LENGTH_SIZE = 4,
	REPLY_MAX = DNS_FLAT_MAX + LENGTH_SIZE,
	READ_SIZE = 64 * 1024,
	HANG_MS = 2000,    /* a packet takes 2 ms at worst (T-44) */
	RESTARTS_MAX = 20, /* within the period, then it is given up */
	RESTARTS_MS = 10000,
	PACKETS_MAX = 32 << 20 /* bytes waiting to be sent */
};

struct job {
	struct list_node node;
	dns_codec_done *done; /* NULL: dropped */
	void *ctx;
	bool again; /* the decoder died once while it had this */
	size_t len;
	char packet[];
};

struct dns_codec {
	const struct clock *clock;
	char program[SYS_PATH_MAX];
	int epoll;
	void *key;
	pid_t pid; /* 0: not running */
	int fd;
	bool wants_write; /* epoll has been asked for it */
	struct list jobs; /* in the order given */
	struct buf out, in;
	int64_t head_since_ms; /* the first job is at work since then */
	int64_t period_ms;
	unsigned restarts;
	char failure[ERR_TEXT_MAX]; /* why there is none; empty: all is well */
};

struct dns_codec *
dns_codec_new(
    const char *program, int epoll, void *key, const struct clock *clock)
{
	struct dns_codec *c = calloc(1, sizeof(*c));
	if (c == NULL)
		return NULL;
	c->clock = clock;
	c->epoll = epoll;
	c->key = key;
	c->fd = -1;
	list_init(&c->jobs);
	buf_init(&c->out, PACKETS_MAX);
	buf_init(&c->in, REPLY_MAX + READ_SIZE);
	if (program != NULL)
		snprintf(c->program, sizeof(c->program), "%s", program);
	else
		libexec_find("dns-codec", c->program);
	return c;
}

static void
program_end(struct dns_codec *c)
{
	file_close_fd(&c->fd);
	c->wants_write = false;
	buf_reset(&c->in);
	buf_reset(&c->out);
	if (c->pid > 0) {
		kill(c->pid, SIGKILL);
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	c->pid = 0;
}

/* NULL: there is none. */
static struct job *
head_take(struct dns_codec *c)
{
	struct list_node *n = list_first(&c->jobs);
	if (n == NULL)
		return NULL;
	list_remove(n);
	c->head_since_ms = clock_mono_ms(c->clock);
	return LIST_ITEM(n, struct job, node);
}

void
dns_codec_free(struct dns_codec *c)
{
	if (c == NULL)
		return;
	program_end(c);
	struct job *j;
	while ((j = head_take(c)) != NULL)
		free(j);
	buf_clear(&c->in);
	buf_clear(&c->out);
	free(c);
}

static bool
program_start(struct dns_codec *c, struct err *e)
{
	static const char *const argv[] = { "smemail-dns-codec", NULL };
	static const char *const env[] = { NULL };
	struct spawn s = { .argv = argv, .path = c->program, .env = env };
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c->key };
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return err_set_errno(e, errno, "socketpair");
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	bool ok = null >= 0 && spawn_start(&s, pair[1], null, null, &c->pid, e);
	close(pair[1]);
	if (null >= 0)
		close(null);
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	ok = ok && epoll_ctl(c->epoll, EPOLL_CTL_ADD, pair[0], &ev) == 0;
	c->fd = pair[0];
	if (!ok)
		program_end(c);
	return ok;
}

static void
packet_put(struct dns_codec *c, const struct job *j)
{
	dns_put32(&c->out, (uint32_t)j->len);
	buf_add(&c->out, j->packet, j->len);
}

/* Within the bounds of how often, start and give it what waits. */
static void
program_renew(struct dns_codec *c)
{
	struct err e = ERR_INIT;
	int64_t now = clock_mono_ms(c->clock);
	if (now - c->period_ms > RESTARTS_MS) {
		c->period_ms = now;
		c->restarts = 0;
		c->failure[0] = '\0';
	}
	if (++c->restarts > RESTARTS_MAX)
		snprintf(c->failure, sizeof(c->failure), "%s",
		    _("the decoder of DNS packets keeps dying"));
	else if (!program_start(c, &e))
		snprintf(c->failure, sizeof(c->failure), "%s", e.text);
	c->head_since_ms = now;
	if (c->pid == 0)
		return;
	LIST_FOREACH(n, &c->jobs)
	packet_put(c, LIST_ITEM(n, struct job, node));
}

void
dns_codec_start(struct dns_codec *c)
{
	if (c->pid == 0)
		program_renew(c);
}

bool
dns_codec_give(
    struct dns_codec *c, struct str packet, dns_codec_done *done, void *ctx)
{
	struct job *j = malloc(sizeof(*j) + packet.len);
	if (j == NULL)
		return false;
	*j = (struct job){ .done = done, .ctx = ctx, .len = packet.len };
	memcpy(j->packet, packet.ptr, packet.len);
	if (list_is_empty(&c->jobs))
		c->head_since_ms = clock_mono_ms(c->clock);
	list_append(&c->jobs, &j->node);
	if (c->pid == 0)
		program_renew(c);
	else
		packet_put(c, j);
	return true;
}

void
dns_codec_drop(struct dns_codec *c, const void *ctx)
{
	LIST_FOREACH(n, &c->jobs)
	{
		struct job *j = LIST_ITEM(n, struct job, node);
		if (j->ctx == ctx)
			j->done = NULL;
	}
}

static void
job_done(struct job *j, struct str flat, const char *reason)
{
	if (j->done != NULL)
		j->done(j->ctx, flat, reason);
	free(j);
}

/*
 * It died or hangs. The packet it was at is blamed, at the second death only:
 * the first may have had another reason, and come before the packet.
 */
static void
program_lost(struct dns_codec *c, bool hangs)
{
	struct list_node *n = list_first(&c->jobs);
	struct job *j = n != NULL ? LIST_ITEM(n, struct job, node) : NULL;
	program_end(c);
	if (j == NULL)
		return;
	bool blamed = hangs || j->again;
	j->again = true;
	if (blamed)
		head_take(c);
	if (!list_is_empty(&c->jobs))
		program_renew(c);
	if (blamed)
		job_done(j, str_n(NULL, 0),
		    _("the reply could not be taken apart: the decoder died of "
		      "it"));
}

static void
send_some(struct dns_codec *c)
{
	while (c->out.len > 0) {
		ssize_t n = send(c->fd, c->out.data, c->out.len, MSG_NOSIGNAL);
		if (n <= 0)
			break; /* its end is seen by reading */
		buf_consume(&c->out, (size_t)n);
	}
	if (c->wants_write == (c->out.len > 0))
		return;
	c->wants_write = c->out.len > 0;
	struct epoll_event ev = {
		.events = EPOLLIN | (c->wants_write ? EPOLLOUT : 0),
		.data.ptr = c->key,
	};
	epoll_ctl(c->epoll, EPOLL_CTL_MOD, c->fd, &ev);
}

/* One whole reply, if it is there. False: the decoder talks nonsense. */
static bool
reply_take(struct dns_codec *c, bool *taken)
{
	struct str s = buf_str(&c->in);
	*taken = false;
	if (s.len < LENGTH_SIZE)
		return true;
	size_t n = dns_get32(&s);
	if (n > DNS_FLAT_MAX)
		return false;
	if (s.len < n)
		return true;
	struct job *j = head_take(c);
	*taken = j != NULL;
	if (j == NULL)
		return false;
	job_done(j, str_sub(s, 0, n), n > 0 ? "" : _("the reply is malformed"));
	buf_consume(&c->in, LENGTH_SIZE + n);
	return true;
}

/* False when it is to be given up. */
static bool
receive_some(struct dns_codec *c)
{
	bool taken = true;
	char *to = buf_reserve(&c->in, READ_SIZE);
	if (to == NULL)
		return false;
	ssize_t n = recv(c->fd, to, READ_SIZE, 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		return false;
	buf_used(&c->in, (size_t)n);
	while (taken) {
		if (!reply_take(c, &taken))
			return false;
	}
	return true;
}

static void
fail_all(struct dns_codec *c)
{
	struct job *j;
	while ((j = head_take(c)) != NULL)
		job_done(j, str_n(NULL, 0), c->failure);
}

void
dns_codec_step(struct dns_codec *c)
{
	if (c->pid != 0) {
		send_some(c);
		bool hangs =
		    !list_is_empty(&c->jobs) &&
		    clock_mono_ms(c->clock) - c->head_since_ms > HANG_MS;
		if (!receive_some(c) || hangs)
			program_lost(c, hangs);
	}
	if (c->pid == 0 && c->failure[0] != '\0')
		fail_all(c);
}

int64_t
dns_codec_next_ms(const struct dns_codec *c)
{
	const struct list *jobs = &c->jobs;
	if (list_is_empty(jobs))
		return -1;
	if (c->pid == 0 || c->out.len > 0)
		return clock_mono_ms(c->clock);
	return c->head_since_ms + HANG_MS + 1;
}
