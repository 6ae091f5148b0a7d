/*
 * Changes in memory: begun by taking the lock and reading the file anew, then
 * one operation after the other (ES-13 to ES-20, ES-24, ES-25).
 */
#include "core/db/db.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/db/db_int.h"
#include "core/sys/lock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LOCK_WAIT_MS = 10000
};

/* Memory of one change, log lines included. */
static const size_t MEMORY_MAX = (size_t)1 << 30;

struct db_change *
db_change_new(const struct db_env *env)
{
	struct db_change *c = calloc(1, sizeof(*c));
	if (c == NULL)
		return NULL;
	c->env = *env;
	c->lock = (struct lock)LOCK_INIT;
	c->lines = (struct vec)VEC_INIT(struct log_line);
	c->arena = arena_new(MEMORY_MAX, NULL, NULL);
	c->scratch = arena_new(MEMORY_MAX, NULL, NULL);
	if (c->arena == NULL || c->scratch == NULL) {
		db_change_abort(c);
		return NULL;
	}
	return c;
}

void
db_change_abort(struct db_change *c)
{
	if (c == NULL)
		return;
	lock_release(&c->lock);
	db_free(c->db);
	vec_clear(&c->lines);
	arena_free(c->arena);
	arena_free(c->scratch);
	free(c);
}

/* The reference's name for it, next to the database (ES-24). */
static bool
lock_name(const struct db_change *c, char out[SYS_PATH_MAX])
{
	int n = snprintf(out, SYS_PATH_MAX, "%s.lock", c->path);
	return n > 0 && n < SYS_PATH_MAX;
}

bool
db_change_lock(struct db_change *c, struct err *e)
{
	char name[SYS_PATH_MAX];
	int64_t wait =
	    c->env.lock_wait_ms > 0 ? c->env.lock_wait_ms : LOCK_WAIT_MS;
	if (!lock_name(c, name))
		return err_set(
		    e, ERR_USAGE, _("path '%s' is too long"), c->shown);
	return lock_take(&c->lock, name, c->shown, wait, c->env.clock, e);
}

bool
db_change_is_locked(const struct db_change *c)
{
	char name[SYS_PATH_MAX];
	return lock_name(c, name) && lock_is_named(&c->lock, name);
}

/*
 * Lock and read. The reference removes the lock file after it unlocked: when
 * that happens while we read, somebody else may hold a new one.
 */
static bool
change_open(struct db_change *c, struct err *e)
{
	for (;;) {
		if (!db_change_lock(c, e) ||
		    !db_load(c->path, c->shown, &c->db, e))
			return false;
		if (db_change_is_locked(c))
			return true;
		db_free(c->db);
		c->db = NULL;
		lock_release(&c->lock);
	}
}

bool
db_change_begin(const struct db_env *env, const char *path,
    struct db_change **out, struct err *e)
{
	struct err own = ERR_INIT;
	*out = NULL;
	e = e != NULL ? e : &own;
	if (strlen(path) >= SYS_PATH_MAX)
		return err_set(e, ERR_USAGE, _("path '%s' is too long"), path);
	struct db_change *c = db_change_new(env);
	if (c == NULL)
		return err_set_errno(e, ENOMEM, _("cannot change '%s'"), path);
	memcpy(c->path, path, strlen(path) + 1);
	c->shown = root_shown(env->root, c->path);
	if (!change_open(c, e)) {
		db_log_failure(env, c->shown, e);
		db_change_abort(c);
		return false;
	}
	c->version = c->db->version;
	*out = c;
	return true;
}

const struct db *
db_change_db(const struct db_change *c)
{
	return c->db;
}

/*
 * Each store of the reference reads the file again; after one under an
 * awkward key (with '=', or a comment by now) that changes what is there.
 */
static bool
read_again(struct db_change *c)
{
	struct db *again = db_new();
	bool ok = again != NULL && db_write(c->db, 0, &again->text) &&
		  db_parse(again, buf_str(&again->text));
	if (!ok) {
		db_free(again);
		return false;
	}
	db_free(c->db);
	c->db = again;
	c->awkward = false;
	return true;
}

static bool
key_is_awkward(struct str key)
{
	return str_find(key, '=', 0) < key.len ||
	       (key.len > 0 && key.ptr[0] == '#');
}

/* Put a value that is encoded already; both it and the key are trimmed. */
static void
change_put(struct db_change *c, struct str key, struct str raw)
{
	bool found;
	db_change_merge_end(c);
	key = str_trim(key);
	raw = str_trim(raw);
	if (c->awkward && !read_again(c)) {
		c->failed = true;
		return;
	}
	size_t i = db_index(c->db, key, &found);
	const struct db_record *old = found ? db_at(c->db, i) : NULL;
	if (old != NULL && old->defined && str_eq(old->raw, raw))
		return;
	db_log_add(c, "OLD", key, old != NULL ? &old->raw : NULL, false);
	db_log_add(c, "NEW", key, &raw, false);
	if (!db_put(c->db, key, raw))
		c->failed = true;
	c->dirty = true;
	c->awkward = key_is_awkward(key);
}

