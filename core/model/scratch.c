/* A throw-away root. */
#include "core/model/scratch.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/model/journal.h"
#include "core/sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PREFIX  "smemail-plan-"
#define DB_DIR  "/home/e-smith/db"
#define CONFIG  "/var/service/qpsmtpd/config"
#define CONTROL "/var/qmail/control"

enum {
	COPY_MAX = 64 << 20,
	OPEN_MAX = 16,
	ORPHAN_S = 60 /* between its making and its lock it is nobody's */
};

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

static void
tree_remove(const char *path)
{
	nftw(path, remove_one, OPEN_MAX, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* A folder of ours that nobody holds: whoever made it was killed. */
static void
remove_orphan(int place, const char *dir, const char *name)
{
	char path[SYS_PATH_MAX];
	struct stat st;
	int fd = openat(
	    place, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (n > 0 && n < (int)sizeof(path) && fstat(fd, &st) == 0 &&
	    st.st_uid == geteuid() && st.st_mtime < time(NULL) - ORPHAN_S &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0)
		tree_remove(path);
	close(fd);
}

static void
sweep(const char *dir)
{
	struct dirent *entry;
	DIR *d = opendir(dir);
	while (d != NULL && (entry = readdir(d)) != NULL) {
		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0)
			remove_orphan(dirfd(d), dir, entry->d_name);
	}
	if (d != NULL)
		closedir(d);
}

/* As long as we live nobody takes the folder for an orphan. */
static void
hold(struct scratch *s)
{
	s->held = open(s->root.prefix, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->held >= 0)
		(void)flock(s->held, LOCK_SH | LOCK_NB);
}

/*
 * In TMPDIR where that can be written, else in the usual places, of which that
 * in memory makes a hundred files fastest.
 */
static bool
folder_new(const struct model_ctx *m, struct scratch *s, struct err *e)
{
	const char *own = arena_printf(m->arena, "%s/tmp", m->root->prefix);
	const char *const places[] = { getenv("TMPDIR"), "/dev/shm", "/tmp",
		own };
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		if (places[i] == NULL || places[i][0] != '/')
			continue;
		int n = snprintf(s->root.prefix, sizeof(s->root.prefix),
		    "%s/" PREFIX "XXXXXX", places[i]);
		if (n > 0 && n < (int)sizeof(s->root.prefix) &&
		    mkdtemp(s->root.prefix) != NULL) {
			hold(s);
			sweep(places[i]);
			return true;
		}
	}
	s->root.prefix[0] = '\0';
	return err_set_errno(
	    e, errno, _("cannot make a folder below '%s'"), "/tmp");
}

/* Copy what is there; a missing file stays missing. */
static bool
copy_file(const struct root *from, const struct root *to, const char *path,
    struct err *e)
{
	char source[SYS_PATH_MAX], target[SYS_PATH_MAX];
	struct buf text = BUF_INIT(COPY_MAX);
	struct err why = ERR_INIT;
	const struct file_replace how = {
		.mode = 0600,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.transient = true,
		.shown = path,
	};
	if (!root_path(from, path, source, e) ||
	    !root_path(to, path, target, e))
		return false;
	bool ok = file_read(source, path, &text, &why);
	if (ok)
		ok = file_mkdirs_for(target, 0700, path, e) &&
		     file_replace(target, buf_str(&text), &how, e);
	else if (why.sys_errno == ENOENT)
		ok = true;
	else if (e != NULL)
		*e = why;
	buf_clear(&text);
	return ok;
}

/* A folder that is not copied can still be looked into. */
static bool
link_folder(const struct root *from, const struct root *to, const char *path,
    struct err *e)
{
	char source[SYS_PATH_MAX], target[SYS_PATH_MAX];
	return root_path(from, path, source, e) &&
	       root_path(to, path, target, e) &&
	       (symlink(source, target) == 0 || errno == EEXIST ||
		   err_set_errno(e, errno, _("cannot make '%s'"), target));
}

/* Copy the plain files of a folder, links to "local" as such. */
static bool
copy_folder(const struct root *from, const struct root *to, const char *path,
    bool links, struct err *e)
{
	char real[SYS_PATH_MAX], made[SYS_PATH_MAX];
	struct dirent *entry;
	if (!root_path(from, path, real, e) || !root_path(to, path, made, e) ||
	    !file_mkdirs(made, 0700, path, e))
		return false;
	DIR *d = opendir(real);
	bool ok = d != NULL || errno == ENOENT ||
		  err_set_errno(e, errno, _("cannot open '%s'"), path);
	while (d != NULL && ok && (entry = readdir(d)) != NULL) {
		char one[SYS_PATH_MAX];
		struct stat st;
		const char *name = entry->d_name;
		if (name[0] == '.' ||
		    snprintf(one, sizeof(one), "%s/%s", path, name) >=
			(int)sizeof(one) ||
		    !root_path(from, one, real, NULL) || stat(real, &st) != 0)
			continue;
		if (S_ISREG(st.st_mode))
			ok = copy_file(from, to, one, e);
		else if (S_ISDIR(st.st_mode) && links &&
			 strcmp(name, "peers") != 0)
			ok = link_folder(from, to, one, e);
	}
	if (d != NULL)
		closedir(d);
	return ok;
}

bool
scratch_open(const struct model_ctx *m, struct scratch *s, struct err *e)
{
	*s = (struct scratch){ .root = { "" } };
	if (folder_new(m, s, e) &&
	    copy_folder(m->root, &s->root, DB_DIR, false, e) &&
	    copy_file(m->root, &s->root, JOURNAL_PATH, e))
		return true;
	scratch_close(s);
	return false;
}

static bool
entry_lay(struct scratch *s, const struct files_entry *f, struct err *e)
{
	char real[SYS_PATH_MAX];
	const struct file_replace how = {
		.mode = 0600,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.transient = true,
		.shown = f->path,
	};
	if (!root_path(&s->root, f->path, real, e))
		return false;
	if (f->kind == FILES_TEXT)
		return file_mkdirs_for(real, 0700, f->path, e) &&
		       file_replace(real, f->after, &how, e);
	if (f->kind == FILES_UNLINK)
		return unlink(real) == 0 || errno == ENOENT ||
		       err_set_errno(
			   e, errno, _("cannot remove '%s'"), f->path);
	return symlink("local", real) == 0 || errno == EEXIST ||
	       err_set_errno(e, errno, _("cannot write '%s'"), f->path);
}

bool
scratch_filter(const struct model_ctx *m, struct scratch *s,
    const struct files_set *set, struct err *e)
{
	if (s->root.prefix[0] == '\0' && !folder_new(m, s, e))
		return false;
	if (!copy_folder(m->root, &s->root, CONFIG, true, e) ||
	    !copy_folder(m->root, &s->root, CONFIG "/peers", false, e) ||
	    !copy_folder(m->root, &s->root, CONTROL, false, e))
		return false;
	for (size_t i = 0; i < set->n; i++)
		if (files_is_filter(&set->entries[i]) &&
		    !entry_lay(s, &set->entries[i], e))
			return false;
	return true;
}

void
scratch_close(struct scratch *s)
{
	if (s->root.prefix[0] == '\0')
		return;
	tree_remove(s->root.prefix);
	if (s->held >= 0)
		close(s->held);
	s->root.prefix[0] = '\0';
}
