/* Are the databases whole, as far as can be told? */
#include "core/model/plan_int.h"

#include "core/base/i18n.h"
#include "core/db/db.h"

#include <string.h>

enum {
	RECORDS_MIN = 10 /* of fewer one half may well go */
};

static bool
is_named(const struct model_ctx *m, const struct root *databases, struct err *e)
{
	char path[SYS_PATH_MAX];
	struct db *db = NULL;
	if (!db_path(databases, "configuration", path, NULL, e) ||
	    !db_load(path, root_shown(databases, path), &db, e))
		return false;
	const struct db_record *r = db_find(db, STR("DomainName"));
	bool named = r != NULL && db_record_value(r, m->arena).len > 0;
	if (!named) {
		err_set(e, ERR_PERMANENT,
		    _("'%s' has no 'DomainName': it is damaged or not that of "
		      "a mail server"),
		    root_shown(databases, path));
		err_next(e, _("restore it, or: smemail config set DomainName "
			      "DOMAIN"));
	}
	db_free(db);
	return named;
}

static bool
text_check(const struct root *databases, const char *name, struct err *e)
{
	char path[SYS_PATH_MAX];
	struct db *db = NULL;
	if (!db_path(databases, name, path, NULL, e))
		return false;
	const char *shown = root_shown(databases, path);
	bool ok =
	    db_load(path, shown, &db, e) && db_is_whole(db, path, shown, e);
	db_free(db);
	return ok;
}

/* Fewer than half of the records that the last apply found? */
static bool
loss_check(const struct base *then, const struct base_db *now, struct err *e)
{
	for (size_t i = 0; i < then->n_dbs; i++) {
		const struct base_db *old = &then->dbs[i];
		if (strcmp(old->name, now->name) != 0 ||
		    old->records < RECORDS_MIN ||
		    now->records >= old->records / 2)
			continue;
		err_set(e, ERR_PERMANENT,
		    _("the database '%s' has lost %zu of its %zu records "
		      "since change %ld"),
		    now->name, old->records - now->records, old->records,
		    then->change);
		return err_next(
		    e, _("restore it; if it is right so: rm %s"), BASE_PATH);
	}
	return true;
}

bool
databases_are_whole(const struct model_ctx *m, const struct root *databases,
    const struct journal *j, struct err *e)
{
	const struct files_set none = { NULL, 0, 0 };
	struct base then, now;
	if (!base_make(m, databases, j, &none, &now, e))
		return false;
	bool known = base_read(m, &then);
	for (size_t i = 0; i < now.n_dbs; i++)
		if (!text_check(databases, now.dbs[i].name, e) ||
		    (known && !loss_check(&then, &now.dbs[i], e)))
			return false;
	return is_named(m, databases, e);
}
