/* Merging fragments of all roots by name, and putting them together. */
#include "core/template/template.h"

#include "core/base/i18n.h"
#include "core/base/vec.h"
#include "core/sys/file.h"
#include "core/template/perl.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
	FRAGMENT_MAX = 1 << 20
};

#define CUSTOM        "/etc/e-smith/templates-custom"
#define STOCK         "/etc/e-smith/templates"
#define DEFAULT_BEGIN "/etc/e-smith/templates-default/template-begin"
#define BEGIN         "template-begin"
#define END           "template-end"

/* One fragment of the merged set. */
struct piece {
	struct str name;
	const struct template_fragment *native; /* or a file: */
	const char *path;                       /* without the root */
	size_t queue_len; /* of its root in the queue; 0: none */
};

struct merge {
	const struct template_env *env;
	const struct template_file *native;
	struct vec pieces; /* struct piece */
	bool saw_folder;   /* some root had PATH as a folder (ES-84) */
	bool flat;         /* a plain file stands for everything (ES-86) */
	bool begun;        /* perl knows of this template */
	struct template_perl_count count;
};

static void
note(const struct template_env *env, const char *fmt, const char *subject)
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
			note(m->env, _("skipped template file"), path);
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
			note(m->env,
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
	if (!root_path(m->env->root, DEFAULT_BEGIN, real, e))
		return false;
	return !file_exists(real) || piece_add(m,
					 (struct piece){ .name = str_of(BEGIN),
					     .path = DEFAULT_BEGIN },
					 e);
}

static bool
pieces_collect(struct merge *m, const char *path, struct err *e)
{
	const char *const *queue = m->env->queue;
	if (queue != NULL) {
		for (size_t i = 0; queue[i] != NULL; i++)
			if (!root_add(m, queue[i], path, e))
				return false;
	} else {
		m->native = template_find(path, m->env->release);
		if (!root_add(m, CUSTOM, path, e) ||
		    (m->native != NULL && !native_add(m, e)) ||
		    !root_add(m, STOCK, path, e))
			return false;
	}
	return default_begin_add(m, e);
}

/* A fragment with blocks; the first one of a template begins it. */
static bool
code_expand(struct merge *m, const struct piece *p, struct str text,
    struct buf *out, struct err *e)
{
	struct template_perl *perl = m->env->perl;
	struct err why = ERR_INIT;
	if (perl == NULL)
		return err_set(e, ERR_PERMANENT,
		    _("fragment '%s' holds perl code, which is not "
		      "evaluated here"),
		    p->path);
	if (!m->begun && !template_perl_begin(perl, m->env, e))
		return false;
	m->begun = true;
	if (template_perl_fragment(
		perl, m->env, p->path, text, out, &m->count, &why))
		return true;
	return err_set(
	    e, ERR_PERMANENT, _("fragment '%s': %s"), p->path, why.text);
}

/* The queue's root and the path are told apart by two slashes (ES-103). */
static void
announce(const struct template_env *env, const struct piece *p)
{
	env->announce(env->note_ctx,
	    arena_printf(env->arena, "%.*s%s%s", (int)p->queue_len, p->path,
		p->queue_len > 0 ? "/" : "", p->path + p->queue_len));
}

static bool
file_piece_expand(
    struct merge *m, const struct piece *p, struct buf *out, struct err *e)
{
	char real[SYS_PATH_MAX];
	struct buf text = BUF_INIT(FRAGMENT_MAX);
	size_t before = out->len;
	if (!root_follow(m->env->root, p->path, real, e))
		return false;
	if (m->env->announce != NULL)
		announce(m->env, p);
	bool ok = file_read(real, p->path, &text, e);
	enum template_text result =
	    ok ? template_text_copy(buf_str(&text), out) : TEMPLATE_TEXT_OK;
	if (result == TEMPLATE_TEXT_CODE) {
		buf_truncate(out, before);
		ok = code_expand(m, p, buf_str(&text), out, e);
	} else if (result == TEMPLATE_TEXT_UNMATCHED) {
		err_set(e, ERR_PERMANENT,
		    _("fragment '%s' has a closing brace without an opening "
		      "one"),
		    p->path);
		ok = err_next(e,
		    _("write \\{ and \\} for braces that are text in %s"),
		    p->path);
	}
	buf_clear(&text);
	return ok;
}

