/* Reading settings: databases loaded once, values judged by their type. */
#include "core/model/settings.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/setting/form.h"
#include "core/model/settings_int.h"

#include <stdlib.h>
#include <string.h>

const char *
settings_source_word(enum settings_source source)
{
	static const char *const words[] = {
		[SETTINGS_DEFAULT] = "default",
		[SETTINGS_SET] = "set",
		[SETTINGS_PENDING] = "pending",
		[SETTINGS_FRAGMENT] = "fragment",
		[SETTINGS_UNKNOWN] = "unknown",
	};

	return words[source];
}

bool
settings_open(
    const struct model_ctx *m, struct settings_store **out, struct err *e)
{
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return err_no_memory(e);
	(*out)->m = m;
	return true;
}

void
settings_close(struct settings_store *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n_dbs; i++)
		db_free(s->dbs[i].db);
	free(s);
}

bool
settings_db(struct settings_store *st, const char *name, const struct db **out,
    struct err *e)
{
	struct settings_db *slot = &st->dbs[st->n_dbs];
	char path[SYS_PATH_MAX];

	for (size_t i = 0; i < st->n_dbs; i++)
		if (strcmp(st->dbs[i].name, name) == 0) {
			*out = st->dbs[i].db;
			return true;
		}
	if (st->n_dbs == SETTINGS_DBS_MAX)
		return err_set(e, ERR_PERMANENT, _("too many databases"));
	if (!db_path(st->m->root, name, path, NULL, e) ||
	    !db_load(path, root_shown(st->m->root, path), &slot->db, e))
		return false;
	slot->name = name;
	st->n_dbs++;
	*out = slot->db;
	return true;
}

bool
settings_journal(
    struct settings_store *st, const struct journal **out, struct err *e)
{
	if (!st->has_journal && !journal_read(st->m, &st->journal, e))
		return false;
	st->has_journal = true;
	*out = &st->journal;
	return true;
}

struct settings_place
settings_place(const struct setting *s, const char *target)
{
	struct settings_place p = { str_of(s->key), str_of(s->prop) };

	if (s->place == SETTING_IN_VALUE)
		p.prop = (struct str)STR_EMPTY;
	if (s->target == SETTING_TARGET_ENTRY)
		p.prop = str_of(target);
	else if (s->target != SETTING_TARGET_NONE)
		p.key = str_of(target);
	return p;
}

/* What concerns the whole record. */
static bool
record_stored(const struct db *db, const struct settings_place *p,
    struct arena *a, struct str *stored)
{
	const struct db_record *r = db_find(db, p->key);

	if (r != NULL)
		*stored = p->prop.len == 0 ? db_record_value(r, a)
					   : db_record_type(r, a);
	return r != NULL;
}

bool
settings_stored(const struct db *db, const struct setting *s,
    const char *target, struct arena *a, struct str *stored, bool *half)
{
	struct settings_place p = settings_place(s, target);
	struct db_prop found;

	*half = false;
	if (p.prop.len == 0 || str_is(p.prop, "type"))
		return record_stored(db, &p, a, stored);
	if (!db_find_prop(db, p.key, p.prop, a, &found))
		return false;
	*half = !found.defined;
	if (found.defined)
		*stored = found.value;
	return found.defined;
}

bool
settings_now(struct settings_store *st, const struct setting *s,
    const char *target, bool *stored, struct str *value, struct err *e)
{
	struct settings_row row;

	if (!settings_read_value(st, s, target, &row, e))
		return false;
	*stored = row.is_stored;
	*value = row.stored;
	return true;
}

/* A record of the configuration by its whole value, "" when missing. */
static struct str
config_value(struct settings_store *st, const char *key)
{
	const struct db *db;
	const struct db_record *r;

	if (!settings_db(st, "configuration", &db, NULL))
		return (struct str)STR_EMPTY;
	r = db_find(db, str_of(key));
	return r != NULL ? db_record_value(r, st->m->arena)
			 : (struct str)STR_EMPTY;
}

/* The value of the name between < and > of a default, or its own bytes. */
static struct str
placeholder(struct settings_store *st, struct str name, const char *target)
{
	if (str_is(name, "SystemName") || str_is(name, "hostname"))
		return config_value(st, "SystemName");
	if (str_is(name, "domain") && target != NULL)
		return str_of(target);
	if (str_is(name, "DomainName") || str_is(name, "domain"))
		return config_value(st, "DomainName");
	return (struct str)STR_EMPTY;
}

/* "<SystemName>.<DomainName>" as it is on this server, in the arena. */
static struct str
fill_default(
    struct settings_store *st, const struct setting *s, const char *target)
{
	struct str rest = str_of(s->default_value);
	struct buf out = BUF_INIT(SETTING_VALUE_MAX);
	struct str filled;

	while (rest.len > 0) {
		size_t open = str_find(rest, '<', 0);
		size_t end = str_find(rest, '>', open);
		struct str value = STR_EMPTY;
		(void)buf_add_str(&out, str_sub(rest, 0, open));
		if (end < rest.len)
			value = placeholder(
			    st, str_sub(rest, open + 1, end), target);
		if (value.len == 0)
			value = str_sub(rest, open, end + 1);
		(void)buf_add_str(&out, value);
		rest = str_sub(rest, end + 1, rest.len);
	}
	filled = arena_str(st->m->arena, buf_str(&out));
	buf_clear(&out);
	return filled;
}

static struct str
default_value(
    struct settings_store *st, const struct setting *s, const char *target)
{
	const struct setting *other = NULL;
	struct settings_row row;

