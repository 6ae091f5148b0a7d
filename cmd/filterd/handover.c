/* Passing sockets and channels on to the program that this one becomes. */
#include "cmd/filterd/handover.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define VARIABLE "SMEMAIL_FILTERD_HANDOVER"

enum {
	TEXT_MAX = 4096,
	FD_FIRST = 20, /* below are those with a meaning, and a shell's own */
	FDS_MAX = FILTERD_LISTENS_MAX + 2 * FILTERD_RETIRED_MAX + 1
};

static bool
take_fd(struct str text, int *fd)
{
	int64_t n;
	if (!num_parse_i64(text, STDERR_FILENO + 1, INT_MAX, &n))
		return false;
	*fd = (int)n;
	return true;
}

static bool
take_listen(struct handover *h, struct str item)
{
	return h->n_listens < FILTERD_LISTENS_MAX &&
	       take_fd(item, &h->listens[h->n_listens++]);
}

/* "CHANNEL:PID:BOARD" */
static bool
take_worker(struct handover *h, struct str item)
{
	struct str rest;
	struct str fd = str_cut(item, ':', &rest);
	struct str pid = str_cut(rest, ':', &rest);
	int64_t n;
	if (h->n_workers == FILTERD_RETIRED_MAX)
		return false;
	struct handover_worker *w = &h->workers[h->n_workers++];
	if (!take_fd(fd, &w->fd) || !num_parse_i64(pid, 2, INT_MAX, &n) ||
	    !take_fd(rest, &w->board_fd))
		return false;
	w->pid = (pid_t)n;
	return true;
}

static bool
take_number(struct handover *h, struct str item)
{
	uint64_t n;
	bool ok = num_parse_u64(item, UINT32_MAX, &n);
	h->number = ok ? (uint32_t)n : 0;
	return ok;
}

static bool
take_sessions(struct handover *h, struct str item)
{
	return take_fd(item, &h->sessions_fd);
}

static const struct {
	const char *name;
	bool (*take)(struct handover *h, struct str item);
} lists[] = {
	{ "number", take_number },
	{ "listen", take_listen },
	{ "worker", take_worker },
	{ "sessions", take_sessions },
};

static bool
take_list(struct handover *h, struct str name, struct str items)
{
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		bool ok = true;
		if (!str_is(name, lists[i].name))
			continue;
		while (ok && items.len > 0)
			ok = lists[i].take(h, str_cut(items, ',', &items));
		return ok;
	}
	return false;
}

bool
handover_parse(struct handover *h, struct str text)
{
	struct str rest = text, items;
	*h = (struct handover){ .happened = true, .sessions_fd = -1 };
	while (rest.ptr != NULL) {
		struct str list = str_cut(rest, ';', &rest);
		struct str name = str_cut(list, '=', &items);
		if (!take_list(h, name, items))
			return false;
	}
	return true;
}

static int
by_number(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;
	return x < y ? -1 : x > y;
}

/* What is there of it; how many. */
static size_t
descriptors(const struct handover *h, int fds[FDS_MAX])
{
	size_t n = 0;
	for (unsigned i = 0; i < h->n_listens; i++)
		fds[n++] = h->listens[i];
	for (unsigned i = 0; i < h->n_workers; i++) {
		fds[n++] = h->workers[i].fd;
		fds[n++] = h->workers[i].board_fd;
	}
	if (h->sessions_fd >= 0)
		fds[n++] = h->sessions_fd;
	return n;
}

/* All from 'first' on but these. */
static void
close_others(const struct handover *h, int first)
{
	int kept[FDS_MAX];
	size_t n = descriptors(h, kept);
	qsort(kept, n, sizeof(kept[0]), by_number);
	for (size_t i = 0; i < n; i++) {
		(void)fcntl(kept[i], F_SETFD, FD_CLOEXEC);
		/* old kernels lack it: a wall less */
		if (kept[i] > first)
			(void)close_range(
			    (unsigned)first, (unsigned)kept[i] - 1, 0);
		if (kept[i] >= first)
			first = kept[i] + 1;
	}
	(void)close_range((unsigned)first, ~0U, 0);
}

/* Is it what it is said to be? */
static bool
listens(int fd)
{
	int on = 0;
	socklen_t size = sizeof(on);
	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &size) == 0 && on;
}

void
handover_take(struct handover *h, int first)
{
	const char *text = getenv(VARIABLE);
	if (text == NULL || !handover_parse(h, str_of(text)))
		*h = (struct handover){ .happened = text != NULL,
			.sessions_fd = -1 };
	unsetenv(VARIABLE);
	unsigned n = 0;
	for (unsigned i = 0; i < h->n_listens; i++) {
		if (listens(h->listens[i]))
			h->listens[n++] = h->listens[i];
	}
	h->n_listens = n;
	close_others(h, first);
}

