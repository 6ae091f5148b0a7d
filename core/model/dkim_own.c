/* Key files of this server: where they are, reading and making them. */
#include "core/model/dkim.h"

#include "core/base/i18n.h"
#include "core/mail/path.h"
#include "core/sys/file.h"
#include "core/template/template.h"
#include "core/sys/root.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SELECTOR_FILE_MAX = 1024,
	FOLDER_MODE = 0755
};

static const char *
suffix(enum crypto_kind kind)
{
	return kind == CRYPTO_ED25519 ? ".ed25519" : "";
}

static const char *
shown(const struct model_ctx *m, const char *folder, const char *name,
    enum crypto_kind kind)
{
	return arena_printf(m->arena, "%s/%s%s", folder, name, suffix(kind));
}

static const char *
real(const struct model_ctx *m, const char *path, struct err *e)
{
	char out[SYS_PATH_MAX];
	return root_path(m->root, path, out, e)
		   ? arena_cstr(m->arena, str_of(out))
		   : NULL;
}

/* First line of the selector file; "default" without one. */
static bool
read_selector(const struct model_ctx *m, struct dkim_own *own, struct err *e)
{
	struct buf text = BUF_INIT(SELECTOR_FILE_MAX);
	const char *path = shown(m, own->folder, "selector", own->kind);
	const char *at = real(m, path, e);
	struct err why = ERR_INIT;
	bool ok = at != NULL && file_read(at, path, &text, &why);
	if (at != NULL && !ok && why.sys_errno == ENOENT) {
		own->selector =
		    own->kind == CRYPTO_ED25519 ? "ed25519" : "default";
		ok = true;
	} else if (ok) {
		struct str rest = buf_str(&text), line = STR_EMPTY;
		bool any = str_next_line(&rest, &line);
		line = str_trim(line);
		own->selector = arena_cstr(m->arena, line);
		if (!any || line.len == 0)
			ok = err_set(e, ERR_PERMANENT,
			    _("'%s' names no selector"), path);
	} else if (at != NULL) {
		*e = why;
	}
	buf_clear(&text);
	return ok;
}

static bool
read_private(const struct crypto *c, struct dkim_own *own, struct err *e)
{
	struct buf pem = BUF_INIT(CRYPTO_PEM_MAX);
	struct stat st;
	bool ok = file_read(own->private_real, own->private_path, &pem, e) &&
		  stat(own->private_real, &st) == 0;
	if (ok) {
		own->mode = st.st_mode & 07777;
		own->uid = st.st_uid;
		own->gid = st.st_gid;
		own->made_s = st.st_mtime;
		own->key = c->key_private(buf_str(&pem), e);
		ok = own->key != NULL ||
		     err_context(e, "'%s'", own->private_path);
	}
	buf_wipe(&pem);
	if (!ok)
		return false;
	own->bits = c->key_bits(own->key);
	if (c->key_kind(own->key) == own->kind)
		return true;
	return err_set(e, ERR_PERMANENT, _("'%s' holds a key of another kind"),
	    own->private_path);
}

/* d= of a folder: the name it is a link to, where it is one (FL-116). */
static const char *
folder_domain(const struct model_ctx *m, const char *at, const char *name)
{
	char target[SYS_PATH_MAX];
	ssize_t n = readlink(at, target, sizeof(target) - 1);
	if (n <= 0)
		return name;
	struct str path = str_n(target, (size_t)n);
	while (path.len > 0 && path.ptr[path.len - 1] == '/')
		path.len--;
	size_t slash = path.len;
	while (slash > 0 && path.ptr[slash - 1] != '/')
		slash--;
	return arena_cstr(m->arena, str_sub(path, slash, path.len));
}

/* The folder of this name, if it holds a key of the kind. */
static bool
try_folder(const struct model_ctx *m, const char *base, const char *name,
    struct dkim_own *own, struct err *e)
{
	const char *folder = arena_printf(m->arena, "%s/%s", base, name);
	const char *at = real(m, folder, e);
	if (at == NULL)
		return false;
	own->folder = folder;
	own->domain = folder_domain(m, at, name);
	own->private_path = shown(m, folder, "private", own->kind);
	own->private_real = real(m, own->private_path, e);
	own->disabled = file_exists(arena_printf(m->arena, "%s/disabled", at));
	return own->private_real != NULL && file_exists(own->private_real);
}

