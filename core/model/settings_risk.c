/* What a dangerous value puts at risk, and whether that was accepted. */
#include "core/model/settings_int.h"

#include "core/base/i18n.h"
#include "core/base/num.h"

#include <inttypes.h>

/* Addresses that hosts of a network can have, from its mask. */
static int64_t
network_hosts(const struct db_record *r, struct arena *a)
{
	struct str mask;
	uint32_t bits = 0;

	if (!db_record_prop(r, STR("Mask"), a, &mask))
		return 0;
	for (int part = 0; part < 4; part++) {
		int64_t v = 0;
		if (!num_parse_i64(str_cut(mask, '.', &mask), 0, 255, &v))
			return 0;
		bits = bits << 8 | (uint32_t)v;
	}
	/* the first address is the network's, the last reaches all hosts */
	return bits >= UINT32_MAX - 1 ? 1 : (int64_t)~bits - 1;
}

int64_t
settings_risk_count(
    struct settings_store *st, const struct setting *s, const char *target)
{
	int64_t count = 0;
	const struct db *db;

	if (s->risk != SETTING_RISK_OPEN_RELAY || s->risk_value == NULL ||
	    !settings_db(st, "networks", &db, NULL))
		return -1;
	for (size_t i = 0; i < db_count(db); i++) {
		const struct db_record *r = db_at(db, i);
		struct str type = db_record_type(r, st->m->arena);
		if (str_is(type, "network") &&
		    (target == NULL || str_is(r->key, target)))
			count += network_hosts(r, st->m->arena);
	}
	return count;
}

/* Is 'word' in the comma list? */
bool
settings_is_listed(struct str word, const char *list)
{
	struct str rest = str_of(list);

	while (rest.ptr != NULL)
		if (str_eq(str_trim(str_cut(rest, ',', &rest)), word))
			return true;
	return false;
}

bool
settings_accepted(struct settings_store *st, const struct settings_wish *wish,
    struct str normal, const char *accept, struct err *e)
{
	const struct setting *s = wish->setting;
	const char *risk = setting_risk_word(s->risk);
	int64_t count;

	if (!setting_needs_accept(s, normal) ||
	    settings_is_listed(str_of(risk), accept))
		return true;
	count = settings_risk_count(st, s, wish->target);
	if (count > 0)
		err_set(e, ERR_USAGE,
		    _("'%s' %.*s %s for %" PRId64 " addresses"), s->id,
		    STR_ARG(normal), _(s->risk_text), count);
	else
		err_set(e, ERR_USAGE, "'%s' %.*s %s", s->id, STR_ARG(normal),
		    s->risk_text != NULL ? _(s->risk_text) : risk);
	if (s->safer != NULL)
		return err_next(
		    e, _("repeat with --accept %s, or: %s"), risk, s->safer);
	return err_next(e, _("repeat with --accept %s"), risk);
}
