/* Records of a root as fragments see them. */
#include "core/model/expand.h"

#include "core/base/i18n.h"
#include "core/db/db.h"
#include "core/filter/filter.h"
#include "core/model/expand_int.h"
#include "core/setting/setting.h"
#include "core/sys/file.h"

#include <stdlib.h>
#include <string.h>

/* Databases that fragments read. */
static const char *const names[] = { "configuration", "domains", "accounts",
	"networks", "mailpatterns", "spamassassin", "wbl" };

struct expand {
	struct arena *arena;
	struct root databases;
	struct db *dbs[ARRAY_LEN(names)];
	struct template_data data;
	struct template_env env;
	struct expand_perl perl;
};

static const struct db *
db_of(const struct expand *x, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], name) == 0)
			return x->dbs[i];
	return NULL;
}

/* No value with LF, CR or NUL reaches a file (EF-4). */
static bool
is_one_line(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '\n' || s.ptr[i] == '\r' || s.ptr[i] == '\0')
			return false;
	return true;
}

/* The catalogue writes "<domain>" where any name stands. */
static bool
place_fits(const char *pattern, struct str name)
{
	if (pattern == NULL)
		return name.ptr == NULL;
	return pattern[0] == '<' || str_is(name, pattern);
}

static const struct setting *
setting_of(const char *db, struct str key, const char *prop)
{
	size_t n;
	const struct setting *const *all = setting_all(&n);
	enum setting_place place =
	    prop == NULL ? SETTING_IN_VALUE : SETTING_IN_DB;
	struct str name = str_of(prop);
	for (size_t i = 0; i < n; i++) {
		const struct setting *s = all[i];
		if (s->place == place && strcmp(s->db, db) == 0 &&
		    place_fits(s->key, key) &&
		    (prop == NULL || place_fits(s->prop, name)))
			return s;
	}
	return NULL;
}

static bool
is_valid(const struct setting *s, struct str value)
{
	struct buf stored = BUF_INIT(64 * 1024);
	bool ok = s == NULL || s->type->parse(s, value, &stored, NULL);
	buf_clear(&stored);
	return ok;
}

/* The object interface takes one backslash off before a pipe (ES-7). */
static struct str
pipes_decode(const struct expand *x, struct str v)
{
	if (str_find_str(v, STR("\\|")) == v.len)
		return v;
	char *text = arena_alloc(x->arena, v.len + 1);
	size_t n = 0;
	for (size_t i = 0; i < v.len; i++) {
		if (v.ptr[i] == '\\' && i + 1 < v.len && v.ptr[i + 1] == '|')
			continue;
		text[n++] = v.ptr[i];
	}
	return str_n(text, n);
}

static bool
data_value(void *ctx, const char *name, struct str key, const char *prop,
    struct str *out)
{
	const struct expand *x = ctx;
	const struct db *db = db_of(x, name);
	const struct db_record *r = db != NULL ? db_find(db, key) : NULL;
	struct str v;
	if (r == NULL)
		return false;
	if (prop == NULL)
		v = db_record_value(r, x->arena);
	else if (!db_record_prop(r, str_of(prop), x->arena, &v))
		return false;
	v = pipes_decode(x, v);
	if (!is_one_line(v) || !is_valid(setting_of(name, key, prop), v))
		return false;
	*out = v;
	return true;
}

static bool
data_fallback(void *ctx, const char *name, struct str key, const char *prop,
    struct str *out)
{
	(void)ctx;
	const struct setting *s = setting_of(name, key, prop);
	if (s == NULL || s->default_value == NULL || s->default_unset)
		return false;
	*out = str_of(s->default_value);
	return true;
}

static size_t
data_records(void *ctx, const char *name, const struct template_record **out)
{
	const struct expand *x = ctx;
	const struct db *db = db_of(x, name);
	size_t count = db != NULL ? db_count(db) : 0, n = 0;
	struct template_record *r =
	    ARENA_ARRAY(x->arena, count + 1, struct template_record);
	for (size_t i = 0; i < count; i++) {
		const struct db_record *record = db_at(db, i);
		if (!record->defined || !is_one_line(record->key))
			continue;
		r[n].key = record->key;
		r[n++].type = db_record_type(record, x->arena);
	}
	*out = r;
	return n;
}

