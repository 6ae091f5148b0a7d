/* The setting that somebody who mistyped a name may have meant. */
#include "core/setting/setting.h"

#include "core/base/nearest.h"

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * How unlike they are, 0 for the same: edits of the whole name, or of the part
 * behind the first dot, or the property's own name (RejectLevel). A name that
 * is only begun counts one step, whatever is missing.
 */
static size_t
unlikeness(const struct setting *s, struct str typed)
{
	struct str id = str_of(s->id);
	struct str tail = str_sub(id, str_find(id, '.', 0) + 1, id.len);
	size_t best = nearest_distance(typed, id);

	if (s->prop != NULL && str_is_nocase(typed, s->prop))
		return 1;
	if (typed.len > 2 && str_starts_nocase(id, typed))
		best = least(best, 2);
	size_t behind = nearest_distance(typed, tail);
	return least(best, behind == SIZE_MAX ? behind : behind + 1);
}

const struct setting *
setting_nearest(struct str id)
{
	size_t count, limit = id.len / 3 < 2 ? 2 : id.len / 3;
	const struct setting *const *all = setting_all(&count);
	const struct setting *found = NULL;

	if (id.len == 0)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t n = unlikeness(all[i], id);
		if (n > limit)
			continue;
		if (n < limit || found == NULL)
			found = all[i];
		limit = n;
	}
	return found;
}
