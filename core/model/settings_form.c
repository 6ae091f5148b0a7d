/*
 * The files that settings live in: read, changed in memory, written. Fragments
 * of others are left alone, or kept as a copy in the state folder.
 */
#include "core/model/settings_int.h"

#include "core/base/i18n.h"
#include "core/base/vec.h"
#include "core/setting/form.h"
#include "core/sys/file.h"
#include "core/template/template.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEPT_DIR JOURNAL_DIR "/replaced"

enum {
	FILE_MAX = 4 << 20,
	FILE_MODE = 0644,
	FOLDER_MODE = 0755
};

struct filed {
	const char *path; /* without the root */
	struct str before, text;
	bool existed, exists;
	bool foreign; /* somebody else's, kept as a copy when it is replaced */
	bool changed, written;
};

struct settings_files {
	const struct model_ctx *m;
	struct vec files; /* struct filed */
};

struct settings_files *
settings_files_new(const struct model_ctx *m)
{
	struct settings_files *f = ARENA_NEW(m->arena, struct settings_files);

	if (f == NULL)
		return NULL;
	f->m = m;
	f->files = (struct vec)VEC_INIT(struct filed);
	return f;
}

void
settings_files_free(struct settings_files *f)
{
	if (f != NULL)
		vec_clear(&f->files);
}

static bool
load(struct settings_files *f, struct filed *file, struct err *e)
{
	struct buf text = BUF_INIT(FILE_MAX);
	struct err why = ERR_INIT;
	char real[SYS_PATH_MAX];
	bool ok = root_path(f->m->root, file->path, real, e) &&
		  file_read(real, file->path, &text, &why);

	file->exists = file->existed = ok;
	file->before = file->text = arena_str(f->m->arena, buf_str(&text));
	buf_clear(&text);
	if (ok || why.sys_errno == ENOENT || why.sys_errno == ENOTDIR)
		return true;
	if (e != NULL && why.code != ERR_NONE)
		*e = why;
	return false;
}

/* The file of that path, read when it is first asked for. */
static bool
open_file(struct settings_files *f, const char *path, struct filed **out,
    struct err *e)
{
	struct filed new = { .path = path };

	for (size_t i = 0; i < f->files.len; i++) {
		*out = VEC_AT(&f->files, struct filed, i);
		if (strcmp((*out)->path, path) == 0)
			return true;
	}
	if (!load(f, &new, e))
		return false;
	if (!vec_push(&f->files, &new))
		return err_no_memory(e);
	*out = VEC_AT(&f->files, struct filed, f->files.len - 1);
	return true;
}

/* The i-th path of the setting, the target put in; NULL past the last. */
static const char *
path_at(struct settings_files *f, const struct setting *s, const char *target,
    size_t i)
{
	const char *const *paths = s->form->paths;
	const char *path = s->key;
	const char *open, *end;

	if (s->form->paths_new != NULL &&
	    template_release(f->m->release) >= TEMPLATE_R9_2)
		paths = s->form->paths_new;
	if (paths != NULL)
		path = paths[i];
	else if (i > 0)
		return NULL;
	if (path == NULL || target == NULL)
		return path;
	open = strchr(path, '<');
	end = open != NULL ? strchr(open, '>') : NULL;
	if (end == NULL)
		return path;
	return arena_printf(
	    f->m->arena, "%.*s%s%s", (int)(open - path), path, target, end + 1);
}

bool
settings_files_get(struct settings_files *f, const struct setting *s,
    const char *target, struct settings_filed *out, struct err *e)
{
	struct filed *file;

	*out = (struct settings_filed){ .value = STR_EMPTY };
	if (!open_file(f, path_at(f, s, target, 0), &file, e))
		return false;
	out->exists = file->exists;
	if (!file->exists)
		return true;
	out->own = setting_form_is_own(s, file->text);
	out->stored =
	    setting_form_get(s, target, file->text, f->m->arena, &out->value);
	return true;
}

/* A file each: the names in the folder that could be set. */
static bool
folder_targets(struct settings_files *f, const struct setting *s,
    const char *path, const char *const **names, size_t *n, struct err *e)
{
	const char *folder = arena_printf(
	    f->m->arena, "%.*s", (int)(strchr(path, '<') - path), path);
	struct vec found = VEC_INIT(const char *);
	char real[SYS_PATH_MAX];
	struct dirent *entry;
	bool ok = root_path(f->m->root, folder, real, e);
	DIR *d = ok ? opendir(real) : NULL;

	while (d != NULL && ok && (entry = readdir(d)) != NULL) {
		if (!setting_target_check(s, str_of(entry->d_name), NULL))
			continue;
		const char *name =
		    arena_cstr(f->m->arena, str_of(entry->d_name));
		ok = vec_push(&found, &name) || err_no_memory(e);
	}
	if (d != NULL)
		closedir(d);
	vec_sort(&found, str_cstr_order);
	const char **list =
	    ARENA_ARRAY(f->m->arena, found.len + 1, const char *);
	if (list != NULL && found.len > 0)
		memcpy(list, found.data, found.len * sizeof(*list));
	*names = list;
	*n = list != NULL ? found.len : 0;
	vec_clear(&found);
	return ok;
}

