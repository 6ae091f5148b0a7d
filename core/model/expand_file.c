/* One file by its template, as expand-template makes it (ES-88 to ES-114). */
#include "core/model/expand.h"

#include "core/base/i18n.h"
#include "core/sys/file.h"
#include "core/sys/owner.h"
#include "core/template/perl.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILE_MAX = 8 << 20,
	MODE_USUAL = 0644
};

/* What one expansion is made of once its metadata are known. */
struct make {
	struct template_env env;
	struct template_metadata meta;
	const char *path;   /* of the template */
	const char *output; /* of the file */
	bool fixed;
};

static void
note(const struct make *k, const char *text)
{
	if (k->env.note != NULL)
		k->env.note(k->env.note_ctx, text);
}

/* Variables of the caller, then those of the metadata, which win. */
static void
more_join(struct make *k)
{
	const struct template_prop *more = k->env.more;
	size_t n = k->env.n_more, all = n + k->meta.n_more;
	struct template_prop *p =
	    ARENA_ARRAY(k->env.arena, all + 1, struct template_prop);
	if (n > 0)
		memcpy(p, more, n * sizeof(*p));
	if (k->meta.n_more > 0)
		memcpy(p + n, k->meta.more, k->meta.n_more * sizeof(*p));
	k->env.more = p;
	k->env.n_more = all;
}

/*
 * What the file's own record says of mode and owner, where the root's metadata
 * say nothing. Who is not known there leaves the owner as it is.
 */
static void
native_metadata(struct make *k)
{
	const struct template_env *env = &k->env;
	const struct template_file *f = template_find(k->path, env->release);
	struct template_metadata *meta = &k->meta;
	if (f == NULL || env->queue != NULL)
		return;
	struct str name = template_file_name(f, k->path, env->arena);
	bool own = f->owner != NULL && f->owner[0] == '*';
	if ((f->mode != 0 || f->mode_of != NULL) && !meta->has_mode) {
		meta->has_mode = true;
		meta->mode = f->mode_of != NULL ? f->mode_of(env, f) : f->mode;
	}
	uid_t uid;
	gid_t gid;
	if (f->owner != NULL &&
	    owner_user(env->root, own ? name : str_of(f->owner), &uid, &gid)) {
		bool with_group = own && !meta->has_gid;
		meta->uid = meta->has_uid ? meta->uid : uid;
		meta->has_uid = true;
		meta->gid = with_group ? gid : meta->gid;
		meta->has_gid = meta->has_gid || with_group;
	}
	if (f->group != NULL && !meta->has_gid)
		meta->has_gid =
		    owner_group(env->root, str_of(f->group), &meta->gid);
}

static bool
make_begin(struct make *k, const struct expand *x,
    const struct expand_target *t, struct err *e)
{
	k->env = *expand_env(x);
	k->path = t->path;
	k->output = t->output != NULL ? t->output : t->path;
	k->fixed = t->fixed;
	k->env.queue = t->queue;
	if (!template_metadata_read(&k->env, t->path, &k->meta, e))
		return err_context(e, _("cannot expand '%s'"), t->path);
	native_metadata(k);
	const struct template_metadata *meta = &k->meta;
	if (meta->template_path != NULL)
		k->path = meta->template_path;
	if (meta->output_filename != NULL)
		k->output = meta->output_filename;
	if (meta->output_prefix != NULL)
		k->output =
		    arena_printf(k->env.arena, "%s%s%s", meta->output_prefix,
			k->output[0] == '/' ? "" : "/", k->output);
	if (meta->queue != NULL)
		k->env.queue = meta->queue;
	more_join(k);
	return true;
}

static bool
make_text(const struct make *k, struct buf *text, struct err *e)
{
	struct buf lines = BUF_INIT(FILE_MAX);
	if (k->meta.filter.len == 0)
		return template_expand(&k->env, k->path, text, e);
	bool ok = template_expand(&k->env, k->path, &lines, e) &&
		  template_perl_filter(k->env.perl, &k->env, k->meta.filter,
		      buf_str(&lines), text, e);
	buf_clear(&lines);
	return ok;
}

