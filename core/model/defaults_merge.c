/* Records out of folders of files: KEY/PROP (ES-71 to ES-74). */
#include "core/model/defaults_int.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/db/db.h"
#include "core/sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>

enum {
	VALUE_MAX = 1 << 20,
	RECORD_MAX = 8 << 20
};

/* One property on its way into a record. */
struct prop {
	struct str name, value;
};

void
defaults_note(const struct defaults *d, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	d->note(d->note_ctx, arena_vprintf(d->m->arena, fmt, ap));
	va_end(ap);
}

bool
defaults_names(const struct defaults *d, const char *real, struct vec *names,
    struct err *e)
{
	DIR *folder = opendir(real);
	struct dirent *entry;
	bool ok = true;
	if (folder == NULL)
		return errno == ENOENT ||
		       err_set_errno(e, errno, _("cannot open '%s'"),
			   root_shown(d->m->root, real));
	while (ok && (entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		const char *copy =
		    arena_cstr(d->m->arena, str_of(entry->d_name));
		ok = vec_push(names, &copy) ||
		     err_set_errno(e, ENOMEM, _("cannot read defaults"));
	}
	closedir(folder);
	vec_sort(names, str_cstr_order);
	return ok;
}

/* One line feed at the end is the file's, not the value's (ES-74). */
static bool
value_read(
    const struct defaults *d, const char *real, struct str *out, struct err *e)
{
	struct buf text = BUF_INIT(VALUE_MAX);
	bool ok = file_read(real, root_shown(d->m->root, real), &text, e);
	struct str value = buf_str(&text);
	if (value.len > 0 && value.ptr[value.len - 1] == '\n')
		value.len--;
	*out = arena_str(d->m->arena, value);
	buf_clear(&text);
	return ok;
}

static bool
props_read(const struct defaults *d, const char *real, struct vec *props,
    struct err *e)
{
	struct vec names = VEC_INIT(const char *);
	bool ok = defaults_names(d, real, &names, e);
	for (size_t i = 0; ok && i < names.len; i++) {
		const char *name = *VEC_AT(&names, const char *, i);
		const char *path =
		    arena_printf(d->m->arena, "%s/%s", real, name);
		struct prop p = { .name = str_of(name) };
		if (file_is_dir(path))
			continue;
		ok = value_read(d, path, &p.value, e) &&
		     (vec_push(props, &p) ||
			 err_set_errno(e, ENOMEM, _("cannot read defaults")));
	}
	vec_clear(&names);
	return ok;
}

static struct prop *
prop_find(const struct vec *props, struct str name)
{
	for (size_t i = 0; i < props->len; i++)
		if (str_eq(VEC_AT(props, struct prop, i)->name, name))
			return VEC_AT(props, struct prop, i);
	return NULL;
}

static bool
prop_put(struct vec *props, struct prop p, bool over)
{
	struct prop *old = prop_find(props, p.name);
	if (old == NULL)
		return vec_push(props, &p);
	if (over)
		old->value = p.value;
	return true;
}

/* The record as the object interface reads it: no backslash before a pipe. */
static bool
record_read(
    const struct defaults *d, const struct db_record *r, struct vec *out)
{
	struct arena *a = d->m->arena;
	struct db_prop *props;
	struct prop type = { STR("type"), db_record_type(r, a) };
	size_t n = db_record_props(r, a, &props);
	bool ok = vec_push(out, &type);
	for (size_t i = 0; ok && i < n; i++) {
		struct prop p = { props[i].name, props[i].value };
		/* a property called type cannot be told from the type */
		if (!str_is(p.name, "type"))
			ok = vec_push(out, &p);
	}
	return ok;
}

static int
prop_cmp(const void *left, const void *right)
{
	const struct prop *a = left, *b = right;
	return str_cmp(a->name, b->name);
}

/* ES-73: a changed record loses every pipe, escaped or not, from its values. */
static void
value_add(struct buf *raw, struct str value, bool strip)
{
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];
		bool escape =
		    c == '\\' && i + 1 < value.len && value.ptr[i + 1] == '|';
		if (!strip || (c != '|' && !escape))
			buf_add_char(raw, c);
	}
}

static void
record_write(struct vec *props, bool strip, struct buf *raw)
{
	vec_sort(props, prop_cmp);
	const struct prop *type = prop_find(props, STR("type"));
	if (type != NULL)
		value_add(raw, type->value, strip);
	for (size_t i = 0; i < props->len; i++) {
		const struct prop *p = VEC_AT(props, struct prop, i);
		if (p == type)
			continue;
		buf_add_char(raw, '|');
		buf_add_str(raw, p->name);
		buf_add_char(raw, '|');
		value_add(raw, p->value, strip);
	}
}

/* One record: what is there, and the new properties under or over it. */
static bool
record_merge(const struct defaults *d, struct db_change *c, const char *key,
    const struct vec *fresh, bool over, struct err *e)
{
	struct vec props = VEC_INIT(struct prop);
	struct buf raw = BUF_INIT(RECORD_MAX);
	const struct db_record *r = db_find(db_change_db(c), str_of(key));
	bool ok = r == NULL || record_read(d, r, &props);
	for (size_t i = 0; ok && i < fresh->len; i++)
		ok = prop_put(&props, *VEC_AT(fresh, struct prop, i), over);
	if (r == NULL && prop_find(&props, STR("type")) == NULL)
		defaults_note(d, _("record '%s' has no type"), key);
	record_write(&props, r != NULL, &raw);
	if (!ok || raw.failed)
		ok = err_set_errno(e, ENOMEM, _("cannot merge '%s'"), key);
	else
		ok = db_change_store(c, str_of(key), buf_str(&raw), e);
	buf_clear(&raw);
	vec_clear(&props);
	return ok;
}

static bool
folder_merge(const struct defaults *d, struct db_change *c, const char *folder,
    bool over, struct err *e)
{
	char real[SYS_PATH_MAX];
	struct vec keys = VEC_INIT(const char *);
	bool ok = root_path(d->m->root, folder, real, e) &&
		  defaults_names(d, real, &keys, e);
	for (size_t i = 0; ok && i < keys.len; i++) {
		const char *key = *VEC_AT(&keys, const char *, i);
		const char *path =
		    arena_printf(d->m->arena, "%s/%s", real, key);
		struct vec fresh = VEC_INIT(struct prop);
		if (!file_is_dir(path)) {
			defaults_note(
			    d, _("skipped '%s/%s': not a folder"), folder, key);
			continue;
		}
		ok = props_read(d, path, &fresh, e) &&
		     record_merge(d, c, key, &fresh, over, e);
		vec_clear(&fresh);
	}
	vec_clear(&keys);
	return ok;
}

bool
defaults_merge(const struct defaults *d, const char *path, const char *folder,
    struct err *e)
{
	const struct model_ctx *m = d->m;
	const struct db_env env = {
		.root = m->root,
		.clock = m->clock,
		.program = "smemail",
	};
	struct db_change *c = NULL;
	if (!db_change_begin(&env, path, &c, e))
		return false;
	bool ok =
	    folder_merge(d, c, arena_printf(m->arena, "%s/defaults", folder),
		false, e) &&
	    folder_merge(
		d, c, arena_printf(m->arena, "%s/force", folder), true, e);
	if (ok)
		return db_change_commit(c, e);
	db_change_abort(c);
	return false;
}
