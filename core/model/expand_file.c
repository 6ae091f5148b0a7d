/* One file by its template, as expand-template makes it (ES-88 to ES-102). */
#include "core/model/expand.h"

#include "core/base/i18n.h"
#include "core/sys/file.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILE_MAX = 8 << 20
};

static bool
target_write(const char *real, const char *shown, struct str text,
    const struct stat *old, struct err *e)
{
	const struct file_replace how = {
		.mode = old != NULL ? old->st_mode & 07777 : 0644,
		.uid = old != NULL ? old->st_uid : (uid_t)-1,
		.gid = old != NULL ? old->st_gid : (gid_t)-1,
		.chown_may_fail = true,
		.shown = shown,
	};
	return file_replace(real, text, &how, e);
}

/* Copies that package updates left beside an existing target (ES-102). */
static void
left_overs_remove(const char *real)
{
	static const char *const ends[] = { ".rpmsave", ".rpmnew" };
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		char path[SYS_PATH_MAX + 16];
		snprintf(path, sizeof(path), "%s%s", real, ends[i]);
		unlink(path);
	}
}

static bool
is_same(const char *real, struct str text)
{
	struct buf old = BUF_INIT(FILE_MAX);
	bool same =
	    file_read(real, NULL, &old, NULL) && str_eq(buf_str(&old), text);
	buf_clear(&old);
	return same;
}

static bool
file_make(const struct template_env *env, const char *path, const char *output,
    struct buf *text, struct err *e)
{
	char real[SYS_PATH_MAX];
	struct stat st, link;
	if (!template_expand(env, path, text, e) ||
	    !root_path(env->root, output, real, e))
		return false;
	bool there = stat(real, &st) == 0;
	if (there && S_ISDIR(st.st_mode))
		return err_set_errno(e, EISDIR, _("cannot write '%s'"), output);
	bool plain = lstat(real, &link) == 0 && S_ISREG(link.st_mode);
	if (!(plain && is_same(real, buf_str(text))) &&
	    !target_write(real, output, buf_str(text), there ? &st : NULL, e))
		return false;
	if (there)
		left_overs_remove(real);
	return true;
}

bool
expand_file(const struct expand *x, const char *path, const char *output,
    const char *queue, struct err *e)
{
	struct template_env env = *expand_env(x);
	struct buf text = BUF_INIT(FILE_MAX);
	env.queue = queue;
	bool ok =
	    file_make(&env, path, output != NULL ? output : path, &text, e);
	buf_clear(&text);
	return ok;
}
