/*
 * Storing settings: all wishes are checked, then the databases concerned are
 * locked in the order of their names, the journal after them; only then is
 * anything changed, and each database is written once.
 */
#include "core/model/settings_int.h"

#include "core/base/i18n.h"

#include <errno.h>
#include <string.h>

struct job {
	const struct model_ctx *m;
	struct settings_store *st;
	const struct settings_wish *wishes;
	size_t n;
	struct str *normals;
	struct settings_outcome *outcomes;
	struct settings_row *old, *new; /* of each wish */
	struct {
		const char *name;
		struct db_change *change;
		bool stored;
	} dbs[SETTINGS_DBS_MAX];
	size_t n_dbs;
	struct settings_files *files;
	bool replace; /* files of others too */
	bool dry_run; /* as if, but nothing is written */
	bool raw;     /* neither checked nor brought into another form */
	struct journal_writer *journal;
	const char **secrets;
};

/* Properties that hold secrets, for the log of the databases. */
static const char **
secret_names(struct arena *a)
{
	size_t count, n = 0;
	const struct setting *const *all = setting_all(&count);
	const char **names = ARENA_ARRAY(a, count + 1, const char *);

	for (size_t i = 0; names != NULL && i < count; i++)
		if (all[i]->flags & SETTING_SECRET)
			names[n++] = all[i]->prop;
	return names;
}

bool
settings_accept(struct settings_store *st, const struct settings_wish *w,
    const char *accept, struct str *normal, struct err *e)
{
	struct settings_row row;

	if (!settings_check(st, w, normal, e)) {
		*normal = (struct str)STR_EMPTY;
		return false;
	}
	if (!settings_read_value(st, w->setting, w->target, &row, NULL))
		row = (struct settings_row){ 0 }; /* its record comes with it */
	/* what is stored already needs no second confirmation */
	return w->value == NULL ||
	       (row.is_stored && str_eq(row.stored, *normal)) ||
	       settings_accepted(st, w, *normal, accept, e);
}

static bool
check_all(struct job *j, const char *accept, struct err *e)
{
	for (size_t i = 0; i < j->n; i++) {
		if (j->raw)
			j->normals[i] = str_of(j->wishes[i].value);
		else if (!settings_accept(
			     j->st, &j->wishes[i], accept, &j->normals[i], e))
			return false;
	}
	return j->raw || settings_together(j->st, e);
}

/* The names of the databases concerned, once each, in byte order. */
static void
collect_dbs(struct job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		const char *name = j->wishes[i].setting->db;
		size_t at = 0;
		if (j->wishes[i].setting->place == SETTING_IN_FILE)
			continue;
		while (at < j->n_dbs && strcmp(j->dbs[at].name, name) < 0)
			at++;
		if (at < j->n_dbs && strcmp(j->dbs[at].name, name) == 0)
			continue;
		memmove(&j->dbs[at + 1], &j->dbs[at],
		    (j->n_dbs - at) * sizeof(j->dbs[0]));
		j->dbs[at].name = name;
		j->dbs[at].change = NULL;
		j->n_dbs++;
	}
}

/* A refusal of the system is told in one way, whichever call it met. */
static bool
cannot_write(const char *path, struct err *e)
{
	int number = e->sys_errno;

	if (number != EACCES && number != EPERM)
		return false;
	err_set_errno(e, number, _("cannot write '%s'"), path);
	return err_next(e, _("run it as root, or with --root DIR"));
}

static bool
lock_all(struct job *j, struct err *e)
{
	const struct db_env env = {
		.root = j->m->root,
		.clock = j->m->clock,
		.program = "smemail",
		.secrets = j->secrets,
		.merge = true,
	};
	struct err own = ERR_INIT;

	e = e != NULL ? e : &own;
	for (size_t i = 0; i < j->n_dbs; i++) {
		char path[SYS_PATH_MAX];
		if (!db_path(j->m->root, j->dbs[i].name, path, NULL, e))
			return false;
		if (!db_change_begin(&env, path, &j->dbs[i].change, e))
			return cannot_write(root_shown(j->m->root, path), e);
	}
	if (!journal_begin(j->m, &j->journal, e))
		return cannot_write(JOURNAL_PATH, e);
	for (size_t i = 0; i < j->n_dbs; i++) {
		char path[SYS_PATH_MAX];
		if (!db_path(j->m->root, j->dbs[i].name, path, NULL, e))
			return false;
		journal_guard(j->journal, j->dbs[i].name, path);
	}
	return true;
}

