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

/* Folders and files of one kind of key. */
static const struct kind {
	const char *next, *old;
	const char *files[7]; /* up to NULL */
	const char *selector_end;
} kinds[] = {
	[CRYPTO_RSA] = { DKIM_KEYS_NEXT, DKIM_KEYS_OLD,
	    { "private", "public", "selector", "private.old", "public.old",
		"private.long", "public.long" },
	    "" },
	[CRYPTO_ED25519] = { DKIM_ED25519_NEXT, DKIM_ED25519_OLD,
	    { "private.ed25519", "public.ed25519", "selector.ed25519",
		"private.ed25519.old", "public.ed25519.old" },
	    "e" },
};

static enum crypto_kind
other_kind(enum crypto_kind k)
{
	return k == CRYPTO_RSA ? CRYPTO_ED25519 : CRYPTO_RSA;
}

static const char *
real(const struct model_ctx *m, const char *base, const char *domain,
    struct err *e)
{
	char out[SYS_PATH_MAX];
	return root_pathf(m->root, out, e, "%s/%s", base, domain)
		   ? arena_cstr(m->arena, str_of(out))
		   : NULL;
}

/*
 * "202611"; "202611b", "202611c" and so on while the one in use is of this
 * month too: none that was ever published in it comes again.
 */
static const char *
new_selector(const struct model_ctx *m, const char *old, enum crypto_kind kind)
{
	char text[16] = "";
	time_t now = (time_t)clock_wall_s(m->clock);
	struct tm tm;
	if (gmtime_r(&now, &tm) != NULL)
		strftime(text, sizeof(text), "%Y%m", &tm);
	const char *first =
	    arena_printf(m->arena, "%s%s", text, kinds[kind].selector_end);
	size_t n = strlen(first);
	if (strncmp(old, first, n) != 0)
		return first;
	if (old[n] == '\0')
		return arena_printf(m->arena, "%sb", first);
	if (old[n + 1] == '\0' && old[n] >= 'b' && old[n] < 'z')
		return arena_printf(m->arena, "%s%c", first, old[n] + 1);
	return arena_printf(m->arena, "%sb", old);
}

static bool
make_next(const struct model_ctx *m, const struct crypto *c,
    const struct dkim_wish *wish, const struct dkim_own *old,
    struct dkim_rotate *out, struct err *e)
{
	struct dkim_wish next = *wish;
	if (next.selector == NULL)
		next.selector = new_selector(m, old->selector, wish->kind);
	if (strcmp(next.selector, old->selector) == 0)
		return err_set(e, ERR_USAGE,
		    _("'%s' is the selector in use: a new key needs another"),
		    old->selector);
	out->state = DKIM_ROTATION_MADE;
	return dkim_own_make(m, c, kinds[wish->kind].next, &next, &out->own, e);
}

static void
remove_files(const char *folder, enum crypto_kind kind)
{
	const struct kind *k = &kinds[kind];
	char path[SYS_PATH_MAX];
	for (size_t i = 0; i < ARRAY_LEN(k->files) && k->files[i] != NULL;
	     i++) {
		int n =
		    snprintf(path, sizeof(path), "%s/%s", folder, k->files[i]);
		if (n > 0 && (size_t)n < sizeof(path))
			unlink(path);
	}
}

/* One file in both folders: a second name, so that owner and mode stay. */
static bool
share(const char *from, const char *to, const char *name, struct err *e)
{
	char a[SYS_PATH_MAX], b[SYS_PATH_MAX];
	int x = snprintf(a, sizeof(a), "%s/%s", from, name);
	int y = snprintf(b, sizeof(b), "%s/%s", to, name);
	if (x < 0 || y < 0 || (size_t)x >= sizeof(a) || (size_t)y >= sizeof(b))
		return err_set(e, ERR_PERMANENT, _("'%s' is too long"), from);
	unlink(b); /* of a switch that was cut short */
	return link(a, b) == 0 || errno == ENOENT ||
	       err_set_errno(e, errno, _("cannot keep '%s'"), a);
}

/* What is not changed goes along: the other key, and whether to sign. */
static bool
share_rest(
    const char *from, const char *to, enum crypto_kind changed, struct err *e)
{
	const struct kind *k = &kinds[other_kind(changed)];
	for (size_t i = 0; i < ARRAY_LEN(k->files) && k->files[i] != NULL;
	     i++) {
		if (!share(from, to, k->files[i], e))
			return false;
	}
	return share(from, to, "disabled", e);
}