/* ES-100: owners that the system does not know become root. */
static void
owner_keep(
    const struct make *k, const struct stat *old, struct file_replace *how)
{
	how->uid = old->st_uid;
	how->gid = old->st_gid;
	if (getpwuid(old->st_uid) == NULL) {
		note(k, arena_printf(k->env.arena,
			    _("the user %u of '%s' has no name, root is taken"),
			    (unsigned)old->st_uid, k->output));
		how->uid = 0;
	}
	if (getgrgid(old->st_gid) == NULL) {
		note(
		    k, arena_printf(k->env.arena,
			   _("the group %u of '%s' has no name, root is taken"),
			   (unsigned)old->st_gid, k->output));
		how->gid = 0;
	}
}

static struct file_replace
target_how(const struct make *k, const struct stat *old)
{
	struct file_replace how = {
		.mode = MODE_USUAL,
		.uid = k->fixed && geteuid() == 0 ? 0 : (uid_t)-1,
		.gid = k->fixed && geteuid() == 0 ? 0 : (gid_t)-1,
		.chown_may_fail = true,
		.shown = k->output,
	};
	if (old != NULL && !k->fixed) {
		how.mode = old->st_mode & 07777;
		owner_keep(k, old, &how);
	}
	if (k->meta.has_mode)
		how.mode = k->meta.mode;
	if (k->meta.has_uid)
		how.uid = k->meta.uid;
	if (k->meta.has_gid)
		how.gid = k->meta.gid;
	return how;
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

/* ES-101: the file stays, its mode and owner are set. */
static bool
attributes_set(const char *real, const struct stat *old,
    const struct file_replace *how, struct err *e)
{
	bool other = (how->uid != (uid_t)-1 && how->uid != old->st_uid) ||
		     (how->gid != (gid_t)-1 && how->gid != old->st_gid);
	if (other && lchown(real, how->uid, how->gid) != 0 && geteuid() == 0)
		return err_set_errno(
		    e, errno, _("cannot give away '%s'"), how->shown);
	/* a new owner takes the set-id bits off */
	if ((other || (old->st_mode & 07777) != how->mode) &&
	    chmod(real, how->mode) != 0)
		return err_set_errno(
		    e, errno, _("cannot set the mode of '%s'"), how->shown);
	return true;
}

static bool
target_write(const struct make *k, struct str text, struct err *e)
{
	char real[SYS_PATH_MAX];
	struct stat st, link;
	if (!root_path(k->env.root, k->output, real, e))
		return false;
	bool there = stat(real, &st) == 0;
	if (there && S_ISDIR(st.st_mode))
		return err_set_errno(
		    e, EISDIR, _("cannot write '%s'"), k->output);
	bool plain = lstat(real, &link) == 0 && S_ISREG(link.st_mode);
	const struct file_replace how = target_how(k, there ? &st : NULL);
	bool same = plain && is_same(real, text);
	if (k->env.announce != NULL)
		note(k,
		    arena_printf(k->env.arena,
			same ? _("'%s' is as it should be") : _("writing '%s'"),
			k->output));
	bool ok = same ? attributes_set(real, &st, &how, e)
		       : file_replace(real, text, &how, e);
	if (ok && there)
		left_overs_remove(real);
	return ok;
}

/* ES-112 */
static bool
target_remove(const struct make *k, struct err *e)
{
	char real[SYS_PATH_MAX];
	if (!root_path(k->env.root, k->output, real, e))
		return false;
	return unlink(real) == 0 || errno == ENOENT ||
	       err_set_errno(e, errno, _("cannot remove '%s'"), k->output);
}

bool
expand_text(const struct expand *x, const char *path, struct buf *out,
    struct template_metadata *meta, struct err *e)
{
	const struct expand_target t = { .path = path };
	struct make k;
	if (!make_begin(&k, x, &t, e))
		return false;
	if (meta != NULL)
		*meta = k.meta;
	return k.meta.remove || make_text(&k, out, e);
}

bool
expand_file(
    const struct expand *x, const struct expand_target *target, struct err *e)
{
	struct make k;
	struct buf text = BUF_INIT(FILE_MAX);
	if (!make_begin(&k, x, target, e))
		return false;
	if (k.meta.remove)
		return target_remove(&k, e);
	bool ok = make_text(&k, &text, e) &&
		  (k.meta.to_string || target_write(&k, buf_str(&text), e));
	buf_clear(&text);
	return ok;
}
