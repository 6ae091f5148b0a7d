/*
 * May a value be stored? Place, type, sense and risk are asked before
 * anything is written; what is allowed but unwise is told afterwards.
 */
#include "core/model/settings_int.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/base/vec.h"
#include "core/setting/form.h"

#include <inttypes.h>
#include <string.h>

enum {
	WARNINGS_MAX = 4,
	CIRCLE_MAX = 64 /* pseudonyms of pseudonyms */
};

/* "cannot set 'ID': " in front, "for 'TARGET'" where there is one. */
static bool
refused(const struct settings_wish *wish, struct err *e)
{
	const char *id = wish->setting->id;

	if (e == NULL)
		return false;
	if (wish->target == NULL)
		return err_context(e,
		    wish->value != NULL ? _("cannot set '%s'")
					: _("cannot unset '%s'"),
		    id);
	if (strncmp(e->next, "smemail set ", strlen("smemail set ")) == 0) {
		char next[ERR_NEXT_MAX];
		snprintf(next, sizeof(next), "%s", e->next);
		err_next(e, "%s --for %s", next, wish->target);
	}
	return err_context(e,
	    wish->value != NULL ? _("cannot set '%s' for '%s'")
				: _("cannot unset '%s' for '%s'"),
	    id, wish->target);
}

/* How a file is brought into force today. */
static void
suggest_by_hand(const struct setting *s, struct err *e)
{
	if (s->key[0] != '/')
		err_next(e, "smemail describe %s", s->id);
	else if (s->events != NULL)
		err_next(e,
		    _("edit the file by hand, then: smemail signal-event %s"),
		    s->events[0]);
	else if (s->apply != NULL)
		err_next(e, _("edit the file by hand, then: %s"), s->apply);
	else
		err_next(e, _("edit the file by hand"));
}

static bool
check_place(const struct model_ctx *m, const struct setting *s, struct err *e)
{
	if (s->place == SETTING_IN_DNS) {
		err_set(e, ERR_USAGE,
		    _("it is published in the DNS ('%s'), not stored here"),
		    s->key);
		return err_next(e, "smemail describe %s", s->id);
	}
	if (s->flags & SETTING_READ_ONLY) {
		err_set(e, ERR_USAGE, _("it is made by the server itself"));
		return err_next(e, "smemail describe %s", s->id);
	}
	if (settings_fragment_shipped(m, s)) {
		err_set(e, ERR_USAGE,
		    _("that fragment belongs to the templates and is always "
		      "there"));
		return err_next(e, "smemail describe %s", s->id);
	}
	if (s->place == SETTING_IN_FILE && s->form == NULL) {
		err_set(e, ERR_USAGE,
		    _("it lives in the file '%s', not in a database"), s->key);
		suggest_by_hand(s, e);
		return false;
	}
	return true;
}

static bool
check_unset(const struct setting *s, struct err *e)
{
	if (!(s->flags & SETTING_REQUIRED))
		return true;
	if (strcmp(s->prop, "type") == 0) {
		err_set(e, ERR_USAGE,
		    _("the record with all its properties would go"));
		return err_next(e, "smemail db %s delete %s", s->db, s->key);
	}
	err_set(e, ERR_USAGE, _("there is no default, a value is needed"));
	return err_next(e, "smemail set %s VALUE", s->id);
}

static bool
check_value(
    const struct setting *s, struct str value, struct buf *out, struct err *e)
{
	if (value.len == 0 && (s->flags & SETTING_EMPTY_OK))
		return true;
	if (value.len == 0) {
		err_set(e, ERR_USAGE, _("the value is empty"));
		return err_next(e, "smemail unset %s", s->id);
	}
	if (s->form != NULL && s->form->kind == SETTING_FORM_STRAY &&
	    str_is(value, s->form->on)) {
		err_set(e, ERR_USAGE, _("that file is only ever removed"));
		return err_next(e, "smemail unset %s", s->id);
	}
	return s->type->parse(s, value, out, e) &&
	       (s->type->check == NULL || s->type->check(s, buf_str(out), e));
}

