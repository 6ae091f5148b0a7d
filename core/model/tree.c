/* The services of an embedded root. */
#include "core/model/tree.h"

#include "core/base/buf.h"
#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/db/db.h"
#include "core/model/counters.h"
#include "core/service/service.h"
#include "core/sys/file.h"
#include "core/sys/lock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_FILE "/var/lock/smemail-services"

enum {
	SCRIPT_MAX = 64 * 1024,
	PORT_DEFAULT = 25,
	UP_LIMIT_MS = 15000,
	DOWN_LIMIT_MS = SERVICE_END_MS + 5000, /* with what is killed then */
	LOCK_WAIT_MS = 30000,
	TRY_MS = 500,
	POLL_MS = 20
};

bool
tree_check_embedded(const struct model_ctx *m, struct err *e)
{
	if (!root_is_system(m->root))
		return model_root_check(m->root, e);
	err_set(e, ERR_USAGE,
	    _("'/' is run by the machine itself, not by smemail"));
	return err_next(e, _("name a root with --root DIR"));
}

/* A property of the configuration database, or NULL. */
static const char *
config_prop(const struct model_ctx *m, const char *key, const char *prop)
{
	char path[SYS_PATH_MAX];
	struct db *db = NULL;
	struct str v;
	const char *found = NULL;
	if (db_path(m->root, "configuration", path, NULL, NULL) &&
	    db_load(path, NULL, &db, NULL) &&
	    db_prop(db, key, prop, m->arena, &v))
		found = v.ptr;
	db_free(db);
	return found;
}

/* The port that a record stores, or the other one. */
static int
port_of(const struct model_ctx *m, const char *key, int otherwise)
{
	const char *text = config_prop(m, key, "TCPPort");
	int64_t port;
	if (text == NULL || !num_parse_i64(str_of(text), 1, 65535, &port))
		return otherwise;
	return (int)port;
}

int
tree_smtp_port(const struct model_ctx *m)
{
	return port_of(m, "smtpd", PORT_DEFAULT);
}

bool
tree_service_enabled(const struct model_ctx *m, const char *service)
{
	const char *status = config_prop(m, service, "status");
	return status != NULL && strcmp(status, "enabled") == 0;
}

static bool
script_write(const struct model_ctx *m, const char *path, const char *text,
    size_t *files, struct err *e)
{
	char real[SYS_PATH_MAX];
	struct buf old = BUF_INIT(SCRIPT_MAX);
	const struct file_replace how = {
		.mode = 0755,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.shown = path,
	};
	if (!root_path(m->root, path, real, e))
		return false;
	bool same =
	    file_read(real, path, &old, NULL) && str_is(buf_str(&old), text);
	buf_clear(&old);
	if (same)
		return true;
	if (files != NULL)
		++*files;
	return file_mkdirs_for(real, 0755, path, e) &&
	       file_replace(real, str_of(text), &how, e);
}

static void
shell_word(struct buf *out, const char *prefix, const char *path)
{
	struct buf word = BUF_INIT(2 * SYS_PATH_MAX);
	buf_addf(&word, "%s%s", prefix, path);
	escape_shell(out, buf_str(&word));
	out->failed = out->failed || word.failed;
	buf_clear(&word);
}

/* What are services of their own on a server is served by one daemon here. */
static const struct {
	const char *service, *role;
	const char *key; /* of the record with its port */
	int port;
} more_listens[] = {
	{ "sqpsmtpd", "smtps", "ssmtpd", 465 },
	{ "uqpsmtpd", "submission", "uqpsmtpd", 587 },
};

const char *
tree_smtp_listens(const struct model_ctx *m)
{
	const char *all =
	    arena_printf(m->arena, "127.0.0.1:%d", tree_smtp_port(m));
	for (size_t i = 0; i < ARRAY_LEN(more_listens); i++)
		if (tree_service_enabled(m, more_listens[i].service))
			all = arena_printf(m->arena, "%s,%d", all,
			    port_of(
				m, more_listens[i].key, more_listens[i].port));
	return all;
}

