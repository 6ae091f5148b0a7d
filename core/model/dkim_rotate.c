/* Changing keys in three steps: make, switch, retire. */
#include "core/model/dkim_rotate.h"

#include "core/base/i18n.h"
#include "core/model/dkim_check.h"
#include "core/sys/file.h"
#include "core/sys/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	DAY_S = 86400
};

static const char *
real(const struct model_ctx *m, const char *base, const char *domain,
    struct err *e)
{
	char out[SYS_PATH_MAX];
	return root_pathf(m->root, out, e, "%s/%s", base, domain)
		   ? arena_cstr(m->arena, str_of(out))
		   : NULL;
}

/* "202611"; "202611b" where that is in use already. */
static const char *
new_selector(const struct model_ctx *m, const char *old)
{
	char text[16] = "";
	time_t now = (time_t)clock_wall_s(m->clock);
	struct tm tm;
	if (gmtime_r(&now, &tm) != NULL)
		strftime(text, sizeof(text), "%Y%m", &tm);
	return arena_printf(
	    m->arena, "%s%s", text, strcmp(text, old) == 0 ? "b" : "");
}

static bool
make_next(const struct model_ctx *m, const struct crypto *c,
    const struct dkim_wish *wish, const struct dkim_own *old,
    struct dkim_rotate *out, struct err *e)
{
	struct dkim_wish next = *wish;
	if (next.selector == NULL)
		next.selector = new_selector(m, old->selector);
	if (strcmp(next.selector, old->selector) == 0)
		return err_set(e, ERR_USAGE,
		    _("'%s' is the selector in use: a new key needs another"),
		    old->selector);
	out->state = DKIM_ROTATION_MADE;
	return dkim_own_make(m, c, DKIM_KEYS_NEXT, &next, &out->own, e);
}

/*
 * The new folder takes the place of the old in one step, so that the signer
 * never sees one's key with the other's selector.
 */
static bool
switch_folders(const struct model_ctx *m, const char *domain, struct err *e)
{
	const char *now = real(m, DKIM_KEYS_DIR, domain, e);
	const char *next = real(m, DKIM_KEYS_NEXT, domain, e);
	const char *old = real(m, DKIM_KEYS_OLD, domain, e);
	if (now == NULL || next == NULL || old == NULL ||
	    !file_mkdirs_for(old, 0755, DKIM_KEYS_OLD, e))
		return false;
	if (renameat2(AT_FDCWD, next, AT_FDCWD, now, RENAME_EXCHANGE) != 0)
		return err_set_errno(
		    e, errno, _("cannot exchange the keys of '%s'"), domain);
	if (rename(next, old) == 0)
		return true;
	return err_set_errno(
	    e, errno, _("cannot set the old key of '%s' aside"), domain);
}

static bool
try_switch(const struct model_ctx *m, const struct crypto *c, struct dns *dns,
    const char *domain, struct findings *f, struct dkim_rotate *out,
    struct err *e)
{
	struct dkim_published p;
	dkim_check_published(m, c, dns, &out->own, f, &p);
	out->state = DKIM_ROTATION_WAITING;
	if (p.servers == 0 || p.right < p.servers)
		return true;
	if (!switch_folders(m, domain, e))
		return false;
	out->state = DKIM_ROTATION_SWITCHED;
	out->until_s =
	    clock_wall_s(m->clock) + (int64_t)DKIM_RETIRE_DAYS * DAY_S;
	return true;
}

/* A key in its own folder, not the shared or a parent's one. */
static bool
find_exact(const struct model_ctx *m, const struct crypto *c, const char *base,
    const char *domain, enum crypto_kind kind, struct dkim_own *own,
    struct err *e)
{
	const char *at = real(m, base, domain, e);
	if (at == NULL)
		return false;
	if (!file_is_dir(at)) {
		err_set(e, ERR_NO, _("'%s' has no key of its own"), domain);
		return err_next(e, "smemail dkim keygen %s", domain);
	}
	return dkim_own_find(m, c, base, domain, kind, own, e);
}

bool
dkim_rotate(const struct model_ctx *m, const struct crypto *c, struct dns *dns,
    const struct dkim_wish *wish, struct findings *f, struct dkim_rotate *out,
    struct err *e)
{
	struct dkim_own old;
	*out = (struct dkim_rotate){ 0 };
	findings_init(f, m->arena);
	if (!find_exact(m, c, DKIM_KEYS_DIR, wish->domain, wish->kind, &old, e))
		return false;
	out->old_selector = old.selector;
	const char *next = real(m, DKIM_KEYS_NEXT, wish->domain, e);
	bool ok = next != NULL;
	if (ok && !file_is_dir(next))
		ok = make_next(m, c, wish, &old, out, e);
	else if (ok)
		ok = find_exact(m, c, DKIM_KEYS_NEXT, wish->domain, wish->kind,
			 &out->own, e) &&
		     try_switch(m, c, dns, wish->domain, f, out, e);
	dkim_own_clear(c, &old);
	return ok;
}

static bool
remove_folder(const char *folder, struct err *e)
{
	static const char *const names[] = { "private", "public", "selector",
		"private.old", "public.old", "private.long", "public.long",
		"private.ed25519", "public.ed25519", "selector.ed25519",
		"disabled" };
	char path[SYS_PATH_MAX];
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		int n = snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		if (n > 0 && (size_t)n < sizeof(path))
			unlink(path);
	}
	return rmdir(folder) == 0 ||
	       err_set_errno(e, errno, _("cannot remove '%s'"), folder);
}

bool
dkim_retire(const struct model_ctx *m, const struct crypto *c,
    const char *domain, bool now, struct dkim_rotate *out, struct err *e)
{
	struct stat st;
	const char *folder = real(m, DKIM_KEYS_OLD, domain, e);
	*out = (struct dkim_rotate){ 0 };
	if (folder == NULL)
		return false;
	if (stat(folder, &st) != 0)
		return err_set(
		    e, ERR_NO, _("'%s' has no old key to retire"), domain);
	if (!dkim_own_find(
		m, c, DKIM_KEYS_OLD, domain, CRYPTO_RSA, &out->own, e))
		return false;
	out->old_selector = out->own.selector;
	/* renaming set the time of its change */
	out->until_s = st.st_ctime + (int64_t)DKIM_RETIRE_DAYS * DAY_S;
	out->state = DKIM_ROTATION_KEPT;
	if (!now && clock_wall_s(m->clock) < out->until_s)
		return true;
	out->state = DKIM_ROTATION_RETIRED;
	return remove_folder(folder, e);
}
