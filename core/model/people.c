/* Users, groups, pseudonyms, domains and networks with their mail settings. */
#include "core/model/people.h"

#include "core/base/i18n.h"
#include "core/model/settings_int.h"

#include <string.h>

enum {
	COLUMNS_MAX = 4
};

/* How records of a kind are shown. */
struct kind {
	const char *db;
	const char *title[2]; /* properties that make the title, or NULL */
	size_t n;
	struct people_column heads[COLUMNS_MAX];
	const char *settings[COLUMNS_MAX]; /* ids; NULL: the property */
	const char *props[COLUMNS_MAX];
};

static const struct kind kinds[] = {
	[SETTING_TARGET_USER] = {
		.db = "accounts",
		.title = { "FirstName", "LastName" },
		.n = 4,
		.heads = {
			{ "delivery", N_("DELIVERY") },
			{ "junkmail", N_("JUNKMAIL") },
			{ "everyone", N_("EVERYONE") },
			{ "visible", N_("VISIBLE") },
		},
		.settings = { "user.forward", "spam.user-sort",
		    "user.everyone-email", "user.visible" },
	},
	[SETTING_TARGET_GROUP] = {
		.db = "accounts",
		.title = { "Description", NULL },
		.n = 2,
		.heads = {
			{ "visible", N_("VISIBLE") },
			{ "members", N_("MEMBERS") },
		},
		.settings = { "group.visible", NULL },
		.props = { NULL, "Members" },
	},
	[SETTING_TARGET_PSEUDONYM] = {
		.db = "accounts",
		.n = 2,
		.heads = {
			{ "account", N_("ACCOUNT") },
			{ "visible", N_("VISIBLE") },
		},
		.settings = { "pseudonym.account", "pseudonym.visible" },
	},
	[SETTING_TARGET_DOMAIN] = {
		.db = "domains",
		.title = { "Description", NULL },
		.n = 2,
		.heads = {
			{ "server", N_("SERVER") },
			{ "dkim", N_("DKIM") },
		},
		.settings = { "delivery.domain-server",
		    "dkim.domain-signing" },
	},
	[SETTING_TARGET_NETWORK] = {
		.db = "networks",
		.n = 2,
		.heads = {
			{ "mask", N_("MASK") },
			{ "relay_auth", N_("RELAY AUTH") },
		},
		.settings = { NULL, "relay.network-require-auth" },
		.props = { "Mask", NULL },
	},
	[SETTING_TARGET_PATTERN] = {
		.db = "mailpatterns",
		.title = { "Description", NULL },
		.n = 1,
		.heads = { { "status", N_("STATUS") } },
		.settings = { "attachments.pattern" },
	},
};

size_t
people_settings(const struct model_ctx *m, enum setting_target kind,
    const struct setting *const **out)
{
	size_t count, n = 0;
	const struct setting *const *all = setting_all(&count);
	const struct setting **found =
	    ARENA_ARRAY(m->arena, count, const struct setting *);

	*out = found;
	for (size_t i = 0; found != NULL && i < count; i++)
		if (all[i]->target == kind && all[i]->place == SETTING_IN_DB &&
		    setting_on_release(all[i], m->release))
			found[n++] = all[i];
	return n;
}

static const char *
title_of(const struct db_record *r, const struct kind *kind, struct arena *a)
{
	const char *title = "";

	for (size_t i = 0; i < ARRAY_LEN(kind->title); i++) {
		struct str part;
		if (kind->title[i] == NULL ||
		    !db_record_prop(r, str_of(kind->title[i]), a, &part) ||
		    part.len == 0)
			continue;
		title = arena_printf(a, "%s%s%.*s", title,
		    title[0] != '\0' ? " " : "", STR_ARG(part));
	}
	return title;
}