/* The SMTP filter in the foreground, log lines on its standard error. */
static void
run_script(const struct model_ctx *m, const char *filterd, struct buf *out)
{
	const char *root = m->root->prefix;
	buf_addf(out, "#!/bin/sh\n"
		      "# Written by smemail; it is written again by "
		      "\"smemail up\".\n"
		      "exec 2>&1\n"
		      "cd ");
	shell_word(out, root, "/var/service/qpsmtpd");
	buf_addf(out, " || exit 111\n. ./runenv\nQMAIL=");
	shell_word(out, root, "/var/qmail");
	buf_addf(
	    out, "\nexport QMAIL INSTANCES INSTANCES_PER_IP WORKERS\nexec ");
	shell_word(out, filterd, "");
	buf_addf(out, " --foreground --config ");
	shell_word(out, root, "/var/service/qpsmtpd/config");
	/* a restart reads this script and what it reads anew */
	buf_addf(out, " \\\n\t--again ");
	shell_word(out, root, "/var/service/qpsmtpd/run");
	buf_addf(out, " \\\n\t--control ");
	shell_word(out, root, COUNTERS_SOCKET);
	buf_addf(out, " \\\n\t--listen smtp:127.0.0.1:\"$PORT\"");
	for (size_t i = 0; i < ARRAY_LEN(more_listens); i++) {
		if (tree_service_enabled(m, more_listens[i].service))
			buf_addf(out,
			    " \\\n\t--listen %s:127.0.0.1:"
			    "\"$(. ../%s/runenv && echo \"$PORT\")\"",
			    more_listens[i].role, more_listens[i].service);
	}
	buf_addf(out, "\n");
}

static void
log_script(const struct model_ctx *m, struct buf *out)
{
	buf_addf(out, "#!/bin/sh\n# Written by smemail, as run beside it.\n"
		      "exec svlogd -t ");
	shell_word(out, m->root->prefix, "/var/log/qpsmtpd");
	buf_addf(out, "\n");
}

/* Asked by runit's sv: is it ready? */
static void
check_script(const struct model_ctx *m, const char *filterd, struct buf *out)
{
	buf_addf(out, "#!/bin/sh\n# Written by smemail, as run beside it.\n"
		      "exec ");
	shell_word(out, filterd, "");
	buf_addf(out, " --ready ");
	shell_word(out, m->root->prefix, COUNTERS_SOCKET);
	buf_addf(out, " >/dev/null 2>&1\n");
}

bool
tree_scripts_write(const struct model_ctx *m, const char *filterd,
    size_t *files, struct err *e)
{
	static const char *const paths[] = { "/var/service/qpsmtpd/run",
		"/var/service/qpsmtpd/log/run", "/var/service/qpsmtpd/check" };
	struct buf texts[] = { BUF_INIT(SCRIPT_MAX), BUF_INIT(SCRIPT_MAX),
		BUF_INIT(SCRIPT_MAX) };
	bool ok = true;
	run_script(m, filterd, &texts[0]);
	log_script(m, &texts[1]);
	check_script(m, filterd, &texts[2]);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		ok = ok &&
		     script_write(m, paths[i], buf_cstr(&texts[i]), files, e);
		buf_clear(&texts[i]);
	}
	return ok;
}

static struct sockaddr_in
loopback(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	a.sin_port = htons((uint16_t)port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return a;
}

/* Could a server listen there? Told before anything is started. */
static bool
port_is_free(const struct model_ctx *m, int port, struct err *e)
{
	struct sockaddr_in a = loopback(port);
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set_errno(e, errno, _("cannot make a socket"));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	bool ok = bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 &&
		  listen(fd, 1) == 0;
	int saved = errno;
	close(fd);
	if (ok)
		return true;
	err_set_errno(e, saved, _("cannot listen on '127.0.0.1:%d'"), port);
	if (saved == EACCES)
		return err_next(e,
		    _("run it as root, or choose a port above 1023: smemail "
		      "--root %s set smtp.port 2525"),
		    m->root->prefix);
	return err_next(e,
	    _("end the program there, or: smemail --root %s set smtp.port %d "
	      "&& smemail --root %s apply"),
	    m->root->prefix, port < 65500 ? port + 1 : 2525, m->root->prefix);
}

/* One try: connected, and the first bytes are a greeting. */
static bool
greets(int port, int limit_ms, char *line, size_t size)
{
	struct sockaddr_in a = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int problem = 0;
	socklen_t len = sizeof(problem);
	line[0] = '\0';
	if (fd < 0)
		return false;
	bool ok =
	    connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0 ||
	    (errno == EINPROGRESS && poll(&p, 1, limit_ms) == 1 &&
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &len) == 0 &&
		problem == 0);
	p.events = POLLIN;
	if (ok && poll(&p, 1, limit_ms) == 1) {
		ssize_t n = read(fd, line, size - 1);
		line[n > 0 ? n : 0] = '\0';
	}
	close(fd);
	return strncmp(line, "220", 3) == 0;
}

