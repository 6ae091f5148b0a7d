/* The entries of one setting and target: joined, pending, the last. */
#include "core/model/journal_int.h"

#include "core/base/map.h"

#include <string.h>

/* Numbers of those that were met, from one on, in the map. */
static bool
share_one(
    struct journal *j, size_t i, struct map *met, size_t *n, struct arena *a)
{
	struct journal_entry *entry = &j->entries[i];
	struct str key =
	    str_of(arena_printf(a, "%s\t%s", entry->setting, entry->target));
	const struct journal_entry *first;

	if (key.ptr == NULL)
		return false;
	if ((first = map_get(met, key)) != NULL) {
		entry->same = first->same;
	} else {
		entry->same = (*n)++;
		if (!map_put(met, key, entry))
			return false;
	}
	j->last[entry->same] = entry;
	return true;
}

static bool
setting_note(struct journal *j, const char *setting, struct map *met)
{
	if (map_has(met, str_of(setting)))
		return true;
	j->settings[j->n_settings++] = setting;
	return map_put(met, str_of(setting), met);
}

bool
journal_share(struct journal *j, struct arena *a)
{
	struct map met = MAP_INIT, settings = MAP_INIT;
	size_t n = 0, max = j->n_entries + 1;
	bool ok;

	j->last = ARENA_ARRAY(a, max, const struct journal_entry *);
	j->slots = ARENA_ARRAY(a, max, size_t);
	j->settings = ARENA_ARRAY(a, max, const char *);
	ok = j->last != NULL && j->slots != NULL && j->settings != NULL;
	for (size_t i = 0; ok && i < j->n_entries; i++)
		ok = share_one(j, i, &met, &n, a) &&
		     setting_note(j, j->entries[i].setting, &settings);
	map_clear(&met);
	map_clear(&settings);
	return ok;
}

/* Most settings never changed: thousands of entries of others tell nothing. */
static bool
occurs(const struct journal *j, const char *setting)
{
	for (size_t i = 0; i < j->n_settings; i++)
		if (strcmp(j->settings[i], setting) == 0)
			return true;
	return false;
}

static bool
same_setting(
    const struct journal_entry *entry, const char *setting, const char *target)
{
	return strcmp(entry->setting, setting) == 0 &&
	       strcmp(entry->target, target != NULL ? target : "") == 0;
}

/* Nothing changed after all? Of secrets nobody knows. */
static bool
came_back(const struct journal_entry *entry)
{
	return !entry->secret && entry->old_stored == entry->new_stored &&
	       str_eq(entry->old_value, entry->new_value);
}

static bool
is_joined(const struct journal_entry *entry, long from, int64_t applied)
{
	return entry->number > from &&
	       (applied < 0 || entry->applied == applied);
}

static size_t
count_joined(const struct journal *j, long from, int64_t applied)
{
	size_t n = 0;

	for (size_t i = 0; i < j->n_entries; i++)
		n += is_joined(&j->entries[i], from, applied);
	return n;
}

size_t
journal_join(const struct journal *j, const struct model_ctx *m, long from,
    int64_t applied, struct journal_entry **out)
{
	struct journal_entry *all = ARENA_ARRAY(
	    m->arena, count_joined(j, from, applied) + 1, struct journal_entry);
	size_t n = 0;

	*out = all;
	for (size_t i = 0; all != NULL && i < j->n_entries; i++) {
		const struct journal_entry *entry = &j->entries[i];
		if (!is_joined(entry, from, applied))
			continue;
		size_t *slot = &j->slots[entry->same];
		if (*slot == 0) {
			all[n++] = *entry;
			*slot = n;
			continue;
		}
		struct journal_entry first = all[*slot - 1];
		all[*slot - 1] = *entry;
		all[*slot - 1].old_stored = first.old_stored;
		all[*slot - 1].old_value = first.old_value;
	}
	for (size_t k = 0; k < n; k++)
		j->slots[all[k].same] = 0;
	return n;
}

size_t
journal_pending(const struct journal *j, const struct model_ctx *m,
    struct journal_entry **out)
{
	size_t n = journal_join(j, m, 0, 0, out), kept = 0;

	for (size_t k = 0; k < n; k++)
		if (!came_back(&(*out)[k]))
			(*out)[kept++] = (*out)[k];
	return kept;
}

/* Entry 'last' of its setting with the value before entry 'first'. */
static bool
differs(const struct journal_entry *first, const struct journal_entry *last)
{
	struct journal_entry whole = *last;

	whole.old_stored = first->old_stored;
	whole.old_value = first->old_value;
	return !came_back(&whole);
}

bool
journal_is_pending(
    const struct journal *j, const char *setting, const char *target)
{
	const struct journal_entry *first = NULL, *last = NULL;

	if (!occurs(j, setting))
		return false;
	for (size_t i = j->n_entries; i > 0; i--) {
		const struct journal_entry *entry = &j->entries[i - 1];
		if (entry->applied != 0)
			break;
		if (!same_setting(entry, setting, target))
			continue;
		first = entry;
		if (last == NULL)
			last = entry;
	}
	return first != NULL && differs(first, last);
}

bool
journal_any_pending(const struct journal *j, const char *setting)
{
	size_t from = j->n_entries;
	bool any = false;

	if (!occurs(j, setting))
		return false;
	while (from > 0 && j->entries[from - 1].applied == 0)
		from--;
	for (size_t i = from; i < j->n_entries; i++) {
		const struct journal_entry *entry = &j->entries[i];
		size_t *slot = &j->slots[entry->same];
		if (strcmp(entry->setting, setting) != 0)
			continue;
		if (*slot == 0)
			*slot = i + 1;
		any = any || (entry == j->last[entry->same] &&
				 differs(&j->entries[*slot - 1], entry));
	}
	for (size_t i = from; i < j->n_entries; i++)
		j->slots[j->entries[i].same] = 0;
	return any;
}

const struct journal_entry *
journal_last(const struct journal *j, const char *setting, const char *target)
{
	if (!occurs(j, setting))
		return NULL;
	for (size_t i = j->n_entries; i > 0; i--)
		if (same_setting(&j->entries[i - 1], setting, target))
			return &j->entries[i - 1];
	return NULL;
}

const struct journal_entry *
journal_last_same(const struct journal *j, const struct journal_entry *entry)
{
	return j->last[entry->same];
}