	if (s->default_from != NULL)
		other = setting_find(str_of(s->default_from));
	if (other != NULL && settings_read_value(st, other, NULL, &row, NULL))
		return row.value;
	/* a record that is not there has no type either */
	if (s->default_value == NULL || strcmp(s->prop, "type") == 0)
		return (struct str)STR_EMPTY;
	if (strchr(s->default_value, '<') == NULL)
		return str_of(s->default_value);
	return fill_default(st, s, target);
}

/*
 * Is what stands in the database a value of the type? Words must be exact:
 * the fragments that read them know no other spelling.
 */
static bool
stored_is_valid(const struct settings_row *row, struct err *e)
{
	const struct setting *s = row->setting;
	struct buf normal = BUF_INIT(SETTING_VALUE_MAX);
	bool words = s->type->editor == SETTING_EDIT_SWITCH ||
		     s->type->editor == SETTING_EDIT_CHOICE;
	bool ok = s->type->parse(s, row->stored, &normal, e);

	if (ok && words && !str_eq(buf_str(&normal), row->stored))
		ok = err_set(e, ERR_NO, _("'%.*s' is not the word %s"),
		    STR_ARG(row->stored), buf_cstr(&normal));
	buf_clear(&normal);
	return ok;
}

void
settings_judge(struct settings_store *st, struct settings_row *row)
{
	const struct setting *s = row->setting;
	struct err why = ERR_INIT;
	bool empty = row->stored.len == 0 && !(s->flags & SETTING_EMPTY_OK);
	struct str usual = default_value(st, s, row->target);

	row->stored_valid = false;
	if (row->is_stored)
		row->stored_valid = empty || stored_is_valid(row, &why);
	if (row->is_stored && !row->stored_valid)
		row->problem = arena_cstr(st->m->arena, str_of(why.text));
	if (row->is_stored && row->stored_valid && !empty) {
		row->value = row->stored;
		/* the server writes defaults into its records too */
		row->source = usual.len > 0 && str_eq(row->stored, usual)
				  ? SETTINGS_DEFAULT
				  : SETTINGS_SET;
	} else {
		row->value = usual;
		row->source = SETTINGS_DEFAULT;
	}
}

/* Does the setting it depends on have the value it needs? */
static bool
is_visible(struct settings_store *st, const struct setting *s)
{
	const struct setting *other;
	struct settings_row row;

	if (s->visible_if_id == NULL)
		return true;
	other = setting_find(str_of(s->visible_if_id));
	return other == NULL ||
	       !settings_read_value(st, other, NULL, &row, NULL) ||
	       str_is(row.value, s->visible_if_value);
}

static bool
read_record(struct settings_store *st, struct settings_row *row, struct err *e)
{
	const struct setting *s = row->setting;
	const struct db *db;
	bool half = false;

	if (!settings_db(st, s->db, &db, e) ||
	    !settings_target_exists(db, s, row->target, e))
		return false;
	row->is_stored = settings_stored(
	    db, s, row->target, st->m->arena, &row->stored, &half);
	settings_judge(st, row);
	if (half)
		row->problem = _("the record ends after the name, "
				 "without a value");
	return true;
}

bool
settings_read_value(struct settings_store *st, const struct setting *s,
    const char *target, struct settings_row *row, struct err *e)
{
	*row = (struct settings_row){ .setting = s, .target = target };
	row->on_release = setting_on_release(s, st->m->release);
	row->visible = true;
	switch (s->place) {
	case SETTING_IN_DB:
	case SETTING_IN_VALUE:
		return read_record(st, row, e);
	case SETTING_IN_FILE:
		return settings_read_file(st, row, e);
	case SETTING_IN_DNS:
		break;
	}
	row->source = SETTINGS_UNKNOWN;
	return true;
}

bool
settings_read(struct settings_store *st, const struct setting *s,
    const char *target, struct settings_row *row, struct err *e)
{
	const struct journal *j;

	if (!settings_read_value(st, s, target, row, e) ||
	    !settings_journal(st, &j, e))
		return false;
	if (journal_is_pending(j, s->id, target))
		row->source = SETTINGS_PENDING;
	row->visible = is_visible(st, s);
	return true;
}

/* Say which release ended or begins it; packages are named as they are. */
static void
release_refuse(
    const struct model_ctx *m, const struct setting *s, struct err *e)
{
	const struct setting ending = { .until = s->until };
	bool ended = !setting_on_release(&ending, m->release);
	const char *bound = ended ? s->until : s->since;
	const char *sme = ascii_is_digit(bound[0]) ? "SME " : "";

	if (ended)
		err_set(e, ERR_USAGE,
		    _("'%s' is not on this release (SME %s): until %s%s"),
		    s->id, m->release, sme, bound);
	else
		err_set(e, ERR_USAGE,
		    _("'%s' is not on this release (SME %s): since %s%s"),
		    s->id, m->release, sme, bound);
}

/* What the catalogue ends, and later releases have all the same. */
static bool
outlives(const struct setting *s)
{
	return s->form != NULL && (s->form->paths_new != NULL ||
				      s->form->kind == SETTING_FORM_STRAY);
}

const struct setting *
settings_lookup(const struct model_ctx *m, const char *id, struct err *e)
{
	const struct setting *s = setting_find(str_of(id));

	if (s == NULL) {
		const struct setting *near = setting_nearest(str_of(id));
		err_set(e, ERR_USAGE, _("unknown setting '%s'"), id);
		if (near != NULL)
			err_next(e, "smemail get %s", near->id);
		else
			err_next(e, "smemail list");
		return NULL;
	}
	if (setting_on_release(s, m->release) || outlives(s))
		return s;
	release_refuse(m, s, e);
	return NULL;
}
