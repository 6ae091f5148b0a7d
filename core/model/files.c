/* Generated files: which, how they differ, writing them. */
#include "core/model/files.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/vec.h"
#include "core/sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIG      "/var/service/qpsmtpd/config/"
#define PEERS       CONFIG "peers/"
#define CONTROL     "/var/qmail/control/"
#define LINK_TARGET "local"

enum {
	FILE_MAX = 8 << 20,
	LINKS_MAX = 4096
};

static bool
out_of_memory(struct err *e)
{
	return err_set_errno(e, ENOMEM, _("cannot list generated files"));
}

static int
path_cmp(const void *left, const void *right)
{
	const char *const *a = left;
	const char *const *b = right;
	return strcmp(*a, *b);
}

static bool
path_add(struct vec *paths, const char *path, struct err *e)
{
	for (size_t i = 0; i < paths->len; i++)
		if (strcmp(*VEC_AT(paths, const char *, i), path) == 0)
			return true;
	return vec_push(paths, &path) || out_of_memory(e);
}

/* Templates that somebody put below a folder of generated files. */
static bool
folder_templates(const struct model_ctx *m, const char *queue,
    const char *folder, const struct event *ev, struct vec *paths,
    struct err *e)
{
	char real[SYS_PATH_MAX];
	struct dirent *entry;
	bool ok = root_pathf(m->root, real, e, "%s%s", queue, folder);
	DIR *d = ok ? opendir(real) : NULL;
	while (d != NULL && ok && (entry = readdir(d)) != NULL) {
		const char *name = entry->d_name;
		if (name[0] == '.' || strchr(name, '~') != NULL)
			continue;
		const char *path = arena_printf(m->arena, "%s%s", folder, name);
		if (strcmp(path, CONFIG "peers") == 0 ||
		    (ev != NULL && !event_expands(ev, path)))
			continue;
		ok = path_add(paths, path, e);
	}
	if (d != NULL)
		closedir(d);
	return ok;
}

static bool
added_templates(const struct model_ctx *m, const struct event *ev,
    struct vec *paths, struct err *e)
{
	static const char *const queues[] = { "/etc/e-smith/templates-custom",
		"/etc/e-smith/templates" };
	static const char *const folders[] = { CONFIG, PEERS, CONTROL };
	for (size_t q = 0; q < ARRAY_LEN(queues); q++)
		for (size_t i = 0; i < ARRAY_LEN(folders); i++)
			if (!folder_templates(
				m, queues[q], folders[i], ev, paths, e))
				return false;
	return true;
}

static bool
native_paths(const struct model_ctx *m, const struct event *ev,
    struct vec *paths, struct err *e)
{
	const struct template_file *f;
	int release = template_release(m->release);
	for (size_t i = 0; (f = template_file_at(i)) != NULL; i++)
		if (template_on_release(f->since, f->until, release) &&
		    (ev == NULL || event_expands(ev, f->path)) &&
		    !path_add(paths, f->path, e))
			return false;
	return true;
}

bool
files_of_event(const struct model_ctx *m, const char *event,
    const char *const **paths, size_t *count, struct err *e)
{
	struct vec found = VEC_INIT(const char *);
	const struct event *ev = event != NULL ? event_find(event) : NULL;
	const char *const *own = NULL;
	size_t n_own = 0;
	bool ok = true;
	if (event == NULL || ev != NULL)
		ok = native_paths(m, ev, &found, e) &&
		     added_templates(m, ev, &found, e);
	if (ok && event != NULL)
		ok = event_templates(m->root, event, m->arena, &own, &n_own, e);
	for (size_t i = 0; ok && i < n_own; i++)
		ok = path_add(&found, own[i], e);
	vec_sort(&found, path_cmp);
	const char **copy = ARENA_ARRAY(m->arena, found.len + 1, const char *);
	if (found.len > 0)
		memcpy(copy, found.data, found.len * sizeof(*copy));
	*paths = copy;
	*count = found.len;
	vec_clear(&found);
	return ok;
}

/* The file as it is; a missing one is empty and has not 'existed'. */
static bool
before_read(const struct model_ctx *m, struct files_entry *f, struct err *e)
{
	char real[SYS_PATH_MAX];
	struct buf text = BUF_INIT(FILE_MAX);
	struct err why = ERR_INIT;
	if (!root_path(m->root, f->path, real, e))
		return false;
	f->existed = file_read(real, f->path, &text, &why);
	f->before = arena_str(m->arena, buf_str(&text));
	buf_clear(&text);
	if (f->existed || why.sys_errno == ENOENT || why.sys_errno == ENOTDIR)
		return true;
	if (e != NULL)
		*e = why;
	return false;
}

