/* Users, domains, lists ...: what a setting can be set for, and is. */
#include "core/model/settings_int.h"

#include "core/base/i18n.h"
#include "core/base/nearest.h"
#include "core/base/vec.h"

#include <string.h>

/* Is this record one of the kind? admin is a user of its own type. */
static bool
is_of_kind(const struct db_record *r, enum setting_target kind)
{
	struct str type = str_sub(r->raw, 0, str_find(r->raw, '|', 0));

	if (!r->defined)
		return false;
	if (kind == SETTING_TARGET_USER && str_is(r->key, "admin"))
		return true;
	return str_is(type, setting_target_word(kind));
}

/* The key of that kind which is nearest to what was typed, or empty. */
static struct str
nearest_key(const struct db *db, enum setting_target kind, struct str typed)
{
	struct nearest near = { .wanted = typed };

	for (size_t i = 0; i < db_count(db); i++)
		if (is_of_kind(db_at(db, i), kind))
			nearest_try(&near, db_at(db, i)->key);
	return near.best;
}

static bool
refuse_unknown(const struct db *db, enum setting_target kind,
    const char *target, struct err *e)
{
	const char *word = setting_target_word(kind);
	struct str near = nearest_key(db, kind, str_of(target));

	if (near.len == 0) {
		err_set(e, ERR_USAGE, _("no %s '%s'"), word, target);
		return err_next(e, "smemail %s list", word);
	}
	err_set(e, ERR_USAGE, _("no %s '%s'; there is '%.*s'"), word, target,
	    STR_ARG(near));
	return err_next(e, "smemail %s show %.*s", word, STR_ARG(near));
}

/* Settings that make their record, as domain.add does. */
static bool
makes_record(const struct setting *s)
{
	return s->place == SETTING_IN_DB && strcmp(s->prop, "type") == 0;
}

bool
settings_target_exists(const struct db *db, const struct setting *s,
    const char *target, struct err *e)
{
	const struct db_record *r;
	struct err why = ERR_INIT;

	if (s->target == SETTING_TARGET_NONE) {
		if (target == NULL)
			return true;
		return err_set(e, ERR_USAGE,
		    _("'%s' is one for the whole server, not for '%s'"), s->id,
		    target);
	}
	if (target == NULL) {
		err_set(e, ERR_USAGE, _("'%s' is set for each %s"), s->id,
		    setting_target_word(s->target));
		return err_next(e, _("add --for NAME"));
	}
	if (!setting_target_check(s, str_of(target), &why))
		return err_set(e, ERR_USAGE,
		    _("cannot use that target of '%s': %s"), s->id, why.text);
	if (s->target == SETTING_TARGET_ENTRY || makes_record(s))
		return true;
	r = db_find(db, str_of(target));
	if (r != NULL && is_of_kind(r, s->target))
		return true;
	return refuse_unknown(db, s->target, target, e);
}

static bool
push_name(struct vec *names, struct str name, struct arena *a)
{
	const char *copy = arena_cstr(a, name);

	return vec_push(names, &copy);
}

/* Records of the kind; those with the property only if 'set_only'. */
static bool
collect_records(const struct db *db, const struct setting *s, bool set_only,
    struct arena *a, struct vec *names)
{
	for (size_t i = 0; i < db_count(db); i++) {
		const struct db_record *r = db_at(db, i);
		struct str value;
		if (!is_of_kind(r, s->target))
			continue;
		if (set_only && !makes_record(s) &&
		    !db_record_prop(r, str_of(s->prop), a, &value))
			continue;
		if (!push_name(names, r->key, a))
			return false;
	}
	return true;
}

/* The properties of the record, each an entry of the list. */
static bool
collect_entries(const struct db *db, const struct setting *s, struct arena *a,
    struct vec *names)
{
	const struct db_record *r = db_find(db, str_of(s->key));
	struct db_prop *props;
	size_t n = r != NULL ? db_record_props(r, a, &props) : 0;

	for (size_t i = 0; i < n; i++)
		if (props[i].defined && !push_name(names, props[i].name, a))
			return false;
	return true;
}

bool
settings_targets(struct settings_store *st, const struct setting *s,
    bool set_only, const char *const **names, size_t *n, struct err *e)
{
	struct vec found = VEC_INIT(const char *);
	struct arena *a = st->m->arena;
	const struct db *db = NULL;
	const char **list = NULL;
	bool ok = true;

	*n = 0;
	*names = NULL;
	if (s->target == SETTING_TARGET_ENTRY && s->form != NULL) {
		struct settings_files *files = settings_files_new(st->m);
		ok = files != NULL &&
		     settings_files_targets(files, s, names, n, e);
		settings_files_free(files);
		return ok;
	}
	if (s->target == SETTING_TARGET_NONE ||
	    (s->place != SETTING_IN_DB && s->target != SETTING_TARGET_DOMAIN))
		return true;
	ok = settings_db(
	    st, s->place == SETTING_IN_DB ? s->db : "domains", &db, e);
	if (ok && s->target == SETTING_TARGET_ENTRY)
		ok = collect_entries(db, s, a, &found) || err_no_memory(e);
	else if (ok)
		ok = collect_records(db, s, set_only, a, &found) ||
		     err_no_memory(e);
	if (ok)
		list = ARENA_ARRAY(a, found.len + 1, const char *);
	if (list != NULL && found.len > 0)
		memcpy(list, found.data, found.len * sizeof(*list));
	if (list != NULL) {
		*names = list;
		*n = found.len;
	}
	vec_clear(&found);
	return ok;
}