static bool
is_filed(const struct job *j, size_t wish)
{
	return j->wishes[wish].setting->place == SETTING_IN_FILE;
}

/* Index of the database of a wish. */
static size_t
db_of(const struct job *j, size_t wish)
{
	size_t i = 0;

	while (strcmp(j->dbs[i].name, j->wishes[wish].setting->db) != 0)
		i++;
	return i;
}

static bool
set_outcome(struct job *j, size_t i)
{
	const struct settings_row *old = &j->old[i], *new = &j->new[i];
	struct settings_outcome *o = &j->outcomes[i];
	const struct setting *s = old->setting;
	bool secret = s->flags & SETTING_SECRET;
	struct arena *a = j->m->arena;

	*o = (struct settings_outcome){ .risk_count = -1 };
	o->changed = old->is_stored != new->is_stored ||
		     !str_eq(old->stored, new->stored);
	o->old_value = secret && old->is_stored ? STR("(secret)")
						: arena_str(a, old->value);
	o->new_value = secret && new->is_stored ? STR("(secret)")
						: arena_str(a, new->value);
	o->old_is_default = old->source == SETTINGS_DEFAULT;
	o->new_is_default = new->source == SETTINGS_DEFAULT;
	o->at_risk =
	    s->risk != SETTING_RISK_NONE && new->is_stored &&
	    !(s->default_value != NULL && str_is(new->value, s->default_value));
	if (o->at_risk && setting_needs_accept(s, new->value))
		o->risk_count =
		    settings_risk_count(j->st, s, j->wishes[i].target);
	return o->changed;
}

static void
add_to_journal(struct job *j, size_t i)
{
	const struct settings_row *old = &j->old[i], *new = &j->new[i];
	struct journal_entry entry = {
		.setting = old->setting->id,
		.target = old->target,
		.old_stored = old->is_stored,
		.old_value = old->stored,
		.new_stored = new->is_stored,
		.new_value = new->stored,
		.secret = old->setting->flags &SETTING_SECRET,
	};

	journal_add(j->journal, &entry);
}

/* The row as 'db' has it, with in-force values. */
static void
read_from(struct job *j, const struct db *db, const struct settings_wish *w,
    struct settings_row *row)
{
	bool half;

	*row = (struct settings_row){
		.setting = w->setting,
		.target = w->target,
	};
	row->is_stored = settings_stored(
	    db, w->setting, w->target, j->m->arena, &row->stored, &half);
	settings_judge(j->st, row);
}

static bool
read_filed(struct job *j, size_t i, struct settings_row *row, struct err *e)
{
	const struct settings_wish *w = &j->wishes[i];
	struct settings_filed filed;

	if (!settings_files_get(j->files, w->setting, w->target, &filed, e))
		return false;
	*row = (struct settings_row){
		.setting = w->setting,
		.target = w->target,
		.is_stored = filed.stored,
		.stored = filed.value,
	};
	settings_judge(j->st, row);
	return true;
}

/* The same for a file; its writers are kept apart by the journal's lock. */
static bool
change_filed(struct job *j, size_t i, size_t *changed, struct err *e)
{
	const struct settings_wish *w = &j->wishes[i];

	if (!read_filed(j, i, &j->old[i], e) ||
	    !settings_files_put(j->files, w->setting, w->target,
		w->value != NULL ? &j->normals[i] : NULL, j->replace, e) ||
	    !read_filed(j, i, &j->new[i], e))
		return false;
	if (set_outcome(j, i))
		(*changed)++;
	return true;
}

/* One wish in memory; the lock is held, so what was checked is read anew. */
static bool
change_one(struct job *j, size_t i, size_t *changed, struct err *e)
{
	if (is_filed(j, i))
		return change_filed(j, i, changed, e);

	const struct settings_wish *w = &j->wishes[i];
	struct db_change *c = j->dbs[db_of(j, i)].change;

	if (!settings_target_exists(db_change_db(c), w->setting, w->target, e))
		return false;
	read_from(j, db_change_db(c), w, &j->old[i]);
	if (!settings_put(c, w->setting, w->target,
		w->value != NULL ? &j->normals[i] : NULL, e))
		return false;
	read_from(j, db_change_db(c), w, &j->new[i]);
	if (set_outcome(j, i))
		(*changed)++;
	return true;
}

