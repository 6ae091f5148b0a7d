/* Sub-commands of db that change a database: ES-48 to ES-50, ES-53, ES-56 ...
 */
#include "cmd/db.h"

#include "cmd/render.h"
#include "core/base/i18n.h"

#include <stdlib.h>
#include <string.h>

/* A key with LF can be looked up, but not stored (ES-16). */
static bool
key_can_be_stored(const struct db_job *j, int *status)
{
	*status = DB_STATUS_NO;
	return strchr(j->words[0], '\n') == NULL;
}

bool
db_wanted_set(const struct db_job *j, int *status)
{
	return key_can_be_stored(j, status);
}

bool
db_wanted_setdefault(const struct db_job *j, int *status)
{
	*status = 0;
	return db_job_record(j) == NULL && key_can_be_stored(j, status);
}

bool
db_wanted_delete(const struct db_job *j, int *status)
{
	*status = DB_STATUS_NO;
	return db_job_record(j) != NULL;
}

bool
db_wanted_settype(const struct db_job *j, int *status)
{
	*status = DB_STATUS_NO;
	return db_job_record(j) != NULL && key_can_be_stored(j, status);
}

/* Of a missing record there is nothing to change: done (ES-56, ES-57). */
bool
db_wanted_props(const struct db_job *j, int *status)
{
	*status = 0;
	return db_job_record(j) != NULL && key_can_be_stored(j, status);
}

struct pair {
	struct str name, value;
	size_t place;
};

static int
pair_cmp(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int d = str_cmp(x->name, y->name);
	if (d != 0)
		return d;
	return x->place < y->place ? -1 : 1;
}

/* A record with properties should have a type (ES-20). */
static void
warn_without_type(struct db_job *j)
{
	const struct db_record *r =
	    db_find(db_change_db(j->change), db_job_word(j, 0));
	if (r != NULL && db_record_type(r, j->arena).len == 0)
		render_note(
		    j->app, _("record '%s' should have a type"), j->words[0]);
}

/* In byte order of names; of equal names the last counts (ES-56). */
static void
store_pairs(struct db_job *j, size_t from)
{
	size_t n = (j->n - from) / 2;
	struct pair *pairs = ARENA_ARRAY(j->arena, n, struct pair);
	if (n == 0 || pairs == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		pairs[i] = (struct pair){
			.name = db_job_word(j, from + 2 * i),
			.value = db_job_word(j, from + 2 * i + 1),
			.place = i,
		};
	qsort(pairs, n, sizeof(*pairs), pair_cmp);
	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n && str_eq(pairs[i].name, pairs[i + 1].name))
			continue;
		db_change_set_prop(j->change, db_job_word(j, 0), pairs[i].name,
		    pairs[i].value);
	}
	warn_without_type(j);
}

bool
db_store_set(struct db_job *j, struct err *e)
{
	if (!db_change_store(
		j->change, db_job_word(j, 0), db_job_word(j, 1), e))
		return false;
	store_pairs(j, 2);
	return true;
}

/* A line without '=' is listed as a record, but is none (ES-3). */
static bool
is_half_record(const struct db *db, struct str key)
{
	for (size_t i = 0; i < db_count(db); i++) {
		const struct db_record *r = db_at(db, i);
		if (!r->defined && str_eq(r->key, str_trim(key)))
			return true;
	}
	return false;
}

bool
db_store_setdefault(struct db_job *j, struct err *e)
{
	/* another program may have made it while we waited for the lock */
	if (db_find(db_change_db(j->change), db_job_word(j, 0)) != NULL)
		return true;
	if (is_half_record(db_change_db(j->change), db_job_word(j, 0)))
		render_note(j->app,
		    _("record '%s' had no value (line without '='); set anew"),
		    j->words[0]);
	return db_store_set(j, e);
}

bool
db_store_delete(struct db_job *j, struct err *e)
{
	if (db_change_delete(j->change, db_job_word(j, 0)))
		return true;
	return err_set(
	    e, ERR_NO, _("cannot delete '%s': no such record"), j->words[0]);
}

bool
db_store_settype(struct db_job *j, struct err *e)
{
	if (db_change_set_type(j->change, db_job_word(j, 0), db_job_word(j, 1)))
		return true;
	return err_set(
	    e, ERR_NO, _("cannot change '%s': no such record"), j->words[0]);
}

bool
db_store_setprop(struct db_job *j, struct err *e)
{
	(void)e;
	store_pairs(j, 1);
	return true;
}

bool
db_store_delprop(struct db_job *j, struct err *e)
{
	(void)e;
	for (size_t i = 1; i < j->n; i++)
		db_change_delete_prop(
		    j->change, db_job_word(j, 0), db_job_word(j, i));
	return true;
}
