/* Generated files: how they differ, writing them. */
#include "core/model/files.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/vec.h"
#include "core/model/base.h"
#include "core/model/files_int.h"
#include "core/sys/file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIG  "/var/service/qpsmtpd/config/"
#define CONTROL "/var/qmail/control/"

enum {
	FILE_MAX = 8 << 20
};

/*
 * The file as it is; a missing one is empty and has not 'existed'. One that is
 * empty and without permissions speaks by its mode alone.
 */
static bool
before_read(const struct model_ctx *m, struct files_entry *f, struct err *e)
{
	char real[SYS_PATH_MAX];
	struct stat st;
	struct buf text = BUF_INIT(FILE_MAX);
	struct err why = ERR_INIT;
	if (!root_path(m->root, f->path, real, e))
		return false;
	if (stat(real, &st) == 0)
		f->old_mode = st.st_mode & 07777;
	f->existed = file_read(real, f->path, &text, &why);
	f->before = arena_str(m->arena, buf_str(&text));
	buf_clear(&text);
	if (f->existed || why.sys_errno == ENOENT || why.sys_errno == ENOTDIR)
		return true;
	f->existed = why.sys_errno == EACCES && f->after.len == 0 &&
		     (f->old_mode & S_IRUSR) == 0;
	if (f->existed)
		return true;
	if (e != NULL)
		*e = why;
	return false;
}

/* As an apply of ours left it? One written by hand is its writer's. */
static bool
is_ours(const struct model_ctx *m, const struct files_entry *f)
{
	struct base last;
	const struct base_file *then =
	    base_read(m, &last) ? base_file_find(&last, f->path) : NULL;
	return then != NULL && then->after == base_sum(f->before);
}

/* A text that is not wanted any more. */
static bool
entry_unmake(const struct model_ctx *m, struct files_entry *f, struct err *e)
{
	f->kind = FILES_UNLINK;
	f->after = (struct str)STR_EMPTY;
	if (!before_read(m, f, e))
		return false;
	f->differs = f->existed && is_ours(m, f);
	return true;
}

static bool
is_optional(const struct expand *x, const char *path)
{
	const struct template_file *f =
	    template_find(path, expand_env(x)->release);
	return f != NULL && (f->flags & TEMPLATE_OPTIONAL) != 0;
}

static bool
only_comments(struct str text)
{
	struct str line;
	while (str_next_line(&text, &line)) {
		line = str_trim(line);
		if (line.len > 0 && line.ptr[0] != '#')
			return false;
	}
	return true;
}

static bool
entry_make(const struct model_ctx *m, const struct expand *x, const char *path,
    struct files_entry *f, struct err *e)
{
	struct buf text = BUF_INIT(FILE_MAX);
	*f = (struct files_entry){ .kind = FILES_TEXT, .path = path };
	struct template_metadata meta;
	bool optional = is_optional(x, path);
	if (optional && !template_exists(expand_env(x), path))
		return entry_unmake(m, f, e);
	bool ok = expand_text(x, path, &text, &meta, e);
	f->after = arena_str(m->arena, buf_str(&text));
	buf_clear(&text);
	if (ok && optional && only_comments(f->after))
		return entry_unmake(m, f, e);
	ok = ok && before_read(m, f, e);
	if (!ok)
		return false;
	/* removing a file (ES-112) is left to the event that asks for it */
	f->differs =
	    !meta.remove && (!f->existed || !str_eq(f->before, f->after) ||
				(meta.has_mode && f->old_mode != meta.mode));
	f->has_mode = meta.has_mode;
	f->has_uid = meta.has_uid;
	f->has_gid = meta.has_gid;
	f->mode = meta.mode;
	f->uid = meta.uid;
	f->gid = meta.gid;
	return true;
}

bool
files_make(const struct model_ctx *m, const struct expand *x,
    const char *const *paths, size_t count, bool links, struct files_set *out,
    struct err *e)
{
	struct vec entries = VEC_INIT(struct files_entry);
	bool ok = true;
	*out = (struct files_set){ NULL, 0, 0 };
	for (size_t i = 0; ok && i < count; i++) {
		struct files_entry f;
		ok = entry_make(m, x, paths[i], &f, e) &&
		     (vec_push(&entries, &f) || files_out_of_memory(e));
	}
	if (ok && links)
		ok = files_links(m, x, &entries, e) &&
		     files_marks(m, x, &entries, e);
	out->entries =
	    ARENA_ARRAY(m->arena, entries.len + 1, struct files_entry);
	if (entries.len > 0)
		memcpy(out->entries, entries.data,
		    entries.len * sizeof(*out->entries));
	out->n = entries.len;
	for (size_t i = 0; i < out->n; i++)
		out->n_differ += out->entries[i].differs ? 1 : 0;
	vec_clear(&entries);
	return ok;
}

static bool
text_write(const struct files_entry *f, const char *real, struct str text,
    struct err *e)
{
	struct stat st;
	bool there = lstat(real, &st) == 0 && S_ISREG(st.st_mode);
	struct file_replace how = {
		.mode = there ? st.st_mode & 07777 : 0644,
		.uid = there ? st.st_uid : (uid_t)-1,
		.gid = there ? st.st_gid : (gid_t)-1,
		.chown_may_fail = true,
		.shown = f->path,
	};
	if (f->has_mode)
		how.mode = f->mode;
	if (f->has_uid)
		how.uid = f->uid;
	if (f->has_gid)
		how.gid = f->gid;
	return file_mkdirs_for(real, 0755, f->path, e) &&
	       file_replace(real, text, &how, e);
}

static bool
entry_write(
    const struct model_ctx *m, const struct files_entry *f, struct err *e)
{
	char real[SYS_PATH_MAX];
	if (!root_path(m->root, f->path, real, e))
		return false;
	if (f->kind == FILES_TEXT)
		return text_write(f, real, f->after, e);
	if (f->kind == FILES_LINK)
		return files_link_write(f, real, e);
	return unlink(real) == 0 || errno == ENOENT ||
	       err_set_errno(e, errno, _("cannot remove '%s'"), f->path);
}

/* Best effort: the first error is the one that is told. */
static void
entry_restore(const struct model_ctx *m, const struct files_entry *f)
{
	char real[SYS_PATH_MAX];
	bool ok = root_path(m->root, f->path, real, NULL);
	if (ok && !f->existed)
		unlink(real);
	else if (ok && f->target == NULL) {
		struct files_entry old = *f;
		old.has_mode = true;
		old.mode = f->old_mode;
		ok = text_write(&old, real, f->before, NULL);
	} else if (ok && f->target == NULL)
		ok = text_write(f, real, f->before, NULL);
	else if (ok)
		ok = files_link_write(f, real, NULL);
	(void)ok;
}

bool
files_write(
    const struct model_ctx *m, const struct files_set *set, struct err *e)
{
	for (size_t i = 0; i < set->n; i++) {
		if (!set->entries[i].differs ||
		    entry_write(m, &set->entries[i], e))
			continue;
		while (i-- > 0)
			if (set->entries[i].differs)
				entry_restore(m, &set->entries[i]);
		return false;
	}
	return true;
}

bool
files_is_filter(const struct files_entry *f)
{
	return strncmp(f->path, CONFIG, strlen(CONFIG)) == 0 ||
	       strncmp(f->path, CONTROL, strlen(CONTROL)) == 0;
}
