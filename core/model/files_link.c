/*
 * Links beside generated files: addresses of peers/ that lead to "local"
 * (effects.md 2.3), and what qmail reads for an address with an extension.
 */
#include "core/model/files_int.h"

#include "core/base/i18n.h"
#include "core/sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PEERS   "/var/service/qpsmtpd/config/peers/"
#define ALIASES "/var/qmail/alias/"
#define EXTEND  "-default"
#define LOCAL   "local"

enum {
	LINKS_MAX = 4096,
	ALIAS_MAX = 8 << 20
};

struct links {
	const struct model_ctx *m;
	struct vec *entries;
};

static bool
is_wanted(const char *name, const char *const *links, size_t n)
{
	return bsearch(&name, links, n, sizeof(*links), str_cstr_order) != NULL;
}

/* Is it a link to "local", as smemail and the server make them? */
static bool
is_peer_link(const char *real)
{
	char target[sizeof(LOCAL) + 1];
	ssize_t n = readlink(real, target, sizeof(target));
	return n == (ssize_t)strlen(LOCAL) &&
	       memcmp(target, LOCAL, (size_t)n) == 0;
}

static bool
entry_add(struct links *l, const char *path, const char *target,
    enum files_kind kind, struct err *e)
{
	char real[SYS_PATH_MAX];
	struct stat st;
	if (!root_path(l->m->root, path, real, e))
		return false;
	/* a file that somebody put in its place stays */
	bool existed = lstat(real, &st) == 0;
	const char *text = arena_printf(l->m->arena, "link to %s\n", target);
	struct files_entry f = {
		.kind = kind,
		.path = path,
		.target = target,
		.existed = existed,
		.differs = kind == FILES_UNLINK || !existed,
	};
	if (existed)
		f.before = str_of(text);
	if (kind == FILES_LINK)
		f.after = str_of(text);
	return vec_push(l->entries, &f) || files_out_of_memory(e);
}

static const char *
peer_path(const struct links *l, const char *name)
{
	return arena_printf(l->m->arena, PEERS "%s", name);
}

/* Links of networks that are no more there. */
static bool
peers_left(struct links *l, const char *const *wanted, size_t n, struct err *e)
{
	char real[SYS_PATH_MAX];
	struct dirent *entry;
	bool ok = root_path(l->m->root, PEERS, real, e);
	DIR *d = ok ? opendir(real) : NULL;
	while (d != NULL && ok && (entry = readdir(d)) != NULL) {
		const char *name = entry->d_name;
		if (ascii_is_digit(name[0]) && !is_wanted(name, wanted, n) &&
		    root_pathf(l->m->root, real, NULL, PEERS "%s", name) &&
		    is_peer_link(real))
			ok = entry_add(
			    l, peer_path(l, name), LOCAL, FILES_UNLINK, e);
	}
	if (d != NULL)
		closedir(d);
	return ok;
}

static bool
peers_add(struct links *l, const struct expand *x, struct err *e)
{
	const char **names = ARENA_ARRAY(l->m->arena, LINKS_MAX, const char *);
	size_t n = expand_peer_links(x, names, LINKS_MAX);
	bool ok = true;
	qsort(names, n, sizeof(*names), str_cstr_order);
	for (size_t i = 0; ok && i < n; i++)
		ok = entry_add(l, peer_path(l, names[i]), LOCAL, FILES_LINK, e);
	return ok && peers_left(l, names, n, e);
}

/* ".qmail-sales-default" leads to ".qmail-sales". */
static bool
extension_add(struct links *l, const char *path, struct err *e)
{
	return entry_add(l, arena_printf(l->m->arena, "%s" EXTEND, path),
	    strrchr(path, '/') + 1, FILES_LINK, e);
}