bool
tree_smtp_answers(
    const struct model_ctx *m, int port, int64_t limit_ms, struct err *e)
{
	int64_t deadline = clock_mono_ms(m->clock) + limit_ms;
	char line[256];
	while (!greets(port, TRY_MS, line, sizeof(line))) {
		if (clock_mono_ms(m->clock) < deadline) {
			clock_sleep_ms(m->clock, POLL_MS);
			continue;
		}
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] != '\0')
			err_set(e, ERR_TEMPORARY,
			    _("port %d does not greet, it says '%s'"), port,
			    line);
		else
			err_set(e, ERR_TEMPORARY,
			    _("port %d does not answer within %lld s"), port,
			    (long long)(limit_ms / 1000));
		return err_next(
		    e, "smemail --root %s log follow qpsmtpd", m->root->prefix);
	}
	return true;
}

/* ES-145: a file "down" keeps a service from being started with the tree. */
static bool
down_file_set(const struct model_ctx *m, bool down, struct err *e)
{
	char path[SYS_PATH_MAX];
	const struct file_replace how = {
		.mode = 0644,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
	};
	if (!root_path(m->root, "/var/service/qpsmtpd/down", path, e))
		return false;
	if (down)
		return file_replace(path, str_of(""), &how, e);
	return unlink(path) == 0 || errno == ENOENT ||
	       err_set_errno(e, errno, _("cannot remove '%s'"), path);
}

static bool
services_lock(const struct model_ctx *m, struct lock *l, struct err *e)
{
	char path[SYS_PATH_MAX];
	return root_path(m->root, LOCK_FILE, path, e) &&
	       file_mkdirs_for(path, 0755, LOCK_FILE, e) &&
	       lock_take(l, path, LOCK_FILE, LOCK_WAIT_MS, m->clock, e);
}

static bool
tree_start(const struct model_ctx *m, const char *filterd,
    const struct tree_state *st, struct err *e)
{
	if (!tree_scripts_write(m, filterd, NULL, e) ||
	    !down_file_set(m, st->disabled, e) ||
	    (!st->disabled && !port_is_free(m, st->port, e)) ||
	    !service_tree_start(m->root, "runsvdir", m->clock, e))
		return false;
	if (st->disabled || tree_smtp_answers(m, st->port, UP_LIMIT_MS, e))
		return true;
	const char *last = tree_log_last(m);
	if (last != NULL && last[0] != '\0')
		err_set(e, ERR_TEMPORARY,
		    _("cannot start 'qpsmtpd': its last words: %s"), last);
	return false;
}

bool
tree_up(const struct model_ctx *m, const char *filterd, struct tree_state *out,
    bool *was_up, struct err *e)
{
	struct lock l = LOCK_INIT;
	*was_up = false;
	if (!tree_check_embedded(m, e) || !services_lock(m, &l, e))
		return false;
	out->port = tree_smtp_port(m);
	out->disabled = !tree_service_enabled(m, "qpsmtpd");
	out->runsvdir = service_tree_pid(m->root);
	*was_up = out->runsvdir > 0;
	bool ok = *was_up || tree_start(m, filterd, out, e);
	out->runsvdir = service_tree_pid(m->root);
	if (!ok && out->runsvdir > 0) {
		/* leave nothing half started behind, tell the first error */
		bool stopped =
		    service_tree_stop(m->root, DOWN_LIMIT_MS, m->clock, NULL);
		(void)stopped;
	}
	lock_release(&l);
	return ok;
}

bool
tree_down(const struct model_ctx *m, bool *was_up, struct err *e)
{
	struct lock l = LOCK_INIT;
	if (!tree_check_embedded(m, e) || !services_lock(m, &l, e))
		return false;
	*was_up = service_tree_pid(m->root) > 0;
	bool ok = service_tree_stop(m->root, DOWN_LIMIT_MS, m->clock, e);
	lock_release(&l);
	return ok;
}
