/* Starting the parts and being one. */
#include "cmd/filterd/part.h"

#include "cmd/filterd/courier.h"
#include "cmd/filterd/limits.h"
#include "cmd/filterd/log.h"
#include "cmd/filterd/sandbox.h"
#include "core/base/i18n.h"
#include "core/sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static const struct {
	const char *role;
	enum part part, starter;
	int (*run)(struct channel *listener, const struct part_init *init);
} roles[] = {
	{ "worker", PART_WORKER, PART_LISTENER, worker_run },
	{ "keeper", PART_KEEPER, PART_LISTENER, keeper_run },
	{ "resolver", PART_RESOLVER, PART_LISTENER, resolver_run },
	{ "courier", PART_COURIER, PART_KEEPER, courier_run },
	{ "auth", PART_AUTH, PART_LISTENER, auth_run },
	{ "state", PART_STATE, PART_LISTENER, state_run },
};

static void
part_init_put(struct buf *out, const struct part_init *init)
{
	wire_put_u32(out, init->has_user);
	wire_put_u32(out, init->uid);
	wire_put_u32(out, init->gid);
	wire_put_u32(out, init->nobody_uid);
	wire_put_u32(out, init->nobody_gid);
	wire_put_u32(out, init->number);
	wire_put_u32(out, init->instances);
	wire_put_u32(out, init->relay_env);
	wire_put_u32(out, init->gains_rights);
	wire_put_str(out, init->host);
	wire_put_str(out, str_of(init->config));
	wire_put_str(out, str_of(init->qmail_control));
}

/* The texts become copies that live as long as the process. */
static bool
part_init_get(struct wire *in, struct part_init *init)
{
	init->has_user = wire_get_u32(in) != 0;
	init->uid = wire_get_u32(in);
	init->gid = wire_get_u32(in);
	init->nobody_uid = wire_get_u32(in);
	init->nobody_gid = wire_get_u32(in);
	init->number = wire_get_u32(in);
	init->instances = wire_get_u32(in);
	init->relay_env = wire_get_u32(in) != 0;
	init->gains_rights = wire_get_u32(in) != 0;
	init->host = str_of(str_dup(wire_get_str(in)));
	init->config = str_dup(wire_get_str(in));
	init->qmail_control = str_dup(wire_get_str(in));
	return wire_end(in) && init->host.len > 0 && init->config != NULL &&
	       init->qmail_control != NULL;
}

bool
part_drop_root(const struct part_init *init, struct err *e)
{
	return geteuid() != 0 ||
	       (init->has_user
		       ? sandbox_become(init->uid, init->gid, e)
		       : sandbox_become(init->nobody_uid, init->nobody_gid, e));
}

int
part_open_program(struct err *e)
{
	static const char own[] = "/proc/self/exe";
	int fd = open(own, O_RDONLY | O_CLOEXEC);
	/* out of the way of the number that a part finds its channel at */
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, PART_CHANNEL_FD + 1);
	if (moved < 0)
		err_set_errno(e, errno, _("cannot open '%s'"), own);
	if (fd >= 0)
		close(fd);
	return moved;
}

void
part_exec(int exe_fd, char *const argv[], int channel_fd)
{
	if (channel_fd == PART_CHANNEL_FD)
		fcntl(channel_fd, F_SETFD, 0);
	else if (dup2(channel_fd, PART_CHANNEL_FD) < 0)
		return;
	/* the right to ports below 1024, where it was given without root */
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	fexecve(exe_fd, argv, environ);
}

/* In the child; returns only when exec failed. */
static void
exec_role(enum part part, uint32_t number, int channel_fd, int exe_fd)
{
	char option[32];
	char name[] = "smemail-filterd";
	char *argv[] = { name, option, NULL };
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* the listener alone answers these, also from a terminal */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	/* for who looks at processes: the first has no number */
	snprintf(option, sizeof(option),
	    number > 0 ? "--role=%s:%u" : "--role=%s", part_name(part),
	    (unsigned)number + 1);
	log_pass_on();
	part_exec(exe_fd, argv, channel_fd);
}

