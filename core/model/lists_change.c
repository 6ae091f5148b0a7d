/* The wishes that add entries to a list or remove them. */
#include "core/model/lists_int.h"

#include "core/base/i18n.h"
#include "core/base/map.h"
#include "core/model/settings_int.h"

/*
 * Entries by their names. Letter case does not count, and a zone is meant
 * whatever text it carries: "zone:text" by "zone".
 */
struct names {
	struct arena *arena;
	struct map map;
	bool failed; /* out of memory */
};

static struct names
names_new(struct settings_store *st)
{
	return (struct names){ .arena = st->m->arena, .map = MAP_INIT };
}

/* True when all fitted into memory. */
static bool
names_end(struct names *m, struct err *e)
{
	map_clear(&m->map);
	return !m->failed || err_no_memory(e);
}

static struct str
lower(struct names *m, const char *text)
{
	struct str s = str_of(text);
	char *to = arena_alloc(m->arena, s.len + 1);

	m->failed = m->failed || to == NULL;
	for (size_t i = 0; to != NULL && i < s.len; i++)
		to[i] = ascii_lower(s.ptr[i]);
	return str_n(to, to != NULL ? s.len : 0);
}

static struct str
without_text(struct str name)
{
	struct str rest;

	return str_cut(name, ':', &rest);
}

/* The first of a name stays. */
static void
put(struct names *m, struct str name, void *value)
{
	if (!m->failed && !map_has(&m->map, name))
		m->failed = !map_put(&m->map, name, value);
}

static void
names_add_stored(struct names *m, struct lists_entry *have, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct str name = lower(m, have[i].text);
		put(m, name, &have[i]);
		put(m, without_text(name), &have[i]);
	}
}

/* What is stored that 'given' means; NULL: nothing. */
static const char *
names_stored(struct names *m, const char *given)
{
	const struct lists_entry *found = map_get(&m->map, lower(m, given));

	return found != NULL ? found->text : NULL;
}

static void
names_add_given(struct names *m, const char *given)
{
	put(m, lower(m, given), m);
}

/* Do those given mean 'text'? */
static bool
names_mean(struct names *m, const char *text)
{
	struct str name = lower(m, text);

	return map_has(&m->map, name) || map_has(&m->map, without_text(name));
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
	return (c->wishes != NULL && c->touched != NULL) || err_no_memory(e);
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
	char joint = setting_joint(lists_setting(l));

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

/* What is in the list, and what was given, by name. */
struct sides {
	struct lists_entry *have;
	size_t n_have;
	const char **texts; /* those given, in the form that is stored */
	struct names stored, given;
};

/* An entry as it stands, or what its form here would be. */
static const char *
as_stored(struct settings_store *st, const struct lists_list *l,
    struct names *stored, const char *text)
{
	struct buf normal = BUF_INIT(SETTING_VALUE_MAX);

	if (names_stored(stored, text) == NULL &&
	    lists_normal(l, str_of(text), &normal, NULL))
		text = arena_cstr(st->m->arena, buf_str(&normal));
	buf_clear(&normal);
	return text;
}

static bool
sides_begin(struct settings_store *st, const struct lists_list *l,
    const char *const *entries, size_t n, struct sides *s,
    struct lists_change *c, struct err *e)
{
	*s = (struct sides){
		.texts = ARENA_ARRAY(st->m->arena, n + 1, const char *),
		.stored = names_new(st),
		.given = names_new(st),
	};
	if (!lists_entries(st, l, &s->have, &s->n_have, e) ||
	    !change_begin(st, n + s->n_have, c, e))
		return false;
	names_add_stored(&s->stored, s->have, s->n_have);
	for (size_t i = 0; i < n; i++) {
		s->texts[i] = as_stored(st, l, &s->stored, entries[i]);
		names_add_given(&s->given, s->texts[i]);
	}
	return true;
}

static bool
sides_end(struct sides *s, struct err *e)
{
	bool stored = names_end(&s->stored, e), given = names_end(&s->given, e);

	return stored && given;
}

/* What the zones would be after an add or a removal. */
static bool
zones_change(struct settings_store *st, const struct lists_list *l,
    const char *const *entries, size_t n, bool keep, bool add, struct sides *s,
    struct lists_change *c, struct err *e)
{
	const char **all =
	    ARENA_ARRAY(st->m->arena, n + s->n_have + 1, const char *);
	size_t count = 0;

	for (size_t i = 0; i < s->n_have; i++) {
		const char *text = s->have[i].text;
		bool named = names_mean(&s->given, text);
		if (add ? keep || named : !named)
			all[count++] = text;
		else
			c->touched[c->n_touched++] = text;
	}
	for (size_t i = 0; i < n; i++) {
		bool known = names_stored(&s->stored, entries[i]) != NULL;
		c->known += known == add;
		if (!add || known)
			continue;
		all[count++] = entries[i];
		c->touched[c->n_touched++] = entries[i];
	}
	return c->n_touched == 0 || zones_wish(st, l, all, count, c, e);
}

/* Each entry once, however often it was given. */
static bool
entries_add(struct settings_store *st, const struct lists_list *l,
    const char *const *entries, size_t n, struct names *stored,
    struct lists_change *c, struct err *e)
{
	struct names seen = names_new(st);

	for (size_t i = 0; i < n; i++) {
		bool twice = names_mean(&seen, entries[i]);
		names_add_given(&seen, entries[i]);
		if (twice)
			continue;
		if (names_stored(stored, entries[i]) != NULL) {
			c->known++;
			continue;
		}
		wish(c, l, entries[i], l->word);
		c->touched[c->n_touched++] = entries[i];
	}
	return names_end(&seen, e);
}

bool
lists_add(struct settings_store *st, const struct lists_list *l,
    const char *const *entries, size_t n, bool replace,
    struct lists_change *out, struct err *e)
{
	struct sides s;
	bool ok = sides_begin(st, l, entries, n, &s, out, e);

	if (ok && l->word == NULL) {
		ok =
		    zones_change(st, l, s.texts, n, !replace, true, &s, out, e);
	} else if (ok) {
		for (size_t i = 0; replace && i < s.n_have; i++)
			if (!names_mean(&s.given, s.have[i].text)) {
				wish(out, l, s.have[i].text, NULL);
				out->touched[out->n_touched++] = s.have[i].text;
			}
		ok = entries_add(st, l, s.texts, n, &s.stored, out, e);
	}
	return sides_end(&s, ok ? e : NULL) && ok;
}

bool
lists_remove(struct settings_store *st, const struct lists_list *l,
    const char *const *entries, size_t n, struct lists_change *out,
    struct err *e)
{
	struct sides s;
	bool ok = sides_begin(st, l, entries, n, &s, out, e);

	if (ok && l->word == NULL)
		ok = zones_change(st, l, s.texts, n, true, false, &s, out, e);
	for (size_t i = 0; ok && l->word != NULL && i < n; i++) {
		const char *stored = names_stored(&s.stored, s.texts[i]);
		if (stored == NULL) {
			out->known++;
			continue;
		}
		wish(out, l, stored, NULL);
		out->touched[out->n_touched++] = stored;
	}
	return sides_end(&s, ok ? e : NULL) && ok;
}