/*
 * A pseudonym whose account leads back to it is nobody's: its mail would be
 * refused.
 */
static bool
check_circle(const struct settings_store *st, const struct db *db,
    const struct settings_wish *wish, struct str account, struct err *e)
{
	struct arena *a = st->m->arena;
	const char *name = arena_cstr(a, account);
	if (wish->setting->target != SETTING_TARGET_PSEUDONYM ||
	    strcmp(wish->setting->prop, "Account") != 0)
		return true;
	for (int i = 0; i < CIRCLE_MAX && strcmp(name, wish->target) != 0;
	     i++) {
		struct str type, next;
		const struct db_record *r = db_find(db, str_of(name));
		if (r == NULL)
			return true;
		type = db_record_type(r, a);
		if (!str_is(type, "pseudonym") ||
		    !db_record_prop(r, STR("Account"), a, &next))
			return true;
		name = arena_cstr(a, str_trim(next));
	}
	err_set(e, ERR_USAGE, _("'%.*s' leads back to it"), STR_ARG(account));
	return err_next(e, _("name a user or a group"));
}

/* Does another wish of this change make the record? */
static bool
target_comes(const struct settings_store *st, const struct settings_wish *wish)
{
	for (size_t i = 0; i < st->n_coming; i++) {
		const struct settings_wish *w = &st->coming[i];
		if (wish->target != NULL && w->target != NULL &&
		    w->value != NULL && strcmp(w->setting->prop, "type") == 0 &&
		    strcmp(w->setting->db, wish->setting->db) == 0 &&
		    strcmp(w->target, wish->target) == 0)
			return true;
	}
	return false;
}

/* The record is there, or comes with this change. */
static bool
target_holds(const struct settings_store *st, const struct db *db,
    const struct settings_wish *wish, struct err *e)
{
	return settings_target_exists(db, wish->setting, wish->target, NULL) ||
	       target_comes(st, wish) ||
	       settings_target_exists(db, wish->setting, wish->target, e);
}

bool
settings_check(struct settings_store *st, const struct settings_wish *wish,
    struct str *normal, struct err *e)
{
	const struct setting *s = wish->setting;
	struct buf out = BUF_INIT(SETTING_VALUE_MAX);
	const struct db *db = NULL;
	bool ok;

	*normal = (struct str)STR_EMPTY;
	if (!check_place(st->m, s, e) ||
	    (wish->value == NULL && !check_unset(s, e)))
		return refused(wish, e);
	if (s->place == SETTING_IN_FILE) {
		if (!settings_file_target(st, s, wish->target, e))
			return false;
	} else if (!settings_db(st, s->db, &db, e) ||
		   !target_holds(st, db, wish, e)) {
		return false;
	}
	if (wish->value == NULL)
		return true;
	ok = check_value(s, str_of(wish->value), &out, e) &&
	     (db == NULL || check_circle(st, db, wish, buf_str(&out), e));
	*normal = arena_str(st->m->arena, buf_str(&out));
	buf_clear(&out);
	return ok || refused(wish, e);
}

/* What a wish, or else the databases, say of a setting. */
static bool
will_hold(struct settings_store *st, const char *id, struct str *value)
{
	const struct setting *s = setting_find(str_of(id));
	struct settings_row row;

	for (size_t i = st->n_coming; i > 0; i--)
		if (st->coming[i - 1].setting == s) {
			*value = str_of(st->coming[i - 1].value);
			return true;
		}
	if (!settings_read_value(st, s, NULL, &row, NULL))
		return false;
	*value = row.is_stored ? row.stored : (struct str)STR_EMPTY;
	return true;
}

