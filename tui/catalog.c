/* Settings merged with the draft. */
#include "tui/catalog.h"

#include "core/base/i18n.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool
row_read(struct catalog *c, const struct setting *s, struct catalog_row *row,
    struct err *e)
{
	row->s = s;
	row->many = s->target != SETTING_TARGET_NONE;
	row->visible = true;
	if (row->many)
		return true;
	return settings_read(c->store, s, NULL, &row->stored, e);
}

bool
catalog_load(const struct model_ctx *m, struct arena *arena,
    const struct draft *d, struct catalog **out, struct err *e)
{
	size_t n;
	const struct setting *const *all = setting_all(&n);
	struct catalog *c = calloc(1, sizeof(*c));
	if (c == NULL) {
		arena_free(arena);
		return err_set_errno(
		    e, ENOMEM, "%s", _("cannot read the settings"));
	}
	c->arena = arena;
	c->rows = ARENA_ARRAY(arena, n + 1, struct catalog_row);
	c->model = *m;
	c->model.arena = arena;
	bool ok = settings_open(&c->model, &c->store, e);
	c->n_all = n;
	for (size_t i = 0; ok && i < n; i++) {
		if (!setting_on_release(all[i], m->release))
			continue;
		ok = row_read(c, all[i], &c->rows[c->n], e);
		c->n++;
	}
	if (!ok) {
		catalog_free(c);
		return false;
	}
	catalog_merge(c, d);
	*out = c;
	return true;
}

void
catalog_free(struct catalog *c)
{
	if (c == NULL)
		return;
	settings_close(c->store);
	arena_free(c->arena);
	free(c);
}

struct catalog_row *
catalog_find(const struct catalog *c, const char *id)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->rows[i].s->id, id) == 0)
			return &c->rows[i];
	return NULL;
}

/* Has somebody stored another value since the wish was drafted? */
static bool
has_moved(const struct catalog_row *r)
{
	const struct draft_entry *d = r->draft;
	if (d == NULL || r->many || (r->s->flags & SETTING_SECRET) != 0)
		return false;
	if (d->base == NULL)
		return r->stored.is_stored;
	return !r->stored.is_stored || !str_is(r->stored.stored, d->base);
}

void
catalog_merge(struct catalog *c, const struct draft *d)
{
	for (size_t i = 0; i < c->n; i++) {
		struct catalog_row *r = &c->rows[i];
		r->draft = draft_find(d, r->s, NULL);
		r->moved = has_moved(r);
	}
	for (size_t i = 0; i < c->n; i++) {
		struct catalog_row *r = &c->rows[i];
		const char *id = r->s->visible_if_id;
		const struct catalog_row *on =
		    id != NULL ? catalog_find(c, id) : NULL;
		r->visible = on == NULL || on->many ||
			     str_is(catalog_value(on), r->s->visible_if_value);
	}
}

bool
catalog_has_value(const struct catalog_row *r)
{
	if (r->draft != NULL)
		return r->draft->value != NULL || r->s->default_value != NULL;
	return r->stored.value.ptr != NULL &&
	       (r->stored.is_stored || r->stored.value.len > 0);
}

struct str
catalog_value(const struct catalog_row *r)
{
	if (r->draft == NULL)
		return r->stored.value;
	return str_of(
	    r->draft->value != NULL ? r->draft->value : r->s->default_value);
}

static bool
is_default(const struct catalog_row *r)
{
	return !r->stored.is_stored ||
	       (r->s->default_value != NULL &&
		   str_is(r->stored.stored, r->s->default_value));
}

/* Values in files and in the DNS are shown, not written, from here. */
static bool
is_editable(const struct setting *s)
{
	return (s->flags & SETTING_READ_ONLY) == 0 &&
	       s->place != SETTING_IN_FILE && s->place != SETTING_IN_DNS &&
	       s->type->editor != SETTING_EDIT_NONE;
}

char
catalog_state(const struct catalog_row *r)
{
	if (r->draft != NULL)
		return '*';
	if (r->stored.source == SETTINGS_FRAGMENT)
		return '#';
	if (!is_editable(r->s))
		return '=';
	return r->many || is_default(r) ? ' ' : '+';
}

bool
catalog_asks_word(const struct setting *s, const char *value)
{
	return (s->risk == SETTING_RISK_OPEN_RELAY ||
		   s->risk == SETTING_RISK_EXPOSES_PASSWORDS) &&
	       (s->flags & SETTING_SECRET) == 0 &&
	       setting_value_is_risky(s, value);
}

bool
catalog_alarm(const struct catalog_row *r)
{
	if (r->many)
		return false;
	if (r->draft != NULL)
		return r->moved ||
		       setting_value_is_risky(r->s, r->draft->value);
	return catalog_is_bad(r);
}

bool
catalog_is_bad(const struct catalog_row *r)
{
	return !r->many && is_editable(r->s) && r->stored.is_stored &&
	       !r->stored.stored_valid;
}

bool
catalog_is_set(const struct catalog_row *r)
{
	char state = catalog_state(r);
	return state == '*' || state == '+' || state == '#' ||
	       catalog_is_bad(r);
}
