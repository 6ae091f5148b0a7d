/* What is allowed but unwise is told after it is stored. */
#include "core/model/settings_int.h"

#include "core/base/i18n.h"
#include "core/base/num.h"

#include <inttypes.h>
#include <string.h>

enum {
	WARNINGS_MAX = 4,
};

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

/* Everyone reaches port 587, and hardly anyone may log in there. */
static const char *
warn_login_scope(struct settings_store *st, const struct setting *s)
{
	static const char *const pair[] = { "submission.access",
		"auth.smtp-scope" };
	struct settings_row row;

	if (strcmp(s->id, pair[0]) != 0 && strcmp(s->id, pair[1]) != 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(pair); i++) {
		const struct setting *one = setting_find(str_of(pair[i]));
		if (one == NULL ||
		    !settings_read_value(st, one, NULL, &row, NULL) ||
		    str_is(row.value, "public") != (i == 0))
			return NULL;
	}
	return _("port 587 is open to everyone, but strangers can log in there "
		 "only with auth.smtp-scope public");
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
	found[n] = warn_login_scope(st, s);
	n += found[n] != NULL;
	found[n] = warn_account(st, s, row.value);
	n += found[n] != NULL;
	return n;
}