/* Lines that name plugins the daemon does not have become comments. */
static void
plugin_lines_gate(
    const struct template_env *env, struct str lines, struct buf *out)
{
	struct str line;
	while (str_next_line(&lines, &line)) {
		struct str rest = line, word;
		bool named = str_next_word(&rest, &word) && word.ptr[0] != '#';
		if (named && !env->plugin_built(word))
			buf_addf(out, "# %.*s not built yet in smemail-filterd",
			    STR_ARG(word));
		else
			buf_add_str(out, line);
		buf_add_char(out, '\n');
	}
}

static void
native_piece_expand(struct merge *m, const struct piece *p, struct buf *out)
{
	bool gated = m->env->plugin_built != NULL &&
		     (m->native->flags & TEMPLATE_PLUGINS) != 0;
	struct buf lines = BUF_INIT(out->max);
	if (!gated) {
		p->native->emit(m->env, p->native, out);
		return;
	}
	p->native->emit(m->env, p->native, &lines);
	plugin_lines_gate(m->env, buf_str(&lines), out);
	out->failed = out->failed || lines.failed;
	buf_clear(&lines);
}

bool
template_exists(const struct template_env *env, const char *path)
{
	struct merge m = { .env = env, .pieces = VEC_INIT(struct piece) };
	bool found = pieces_collect(&m, path, NULL) && m.pieces.len > 0;
	vec_clear(&m.pieces);
	return found;
}

/* ES-97: all fragments were run; now their errors count. */
static bool
errors_tell(const struct merge *m, const char *path, struct err *e)
{
	const struct template_perl_count *c = &m->count;
	if (c->errors > 0) {
		note(m->env,
		    arena_printf(m->env->arena,
			P_("%u fragment failed in", "%u fragments failed in",
			    c->errors),
			c->errors),
		    path);
		return err_set(e, ERR_PERMANENT, "%s", c->first.text);
	}
	if (c->warnings > 0)
		note(m->env,
		    arena_printf(m->env->arena,
			P_("%u warning of fragments of",
			    "%u warnings of fragments of", c->warnings),
			c->warnings),
		    path);
	return true;
}

static bool
pieces_expand(struct merge *m, const char *path, struct buf *out, struct err *e)
{
	bool ok = true;
	vec_sort(&m->pieces, piece_cmp);
	for (size_t i = 0; ok && i < m->pieces.len; i++) {
		const struct piece *p = VEC_AT(&m->pieces, struct piece, i);
		if (p->native != NULL)
			native_piece_expand(m, p, out);
		else
			ok = file_piece_expand(m, p, out, e);
	}
	if (m->begun)
		template_perl_end(m->env->perl, m->env);
	if (ok && out->failed)
		ok = err_set(e, ERR_PERMANENT, _("it is larger than %zu bytes"),
		    out->max);
	return (ok && errors_tell(m, path, e)) ||
	       err_context(e, _("cannot expand '%s'"), path);
}

bool
template_expand(const struct template_env *env, const char *path,
    struct buf *out, struct err *e)
{
	struct merge m = { .env = env, .pieces = VEC_INIT(struct piece) };
	bool ok = pieces_collect(&m, path, e);
	if (ok && m.pieces.len == 0)
		ok = err_set(e, ERR_NO,
		    _("cannot expand '%s': there is no template for it"), path);
	ok = ok && pieces_expand(&m, path, out, e);
	vec_clear(&m.pieces);
	return ok;
}