/* A record that no setting can have as its target hides no other. */
static void
fill_row(struct settings_store *st, const struct kind *kind,
    const struct db_record *r, struct people_row *row)
{
	struct arena *a = st->m->arena;
	struct str *cells = ARENA_ARRAY(a, kind->n, struct str);
	struct err e = ERR_INIT;

	row->title = r != NULL ? title_of(r, kind, a) : "";
	row->cells = cells;
	for (size_t i = 0; r != NULL && cells != NULL && i < kind->n; i++) {
		struct settings_row value;
		if (kind->settings[i] == NULL) {
			(void)db_record_prop(
			    r, str_of(kind->props[i]), a, &cells[i]);
			continue;
		}
		if (!settings_read_value(st,
			setting_find(str_of(kind->settings[i])), row->name,
			&value, &e)) {
			row->problem = arena_cstr(a, str_of(e.text));
			return;
		}
		cells[i] = value.value;
	}
}

/* Of a damaged database nobody can say who is missing. */
static bool
is_whole(const struct settings_store *st, const struct db *db, const char *name,
    struct err *e)
{
	char path[SYS_PATH_MAX];
	return db_path(st->m->root, name, path, NULL, e) &&
	       db_is_whole(db, path, root_shown(st->m->root, path), e);
}

bool
people_list(struct settings_store *st, enum setting_target kind,
    struct people *out, struct err *e)
{
	const struct kind *k = &kinds[kind];
	const struct setting *const *settings;
	const char *const *names;
	const struct db *db;

	*out = (struct people){ .columns = k->heads, .n_columns = k->n };
	if (people_settings(st->m, kind, &settings) == 0)
		return true;
	if (!settings_targets(
		st, settings[0], false, &names, &out->n_rows, e) ||
	    !settings_db(st, k->db, &db, e) || !is_whole(st, db, k->db, e))
		return false;
	out->rows =
	    ARENA_ARRAY(st->m->arena, out->n_rows + 1, struct people_row);
	for (size_t i = 0; i < out->n_rows; i++) {
		out->rows[i] = (struct people_row){ .name = names[i] };
		fill_row(st, k, db_find(db, str_of(names[i])), &out->rows[i]);
	}
	return true;
}

/* Does the id end in "-NAME" or ".NAME"? */
static bool
ends_in(struct str id, struct str name)
{
	return str_ends(id, name) && id.len > name.len &&
	       strchr(".-", id.ptr[id.len - name.len - 1]) != NULL;
}

static const struct setting *
refuse_name(const struct model_ctx *m, enum setting_target kind,
    const char *name, struct err *e)
{
	const struct setting *const *all;
	size_t n = people_settings(m, kind, &all);
	const char *list = NULL;

	for (size_t i = 0; i < n; i++)
		list = list == NULL
			   ? all[i]->id
			   : arena_printf(m->arena, "%s, %s", list, all[i]->id);
	err_set(e, ERR_USAGE, _("unknown setting of a %s: '%s'; there is %s"),
	    setting_target_word(kind), name, list != NULL ? list : _("none"));
	return NULL;
}

const struct setting *
people_setting(const struct model_ctx *m, enum setting_target kind,
    const char *name, struct err *e)
{
	const struct setting *const *all;
	const struct setting *found = NULL;
	size_t n = people_settings(m, kind, &all);
	struct str text = str_of(name);

	for (size_t i = 0; i < n; i++)
		if (str_is(text, all[i]->id))
			return all[i];
	for (size_t i = 0; i < n; i++) {
		struct str id = str_of(all[i]->id);
		struct str word = str_of(setting_target_word(kind));
		if (str_starts(id, word) && ends_in(id, text) &&
		    id.len == word.len + 1 + text.len)
			return all[i];
	}
	for (size_t i = 0; i < n; i++) {
		if (!ends_in(str_of(all[i]->id), text))
			continue;
		if (found != NULL)
			return refuse_name(m, kind, name, e);
		found = all[i];
	}
	return found != NULL ? found : refuse_name(m, kind, name, e);
}
