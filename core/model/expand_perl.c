/* Perl for fragments: where its files are, what it reads and changes. */
#include "core/model/expand_int.h"

#include "core/base/i18n.h"
#include "core/db/db.h"
#include "core/sys/file.h"

#include <stdlib.h>

/* ES-92: the database that variables come from. */
static const char *
config_name(void)
{
	const char *name = getenv("ESMITH_CONFIG_DB");
	return name != NULL && name[0] != '\0' ? name : "configuration";
}

/* The value as it is stored now is the one that the fragment saw. */
static bool
is_as_seen(struct db_change *c, const struct template_store *what)
{
	const struct db_record *r = db_find(db_change_db(c), what->key);
	return what->had ? r != NULL && str_eq(r->raw, what->was) : r == NULL;
}

static bool
store(void *ctx, const struct template_store *what, bool *done, struct err *e)
{
	const struct expand_perl *x = ctx;
	const struct model_ctx *m = x->m;
	const struct db_env env = {
		.root = m->root,
		.clock = m->clock,
		.program = "smemail",
	};
	char path[SYS_PATH_MAX];
	struct db_change *c = NULL;
	if (!x->stores)
		return err_set(e, ERR_USAGE,
		    _("fragments may not change databases in a preview "
		      "('%s')"),
		    what->db);
	if (!db_path(m->root, what->db, path, NULL, e) ||
	    !db_change_begin(&env, path, &c, e))
		return false;
	*done = is_as_seen(c, what);
	bool ok = true;
	if (*done && what->has)
		ok = db_change_store(c, what->key, what->raw, e);
	else if (*done)
		*done = db_change_delete(c, what->key);
	if (ok && *done)
		return db_change_commit(c, e);
	db_change_abort(c);
	return ok;
}

bool
expand_perl_init(struct expand_perl *x, const struct model_ctx *m,
    const struct root *databases, struct err *e)
{
	char path[SYS_PATH_MAX];
	*x = (struct expand_perl){ .m = m };
	if (!db_path(databases, config_name(), path, NULL, e))
		return false;
	x->config = arena_cstr(m->arena, str_of(path));
	const struct template_perl_how how = {
		.share = m->share != NULL ? m->share : SMEMAIL_DATADIR "/perl",
		.databases = arena_cstr(m->arena, str_of(databases->prefix)),
		.config = x->config,
		.clock = m->clock,
		.store = store,
		.store_ctx = x,
	};
	x->perl = template_perl_new(&how);
	return x->perl != NULL || err_no_memory(e);
}

void
expand_perl_clear(struct expand_perl *x)
{
	template_perl_free(x->perl);
	x->perl = NULL;
}