const char *
dkim_own_option(const struct dkim_own *own)
{
	return own->kind == CRYPTO_ED25519 ? " --ed25519" : "";
}

bool
dkim_own_find(const struct model_ctx *m, const struct crypto *c,
    const char *base, const char *domain, enum crypto_kind kind,
    struct dkim_own *out, struct err *e)
{
	struct str rest = str_of(domain);
	if (strcmp(domain, "default") != 0 &&
	    !mail_domain_is_valid(str_of(domain)))
		return err_set(
		    e, ERR_USAGE, _("'%s' is no domain name"), domain);
	*out = (struct dkim_own){ .kind = kind };
	bool found = false;
	while (!found && rest.ptr != NULL && rest.len > 0) {
		found = try_folder(m, base, arena_cstr(m->arena, rest), out, e);
		str_cut(rest, '.', &rest);
	}
	if (!found && try_folder(m, base, "default", out, e)) {
		found = true;
		out->shared = true;
	}
	if (!found) {
		err_set(e, ERR_NO, _("there is no %s key for '%s'"),
		    kind == CRYPTO_ED25519 ? "Ed25519" : "DKIM", domain);
		return err_next(e, "smemail dkim keygen %s", domain);
	}
	/* its own folder may say no while another's key would sign */
	const char *off = real(
	    m, arena_printf(m->arena, "%s/%s/disabled", base, domain), NULL);
	out->disabled = out->disabled || (off != NULL && file_exists(off));
	/* the shared key signs for whichever domain sends (FL-116) */
	if (strcmp(out->domain, "default") == 0) {
		out->shared = true;
		out->domain = arena_cstr(m->arena, str_of(domain));
	}
	if (read_selector(m, out, e) && read_private(c, out, e))
		return true;
	dkim_own_clear(c, out);
	return false;
}

void
dkim_own_clear(const struct crypto *c, struct dkim_own *own)
{
	c->key_free(own->key);
	own->key = NULL;
}

/* Put one file with its owner; without that user's account, with ours. */
static bool
put_file(const struct model_ctx *m, const char *path, struct str bytes,
    uid_t uid, gid_t gid, struct err *e)
{
	const char *at = real(m, path, e);
	struct file_replace how = { .mode = DKIM_MODE,
		.uid = uid,
		.gid = gid,
		.chown_may_fail = geteuid() != 0,
		.shown = path };
	return at != NULL && file_replace(at, bytes, &how, e);
}

/* The old file becomes NAME.long when it is longer (F157), else NAME.old. */
static bool
set_aside(
    const struct model_ctx *m, const char *path, bool longer, struct err *e)
{
	const char *at = real(m, path, e);
	if (at == NULL)
		return false;
	const char *to =
	    arena_printf(m->arena, "%s.%s", at, longer ? "long" : "old");
	if (rename(at, to) == 0 || errno == ENOENT)
		return true;
	return err_set_errno(e, errno, _("cannot rename '%s'"), path);
}

static bool
make_room(const struct model_ctx *m, const struct crypto *c,
    const struct dkim_wish *wish, const struct dkim_own *own, struct err *e)
{
	struct dkim_own old = *own;
	struct err why = ERR_INIT;
	if (!file_exists(own->private_real))
		return true;
	if (!wish->replace) {
		err_set(e, ERR_PERMANENT, _("'%s' exists"), own->private_path);
		return err_next(
		    e, _("smemail dkim rotate %s, or --replace"), wish->domain);
	}
	/* one that cannot be read is set aside like a short one */
	bool longer = read_private(c, &old, &why) && old.bits > wish->bits;
	dkim_own_clear(c, &old);
	if (wish->dry_run)
		return true;
	return set_aside(m, own->private_path, longer, e) &&
	       set_aside(
		   m, shown(m, own->folder, "public", own->kind), longer, e);
}