/* The same address; any port where the kernel was to choose one. */
static bool
is_at(int fd, const struct listen_spec *spec)
{
	struct sockaddr_storage a = { 0 }, wanted = spec->address;
	socklen_t n = sizeof(a);
	if (getsockname(fd, (struct sockaddr *)(void *)&a, &n) != 0 ||
	    a.ss_family != wanted.ss_family)
		return false;
	if (a.ss_family == AF_INET6) {
		const struct sockaddr_in6 *x = (const void *)&a;
		const struct sockaddr_in6 *y = (const void *)&wanted;
		return memcmp(&x->sin6_addr, &y->sin6_addr,
			   sizeof(x->sin6_addr)) == 0 &&
		       (y->sin6_port == 0 || x->sin6_port == y->sin6_port);
	}
	const struct sockaddr_in *x = (const void *)&a;
	const struct sockaddr_in *y = (const void *)&wanted;
	return x->sin_addr.s_addr == y->sin_addr.s_addr &&
	       (y->sin_port == 0 || x->sin_port == y->sin_port);
}

int
handover_find(struct handover *h, const struct listen_spec *spec)
{
	for (unsigned i = 0; i < h->n_listens; i++) {
		int fd = h->listens[i];
		if (fd < 0 || !is_at(fd, spec))
			continue;
		h->listens[i] = -1;
		return fd;
	}
	return -1;
}

void
handover_close_listens(struct handover *h)
{
	for (unsigned i = 0; i < h->n_listens; i++) {
		if (h->listens[i] >= 0)
			close(h->listens[i]);
	}
	h->n_listens = 0;
}

void
handover_close(struct handover *h)
{
	int fds[FDS_MAX];
	handover_close_listens(h);
	for (size_t n = descriptors(h, fds); n > 0; n--)
		close(fds[n - 1]);
	*h = (struct handover)HANDOVER_INIT;
}

const char *
handover_program(const struct options *o)
{
	if (o->again != NULL)
		return o->again;
	return strchr(o->argv[0], '/') != NULL ? o->argv[0] : "/proc/self/exe";
}

bool
handover_may_run(const struct options *o, struct err *e)
{
	const char *program = handover_program(o);
	return access(program, X_OK) == 0 ||
	       err_set_errno(e, errno, _("cannot start '%s'"), program);
}

/* A copy that outlives exec. */
static bool
pass(int fd, struct buf *out)
{
	int copy = fcntl(fd, F_DUPFD, FD_FIRST);
	buf_addf(out, "%d", copy);
	return copy >= 0;
}

static bool
format(const struct handover *h, struct buf *out)
{
	bool ok = true;
	buf_addf(out, "number=%u;listen=", (unsigned)h->number);
	for (unsigned i = 0; ok && i < h->n_listens; i++) {
		buf_add_cstr(out, i > 0 ? "," : "");
		ok = pass(h->listens[i], out);
	}
	buf_add_cstr(out, ";worker=");
	for (unsigned i = 0; ok && i < h->n_workers; i++) {
		const struct handover_worker *w = &h->workers[i];
		buf_add_cstr(out, i > 0 ? "," : "");
		ok = pass(w->fd, out);
		buf_addf(out, ":%ld:", (long)w->pid);
		ok = ok && pass(w->board_fd, out);
	}
	if (h->sessions_fd >= 0) {
		buf_add_cstr(out, ";sessions=");
		ok = ok && pass(h->sessions_fd, out);
	}
	return ok && !out->failed;
}

bool
handover_leave(const struct handover *h, struct err *e)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	bool ok =
	    !h->happened ||
	    (format(h, &text) && setenv(VARIABLE, buf_cstr(&text), 1) == 0) ||
	    err_set_errno(e, errno, _("cannot pass the sockets on"));
	buf_clear(&text);
	return ok;
}

/* What was for another program is nobody's: a socket that is left open here
   would take connections that nobody answers. */
static void
take_back(void)
{
	struct handover h;
	const char *text = getenv(VARIABLE);
	if (text != NULL && handover_parse(&h, str_of(text)))
		handover_close(&h);
	unsetenv(VARIABLE);
}

void
handover_exec(const struct handover *h, const struct options *o, struct err *e)
{
	const char *program = handover_program(o);
	const char *alone[] = { program, NULL };
	sigset_t none, before;
	if (!handover_leave(h, e))
		return;
	/*
	 * One that is sent before the new program waits for it must not end it.
	 * What a script starts on the way has none blocked.
	 */
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, &before);
	execv(program,
	    o->again != NULL ? (char *const *)(const void *)alone : o->argv);
	int error = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	take_back();
	err_set_errno(e, error, _("cannot start '%s'"), program);
}
