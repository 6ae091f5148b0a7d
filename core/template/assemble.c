/* Putting the text of a template together from its merged fragments. */
#include "core/template/merge_int.h"

#include "core/base/i18n.h"
#include "core/sys/file.h"

/* The line by which a setting knows its fragment. */
#define SETTING_MARK "# smemail: "

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

/*
 * A setting writes the server's own folder of state; that of a root of its own
 * is below it.
 */
static void
add_below_root(const struct template_env *env, struct str line, struct buf *out)
{
	static const struct str word = { " db_dir ", 8 };
	static const struct str folder = { "/var/lib/qpsmtpd/", 17 };
	size_t end = str_find_str(line, word) + word.len;
	if (end > line.len ||
	    !str_starts(str_sub(line, end, line.len), folder)) {
		buf_add_str(out, line);
		return;
	}
	buf_addf(out, "%.*s%s%.*s", STR_ARG(str_sub(line, 0, end)),
	    env->root->prefix, STR_ARG(str_sub(line, end, line.len)));
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
		if (named && !env->line_built(line))
			buf_addf(out, "# %.*s not built yet in smemail-filterd",
			    STR_ARG(word));
		else
			add_below_root(env, line, out);
		buf_add_char(out, '\n');
	}
}

/* The same for what was appended behind 'start'. */
static void
gate_from(const struct template_env *env, size_t start, struct buf *out)
{
	struct buf lines = BUF_INIT(out->max);
	buf_add_str(&lines, str_sub(buf_str(out), start, out->len));
	buf_truncate(out, start);
	plugin_lines_gate(env, buf_str(&lines), out);
	out->failed = out->failed || lines.failed;
	buf_clear(&lines);
}

static bool
is_gated(const struct merge *m)
{
	return m->env->line_built != NULL && m->native != NULL &&
	       (m->native->flags & TEMPLATE_PLUGINS) != 0;
}

/* A fragment that a setting wrote is ours, like the native ones. */
static bool
is_of_setting(struct str text)
{
	return str_find_str(text, STR(SETTING_MARK)) < text.len;
}

static bool
file_piece_expand(
    struct merge *m, const struct piece *p, struct buf *out, struct err *e)
{
	char real[SYS_PATH_MAX];
	struct buf text = BUF_INIT(MERGE_FRAGMENT_MAX);
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
	if (ok && is_gated(m) && is_of_setting(buf_str(&text)))
		gate_from(m->env, before, out);
	buf_clear(&text);
	return ok;
}

void
merge_native_text(struct merge *m, const struct piece *p, struct buf *out)
{
	size_t before = out->len;
	p->native->emit(m->env, p->native, out);
	if (is_gated(m))
		gate_from(m->env, before, out);
}

bool
template_exists(const struct template_env *env, const char *path)
{
	struct merge m = MERGE_INIT(env);
	bool found = merge_collect(&m, path, NULL) && m.pieces.len > 0;
	vec_clear(&m.pieces);
	return found;
}

/* ES-97: all fragments were run; now their errors count. */
static bool
errors_tell(const struct merge *m, const char *path, struct err *e)
{
	const struct template_perl_count *c = &m->count;
	if (c->errors > 0) {
		merge_note(m->env,
		    arena_printf(m->env->arena,
			P_("%u fragment failed in", "%u fragments failed in",
			    c->errors),
			c->errors),
		    path);
		return err_set(e, ERR_PERMANENT, "%s", c->first.text);
	}
	if (c->warnings > 0)
		merge_note(m->env,
		    arena_printf(m->env->arena,
			P_("%u warning of fragments of",
			    "%u warnings of fragments of", c->warnings),
			c->warnings),
		    path);
	return true;
}

static void
blank_lines_remove(struct buf *out, size_t start)
{
	struct buf kept = BUF_INIT(out->max);
	struct str rest = str_sub(buf_str(out), start, out->len), line;
	while (str_next_line(&rest, &line))
		if (str_trim(line).len > 0) {
			buf_add_str(&kept, line);
			buf_add_char(&kept, '\n');
		}
	buf_truncate(out, start);
	buf_add_str(out, buf_str(&kept));
	out->failed = out->failed || kept.failed;
	buf_clear(&kept);
}

static bool
pieces_expand(struct merge *m, const char *path, struct buf *out, struct err *e)
{
	bool ok = true;
	size_t start = out->len;
	for (size_t i = 0; ok && i < m->pieces.len; i++) {
		const struct piece *p = VEC_AT(&m->pieces, struct piece, i);
		if (p->native != NULL)
			merge_native_text(m, p, out);
		else
			ok = file_piece_expand(m, p, out, e);
	}
	if (m->begun)
		template_perl_end(m->env->perl, m->env);
	if (ok && m->native != NULL && (m->native->flags & TEMPLATE_DENSE) != 0)
		blank_lines_remove(out, start);
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
	struct merge m = MERGE_INIT(env);
	bool ok = merge_collect(&m, path, e);
	if (ok && m.pieces.len == 0)
		ok = err_set(e, ERR_NO,
		    _("cannot expand '%s': there is no template for it"), path);
	ok = ok && pieces_expand(&m, path, out, e);
	vec_clear(&m.pieces);
	return ok;
}