static bool
entry_make(const struct model_ctx *m, const struct expand *x, const char *path,
    struct files_entry *f, struct err *e)
{
	struct buf text = BUF_INIT(FILE_MAX);
	*f = (struct files_entry){ .kind = FILES_TEXT, .path = path };
	struct template_metadata meta;
	bool ok = expand_text(x, path, &text, &meta, e);
	f->after = arena_str(m->arena, buf_str(&text));
	buf_clear(&text);
	ok = ok && before_read(m, f, e);
	if (!ok)
		return false;
	/* removing a file (ES-112) is left to the event that asks for it */
	f->differs =
	    !meta.remove && (!f->existed || !str_eq(f->before, f->after));
	f->has_mode = meta.has_mode;
	f->has_uid = meta.has_uid;
	f->has_gid = meta.has_gid;
	f->mode = meta.mode;
	f->uid = meta.uid;
	f->gid = meta.gid;
	return true;
}

static bool
is_wanted(const char *name, const char *const *links, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(links[i], name) == 0)
			return true;
	return false;
}

/* Is it a link to "local", as smemail and the server make them? */
static bool
is_peer_link(const char *real)
{
	char target[sizeof(LINK_TARGET) + 1];
	ssize_t n = readlink(real, target, sizeof(target));
	return n == (ssize_t)strlen(LINK_TARGET) &&
	       memcmp(target, LINK_TARGET, (size_t)n) == 0;
}

static bool
link_entry_add(const struct model_ctx *m, struct vec *entries, const char *name,
    enum files_kind kind, bool existed, struct err *e)
{
	struct str text = STR("link to local\n");
	struct files_entry f = {
		.kind = kind,
		.path = arena_printf(m->arena, PEERS "%s", name),
		.existed = existed,
		.differs = kind == FILES_UNLINK || !existed,
	};
	if (existed)
		f.before = text;
	if (kind == FILES_LINK)
		f.after = text;
	return vec_push(entries, &f) || out_of_memory(e);
}

static bool
links_make(const struct model_ctx *m, const struct expand *x,
    struct vec *entries, struct err *e)
{
	char real[SYS_PATH_MAX];
	struct stat st;
	const char **links = ARENA_ARRAY(m->arena, LINKS_MAX, const char *);
	size_t n = expand_peer_links(x, links, LINKS_MAX);
	bool ok = true;
	qsort(links, n, sizeof(*links), path_cmp);
	for (size_t i = 0; ok && i < n; i++)
		/* a list that somebody put there for this network stays */
		ok = root_pathf(m->root, real, e, PEERS "%s", links[i]) &&
		     link_entry_add(m, entries, links[i], FILES_LINK,
			 lstat(real, &st) == 0, e);
	struct dirent *entry;
	ok = ok && root_path(m->root, PEERS, real, e);
	DIR *d = ok ? opendir(real) : NULL;
	while (d != NULL && ok && (entry = readdir(d)) != NULL) {
		const char *name = entry->d_name;
		if (ascii_is_digit(name[0]) && !is_wanted(name, links, n) &&
		    root_pathf(m->root, real, NULL, PEERS "%s", name) &&
		    is_peer_link(real))
			ok = link_entry_add(
			    m, entries, name, FILES_UNLINK, true, e);
	}
	if (d != NULL)
		closedir(d);
	return ok;
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
		     (vec_push(&entries, &f) || out_of_memory(e));
	}
	if (ok && links)
		ok = links_make(m, x, &entries, e);
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
link_write(const char *real, const char *shown, struct err *e)
{
	if (!file_mkdirs_for(real, 0755, shown, e))
		return false;
	/* what is not our link (a file put there by hand) stays */
	if (symlink(LINK_TARGET, real) == 0 || errno == EEXIST)
		return true;
	return err_set_errno(e, errno, _("cannot write '%s'"), shown);
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
		return link_write(real, f->path, e);
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
	else if (ok && f->kind == FILES_TEXT)
		ok = text_write(f, real, f->before, NULL);
	else if (ok)
		ok = link_write(real, f->path, NULL);
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
