/* Custom fragments: what is made of them, and which settings they hide. */
#include "core/model/drift_int.h"

#include "core/model/expand.h"
#include "core/model/files.h"
#include "core/setting/setting.h"
#include "core/sys/file.h"
#include "core/template/fragments.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CUSTOM "/etc/e-smith/templates-custom"
#define STOCK  "/etc/e-smith/templates"

enum {
	SOURCE_MAX = 1 << 20,
	DEPTH_MAX = 32,
	READS_MAX = 256
};

struct walk {
	const struct model_ctx *m;
	const struct template_env *env;
	const char *const *paths; /* of all generated files */
	size_t n_paths;
	struct vec *rows;
	struct err *e;
};

/* What a fragment reads while it is expanded. */
struct reads {
	const struct template_data *inner;
	const char *found[READS_MAX]; /* ids of settings */
	size_t n;
};

static void
reads_add(struct reads *r, const char *db, struct str key, const char *prop)
{
	size_t count;
	const struct setting *const *all = setting_all(&count);
	for (size_t i = 0; i < count && r->n < READS_MAX; i++) {
		const struct setting *s = all[i];
		if (s->db == NULL || strcmp(s->db, db) != 0 ||
		    !str_is(key, s->key) ||
		    (s->place == SETTING_IN_VALUE
			    ? prop != NULL
			    : prop == NULL || (prop[0] != '\0' &&
						  strcmp(prop, s->prop) != 0)))
			continue;
		bool known = false;
		for (size_t k = 0; k < r->n; k++)
			known = known || r->found[k] == s->id;
		if (!known)
			r->found[r->n++] = s->id;
	}
}

static bool
read_value(void *ctx, const char *db, struct str key, const char *prop,
    struct str *out)
{
	struct reads *r = ctx;
	reads_add(r, db, key, prop);
	return r->inner->value(r->inner->ctx, db, key, prop, out);
}

static bool
read_fallback(void *ctx, const char *db, struct str key, const char *prop,
    struct str *out)
{
	const struct reads *r = ctx;
	return r->inner->fallback != NULL &&
	       r->inner->fallback(r->inner->ctx, db, key, prop, out);
}

static size_t
read_records(void *ctx, const char *db, const struct template_record **out)
{
	const struct reads *r = ctx;
	return r->inner->records(r->inner->ctx, db, out);
}

static size_t
read_props(
    void *ctx, const char *db, struct str key, const struct template_prop **out)
{
	struct reads *r = ctx;
	reads_add(r, db, key, "");
	return r->inner->props(r->inner->ctx, db, key, out);
}

/* The source of the standard fragment, and the settings it reads. */
static bool
stock_read(const struct walk *w, const char *path, const char *name,
    struct reads *r, struct buf *source)
{
	struct template_env env = *w->env;
	const struct template_data data = { read_value, read_fallback,
		read_records, read_props, r };
	*r = (struct reads){ .inner = w->env->data };
	env.data = &data;
	return template_piece_source(&env, path, name, true, source, NULL);
}

static bool
row_add(const struct walk *w, enum drift_kind kind, const char *fragment,
    const char *path, const struct reads *r)
{
	struct arena *a = w->m->arena;
	size_t n = r != NULL ? r->n : 0;
	struct drift_row row = {
		.kind = kind,
		.path = arena_cstr(a, str_of(fragment)),
		.made = path != NULL ? arena_cstr(a, str_of(path)) : NULL,
		.changed_s = drift_changed_s(w->m, fragment),
		.settings = ARENA_ARRAY(a, n + 1, const char *),
		.n_settings = n,
	};
	if (n > 0)
		memcpy(row.settings, r->found, n * sizeof(*row.settings));
	return vec_push(w->rows, &row) || err_no_memory(w->e);
}

static bool
has_template(const struct walk *w, const char *path)
{
	char real[SYS_PATH_MAX];
	return template_find(path, w->env->release) != NULL ||
	       (root_pathf(w->m->root, real, NULL, STOCK "%s", path) &&
		   file_exists(real));
}

