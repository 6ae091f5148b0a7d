/*
 * May a value be stored? Place, type and sense are asked before anything is
 * written; risk is settings_risk.c, advice settings_warn.c.
 */
#include "core/model/settings_int.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/setting/form.h"

#include <stdio.h>
#include <string.h>

enum {
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

static bool
is_account_of_pseudonym(const struct setting *s)
{
	return s->target == SETTING_TARGET_PSEUDONYM &&
	       strcmp(s->prop, "Account") == 0;
}

/* Whom it leads to, by this change or the database; NULL: it is none. */
static const char *
pseudonym_account(
    const struct settings_store *st, const struct db *db, const char *name)
{
	const struct db_record *r = db_find(db, str_of(name));
	struct str to;

	for (size_t i = st->n_coming; i > 0; i--) {
		const struct settings_wish *w = &st->coming[i - 1];
		if (is_account_of_pseudonym(w->setting) && w->value != NULL &&
		    w->target != NULL && strcmp(w->target, name) == 0)
			return w->value;
	}
	if (r == NULL ||
	    !str_is(db_record_type(r, st->m->arena), "pseudonym") ||
	    !db_record_prop(r, STR("Account"), st->m->arena, &to))
		return NULL;
	return arena_cstr(st->m->arena, str_trim(to));
}

/*
 * A pseudonym whose account leads back to it is nobody's: its mail would be
 * refused.
 */
static bool
check_circle(const struct settings_store *st, const struct db *db,
    const struct settings_wish *wish, struct str account, struct err *e)
{
	const char *name = arena_cstr(st->m->arena, account);
	if (!is_account_of_pseudonym(wish->setting))
		return true;
	for (int i = 0; i < CIRCLE_MAX && strcmp(name, wish->target) != 0;
	     i++) {
		name = pseudonym_account(st, db, name);
		if (name == NULL)
			return true;
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
