/* A value into its record, with what has to be there beside it. */
#include "core/model/settings_int.h"

#include "core/base/i18n.h"

/* Put the record there that the property needs. */
static bool
make_record(
    struct db_change *c, const struct setting *s, struct str key, struct err *e)
{
	if (s->record_type == NULL || db_has(db_change_db(c), key))
		return true;
	return db_change_store(c, key, str_of(s->record_type), e);
}

/* Records that are switched together with the setting's own. */
static bool
store_with(struct db_change *c, const struct setting *s,
    const struct str *value, struct err *e)
{
	struct str prop = str_of(s->prop);

	for (size_t i = 0; s->with != NULL && s->with[i] != NULL; i++) {
		struct str key = str_of(s->with[i]);
		if (value == NULL) {
			(void)db_change_delete_prop(c, key, prop);
			continue;
		}
		if (!db_has(db_change_db(c), key) &&
		    !db_change_store(c, key, STR("service"), e))
			return false;
		if (!db_change_set_prop(c, key, prop, *value))
			return err_set(e, ERR_PERMANENT,
			    _("no record '%.*s' in '%s'"), STR_ARG(key), s->db);
	}
	return true;
}

bool
settings_put(struct db_change *c, const struct setting *s, const char *target,
    const struct str *value, struct err *e)
{
	struct settings_place p = settings_place(s, target);

	if (p.prop.len == 0 && value == NULL) {
		(void)db_change_delete(c, p.key);
		return true;
	}
	if (p.prop.len == 0)
		return db_change_store(c, p.key, *value, e);
	if (value == NULL) {
		(void)db_change_delete_prop(c, p.key, p.prop);
		return store_with(c, s, NULL, e);
	}
	if (!make_record(c, s, p.key, e))
		return false;
	if (str_is(p.prop, "type")
		? db_change_set_type(c, p.key, *value)
		: db_change_set_prop(c, p.key, p.prop, *value))
		return store_with(c, s, value, e);
	return err_set(e, ERR_PERMANENT, _("no record '%.*s' in '%s'"),
	    STR_ARG(p.key), s->db);
}