static bool
accounts_add(struct links *l, const struct expand *x, struct err *e)
{
	const struct template_data *d = expand_env(x)->data;
	const struct template_record *r;
	size_t n = d->records(d->ctx, "accounts", &r);
	const int release = template_release(l->m->release);
	const struct template_file *f;
	for (size_t i = 0; (f = template_file_at(i)) != NULL; i++) {
		bool ok = true;
		if ((f->flags & TEMPLATE_EXTENDED) == 0 ||
		    !template_on_release(f->since, f->until, release))
			continue;
		if (f->each == TEMPLATE_ONCE)
			ok = extension_add(l, f->path, e);
		for (size_t k = 0; ok && f->each != TEMPLATE_ONCE && k < n; k++)
			if (template_is_for(f, r[k].type, r[k].key))
				ok = extension_add(l,
				    template_file_path(
					f, r[k].key, l->m->arena),
				    e);
		if (!ok)
			return false;
	}
	return true;
}

static bool
is_group(const struct expand *x, struct str name)
{
	const struct template_data *d = expand_env(x)->data;
	struct str raw, rest;
	return d->value(d->ctx, "accounts", name, NULL, &raw) &&
	       str_is(str_cut(raw, '|', &rest), "group");
}

/*
 * Is it the alias of a group that is gone? Only what has its link beside it
 * was made by a template; others wrote the rest.
 */
static bool
is_left_alias(const struct links *l, const struct expand *x, const char *path)
{
	char real[SYS_PATH_MAX], target[SYS_PATH_MAX];
	const char *name = strrchr(path, '/') + 1;
	const struct template_file *f =
	    template_find(path, template_release(l->m->release));
	if (f == NULL || f->each != TEMPLATE_GROUPS ||
	    is_group(x, template_file_name(f, path, l->m->arena)) ||
	    !root_pathf(l->m->root, real, NULL, "%s" EXTEND, path))
		return false;
	ssize_t n = readlink(real, target, sizeof(target));
	return n > 0 && str_is(str_n(target, (size_t)n), name);
}

/* The alias goes with its link; its text is kept, should it come back. */
static bool
alias_unlink(struct links *l, const char *path, struct err *e)
{
	char real[SYS_PATH_MAX];
	struct buf text = BUF_INIT(ALIAS_MAX);
	struct files_entry f = {
		.kind = FILES_UNLINK,
		.path = path,
		.existed = true,
		.differs = true,
	};
	bool ok = root_path(l->m->root, path, real, e) &&
		  file_read(real, path, &text, e);
	f.before = arena_str(l->m->arena, buf_str(&text));
	buf_clear(&text);
	return ok && (vec_push(l->entries, &f) || files_out_of_memory(e)) &&
	       entry_add(l, arena_printf(l->m->arena, "%s" EXTEND, path),
		   strrchr(path, '/') + 1, FILES_UNLINK, e);
}

static bool
aliases_left(struct links *l, const struct expand *x, struct err *e)
{
	char real[SYS_PATH_MAX];
	struct dirent *entry;
	bool ok = root_path(l->m->root, ALIASES, real, e);
	DIR *d = ok ? opendir(real) : NULL;
	while (d != NULL && ok && (entry = readdir(d)) != NULL) {
		const char *path =
		    arena_printf(l->m->arena, ALIASES "%s", entry->d_name);
		if (is_left_alias(l, x, path))
			ok = alias_unlink(l, path, e);
	}
	if (d != NULL)
		closedir(d);
	return ok;
}

bool
files_links(const struct model_ctx *m, const struct expand *x,
    struct vec *entries, struct err *e)
{
	struct links l = { m, entries };
	return peers_add(&l, x, e) && accounts_add(&l, x, e) &&
	       aliases_left(&l, x, e);
}

bool
files_link_write(const struct files_entry *f, const char *real, struct err *e)
{
	if (!file_mkdirs_for(real, 0755, f->path, e))
		return false;
	if (symlink(f->target, real) == 0 || errno == EEXIST)
		return true;
	return err_set_errno(e, errno, _("cannot write '%s'"), f->path);
}