static bool
put_files(const struct model_ctx *m, const struct crypto *c,
    const struct dkim_own *own, struct err *e)
{
	struct buf private = BUF_INIT(CRYPTO_PEM_MAX);
	struct buf public = BUF_INIT(CRYPTO_PEM_MAX);
	const struct passwd *pw = getpwnam(DKIM_USER);
	uid_t uid = pw != NULL ? pw->pw_uid : (uid_t)-1;
	gid_t gid = pw != NULL ? pw->pw_gid : (gid_t)-1;
	uid_t root = geteuid() == 0 ? 0 : (uid_t)-1;
	const char *line = arena_printf(m->arena, "%s\n", own->selector);
	/* the private key last: with it the key is in use */
	bool ok =
	    c->key_write_private(own->key, &private, e) &&
	    c->key_write_public(own->key, &public, e) &&
	    put_file(m, shown(m, own->folder, "selector", own->kind),
		str_of(line), uid, gid, e) &&
	    put_file(m, shown(m, own->folder, "public", own->kind),
		buf_str(&public), root, gid, e) &&
	    put_file(m, own->private_path, buf_str(&private), uid, gid, e);
	buf_wipe(&private);
	buf_clear(&public);
	return ok;
}

/* Releases before 9.2 sign with a file a domain, of another place and mode. */
static bool
put_old(const struct model_ctx *m, const struct crypto *c,
    const struct dkim_own *own, struct err *e)
{
	struct buf private = BUF_INIT(CRYPTO_PEM_MAX);
	const struct passwd *pw = getpwnam(DKIM_USER);
	const char *path =
	    arena_printf(m->arena, DKIM_OLD_DIR "/%s.private", own->domain);
	const char *at = real(m, path, e);
	struct file_replace how = { .mode = DKIM_OLD_MODE,
		.uid = pw != NULL ? pw->pw_uid : (uid_t)-1,
		.gid = pw != NULL ? pw->pw_gid : (gid_t)-1,
		.chown_may_fail = geteuid() != 0,
		.shown = path };
	bool ok = at != NULL && file_mkdirs_for(at, FOLDER_MODE, path, e) &&
		  c->key_write_private(own->key, &private, e) &&
		  file_replace(at, buf_str(&private), &how, e);
	buf_wipe(&private);
	return ok;
}

static bool
signs_old(
    const struct model_ctx *m, const char *base, const struct dkim_own *own)
{
	return template_release(m->release) < TEMPLATE_R9_2 &&
	       strcmp(base, DKIM_KEYS_DIR) == 0 && own->kind == CRYPTO_RSA &&
	       strcmp(own->domain, "default") != 0;
}

static bool
check_wish(const struct dkim_wish *w, const char *selector, struct err *e)
{
	if (strcmp(w->domain, "default") != 0 &&
	    !mail_domain_is_valid(str_of(w->domain)))
		return err_set(
		    e, ERR_USAGE, _("'%s' is no domain name"), w->domain);
	if (!mail_domain_is_valid(str_of(selector)))
		return err_set(e, ERR_USAGE,
		    _("'%s' is no selector: letters, digits, hyphens, dots"),
		    selector);
	if (w->kind == CRYPTO_RSA &&
	    (w->bits < DKIM_RSA_BITS_MIN || w->bits > 4096))
		return err_set(e, ERR_USAGE,
		    _("a DKIM key has 1024 to 4096 bits, not %u"), w->bits);
	return true;
}

bool
dkim_own_make(const struct model_ctx *m, const struct crypto *c,
    const char *base, const struct dkim_wish *wish, struct dkim_own *out,
    struct err *e)
{
	const char *selector = wish->selector;
	if (selector == NULL)
		selector = wish->kind == CRYPTO_ED25519 ? "ed25519" : "default";
	*out = (struct dkim_own){
		.kind = wish->kind, .domain = wish->domain, .selector = selector
	};
	if (!check_wish(wish, selector, e))
		return false;
	try_folder(m, base, wish->domain, out, e);
	out->domain = wish->domain;
	const char *folder = real(m, out->folder, e);
	if (folder == NULL || out->private_real == NULL ||
	    !make_room(m, c, wish, out, e))
		return false;
	if (!wish->dry_run && !file_mkdirs(folder, FOLDER_MODE, out->folder, e))
		return false;
	out->key = c->key_generate(wish->kind, wish->bits, e);
	if (out->key == NULL)
		return false;
	out->bits = c->key_bits(out->key);
	if (wish->dry_run ||
	    (put_files(m, c, out, e) &&
		(!signs_old(m, base, out) || put_old(m, c, out, e))))
		return true;
	dkim_own_clear(c, out);
	return false;
}
