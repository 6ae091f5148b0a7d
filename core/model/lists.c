/* The nine lists: names, entries, and changing them. */
#include "core/model/lists.h"

#include "core/base/i18n.h"
#include "core/base/nearest.h"
#include "core/model/lists_int.h"
#include "core/model/settings_int.h"

#include <stdlib.h>
#include <string.h>

static const struct lists_list lists[] = {
	{
	    .name = "dnsbl",
	    .phase = "connect",
	    .form = LISTS_ZONE,
	    .setting = "rbl.dns-zones",
	    .sw = "rbl.dns",
	    .forms = "zone, zone:text",
	    .help = N_("zones that list addresses of hosts"),
	    .acts = N_("Acts when a host connects; whitelisthosts is "
		       "asked before."),
	},
	{
	    .name = "rhsbl",
	    .phase = "mail",
	    .form = LISTS_ZONE,
	    .setting = "rbl.sender-zones",
	    .sw = "rbl.sender",
	    .forms = "zone",
	    .help = N_("zones that list domains of senders"),
	    .acts = N_("Acts at MAIL; whitelistsenders is asked before."),
	},
	{
	    .name = "badhelo",
	    .phase = "helo",
	    .form = LISTS_HELO,
	    .setting = "lists.badhelo",
	    .word = "Black",
	    .forms = "name",
	    .help = N_("names of hosts that are refused at HELO"),
	    .acts = N_("Acts at HELO, on exactly this name."),
	},
	{
	    .name = "badmailfrom",
	    .phase = "mail",
	    .form = LISTS_FROM,
	    .setting = "lists.badmailfrom",
	    .word = "Black",
	    .forms = "user@host, @host",
	    .help = N_("envelope senders that are refused at MAIL"),
	    .acts = N_("Acts at MAIL, so the sender is told at once."),
	},
	{
	    .name = "blacklist_from",
	    .phase = "data",
	    .form = LISTS_PATTERN,
	    .setting = "lists.sender",
	    .word = "Black",
	    .sw = "spam.filter",
	    .forms = "user@host, *@host, *host",
	    .help = N_("senders that SpamAssassin gives 100 points"),
	    .acts = N_("Acts after DATA, as a score."),
	},
	{
	    .name = "whitelisthosts",
	    .phase = "connect",
	    .accepts = true,
	    .form = LISTS_ADDRESS,
	    .setting = "lists.whitelisthosts",
	    .word = "White",
	    .forms = "192.0.2.7, 192.0.2., 192.0.2.0/24",
	    .help = N_("hosts exempt from the checks at connecting"),
	    .acts = N_("Acts when a host connects: dnsbl is not asked."),
	},
	{
	    .name = "whitelisthelo",
	    .phase = "helo",
	    .accepts = true,
	    .form = LISTS_HELO,
	    .setting = "lists.whitelisthelo",
	    .word = "White",
	    .forms = "name",
	    .help = N_("names of hosts exempt from checks at HELO"),
	    .acts = N_("Acts at HELO; any host can say that name."),
	},
	{
	    .name = "whitelistsenders",
	    .phase = "mail",
	    .accepts = true,
	    .form = LISTS_SENDER,
	    .setting = "lists.whitelistsenders",
	    .word = "White",
	    .forms = "user@host, host",
	    .help = N_("envelope senders exempt from checks at MAIL"),
	    .acts = N_("Acts at MAIL: badmailfrom and rhsbl are not "
		       "asked; DATA checks still are."),
	},
	{
	    .name = "whitelist_from",
	    .phase = "data",
	    .accepts = true,
	    .form = LISTS_PATTERN,
	    .setting = "lists.sender",
	    .word = "White",
	    .sw = "spam.filter",
	    .forms = "user@host, *@host, *host",
	    .help = N_("senders that SpamAssassin lets pass"),
	    .acts = N_("Acts after DATA, so the earlier checks (dnsbl, "
		       "helo, badmailfrom) still refuse."),
	},
};

const struct lists_list *
lists_all(size_t *count)
{
	*count = ARRAY_LEN(lists);
	return lists;
}

static bool
same_name(struct str typed, const char *name)
{
	struct str n = str_of(name);

	if (typed.len != n.len)
		return false;
	for (size_t i = 0; i < n.len; i++) {
		char c = ascii_lower(typed.ptr[i]);
		if ((c == '-' ? '_' : c) != n.ptr[i])
			return false;
	}
	return true;
}

const struct lists_list *
lists_find(const char *name, struct err *e)
{
	struct nearest near = { .wanted = str_of(name) };

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		if (same_name(str_of(name), lists[i].name))
			return &lists[i];
		nearest_try(&near, str_of(lists[i].name));
	}
	err_set(e, ERR_USAGE, _("there is no list '%s'"), name);
	if (near.best.len > 0)
		err_next(e, "smemail lists show %.*s", STR_ARG(near.best));
	else
		err_next(e, "smemail lists show");
	return NULL;
}

const struct setting *
lists_setting(const struct lists_list *l)
{
	return setting_find(str_of(l->setting));
}

char
lists_joint(const struct setting *s)
{
	return s->separator != NULL ? s->separator[0] : ',';
}

/* The value as the filter reads it: with a comma parted there (EF-10). */
static char
stored_joint(struct str value)
{
	return str_find(value, ',', 0) < value.len ? ',' : ':';
}

static const char *
problem_of(
    struct settings_store *st, const struct lists_list *l, struct str entry)
{
	struct buf out = BUF_INIT(SETTING_VALUE_MAX);
	struct err e = ERR_INIT;
	const char *text = NULL;

	if (!lists_normal(l, entry, &out, &e))
		text = arena_cstr(st->m->arena, str_of(e.text));
	buf_clear(&out);
	return text;
}

static void
add_entry(struct settings_store *st, const struct lists_list *l,
    struct str text, struct lists_entry *out)
{
	out->text = arena_cstr(st->m->arena, text);
	out->problem = problem_of(st, l, text);
}

static bool
zone_entries(struct settings_store *st, const struct lists_list *l,
    struct lists_entry **out, size_t *n, struct err *e)
{
	const struct setting *s = lists_setting(l);
	struct settings_row row;
	struct str rest;

	if (!settings_read_value(st, s, NULL, &row, e))
		return false;
	rest = row.is_stored ? row.stored : row.value;
	*out = ARENA_ARRAY(st->m->arena, rest.len + 1, struct lists_entry);
	char joint = stored_joint(rest);
	while (rest.ptr != NULL) {
		struct str zone = str_trim(str_cut(rest, joint, &rest));
		if (zone.len > 0)
			add_entry(st, l, zone, &(*out)[(*n)++]);
	}
	return true;
}

bool
lists_entries(struct settings_store *st, const struct lists_list *l,
    struct lists_entry **out, size_t *n, struct err *e)
{
	const struct setting *s = lists_setting(l);
	const struct db *db;
	const struct db_record *r;
	struct db_prop *props;
	size_t count;

	*n = 0;
	*out = NULL;
	if (l->word == NULL)
		return zone_entries(st, l, out, n, e);
	if (!settings_db(st, s->db, &db, e))
		return false;
	r = db_find(db, str_of(s->key));
	count = r != NULL ? db_record_props(r, st->m->arena, &props) : 0;
	*out = ARENA_ARRAY(st->m->arena, count + 1, struct lists_entry);
	for (size_t i = 0; i < count; i++)
		if (props[i].defined && str_is(props[i].value, l->word))
			add_entry(st, l, props[i].name, &(*out)[(*n)++]);
	return true;
}

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
