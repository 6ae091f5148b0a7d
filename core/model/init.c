/* Laying out a tree. */
#include "core/model/init_int.h"

#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/db/db.h"
#include "core/model/files.h"
#include "core/model/tree.h"
#include "core/net/tls_server.h"
#include "core/sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* There until everything is laid out: what holds it may be begun again. */
#define UNFINISHED "/etc/e-smith/init-unfinished"
#define DB_DIR     "/home/e-smith/db"
/* with its key; what the templates' tls line names */
#define CERTIFICATE "/var/service/qpsmtpd/config/ssl/cert.pem"

enum {
	CERTIFICATE_MAX = 16 * 1024,
	SOCKET_PATH_MAX = 108, /* sun_path with its NUL (T-27) */
	SOCKET_LONGEST = 48    /* below a root: /var/lib/cvm/... and its like */
};

struct folder {
	const char *path;
	mode_t mode;
};

static const struct folder folders[] = {
	{ "/dev", 0755 },
	{ "/etc/e-smith/events/actions", 0755 },
	{ "/etc/e-smith/events/email-update", 0755 },
	{ "/etc/e-smith/templates", 0755 },
	{ "/etc/e-smith/templates-custom", 0755 },
	{ "/etc/e-smith/templates-default", 0755 },
	{ "/etc/e-smith/templates-user", 0755 },
	{ "/etc/e-smith/templates-user-custom", 0755 },
	{ "/etc/e-smith/templates.metadata", 0755 },
	{ "/home/e-smith/Maildir", 0700 },
	{ "/home/e-smith/dkim_keys", 0755 },
	{ "/home/e-smith/files/users", 0755 },
	{ "/service", 0755 },
	{ "/tmp", 0700 },
	{ "/var/clamav", 0755 },
	{ "/var/lib/cvm", 0755 },
	{ "/var/lib/qpsmtpd/karma", 0755 },
	{ "/var/lib/smemail", 0755 },
	{ "/var/lock", 0755 },
	{ "/var/lock/fetchmail", 0700 },
	{ "/var/log/qpsmtpd", 0755 },
	{ "/var/qmail/alias", 02755 },
	{ "/var/qmail/control", 0755 },
	{ "/var/qmail/users", 0755 },
	{ "/var/run", 0755 },
	{ "/var/service/qpsmtpd/config/peers", 0755 },
	{ "/var/service/qpsmtpd/config/ssl", 0755 },
	{ "/var/service/qpsmtpd/log", 0755 },
	{ "/var/spool/qpsmtpd", 0750 },
};

/* Links: where, and what they hold. */
static const char *const links[][2] = {
	{ "/service/qpsmtpd", "../var/service/qpsmtpd" },
	{ "/var/service/qpsmtpd/config/dkim",
	    "../../../../home/e-smith/dkim_keys" },
	/* admin's mailbox is the server's own, beside those of the users */
	{ "/home/e-smith/files/users/admin", "../.." },
};

static const char heading[] =
    "#------------------------------------------------------------\n"
    "# Generated: changes made here are lost. Set it with smemail,\n"
    "# or put a fragment below /etc/e-smith/templates-custom.\n"
    "#------------------------------------------------------------\n";

static bool
write_file(const struct model_ctx *m, const char *path, const char *text,
    size_t *files, struct err *e)
{
	char real[SYS_PATH_MAX];
	const struct file_replace how = {
		.mode = 0644,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.shown = path,
	};
	++*files;
	return root_path(m->root, path, real, e) &&
	       file_mkdirs_for(real, 0755, path, e) &&
	       file_replace(real, str_of(text), &how, e);
}

/* A folder with this mode, whatever the umask. */
static bool
folder_make(
    const struct model_ctx *m, const char *path, mode_t mode, struct err *e)
{
	char real[SYS_PATH_MAX];
	return root_path(m->root, path, real, e) &&
	       file_mkdirs_for(real, 0755, path, e) &&
	       file_mkdirs(real, mode, path, e) &&
	       (chmod(real, mode) == 0 ||
		   err_set_errno(e, errno, _("cannot make folder '%s'"), path));
}

static bool
maildir_make(const struct model_ctx *m, const char *home, struct err *e)
{
	static const char *const parts[] = { "", "/cur", "/new", "/tmp" };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (!folder_make(m,
			arena_printf(m->arena, "%s/Maildir%s", home, parts[i]),
			0700, e))
			return false;
	return true;
}

static bool
links_make(const struct model_ctx *m, size_t *files, struct err *e)
{
	char real[SYS_PATH_MAX];
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		if (!root_path(m->root, links[i][0], real, e))
			return false;
		if (symlink(links[i][1], real) != 0 && errno != EEXIST)
			return err_set_errno(
			    e, errno, _("cannot make '%s'"), links[i][0]);
		++*files;
	}
	return true;
}