bool
settings_files_targets(struct settings_files *f, const struct setting *s,
    const char *const **names, size_t *n, struct err *e)
{
	const char *path = path_at(f, s, NULL, 0);
	struct filed *file;

	if (strchr(path, '<') != NULL)
		return folder_targets(f, s, path, names, n, e);
	if (!open_file(f, path_at(f, s, NULL, 0), &file, e))
		return false;
	*n = setting_form_targets(s, file->text, f->m->arena, names);
	return true;
}

/* May this file be changed? */
static bool
check_owner(const struct setting *s, const struct filed *file, bool replace,
    struct err *e)
{
	if (!file->exists || replace || setting_form_is_own(s, file->text))
		return true;
	err_set(e, ERR_USAGE,
	    _("cannot change '%s': '%s' was not written by smemail"), s->id,
	    file->path);
	return err_next(e,
	    _("look at it, then repeat with --force (a copy of it is kept)"));
}

static bool
put_in(struct settings_files *f, const struct setting *s, const char *target,
    const struct str *value, struct filed *file, struct err *e)
{
	struct buf out = BUF_INIT(FILE_MAX);
	bool ok = true;

	if (file->existed && (s->form->kind == SETTING_FORM_STRAY ||
				 !setting_form_is_own(s, file->before)))
		file->foreign = true;
	file->exists = setting_form_put(s, target, file->text, value, &out);
	if (out.failed)
		ok = err_set(
		    e, ERR_USAGE, _("'%s' would be too large"), file->path);
	file->text = file->exists ? arena_str(f->m->arena, buf_str(&out))
				  : (struct str)STR_EMPTY;
	file->changed =
	    file->exists != file->existed || !str_eq(file->text, file->before);
	buf_clear(&out);
	return ok;
}

bool
settings_files_put(struct settings_files *f, const struct setting *s,
    const char *target, const struct str *value, bool replace, struct err *e)
{
	struct settings_filed now;
	const char *path;

	if (!settings_files_get(f, s, target, &now, e))
		return false;
	if (value != NULL ? now.stored && str_eq(now.value, *value)
			  : !now.stored && (now.own || !now.exists))
		return true; /* as it is */
	for (size_t i = 0; (path = path_at(f, s, target, i)) != NULL; i++) {
		struct filed *file;
		if (!open_file(f, path, &file, e) ||
		    !check_owner(s, file, replace, e) ||
		    !put_in(f, s, target, value, file, e))
			return false;
	}
	return true;
}

/* "/var/lib/smemail/replaced/1700000000-13bcc" */
static bool
keep_copy(struct settings_files *f, const struct filed *file, struct err *e)
{
	const struct file_replace how = {
		.mode = 0600, .uid = (uid_t)-1, .gid = (gid_t)-1
	};
	char real[SYS_PATH_MAX];
	const char *name = strrchr(file->path, '/');

	return root_pathf(f->m->root, real, e, "%s/%" PRId64 "-%s", KEPT_DIR,
		   clock_wall_s(f->m->clock), name + 1) &&
	       file_mkdirs_for(real, 0700, KEPT_DIR, e) &&
	       file_replace(real, file->before, &how, e);
}

static bool
write_one(struct settings_files *f, const struct filed *file, struct err *e)
{
	struct file_replace how = { .mode = FILE_MODE,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.shown = file->path };
	char real[SYS_PATH_MAX];
	struct stat st;

	if (!root_path(f->m->root, file->path, real, e) ||
	    (file->foreign && !keep_copy(f, file, e)))
		return false;
	if (!file->exists) {
		if (unlink(real) == 0 || errno == ENOENT)
			return true;
		return err_set_errno(
		    e, errno, _("cannot remove '%s'"), file->path);
	}
	if (stat(real, &st) == 0) {
		how.mode = st.st_mode & 07777;
		how.uid = st.st_uid;
		how.gid = st.st_gid;
		how.chown_may_fail = true;
	}
	return file_mkdirs_for(real, FOLDER_MODE, file->path, e) &&
	       file_replace(real, file->text, &how, e);
}

bool
settings_files_commit(struct settings_files *f, struct err *e)
{
	for (size_t i = 0; i < f->files.len; i++) {
		struct filed *file = VEC_AT(&f->files, struct filed, i);
		struct err own = ERR_INIT, *why = e != NULL ? e : &own;
		if (!file->changed)
			continue;
		if (!write_one(f, file, why)) {
			if (why->sys_errno == EACCES || why->sys_errno == EPERM)
				err_next(why, _("run it as root, or with "
						"--root DIR"));
			return false;
		}
		file->written = true;
	}
	return true;
}

bool
settings_files_written(
    struct settings_files *f, const struct setting *s, const char *target)
{
	const char *path = path_at(f, s, target, 0);

	for (size_t i = 0; i < f->files.len; i++) {
		const struct filed *file = VEC_AT(&f->files, struct filed, i);
		if (strcmp(file->path, path) == 0)
			return file->written;
	}
	return false;
}

bool
settings_files_finish(const struct model_ctx *m, const struct setting *s,
    const char *target, const struct str *value, struct err *e)
{
	struct settings_files *f = settings_files_new(m);
	const char *path;
	bool ok = f != NULL || err_no_memory(e);

	/* files are written in their order, so the first is as it should be */
	for (size_t i = 1; ok && (path = path_at(f, s, target, i)) != NULL;
	     i++) {
		struct filed *file;
		ok = open_file(f, path, &file, e) &&
		     put_in(f, s, target, value, file, e);
	}
	ok = ok && settings_files_commit(f, e);
	settings_files_free(f);
	return ok;
}