bool
part_start(struct part_process *p, enum part self, int exe_fd,
    const struct part_init *init, struct err *e)
{
	int pair[2];
	int kind = SOCK_SEQPACKET | SOCK_CLOEXEC;
	if (socketpair(AF_UNIX, kind, 0, pair) != 0)
		return err_set_errno(e, errno, "cannot make a channel");
	pid_t pid = fork();
	if (pid == 0) {
		exec_role(p->part, init->number, pair[1], exe_fd);
		_exit(111);
	}
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return err_set_errno(
		    e, errno, "cannot start the %s", part_name(p->part));
	}
	p->pid = pid;
	p->generation = p->answered = 0;
	p->pulse = (struct part_pulse){ .full = false };
	if (!channel_init(&p->channel, pair[0], self, p->part, e))
		return false;
	p->channel.phase = CHANNEL_RUN;
	struct buf body;
	buf_init(&body, 16 * 1024);
	part_init_put(&body, init);
	enum channel_status sent = channel_send(
	    &p->channel, MESSAGE_INIT, buf_str(&body), -1, FILTERD_SEND_MS);
	buf_clear(&body);
	return sent == CHANNEL_OK ||
	       err_set(e, ERR_TEMPORARY, "cannot reach the new %s",
		   part_name(p->part));
}

int
part_bundle_fd(struct str bundle, struct str more, struct err *e)
{
	int fd = memfd_create("policy", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0) {
		err_set_errno(e, errno, "cannot pass the configuration on");
		return -1;
	}
	int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
	if (file_write_all(fd, bundle) && file_write_all(fd, more) &&
	    fcntl(fd, F_ADD_SEALS, seals) == 0)
		return fd;
	err_set_errno(e, errno, "cannot pass the configuration on");
	close(fd);
	return -1;
}

bool
part_bundle_read(int fd, struct buf *bundle, struct err *e)
{
	off_t at = 0;
	for (;;) {
		char *to = buf_reserve(bundle, FILTERD_READ_SIZE);
		if (to == NULL)
			return err_set(
			    e, ERR_TEMPORARY, "configuration is too large");
		ssize_t n = pread(fd, to, FILTERD_READ_SIZE, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set_errno(
			    e, errno, "cannot read the configuration");
		if (n == 0)
			return true;
		buf_used(bundle, (size_t)n);
		at += n;
	}
}

bool
part_take_policy(
    struct channel *listener, struct message *m, struct filter_policy **policy)
{
	struct err e = ERR_INIT;
	struct filter_policy *fresh = NULL;
	struct buf bundle = BUF_INIT(FILTERD_BUNDLE_MAX);
	struct buf body = BUF_INIT(2048);
	wire_put_u32(&body, wire_get_u32(&m->in));
	bool ok = part_bundle_read(m->fd, &bundle, &e) &&
		  filter_policy_new(buf_str(&bundle), &fresh, &e);
	close(m->fd);
	buf_clear(&bundle);
	if (ok) {
		filter_policy_free(*policy);
		*policy = fresh;
	} else {
		wire_put_str(&body, str_of(e.text));
	}
	(void)channel_send(listener, ok ? MESSAGE_READY : MESSAGE_BAD_POLICY,
	    buf_str(&body), -1, FILTERD_SEND_MS);
	buf_clear(&body);
	return ok;
}

/* The first message, or false. */
static bool
be_told(
    struct channel *c, struct part_init *init, struct message *m, struct err *e)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	if (poll(&p, 1, FILTERD_SEND_MS) <= 0)
		return err_set(e, ERR_TEMPORARY, "the listener says nothing");
	enum channel_status status = channel_receive(c, m, e);
	if (status == CHANNEL_BAD)
		return false;
	if (status != CHANNEL_OK)
		return err_set(e, ERR_TEMPORARY, "the listener is gone");
	return m->type == MESSAGE_INIT && part_init_get(&m->in, init)
		   ? true
		   : err_set(e, ERR_PERMANENT,
			 "the listener's first message is broken");
}

bool
part_find_channel(
    struct channel *c, enum part self, enum part starter, struct err *e)
{
	struct stat st;
	if (fstat(PART_CHANNEL_FD, &st) != 0 || !S_ISSOCK(st.st_mode))
		return err_set(e, ERR_USAGE,
		    _("a part of the daemon is started by the daemon only"));
	return channel_init(c, PART_CHANNEL_FD, self, starter, e);
}

int
part_main(const char *role)
{
	struct err e = ERR_INIT;
	struct str number; /* told by MESSAGE_INIT too */
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		struct channel c;
		struct part_init init;
		struct message m;
		if (!str_is(str_cut(str_of(role), ':', &number), roles[i].role))
			continue;
		if (!part_find_channel(
			&c, roles[i].part, roles[i].starter, &e) ||
		    !be_told(&c, &init, &m, &e)) {
			log_error(&e);
			return err_exit_status(e.code);
		}
		c.phase = CHANNEL_RUN;
		int status = roles[i].run(&c, &init);
		channel_clear(&c);
		return status;
	}
	log_own("there is no such part of the daemon: '%s'", role);
	return err_exit_status(ERR_USAGE);
}
