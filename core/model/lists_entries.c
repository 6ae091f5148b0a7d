/* What is in a list: properties of a record, or the zones of one value. */
#include "core/model/lists_int.h"

#include "core/model/settings_int.h"

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