/* One change at a time: two old keys could not be told apart later. */
static bool
old_is_retired(const struct model_ctx *m, const char *domain,
    enum crypto_kind kind, struct err *e)
{
	const char *old = real(m, kinds[kind].old, domain, e);
	if (old == NULL || !file_is_dir(old))
		return old != NULL;
	err_set(e, ERR_NO, _("the key of '%s' before this one is not retired"),
	    domain);
	return err_next(e, "smemail dkim rotate %s%s --retire", domain,
	    kind == CRYPTO_ED25519 ? " --ed25519" : "");
}

/*
 * The new folder takes the place of the old in one step, so that the signer
 * never sees one's key with the other's selector, nor misses the other key.
 */
static bool
switch_folders(const struct model_ctx *m, const char *domain,
    enum crypto_kind kind, struct err *e)
{
	const struct kind *k = &kinds[kind];
	const char *now = real(m, DKIM_KEYS_DIR, domain, e);
	const char *next = real(m, k->next, domain, e);
	const char *old = real(m, k->old, domain, e);
	if (now == NULL || next == NULL || old == NULL)
		return false;
	if (!old_is_retired(m, domain, kind, e) ||
	    !file_mkdirs_for(old, 0755, k->old, e) ||
	    !share_rest(now, next, kind, e))
		return false;
	if (renameat2(AT_FDCWD, next, AT_FDCWD, now, RENAME_EXCHANGE) != 0)
		return err_set_errno(
		    e, errno, _("cannot exchange the keys of '%s'"), domain);
	remove_files(next, other_kind(kind));
	if (rename(next, old) == 0)
		return true;
	return err_set_errno(
	    e, errno, _("cannot set the old key of '%s' aside"), domain);
}

static bool
try_switch(const struct model_ctx *m, const struct crypto *c, struct dns *dns,
    const struct dkim_wish *wish, struct findings *f, struct dkim_rotate *out,
    struct err *e)
{
	struct dkim_published p;
	dkim_check_published(m, c, dns, &out->own, f, &p);
	out->state = DKIM_ROTATION_WAITING;
	if (p.servers == 0 || p.right < p.servers)
		return true;
	if (!wish->dry_run &&
	    !switch_folders(m, wish->domain, out->own.kind, e))
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
	const char *folder = arena_printf(m->arena, "%s/%s", base, domain);
	bool found = dkim_own_find(m, c, base, domain, kind, own, e);
	if (found && strcmp(own->folder, folder) == 0)
		return true;
	dkim_own_clear(c, own);
	if (!found && e->code != ERR_NO)
		return false;
	*e = (struct err)ERR_INIT;
	err_set(e, ERR_NO, _("'%s' has no key of its own"), domain);
	return err_next(e, "smemail dkim keygen %s%s", domain,
	    kind == CRYPTO_ED25519 ? " --ed25519" : "");
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
	const char *base = kinds[wish->kind].next;
	const char *next = real(m, base, wish->domain, e);
	bool ok = next != NULL;
	if (ok && !file_is_dir(next))
		ok = old_is_retired(m, wish->domain, wish->kind, e) &&
		     make_next(m, c, wish, &old, out, e);
	else if (ok)
		ok = find_exact(
			 m, c, base, wish->domain, wish->kind, &out->own, e) &&
		     try_switch(m, c, dns, wish, f, out, e);
	dkim_own_clear(c, &old);
	return ok;
}

static bool
remove_folder(const char *folder, struct err *e)
{
	char path[SYS_PATH_MAX];
	remove_files(folder, CRYPTO_RSA);
	remove_files(folder, CRYPTO_ED25519);
	int n = snprintf(path, sizeof(path), "%s/disabled", folder);
	if (n > 0 && (size_t)n < sizeof(path))
		unlink(path);
	return rmdir(folder) == 0 ||
	       err_set_errno(e, errno, _("cannot remove '%s'"), folder);
}

bool
dkim_retire(const struct model_ctx *m, const struct crypto *c,
    const struct dkim_wish *wish, bool now, struct dkim_rotate *out,
    struct err *e)
{
	struct stat st;
	const char *base = kinds[wish->kind].old;
	const char *folder = real(m, base, wish->domain, e);
	*out = (struct dkim_rotate){ 0 };
	if (folder == NULL)
		return false;
	if (stat(folder, &st) != 0)
		return err_set(e, ERR_NO, _("'%s' has no old key to retire"),
		    wish->domain);
	if (!dkim_own_find(m, c, base, wish->domain, wish->kind, &out->own, e))
		return false;
	out->old_selector = out->own.selector;
	/* renaming set the time of its change */
	out->until_s = st.st_ctime + (int64_t)DKIM_RETIRE_DAYS * DAY_S;
	out->state = DKIM_ROTATION_KEPT;
	if (!now && clock_wall_s(m->clock) < out->until_s)
		return true;
	out->state = DKIM_ROTATION_RETIRED;
	return wish->dry_run || remove_folder(folder, e);
}