/* C69, F006: a login without a name or password fails for every message. */
bool
settings_together(struct settings_store *st, struct err *e)
{
	static const char *const logins[][3] = {
		{ "delivery.smarthost-auth", "delivery.smarthost-user",
		    "delivery.smarthost-password" },
		{ "delivery.smarthost-postfix-auth",
		    "delivery.smarthost-postfix-user",
		    "delivery.smarthost-postfix-password" },
	};

	for (size_t i = 0; i < st->n_coming; i++)
		for (size_t k = 0; k < ARRAY_LEN(logins); k++) {
			const struct settings_wish *w = &st->coming[i];
			struct str on, user, password;
			if ((strcmp(w->setting->id, logins[k][0]) != 0 &&
				strcmp(w->setting->id, logins[k][1]) != 0 &&
				strcmp(w->setting->id, logins[k][2]) != 0) ||
			    !will_hold(st, logins[k][0], &on) ||
			    !str_is(on, "enabled") ||
			    !will_hold(st, logins[k][1], &user) ||
			    !will_hold(st, logins[k][2], &password) ||
			    (str_trim(user).len > 0 &&
				str_trim(password).len > 0))
				continue;
			err_set(e, ERR_USAGE,
			    _("'%s' would be enabled without a user or "
			      "password"),
			    logins[k][0]);
			return err_next(
			    e, "smemail smarthost set HOST --user NAME");
		}
	return true;
}

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

/* The setting is stored, but another one keeps it out of force. */
static const char *
warn_not_in_force(struct settings_store *st, const struct setting *s)
{
	const struct setting *other;
	struct settings_row row;

	if (s->visible_if_id == NULL)
		return NULL;
	other = setting_find(str_of(s->visible_if_id));
	if (other == NULL ||
	    !settings_read_value(st, other, NULL, &row, NULL) ||
	    str_is(row.value, s->visible_if_value))
		return NULL;
	return arena_printf(st->m->arena,
	    _("%s counts only with %s %s (now: %.*s)"), s->id, other->id,
	    s->visible_if_value, STR_ARG(row.value));
}

static bool
number_of(struct settings_store *st, const char *id, int64_t *out)
{
	const struct setting *s = setting_find(str_of(id));
	struct settings_row row;

	return s != NULL && settings_read_value(st, s, NULL, &row, NULL) &&
	       num_parse_i64(row.value, INT64_MIN, INT64_MAX, out);
}

/* Marked mail goes to junkmail only between the two levels. */
static const char *
warn_levels(struct settings_store *st, const struct setting *s)
{
	int64_t tag, reject;

	if (strcmp(s->id, "spam.tag-level") != 0 &&
	    strcmp(s->id, "spam.reject-level") != 0)
		return NULL;
	if (!number_of(st, "spam.tag-level", &tag) ||
	    !number_of(st, "spam.reject-level", &reject) || reject == 0 ||
	    tag < reject)
		return NULL;
	return arena_printf(st->m->arena,
	    _("spam.tag-level %" PRId64 " is not below spam.reject-level "
	      "%" PRId64 ": nothing would reach junkmail"),
	    tag, reject);
}

/* An account that nobody has made yet. */
static const char *
warn_account(
    struct settings_store *st, const struct setting *s, struct str value)
{
	const struct db *db;

	if (strcmp(s->type->name, "account") != 0 || value.len == 0 ||
	    str_is(value, "devnull") ||
	    !settings_db(st, "accounts", &db, NULL) ||
	    db_find(db, value) != NULL)
		return NULL;
	return arena_printf(
	    st->m->arena, _("there is no account '%.*s' yet"), STR_ARG(value));
}

size_t
settings_warnings(struct settings_store *st, const struct setting *s,
    const char *target, const char *const **lines)
{
	const char **found =
	    ARENA_ARRAY(st->m->arena, WARNINGS_MAX, const char *);
	struct settings_row row;
	size_t n = 0;

	*lines = found;
	if (found == NULL || !settings_read_value(st, s, target, &row, NULL))
		return 0;
	found[n] = warn_not_in_force(st, s);
	n += found[n] != NULL;
	found[n] = warn_levels(st, s);
	n += found[n] != NULL;
	found[n] = warn_account(st, s, row.value);
	n += found[n] != NULL;
	return n;
}