/* Nothing in the folder; a missing one is empty. */
static bool
is_empty(const char *real)
{
	DIR *d = opendir(real);
	struct dirent *entry;
	bool empty = true;
	if (d == NULL)
		return errno == ENOENT;
	while (empty && (entry = readdir(d)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 ||
			strcmp(entry->d_name, "..") == 0;
	closedir(d);
	return empty;
}

/* Plugin lines are parted at blanks and hold printable ASCII (FL-38). */
static bool
path_fits_lines(const char *path)
{
	for (const char *p = path; *p != '\0'; p++)
		if (*p <= ' ' || *p >= 127)
			return false;
	return true;
}

static bool
place_check(const struct model_ctx *m, bool *existed, struct err *e)
{
	char real[SYS_PATH_MAX], marker[SYS_PATH_MAX];
	const char *dir = m->root->prefix;
	size_t room = SOCKET_PATH_MAX - 1 - SOCKET_LONGEST;
	if (root_is_system(m->root)) {
		err_set(e, ERR_USAGE,
		    _("cannot lay out a mail system in '/': it belongs to "
		      "the machine"));
		return err_next(e, "smemail init --root DIR");
	}
	if (!root_path(m->root, DB_DIR, real, e) ||
	    !root_path(m->root, UNFINISHED, marker, e))
		return false;
	*existed = file_is_dir(real) && !file_exists(marker);
	if (*existed)
		return true;
	if (strlen(dir) > room) {
		err_set(e, ERR_USAGE,
		    _("cannot lay out a mail system in '%s': its path has %zu "
		      "bytes, and sockets below it allow %zu"),
		    dir, strlen(dir), room);
		return err_next(e, _("choose a shorter path"));
	}
	if (!path_fits_lines(dir)) {
		err_set(e, ERR_USAGE,
		    _("cannot lay out a mail system in '%s': plugin lines "
		      "cannot hold such a path"),
		    dir);
		return err_next(e, _("choose a path of ASCII without blanks"));
	}
	if (!is_empty(dir) && !file_exists(marker)) {
		err_set(e, ERR_USAGE,
		    _("cannot lay out a mail system in '%s': it holds "
		      "something else"),
		    dir);
		return err_next(e, _("name an empty or a new folder"));
	}
	return true;
}

static bool
is_host_name(const char *name)
{
	size_t n = strlen(name);
	if (n == 0 || n > 253 || name[0] == '.' || name[0] == '-' ||
	    name[n - 1] == '.' || strchr(name, '.') == NULL ||
	    strstr(name, "..") != NULL)
		return false;
	for (const char *p = name; *p != '\0'; p++)
		if (!(*p >= 'a' && *p <= 'z') && !ascii_is_digit(*p) &&
		    *p != '-' && *p != '.')
			return false;
	return true;
}

/* A valid name of an account (ES-61), and none that the tree has already. */
static bool
is_user_name(const char *name)
{
	static const char *const taken[] = { "admin", "root", "everyone",
		"postmaster", "abuse", "mailer-daemon", "shared" };
	if (!(name[0] >= 'a' && name[0] <= 'z') || strlen(name) > 31)
		return false;
	for (const char *p = name; *p != '\0'; p++)
		if (!(*p >= 'a' && *p <= 'z') && !ascii_is_digit(*p) &&
		    *p != '-' && *p != '_' && *p != '.')
			return false;
	for (size_t i = 0; i < ARRAY_LEN(taken); i++)
		if (strcmp(taken[i], name) == 0)
			return false;
	return true;
}

static bool
wish_check(const struct model_ctx *m, struct init_wish *w, struct err *e)
{
	if (w->release == NULL)
		w->release = "10";
	if (w->domain == NULL)
		w->domain = "example.test";
	if (w->user == NULL)
		w->user =
		    m->user != NULL && is_user_name(m->user) ? m->user : "user";
	if (strcmp(w->release, "9.1") != 0 && strcmp(w->release, "10") != 0 &&
	    strcmp(w->release, "11") != 0)
		return err_set(e, ERR_USAGE,
		    _("'%s' is no release smemail lays out: 9.1, 10 or 11"),
		    w->release);
	if (!is_host_name(w->domain))
		return err_set(e, ERR_USAGE,
		    _("'%s' is not a domain: small letters, digits and "
		      "hyphens with a dot between"),
		    w->domain);
	if (!is_user_name(w->user))
		return err_set(e, ERR_USAGE,
		    _("'%s' cannot be the first user: small letters, digits, "
		      "'-', '_', '.', a letter first, and no name of the "
		      "system"),
		    w->user);
	if (w->port_base < 1 || w->port_base > INIT_PORT_BASE_MAX)
		return err_set(e, ERR_USAGE,
		    _("'%d' is not a port base: whole number, 1 to %d"),
		    w->port_base, INIT_PORT_BASE_MAX);
	return true;
}

/* What stands there, read from the databases. */
static void
result_read(const struct model_ctx *m, struct init_result *out)
{
	char path[SYS_PATH_MAX];
	struct db *db = NULL;
	struct str v;
	out->release = model_release(m->root, m->arena);
	out->domain = "-";
	out->user = "-";
	if (db_path(m->root, "configuration", path, NULL, NULL) &&
	    db_load(path, NULL, &db, NULL)) {
		const struct db_record *r = db_find(db, STR("DomainName"));
		if (r != NULL)
			out->domain = db_record_value(r, m->arena).ptr;
	}
	db_free(db);
	db = NULL;
	if (db_path(m->root, "accounts", path, NULL, NULL) &&
	    db_load(path, NULL, &db, NULL))
		for (size_t i = 0; i < db_count(db); i++) {
			const struct db_record *r = db_at(db, i);
			v = db_record_type(r, m->arena);
			if (!str_is(v, "user"))
				continue;
			out->user = arena_cstr(m->arena, r->key);
			break;
		}
	db_free(db);
	out->smtp_port = tree_smtp_port(m);
}

static bool
folders_make(const struct model_ctx *m, const struct init_wish *w,
    size_t *files, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		if (!folder_make(m, folders[i].path, folders[i].mode, e))
			return false;
	const char *home =
	    arena_printf(m->arena, "/home/e-smith/files/users/%s", w->user);
	return maildir_make(m, "/home/e-smith", e) &&
	       maildir_make(m, home, e) && links_make(m, files, e) &&
	       write_file(m, "/etc/e-smith/templates-default/template-begin",
		   heading, files, e) &&
	       folder_make(m, DB_DIR, 0750, e);
}

/*
 * A certificate of its own, so that TLS works at once; who has a better one
 * puts it there.
 */
static bool
certificate_make(
    const struct model_ctx *m, const char *domain, size_t *files, struct err *e)
{
	char path[SYS_PATH_MAX];
	const struct file_replace how = {
		.mode = 0600,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.shown = CERTIFICATE,
	};
	const struct tls_server_calls *tls = tls_server_load(e);
	struct buf pem = BUF_INIT(CERTIFICATE_MAX);
	if (tls == NULL || !root_path(m->root, CERTIFICATE, path, e))
		return false;
	if (access(path, F_OK) == 0)
		return true;
	/* the host's name as the records have it */
	const char *name = arena_printf(m->arena, "mail.%s", domain);
	/* whole at once: growing would leave copies of the key behind */
	bool ok = buf_reserve(&pem, CERTIFICATE_MAX) != NULL &&
		  tls->self_signed(name, &pem, e) &&
		  file_replace(path, buf_str(&pem), &how, e);
	buf_wipe(&pem);
	++*files;
	return ok;
}

static bool
generate_all(const struct model_ctx *m, size_t *files, struct err *e)
{
	struct expand *x = NULL;
	const char *const *paths;
	size_t n;
	struct files_set set = { NULL, 0, 0 };
	bool ok = expand_open(m, m->root, &x, e) &&
		  files_of_event(m, x, NULL, NULL, &paths, &n, e) &&
		  files_make(m, x, paths, n, true, &set, e) &&
		  files_write(m, &set, e);
	*files += set.n_differ;
	expand_close(x);
	return ok;
}

bool
init_root(const struct model_ctx *m, const struct init_wish *wish,
    struct init_result *out, struct err *e)
{
	char marker[SYS_PATH_MAX];
	struct init_wish w = *wish;
	*out = (struct init_result){ .existed = false };
	if (!place_check(m, &out->existed, e))
		return false;
	if (out->existed) {
		result_read(m, out);
		return true;
	}
	struct model_ctx with = *m;
	size_t n = 0;
	if (!wish_check(m, &w, e))
		return false;
	with.release = w.release;
	if (w.dry_run) {
		out->release = w.release;
		out->domain = w.domain;
		out->user = w.user;
		out->smtp_port = w.port_base + INIT_SMTP_OFFSET;
		return true;
	}
	/* first, so that what cannot be made is named as it was given */
	if (!file_mkdirs(m->root->prefix, 0755, m->root->prefix, e))
		return false;
	if (!write_file(m, UNFINISHED, "", &n, e) ||
	    !folders_make(m, &w, &n, e) || !init_records(m, &w, &n, e) ||
	    !tree_scripts_write(&with, w.filterd, &n, e) ||
	    !certificate_make(m, w.domain, &n, e) ||
	    !generate_all(&with, &n, e))
		return false;
	if (!root_path(m->root, UNFINISHED, marker, e))
		return false;
	if (unlink(marker) != 0)
		return err_set_errno(
		    e, errno, _("cannot remove '%s'"), UNFINISHED);
	result_read(m, out);
	out->files = n - 1;
	return true;
}