static size_t
data_props(void *ctx, const char *name, struct str key,
    const struct template_prop **out)
{
	const struct expand *x = ctx;
	const struct db *db = db_of(x, name);
	const struct db_record *r = db != NULL ? db_find(db, key) : NULL;
	struct db_prop *props = NULL;
	size_t count = r != NULL ? db_record_props(r, x->arena, &props) : 0;
	struct template_prop *p =
	    ARENA_ARRAY(x->arena, count + 1, struct template_prop);
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		if (!props[i].defined || !is_one_line(props[i].name) ||
		    !is_one_line(props[i].value))
			continue;
		p[n].name = props[i].name;
		p[n++].value = pipes_decode(x, props[i].value);
	}
	*out = p;
	return n;
}

bool
expand_open(const struct model_ctx *m, const struct root *databases,
    struct expand **out, struct err *e)
{
	struct expand *x = calloc(1, sizeof(*x));
	if (x == NULL)
		return err_no_memory(e);
	x->arena = m->arena;
	x->databases = *databases;
	x->data = (struct template_data){ data_value, data_fallback,
		data_records, data_props, x };
	bool embedded = !root_is_system(m->root);
	x->env = (struct template_env){
		.root = m->root,
		.arena = m->arena,
		.data = &x->data,
		.release = template_release(m->release),
		.embedded = embedded,
		.line_built = embedded ? filter_line_is_built : NULL,
	};
	if (!expand_perl_init(&x->perl, m, &x->databases, e)) {
		expand_close(x);
		return false;
	}
	x->env.perl = x->perl.perl;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char path[SYS_PATH_MAX];
		if (!db_path(&x->databases, names[i], path, NULL, e) ||
		    !db_load(
			path, root_shown(&x->databases, path), &x->dbs[i], e)) {
			expand_close(x);
			return false;
		}
	}
	*out = x;
	return true;
}

void
expand_close(struct expand *x)
{
	if (x == NULL)
		return;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		db_free(x->dbs[i]);
	expand_perl_clear(&x->perl);
	free(x);
}

void
expand_notes(
    struct expand *x, void (*note)(void *ctx, const char *text), void *ctx)
{
	x->env.note = note;
	x->env.note_ctx = ctx;
}

void
expand_announce(struct expand *x, void (*announce)(void *ctx, const char *path))
{
	struct str debug;
	if (data_value(
		x, "configuration", STR("processTemplate"), "Debug", &debug) &&
	    str_is(debug, "yes"))
		x->env.announce = announce;
}

void
expand_changes(struct expand *x)
{
	x->perl.stores = true;
}

void
expand_event(struct expand *x, const char *event)
{
	struct template_prop *more = ARENA_NEW(x->arena, struct template_prop);
	more->name = STR("EVENT");
	more->value = str_of(event);
	x->env.more = more;
	x->env.n_more = 1;
}

bool
expand_configured(const struct expand *x, struct err *e)
{
	const struct root *root = x->env.root;
	return file_exists(x->perl.config) ||
	       err_set(e, ERR_PERMANENT,
		   _("there is no configuration database '%s'"),
		   root_shown(root, x->perl.config));
}

const struct template_env *
expand_env(const struct expand *x)
{
	return &x->env;
}

struct links {
	const struct expand *x;
	const char **names;
	size_t n, max;
};

static void
link_add(void *ctx, const char *prefix, bool whole)
{
	struct links *l = ctx;
	(void)whole;
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->names[i], prefix) == 0)
			return;
	if (l->n < l->max)
		l->names[l->n++] = arena_cstr(l->x->arena, str_of(prefix));
}

size_t
expand_peer_links(const struct expand *x, const char **out, size_t max)
{
	struct links l = { x, out, 0, max };
	struct str access = STR_EMPTY;
	void *ctx = x->data.ctx;
	link_add(&l, "127.0.0.1", true);
	if (data_value(
		ctx, "configuration", STR("qpsmtpd"), "access", &access) &&
	    str_is(access, "localhost"))
		return l.n;
	const struct template_record *r;
	size_t n = data_records(ctx, "networks", &r);
	for (size_t i = 0; i < n; i++) {
		struct str mask;
		if (str_is(r[i].type, "network") &&
		    data_value(ctx, "networks", r[i].key, "Mask", &mask))
			template_network_prefixes(r[i].key, mask, link_add, &l);
	}
	return l.n;
}
