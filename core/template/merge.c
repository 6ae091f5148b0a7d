/* Merging fragments of all roots by name. */
#include "core/template/merge_int.h"

#include "core/base/i18n.h"
#include "core/sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define BEGIN "template-begin"
#define END   "template-end"

void
merge_note(const struct template_env *env, const char *fmt, const char *subject)
{
	if (env->note != NULL)
		env->note(env->note_ctx,
		    arena_printf(env->arena, "%s '%s'", fmt, subject));
}

/* Names that editors and packages leave behind (ES-82). */
static bool
is_left_over(struct str name)
{
	static const char *const ends[] = { "~", ".swp", ".orig", ".rpmsave",
		".rpmnew", ".rpmorig" };
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (str_ends(name, str_of(ends[i])))
			return true;
	return false;
}

static bool
has_piece(const struct merge *m, struct str name)
{
	for (size_t i = 0; i < m->pieces.len; i++)
		if (str_eq(VEC_AT(&m->pieces, struct piece, i)->name, name))
			return true;
	return false;
}

static bool
out_of_memory(struct err *e)
{
	return err_set_errno(e, ENOMEM, _("cannot merge fragments"));
}

static bool
piece_add(struct merge *m, struct piece p, struct err *e)
{
	return vec_push(&m->pieces, &p) || out_of_memory(e);
}

/* The files of one folder; names that an earlier root had are skipped. */
static bool
folder_add(struct merge *m, const char *real, const char *shown,
    size_t queue_len, struct err *e)
{
	DIR *d = opendir(real);
	struct dirent *entry;
	bool ok = true;
	if (d == NULL)
		return err_set_errno(e, errno, _("cannot open '%s'"), shown);
	size_t earlier = m->pieces.len;
	while (ok && (entry = readdir(d)) != NULL) {
		char path[SYS_PATH_MAX];
		struct stat st;
		struct str name = str_of(entry->d_name);
		bool taken = false;
		if (snprintf(path, sizeof(path), "%s/%s", shown,
			entry->d_name) >= (int)sizeof(path) ||
		    !root_follow(m->env->root, path, path, NULL) ||
		    stat(path, &st) != 0 || !S_ISREG(st.st_mode))
			continue;
		if (is_left_over(name)) {
			merge_note(m->env, _("skipped template file"), path);
			continue;
		}
		for (size_t i = 0; i < earlier && !taken; i++)
			taken = str_eq(
			    VEC_AT(&m->pieces, struct piece, i)->name, name);
		if (!taken)
			ok = piece_add(m,
			    (struct piece){
				.name = arena_str(m->env->arena, name),
				.path = arena_printf(m->env->arena, "%s/%s",
				    shown, entry->d_name),
				.queue_len = queue_len,
			    },
			    e);
	}
	closedir(d);
	return ok;
}

