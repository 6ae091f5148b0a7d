/* Single fragments. */
#include "core/template/fragments.h"

#include "core/base/i18n.h"
#include "core/sys/file.h"
#include "core/template/merge_int.h"

#include <string.h>

static enum template_origin
origin_of(const struct piece *p)
{
	if (p->native != NULL)
		return TEMPLATE_NATIVE;
	if (strncmp(p->path, MERGE_CUSTOM "/", strlen(MERGE_CUSTOM "/")) == 0 ||
	    strncmp(p->path, MERGE_USER_CUSTOM "/",
		strlen(MERGE_USER_CUSTOM "/")) == 0)
		return TEMPLATE_CUSTOM;
	return p->queue_len > 0 ? TEMPLATE_STOCK : TEMPLATE_DEFAULT;
}

static const struct piece *
piece_of(const struct merge *m, struct str name)
{
	for (size_t i = 0; i < m->pieces.len; i++) {
		const struct piece *p = VEC_AT(&m->pieces, struct piece, i);
		if (str_eq(p->name, name))
			return p;
	}
	return NULL;
}

static bool
no_template(const char *path, struct err *e)
{
	err_set(e, ERR_NO, _("there is no template for '%s'"), path);
	return err_next(e, "smemail template list");
}

bool
template_pieces(const struct template_env *env, const char *path,
    struct template_piece **out, size_t *count, struct err *e)
{
	struct merge m = MERGE_INIT(env), stock = MERGE_INIT(env);
	stock.stock_only = true;
	bool ok = merge_collect(&m, path, e) && merge_collect(&stock, path, e);
	if (ok && m.pieces.len == 0)
		ok = no_template(path, e);
	*out = ARENA_ARRAY(env->arena, m.pieces.len + 1, struct template_piece);
	*count = ok ? m.pieces.len : 0;
	for (size_t i = 0; i < *count; i++) {
		const struct piece *p = VEC_AT(&m.pieces, struct piece, i);
		(*out)[i] = (struct template_piece){
			.name = arena_cstr(env->arena, p->name),
			.path = p->path,
			.origin = origin_of(p),
			.replaces = origin_of(p) == TEMPLATE_CUSTOM &&
				    piece_of(&stock, p->name) != NULL,
		};
	}
	vec_clear(&m.pieces);
	vec_clear(&stock.pieces);
	return ok;
}

/* A native fragment has no source but its text, as it is now. */
static bool
source_add(
    struct merge *m, const struct piece *p, struct buf *out, struct err *e)
{
	char real[SYS_PATH_MAX];
	if (p->native == NULL)
		return root_follow(m->env->root, p->path, real, e) &&
		       file_read(real, p->path, out, e);
	struct buf text = BUF_INIT(out->max);
	merge_native_text(m, p, &text);
	template_text_escape(buf_str(&text), out);
	buf_clear(&text);
	return true;
}

bool
template_piece_source(const struct template_env *env, const char *path,
    const char *name, bool stock, struct buf *out, struct err *e)
{
	struct merge m = MERGE_INIT(env);
	m.stock_only = stock;
	bool ok = merge_collect(&m, path, e);
	const struct piece *p = ok ? piece_of(&m, str_of(name)) : NULL;
	if (ok && m.pieces.len == 0) {
		ok = no_template(path, e);
	} else if (ok && p == NULL) {
		err_set(e, ERR_NO, _("template '%s' has no fragment '%s'"),
		    path, name);
		ok = err_next(e, "smemail template show %s", path);
	}
	ok = ok && source_add(&m, p, out, e);
	if (ok && out->failed)
		ok = err_set(e, ERR_PERMANENT,
		    _("fragment '%s' is larger than %zu bytes"), name,
		    out->max);
	vec_clear(&m.pieces);
	return ok;
}

const char *
template_custom_path(
    const struct template_env *env, const char *path, const char *name)
{
	const struct template_file *t = template_find(path, env->release);
	bool home = t != NULL && (t->flags & TEMPLATE_HOME) != 0;
	if (t != NULL && t->source != NULL)
		path = t->source;
	return arena_printf(env->arena, "%s%s%s%s%s",
	    home ? MERGE_USER_CUSTOM : MERGE_CUSTOM, path[0] == '/' ? "" : "/",
	    path, name[0] != '\0' ? "/" : "", name);
}

void
template_text_escape(struct str text, struct buf *out)
{
	size_t run = 0; /* of backslashes */
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool brace = c == '{' || c == '}';
		for (size_t k = 0; brace && k < run; k++)
			buf_add_char(out, '\\');
		if (brace)
			buf_add_char(out, '\\');
		buf_add_char(out, c);
		run = c == '\\' ? run + 1 : 0;
	}
}