/* ES-82 */
static bool
is_skipped(const char *name)
{
	struct str s = str_of(name);
	return name[0] == '.' || strchr(name, '~') != NULL ||
	       str_ends(s, STR(".rpmsave")) || str_ends(s, STR(".rpmnew")) ||
	       str_ends(s, STR(".rpmorig"));
}

/* One that stands in the place of another. */
static bool
replacing_look(const struct walk *w, const char *fragment, const char *path,
    const char *name)
{
	struct reads r;
	struct buf stock = BUF_INIT(SOURCE_MAX), own = BUF_INIT(SOURCE_MAX);
	char real[SYS_PATH_MAX];
	bool ok = true;
	if (stock_read(w, path, name, &r, &stock)) {
		bool same = root_path(w->m->root, fragment, real, NULL) &&
			    file_read(real, fragment, &own, NULL) &&
			    str_eq(buf_str(&own), buf_str(&stock));
		ok = row_add(w, same ? DRIFT_SAME : DRIFT_HIDES, fragment, path,
		    same ? NULL : &r);
	}
	buf_clear(&stock);
	buf_clear(&own);
	return ok;
}

static bool
replaces(const struct walk *w, const char *path, const char *name)
{
	struct template_piece *p;
	size_t n;
	if (!template_pieces(w->env, path, &p, &n, NULL))
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(p[i].name, name) == 0 &&
		    p[i].origin == TEMPLATE_CUSTOM && p[i].replaces)
			return true;
	return false;
}

static bool
is_made(const struct walk *w, const char *path)
{
	for (size_t i = 0; i < w->n_paths; i++)
		if (strcmp(w->paths[i], path) == 0)
			return true;
	return false;
}

/* 'file' is the path below templates-custom. */
static bool
fragment_look(const struct walk *w, const char *file)
{
	struct arena *a = w->m->arena;
	const char *fragment = arena_printf(a, CUSTOM "%s", file);
	const char *slash = strrchr(file, '/');
	const char *name = slash + 1;
	const char *path = arena_cstr(a, str_n(file, (size_t)(slash - file)));
	if (is_skipped(name))
		return row_add(w, DRIFT_SKIPPED, fragment, NULL, NULL);
	if (has_template(w, file)) /* a flat one: the file itself */
		return replaces(w, file, "")
			   ? replacing_look(w, fragment, file, "")
			   : true;
	if (replaces(w, path, name))
		return replacing_look(w, fragment, path, name);
	return has_template(w, path) || is_made(w, path) || is_made(w, file) ||
	       row_add(w, DRIFT_STALE, fragment, NULL, NULL);
}

static int
name_cmp(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool
folder_look(const struct walk *w, const char *folder, int depth)
{
	char real[SYS_PATH_MAX];
	struct dirent **names = NULL;
	bool ok = root_pathf(w->m->root, real, w->e, CUSTOM "%s", folder);
	int n =
	    ok && depth < DEPTH_MAX ? scandir(real, &names, NULL, name_cmp) : 0;
	for (int i = 0; i < n; i++) {
		const char *name = names[i]->d_name;
		struct stat st;
		const char *path =
		    arena_printf(w->m->arena, "%s/%s", folder, name);
		if (ok && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
		    root_pathf(w->m->root, real, NULL, CUSTOM "%s", path) &&
		    lstat(real, &st) == 0)
			ok = S_ISDIR(st.st_mode)
				 ? folder_look(w, path, depth + 1)
				 : fragment_look(w, path);
		free(names[i]);
	}
	free(names);
	return ok;
}

bool
drift_fragments(const struct model_ctx *m, struct vec *rows, struct err *e)
{
	struct expand *x = NULL;
	if (!expand_open(m, m->root, &x, e))
		return false;
	struct walk w = {
		.m = m,
		.env = expand_env(x),
		.rows = rows,
		.e = e,
	};
	bool ok = files_of_event(m, x, NULL, NULL, &w.paths, &w.n_paths, e) &&
		  folder_look(&w, "", 0);
	expand_close(x);
	return ok;
}