static bool
commit_all(struct job *j, struct err *e)
{
	bool ok = true;

	for (size_t i = 0; ok && i < j->n_dbs; i++) {
		ok = db_change_commit(j->dbs[i].change, e);
		j->dbs[i].change = NULL;
		j->dbs[i].stored = ok;
	}
	return ok && settings_files_commit(j->files, e);
}

/* Did this wish reach the disk? */
static bool
is_written(const struct job *j, size_t i)
{
	const struct settings_wish *w = &j->wishes[i];

	if (!j->outcomes[i].changed)
		return false;
	if (is_filed(j, i))
		return settings_files_written(j->files, w->setting, w->target);
	return j->dbs[db_of(j, i)].stored;
}

/*
 * With all locks held: change in memory, journal it, write. The journal comes
 * first, so that whoever kills us leaves no stored value without its entry.
 */
static bool
write_locked(struct job *j, struct err *e)
{
	size_t changed = 0, added = 0;
	bool *took = ARENA_ARRAY(j->m->arena, j->n + 1, bool);
	bool ok;

	for (size_t i = 0; i < j->n; i++)
		if (!change_one(j, i, &changed, e))
			return false;
	if (changed == 0 || j->dry_run)
		return true;
	for (size_t i = 0; i < j->n; i++)
		if (j->outcomes[i].changed)
			add_to_journal(j, i);
	if (!journal_write(j->journal, e))
		return cannot_write(JOURNAL_PATH, e);
	ok = commit_all(j, e);
	for (size_t i = 0; i < j->n; i++)
		if (j->outcomes[i].changed)
			took[added++] = is_written(j, i);
	journal_end(j->journal, took);
	return ok;
}

enum way {
	WAY_WRITE,
	WAY_PREVIEW,
	WAY_RESTORE
};

static bool
write_wishes(const struct model_ctx *m, const struct settings_wish *wishes,
    size_t n, enum way way, const char *accept,
    struct settings_outcome *outcomes, struct err *e)
{
	struct job j = {
		.m = m,
		.wishes = wishes,
		.n = n,
		.normals = ARENA_ARRAY(m->arena, n + 1, struct str),
		.old = ARENA_ARRAY(m->arena, n + 1, struct settings_row),
		.new = ARENA_ARRAY(m->arena, n + 1, struct settings_row),
		.outcomes = outcomes,
		.secrets = secret_names(m->arena),
		.files = settings_files_new(m),
		.dry_run = way == WAY_PREVIEW,
		.raw = way == WAY_RESTORE,
		.replace = settings_is_listed(STR("replace-file"), accept),
	};
	bool ok = false;

	if (j.files == NULL || j.normals == NULL || j.old == NULL ||
	    j.new == NULL || j.secrets == NULL)
		return err_no_memory(e);
	if (!settings_open(m, &j.st, e))
		return false;
	j.st->coming = wishes;
	j.st->n_coming = n;
	if (!check_all(&j, accept, e))
		goto out;
	collect_dbs(&j);
	ok = lock_all(&j, e) && write_locked(&j, e);
out:
	for (size_t i = 0; i < j.n_dbs; i++)
		db_change_abort(j.dbs[i].change);
	journal_close(j.journal);
	settings_files_free(j.files);
	settings_close(j.st);
	return ok;
}

bool
settings_write(const struct model_ctx *m, const struct settings_wish *wishes,
    size_t n, const char *accept, struct settings_outcome *outcomes,
    struct err *e)
{
	return write_wishes(m, wishes, n, WAY_WRITE, accept, outcomes, e);
}

bool
settings_preview(const struct model_ctx *m, const struct settings_wish *wishes,
    size_t n, const char *accept, struct settings_outcome *outcomes,
    struct err *e)
{
	return write_wishes(m, wishes, n, WAY_PREVIEW, accept, outcomes, e);
}

bool
settings_restore(const struct model_ctx *m, const struct settings_wish *wishes,
    size_t n, struct settings_outcome *outcomes, struct err *e)
{
	return write_wishes(m, wishes, n, WAY_RESTORE, NULL, outcomes, e);
}
