/* Which databases, moving old ones, running migrations. */
#include "core/model/defaults.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/vec.h"
#include "core/db/db.h"
#include "core/model/defaults_int.h"
#include "core/model/expand.h"
#include "core/sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULTS      "/etc/e-smith/db"
#define OLD_HOME      "/home/e-smith"
#define HOME          "/home/e-smith/db"
#define MORE_TEMPLATE "/etc/e-smith/templates-default"
#define MIGRATE       "/migrate"

enum {
	OUTPUT_MAX = 8 << 20
};

/* ES-77 */
static const char *
defaults_dir(void)
{
	const char *dir = getenv("ESMITH_DB_DEFAULTSDIR");
	return dir != NULL && dir[0] != '\0' ? dir : DEFAULTS;
}

static bool
is_database_name(const char *name)
{
	for (const char *c = name; *c != '\0'; c++)
		if (!ascii_is_alnum(*c) && strchr("_.-", *c) == NULL)
			return false;
	return name[0] != '\0' && name[0] != '.';
}

/* A file already in the new place is kept beside (ES-76). */
static bool
aside_move(const struct defaults *d, const char *to, struct err *e)
{
	struct stat st;
	char aside[SYS_PATH_MAX + 32];
	if (lstat(to, &st) != 0 || st.st_size == 0)
		return true;
	snprintf(aside, sizeof(aside), "%s.%lld", to,
	    (long long)clock_wall_s(d->m->clock));
	return rename(to, aside) == 0 ||
	       err_set_errno(e, errno, _("cannot rename '%s'"),
		   root_shown(d->m->root, to));
}

static bool
old_one_move(const struct defaults *d, const char *name, struct err *e)
{
	char from[SYS_PATH_MAX], to[SYS_PATH_MAX];
	struct stat st;
	const struct root *root = d->m->root;
	if (!root_pathf(root, from, e, OLD_HOME "/%s", name) ||
	    !root_pathf(root, to, e, HOME "/%s", name))
		return false;
	if (lstat(from, &st) != 0 || !S_ISREG(st.st_mode))
		return true;
	defaults_note(d, _("moving '%s' to '%s'"), root_shown(root, from),
	    root_shown(root, to));
	return aside_move(d, to, e) &&
	       (rename(from, to) == 0 ||
		   err_set_errno(e, errno, _("cannot rename '%s'"),
		       root_shown(root, from)));
}

static void
old_home_move(const struct defaults *d)
{
	char path[SYS_PATH_MAX];
	struct vec names = VEC_INIT(const char *);
	struct err e = ERR_INIT;
	if (root_path(d->m->root, OLD_HOME, path, &e) &&
	    defaults_names(d, path, &names, &e))
		for (size_t i = 0; i < names.len; i++) {
			const char *name = *VEC_AT(&names, const char *, i);
			if (is_database_name(name) &&
			    !old_one_move(d, name, &e))
				defaults_note(d, "%s", e.text);
		}
	vec_clear(&names);
}

/* ES-75: its text is of no interest, its code changes the database. */
static bool
migrate(const struct defaults *d, const char *folder, const char *name,
    struct err *e)
{
	char path[SYS_PATH_MAX];
	struct expand *x = NULL;
	struct buf out = BUF_INIT(OUTPUT_MAX);
	if (!root_pathf(d->m->root, path, e, "%s" MIGRATE, folder))
		return false;
	if (!file_is_dir(path))
		return true;
	const char *const queue[] = { folder, MORE_TEMPLATE, NULL };
	const struct template_prop more = { STR("DB_FILENAME"), str_of(name) };
	bool ok = expand_open(d->m, d->m->root, &x, e);
	if (ok) {
		expand_notes(x, d->note, d->note_ctx);
		expand_changes(x);
		struct template_env env = *expand_env(x);
		env.queue = queue;
		env.writes_db = name;
		env.more = &more;
		env.n_more = 1;
		struct err why = ERR_INIT;
		/* a folder without fragments is nothing to do */
		ok = template_expand(&env, MIGRATE, &out, &why) ||
		     why.code == ERR_NO;
		if (!ok && e != NULL)
			*e = why;
	}
	buf_clear(&out);
	expand_close(x);
	return ok;
}

static bool
file_create(const struct defaults *d, const char *path, struct err *e)
{
	const char *shown = root_shown(d->m->root, path);
	if (!file_mkdirs_for(path, 0755, shown, e))
		return false;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0)
		return errno == EEXIST ||
		       err_set_errno(e, errno, _("cannot write '%s'"), shown);
	close(fd);
	return true;
}

/* Root, and the group admin where there is one; as far as it is allowed. */
static void
owner_set(const char *path)
{
	const struct group *admin = getgrnam("admin");
	int ignored = chown(path, 0, admin != NULL ? admin->gr_gid : 0);
	(void)ignored;
}

static bool
database_make(const struct defaults *d, const char *name, struct err *e)
{
	char path[SYS_PATH_MAX];
	const char *folder =
	    arena_printf(d->m->arena, "%s/%s", d->folder, name);
	if (!root_pathf(d->m->root, path, e, HOME "/%s", name))
		return false;
	bool there = file_exists(path);
	if (there)
		defaults_note(d, _("bringing database '%s' up to date"), name);
	else
		defaults_note(d, _("making database '%s'"), name);
	bool ok = (there || file_create(d, path, e)) &&
		  migrate(d, folder, name, e) &&
		  defaults_merge(d, path, folder, e);
	owner_set(path);
	return ok;
}

bool
defaults_apply(const struct model_ctx *m,
    void (*note)(void *ctx, const char *text), void *note_ctx,
    struct defaults_result *out, struct err *e)
{
	const struct defaults d = { m, defaults_dir(), note, note_ctx };
	char path[SYS_PATH_MAX];
	struct vec names = VEC_INIT(const char *);
	*out = (struct defaults_result){ 0, 0 };
	old_home_move(&d);
	if (!root_path(m->root, d.folder, path, e) ||
	    !defaults_names(&d, path, &names, e))
		return false;
	for (size_t i = 0; i < names.len; i++) {
		const char *name = *VEC_AT(&names, const char *, i);
		struct err why = ERR_INIT;
		if (!is_database_name(name)) {
			defaults_note(&d,
			    _("skipped '%s/%s': not a database's name"),
			    d.folder, name);
			continue;
		}
		out->databases++;
		if (database_make(&d, name, &why))
			continue;
		out->failed++;
		defaults_note(
		    &d, _("database '%s' failed: %s"), name, why.text);
	}
	vec_clear(&names);
	return true;
}
