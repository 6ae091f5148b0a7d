/*
 * A message signed as the daemon does it: by its user, with the key file opened
 * by that user. A child process becomes the user, so nothing else is done as
 * somebody else.
 */
#include "core/base/i18n.h"
#include "core/model/dkim_probe.h"
#include "core/sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	FIELD_MAX = 65536,
	CANNOT_BECOME = 3,
	CANNOT_READ = 4,
	CANNOT_SIGN = 5
};

static const char probe[] = "From: probe@%s\n"
			    "To: probe@%s\n"
			    "Subject: probe of smemail dkim check\n"
			    "Date: Thu, 01 Jan 2026 00:00:00 +0000\n"
			    "Message-ID: <probe@%s>\n"
			    "\n"
			    "This message is not sent.\n";

/* In the child: become the user and sign; the field goes to 'to'. */
static int
child(const struct crypto *c, const struct dkim_own *own,
    const struct passwd *pw, struct str text, int64_t now_s, int to)
{
	struct buf pem = BUF_INIT(CRYPTO_PEM_MAX), field = BUF_INIT(FIELD_MAX);
	struct arena *a = arena_new(1 << 20, NULL, NULL);
	struct mail_header h;
	if (pw != NULL &&
	    (setgroups(1, &pw->pw_gid) != 0 || setgid(pw->pw_gid) != 0 ||
		setuid(pw->pw_uid) != 0))
		return CANNOT_BECOME;
	if (!file_read(own->private_real, NULL, &pem, NULL))
		return CANNOT_READ;
	struct crypto_key *key = c->key_private(buf_str(&pem), NULL);
	struct dkim_sign how = { .crypto = c,
		.key = key,
		.domain = str_of(own->domain),
		.selector = str_of(own->selector),
		.header_canon = DKIM_RELAXED,
		.body_canon = DKIM_RELAXED,
		.now_s = now_s };
	bool ok = key != NULL && a != NULL &&
		  mail_header_parse(text, a, &h) == MAIL_HEADER_OK &&
		  dkim_sign(&how, &h, a, &field, NULL) &&
		  file_write_all(to, buf_str(&field));
	return ok ? 0 : CANNOT_SIGN;
}

static bool
explain(int status, const char *user, const struct dkim_own *own, struct err *e)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : CANNOT_SIGN;
	if (code == CANNOT_BECOME)
		return err_set(e, ERR_PERMANENT, _("cannot become '%s'"), user);
	if (code == CANNOT_READ)
		return err_set(e, ERR_PERMANENT, _("'%s' cannot read '%s'"),
		    user, own->private_path);
	return err_set(
	    e, ERR_PERMANENT, _("'%s' cannot sign with this key"), user);
}

/* Run the child and append what it wrote. */
static bool
run_child(const struct model_ctx *m, const struct crypto *c,
    const struct dkim_own *own, const struct passwd *pw, const char *user,
    struct str text, struct buf *out, struct err *e)
{
	int ends[2], status = 0;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_set_errno(e, errno, _("cannot make a pipe"));
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		_exit(child(c, own, pw, text, clock_wall_s(m->clock), ends[1]));
	}
	int saved = errno;
	close(ends[1]);
	bool ok = pid > 0 && file_read_fd(ends[0], "probe", out, e);
	close(ends[0]);
	if (pid < 0)
		return err_set_errno(e, saved, _("cannot start a process"));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status != 0)
		return explain(status, user, own, e);
	return ok;
}

bool
dkim_probe_sign(const struct model_ctx *m, const struct crypto *c,
    const struct dkim_own *own, struct buf *out, const char **user,
    struct err *e)
{
	const struct passwd *daemon = getpwnam(DKIM_USER);
	const struct passwd *pw = geteuid() == 0 ? daemon : NULL;
	struct buf field = BUF_INIT(FIELD_MAX);
	const char *text = arena_printf(
	    m->arena, probe, own->domain, own->domain, own->domain);
	*user = pw != NULL ? DKIM_USER : m->user;
	bool ok = run_child(m, c, own, pw, *user, str_of(text), &field, e) &&
		  buf_add_str(out, buf_str(&field)) && buf_add_cstr(out, text);
	buf_clear(&field);
	return ok;
}
