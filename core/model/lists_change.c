/* The wishes that add entries to a list or remove them. */
#include "core/model/lists_int.h"

#include "core/base/i18n.h"
#include "core/model/settings_int.h"

/* Letter case aside; a zone is meant whatever text it carries. */
static bool
is_same(const char *have, const char *named)
{
	struct str a = str_of(have), b = str_of(named), rest;

	return str_eq_nocase(a, b) ||
	       (str_find(b, ':', 0) == b.len &&
		   str_eq_nocase(str_cut(a, ':', &rest), b));
}

static const char *
entry_known(const struct lists_entry *have, size_t n, const char *entry)
{
	for (size_t i = 0; i < n; i++)
		if (is_same(have[i].text, entry))
			return have[i].text;
	return NULL;
}

static bool
is_among(const char *const *entries, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (is_same(text, entries[i]))
			return true;
	return false;
}

/* Room for every wish there may be. */
static bool
change_begin(struct settings_store *st, size_t max, struct lists_change *c,
    struct err *e)
{
	struct arena *a = st->m->arena;

	*c = (struct lists_change){
		.wishes = ARENA_ARRAY(a, max + 1, struct settings_wish),
		.touched = ARENA_ARRAY(a, max + 1, const char *),
	};
	return (c->wishes != NULL && c->touched != NULL) ||
	       err_set(e, ERR_TEMPORARY, _("out of memory"));
}

static void
wish(struct lists_change *c, const struct lists_list *l, const char *entry,
    const char *value)
{
	c->wishes[c->n++] = (struct settings_wish){
		.setting = lists_setting(l),
		.target = entry,
		.value = value,
	};
}

/* Zones live in one value: the new one is the wish. */
static bool
zones_wish(struct settings_store *st, const struct lists_list *l,
    const char *const *zones, size_t n, struct lists_change *c, struct err *e)
{
	struct buf out = BUF_INIT(SETTING_VALUE_MAX);
	char joint = lists_joint(lists_setting(l));

	for (size_t i = 0; i < n; i++)
		(void)buf_addf(&out, "%s%s",
		    i > 0 ? (char[]){ joint, '\0' } : "", zones[i]);
	bool failed = out.failed;
	wish(
	    c, l, NULL, n > 0 ? arena_cstr(st->m->arena, buf_str(&out)) : NULL);
	buf_clear(&out);
	return !failed ||
	       err_set(e, ERR_USAGE, _("'%s' would be too long"), l->name);
}

/* What the zones would be after an add or a removal. */
static bool
zones_change(struct settings_store *st, const struct lists_list *l,
    const char *const *entries, size_t n, bool keep, bool add,
    const struct lists_entry *have, size_t n_have, struct lists_change *c,
    struct err *e)
{
	const char **all =
	    ARENA_ARRAY(st->m->arena, n + n_have + 1, const char *);
	size_t count = 0;

	for (size_t i = 0; i < n_have; i++) {
		bool named = is_among(entries, n, have[i].text);
		if (add ? keep || named : !named)
			all[count++] = have[i].text;
		else
			c->touched[c->n_touched++] = have[i].text;
	}
	for (size_t i = 0; i < n; i++) {
		bool known = entry_known(have, n_have, entries[i]) != NULL;
		c->known += known == add;
		if (!add || known)
			continue;
		all[count++] = entries[i];
		c->touched[c->n_touched++] = entries[i];
	}
	return c->n_touched == 0 || zones_wish(st, l, all, count, c, e);
}

bool
lists_add(struct settings_store *st, const struct lists_list *l,
    const char *const *entries, size_t n, bool replace,
    struct lists_change *out, struct err *e)
{
	struct lists_entry *have;
	size_t n_have;

	if (!lists_entries(st, l, &have, &n_have, e) ||
	    !change_begin(st, n + n_have, out, e))
		return false;
	if (l->word == NULL)
		return zones_change(
		    st, l, entries, n, !replace, true, have, n_have, out, e);
	for (size_t i = 0; replace && i < n_have; i++)
		if (!is_among(entries, n, have[i].text)) {
			wish(out, l, have[i].text, NULL);
			out->touched[out->n_touched++] = have[i].text;
		}
	for (size_t i = 0; i < n; i++) {
		if (is_among(entries, i, entries[i]))
			continue; /* twice in what was given */
		if (entry_known(have, n_have, entries[i]) != NULL) {
			out->known++;
			continue;
		}
		wish(out, l, entries[i], l->word);
		out->touched[out->n_touched++] = entries[i];
	}
	return true;
}

bool
lists_remove(struct settings_store *st, const struct lists_list *l,
    const char *const *entries, size_t n, struct lists_change *out,
    struct err *e)
{
	struct lists_entry *have;
	size_t n_have;

	if (!lists_entries(st, l, &have, &n_have, e) ||
	    !change_begin(st, n + n_have, out, e))
		return false;
	if (l->word == NULL)
		return zones_change(
		    st, l, entries, n, true, false, have, n_have, out, e);
	for (size_t i = 0; i < n; i++) {
		const char *stored = entry_known(have, n_have, entries[i]);
		if (stored == NULL) {
			out->known++;
			continue;
		}
		wish(out, l, stored, NULL);
		out->touched[out->n_touched++] = stored;
	}
	return true;
}