static bool
key_has_lf(struct str key)
{
	return str_find(key, '\n', 0) < key.len;
}

bool
db_change_store(
    struct db_change *c, struct str key, struct str raw, struct err *e)
{
	if (key_has_lf(key))
		return err_set(e, ERR_USAGE,
		    _("cannot store '%.*s': a key cannot hold a line break"),
		    STR_ARG(key));
	struct buf text = BUF_INIT(DB_SIZE_MAX);
	if (db_encode(&text, raw))
		change_put(c, key, buf_str(&text));
	else
		c->failed = true;
	buf_clear(&text);
	return true;
}

/* What to do to a record that is written anew. */
struct edit {
	const struct str *type;  /* NULL: stays */
	const struct str *name;  /* property to set or delete, or NULL */
	const struct str *value; /* NULL deletes */
};

/* The record with the edit done and its properties sorted (ES-14). */
static bool
record_write(struct db_change *c, const struct db_record *r,
    const struct edit *edit, struct buf *out)
{
	struct db_prop *props;
	size_t n;
	bool waiting = edit->name != NULL && edit->value != NULL;
	struct str type = db_record_type(r, c->scratch);
	if (type.ptr == NULL || !db_props_read(r, c->scratch, &props, &n))
		return false;
	db_encode(out, edit->type != NULL ? *edit->type : type);
	for (size_t i = 0; i < n; i++) {
		int d = edit->name == NULL
			    ? -1
			    : str_cmp(props[i].name, *edit->name);
		if (waiting && d >= 0) {
			db_prop_write(out, *edit->name, *edit->value);
			waiting = false;
		}
		if (d != 0)
			db_prop_write(out, props[i].name, props[i].value);
	}
	if (waiting)
		db_prop_write(out, *edit->name, *edit->value);
	return !out->failed;
}

void
db_change_merge_end(struct db_change *c)
{
	const struct db_record *r = c->merged;
	c->merged = NULL;
	if (r == NULL)
		return;
	db_sheet_settle_record(c->db, r);
	c->failed = c->failed || db_sheet_failed(c->db);
	if (str_eq(c->merged_old, r->raw))
		return;
	db_log_add(c, "OLD", r->key, &c->merged_old, false);
	db_log_add(c, "NEW", r->key, &r->raw, false);
	c->dirty = true;
}

/* Edit it where that gives what storing it at once would give. */
static bool
merged_edit(struct db_change *c, struct str key, const struct edit *edit)
{
	if (!c->env.merge || edit->name == NULL || c->awkward ||
	    key_is_awkward(str_trim(key)))
		return false;
	if (c->merged != NULL && !str_eq(c->merged->key, str_trim(key)))
		db_change_merge_end(c);
	const struct db_record *r = c->merged;
	struct str old = c->merged_old;
	if (r == NULL && (r = db_find(c->db, key)) != NULL)
		old = r->raw;
	if (r == NULL ||
	    db_sheet_edit(c->db, key, *edit->name, edit->value) == NULL)
		return false;
	c->merged = r;
	c->merged_old = old;
	return true;
}

static bool
record_edit(struct db_change *c, struct str key, const struct edit *edit)
{
	if (key_has_lf(key))
		return false;
	if (merged_edit(c, key, edit))
		return true;
	const struct db_record *r = db_find(c->db, key);
	if (r == NULL)
		return false;
	struct buf text = BUF_INIT(DB_SIZE_MAX);
	if (record_write(c, r, edit, &text))
		change_put(c, key, buf_str(&text));
	else
		c->failed = true;
	buf_clear(&text);
	arena_reset(c->scratch);
	return true;
}

bool
db_change_set_type(struct db_change *c, struct str key, struct str type)
{
	return record_edit(c, key, &(struct edit){ .type = &type });
}

bool
db_change_set_prop(
    struct db_change *c, struct str key, struct str name, struct str value)
{
	return record_edit(
	    c, key, &(struct edit){ .name = &name, .value = &value });
}

bool
db_change_delete_prop(struct db_change *c, struct str key, struct str name)
{
	return record_edit(c, key, &(struct edit){ .name = &name });
}

bool
db_change_delete(struct db_change *c, struct str key)
{
	bool found;
	db_change_merge_end(c);
	key = str_trim(key);
	size_t i = db_index(c->db, key, &found);
	if (!found || !db_at(c->db, i)->defined)
		return false;
	db_log_add(c, "DELETE", key, &db_at(c->db, i)->raw, true);
	db_remove(c->db, i);
	c->dirty = true;
	return true;
}
