/* The settings of a plan: what waits, and what of it is in the draft. */
#include "core/model/plan_int.h"

#include "core/base/map.h"

static struct str
name_of(const struct model_ctx *m, const char *setting, const char *target)
{
	return str_of(arena_printf(m->arena, "%s\t%s", setting, target));
}

/* Settings and targets of the draft, as names. */
static bool
draft_names(const struct model_ctx *m, const struct settings_wish *draft,
    size_t n, struct map *out)
{
	for (size_t i = 0; i < n; i++) {
		const char *target = draft[i].target;
		struct str name = name_of(
		    m, draft[i].setting->id, target != NULL ? target : "");
		if (name.ptr == NULL || !map_put(out, name, out))
			return false;
	}
	return true;
}

/* A stored value as people read it; what holds in its place when none is. */
static const char *
value_shown(const struct model_ctx *m, const struct setting *s,
    const struct journal_entry *entry, bool is_stored, struct str value)
{
	if (entry->secret)
		return "(secret)";
	if (is_stored)
		return arena_cstr(m->arena, value);
	if (s != NULL && s->default_value != NULL)
		return s->default_value;
	return "-";
}

bool
plan_settings_fill(const struct model_ctx *m, const struct journal *j,
    const struct settings_wish *draft, size_t n, struct plan *p, struct err *e)
{
	struct journal_entry *pending;
	struct map drafted = MAP_INIT;
	size_t count = journal_pending(j, m, &pending);
	bool ok = draft_names(m, draft, n, &drafted);
	p->settings = ARENA_ARRAY(m->arena, count + 1, struct plan_setting);
	p->n_settings = count;
	p->upto = j->n_entries > 0 ? j->entries[j->n_entries - 1].number : 0;
	for (size_t i = 0; i < count; i++) {
		const struct journal_entry *entry = &pending[i];
		const struct setting *s = setting_find(str_of(entry->setting));
		struct plan_setting *out = &p->settings[i];
		out->setting = s;
		out->name = entry->target[0] == '\0'
				? entry->setting
				: arena_printf(m->arena, "%s --for %s",
				      entry->setting, entry->target);
		out->old_value = value_shown(
		    m, s, entry, entry->old_stored, entry->old_value);
		out->new_value = value_shown(
		    m, s, entry, entry->new_stored, entry->new_value);
		out->origin =
		    map_has(&drafted, name_of(m, entry->setting, entry->target))
			? "draft"
			: "stored";
	}
	map_clear(&drafted);
	return ok || err_no_memory(e);
}