/* What PATH is under one root of the queue. */
static bool
root_add(struct merge *m, const char *queue, const char *path, struct err *e)
{
	char real[SYS_PATH_MAX], shown[SYS_PATH_MAX];
	struct stat st;
	if (snprintf(shown, sizeof(shown), "%s%s%s", queue,
		path[0] == '/' ? "" : "/", path) >= (int)sizeof(shown))
		return err_set(e, ERR_USAGE, _("path '%s' is too long"), path);
	if (!root_path(m->env->root, shown, real, e))
		return false;
	if (stat(real, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR ||
		       err_set_errno(e, errno, _("cannot open '%s'"), shown);
	if (S_ISDIR(st.st_mode)) {
		m->saw_folder = true;
		return m->flat || folder_add(m, real, shown, strlen(queue), e);
	}
	if (!S_ISREG(st.st_mode) || m->flat || m->saw_folder)
		return true;
	m->flat = true;
	return piece_add(m,
	    (struct piece){ .name = str_of(""),
		.path = arena_cstr(m->env->arena, str_of(shown)),
		.queue_len = strlen(queue) },
	    e);
}

/* Does a custom file stand for this fragment under another name (EF-7)? */
static bool
replaced_by_other_name(const struct merge *m, const struct template_fragment *f)
{
	struct str names = str_of(f->also), one;
	while (str_next_word(&names, &one))
		if (has_piece(m, one)) {
			merge_note(m->env,
			    _("custom fragment of another release replaces"),
			    f->name);
			return true;
		}
	return false;
}

static bool
native_add(struct merge *m, struct err *e)
{
	const struct template_file *t = m->native;
	bool flat = (t->flags & TEMPLATE_FLAT) != 0;
	bool was_flat = m->flat;
	if (!flat)
		m->saw_folder = true;
	if (was_flat || (flat && m->saw_folder))
		return true;
	m->flat = flat;
	for (size_t i = 0; i < t->n_fragments; i++) {
		const struct template_fragment *f = &t->fragments[i];
		struct str name = str_of(flat ? "" : f->name);
		if (!template_on_release(f->since, f->until, m->env->release) ||
		    has_piece(m, name) || replaced_by_other_name(m, f))
			continue;
		if (!piece_add(
			m, (struct piece){ .name = name, .native = f }, e))
			return false;
	}
	return true;
}

/* template-begin first, template-end last, byte order between (ES-83). */
static int
piece_cmp(const void *left, const void *right)
{
	const struct piece *a = left, *b = right;
	int rank_a = str_is(a->name, BEGIN) ? 0 : str_is(a->name, END) ? 2 : 1;
	int rank_b = str_is(b->name, BEGIN) ? 0 : str_is(b->name, END) ? 2 : 1;
	return rank_a != rank_b ? rank_a - rank_b : str_cmp(a->name, b->name);
}

static bool
default_begin_add(struct merge *m, struct err *e)
{
	char real[SYS_PATH_MAX];
	bool bare = m->native != NULL && (m->native->flags & TEMPLATE_BARE);
	if (!m->saw_folder || m->pieces.len == 0 || bare ||
	    has_piece(m, str_of(BEGIN)))
		return true;
	if (!root_path(m->env->root, MERGE_DEFAULT_BEGIN, real, e))
		return false;
	return !file_exists(real) || piece_add(m,
					 (struct piece){ .name = str_of(BEGIN),
					     .path = MERGE_DEFAULT_BEGIN },
					 e);
}

/* Fragments of one user's file find whom it is for in $USERNAME. */
static void
name_set(struct merge *m, struct str name)
{
	struct template_prop *more = ARENA_ARRAY(
	    m->env->arena, m->env->n_more + 1, struct template_prop);
	m->named = *m->env;
	m->named.name = name;
	if (m->env->n_more > 0)
		memcpy(more, m->env->more, m->env->n_more * sizeof(*more));
	more[m->env->n_more].name =
	    m->native->each == TEMPLATE_GROUPS ? STR("group") : STR("USERNAME");
	more[m->env->n_more].value = name;
	m->named.more = more;
	m->named.n_more = m->env->n_more + 1;
	m->env = &m->named;
}

/* The usual roots; fragments of smemail stand between them. */
static bool
roots_add(struct merge *m, const char *path, struct err *e)
{
	const struct template_file *t = template_find(path, m->env->release);
	bool home = t != NULL && (t->flags & TEMPLATE_HOME) != 0;
	const char *custom = home ? MERGE_USER_CUSTOM : MERGE_CUSTOM;
	const char *stock = home ? MERGE_USER_STOCK : MERGE_STOCK;
	m->native = t;
	if (t != NULL && (t->each != TEMPLATE_ONCE || t->name != NULL))
		name_set(m, template_file_name(t, path, m->env->arena));
	if (t != NULL && t->source != NULL)
		path = t->source;
	return (m->stock_only || root_add(m, custom, path, e)) &&
	       (t == NULL || native_add(m, e)) && root_add(m, stock, path, e);
}

bool
merge_collect(struct merge *m, const char *path, struct err *e)
{
	const char *const *queue = m->env->queue;
	for (size_t i = 0; queue != NULL && queue[i] != NULL; i++)
		if (!root_add(m, queue[i], path, e))
			return false;
	if (queue == NULL && !roots_add(m, path, e))
		return false;
	bool ok = default_begin_add(m, e);
	vec_sort(&m->pieces, piece_cmp);
	return ok;
}
