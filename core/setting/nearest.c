/* The setting that somebody who mistyped a name may have meant. */
#include "core/setting/setting.h"

#include <string.h>

enum {
	NAME_MAX_LEN = 64 /* longer names are like nothing */
};

/* Letter case and the signs between words aside. */
static char
plain(char c)
{
	return c == '_' || c == ' ' || c == '/' ? '-' : ascii_lower(c);
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edit distance with swapped neighbours as one edit (both <= NAME_MAX_LEN). */
static size_t
distance(struct str a, struct str b)
{
	size_t before[NAME_MAX_LEN + 1], last[NAME_MAX_LEN + 1];
	size_t row[NAME_MAX_LEN + 1];

	memset(before, 0, sizeof(before));
	for (size_t j = 0; j <= b.len; j++)
		last[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		char x = plain(a.ptr[i - 1]);
		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			char y = plain(b.ptr[j - 1]);
			row[j] = least(least(row[j - 1], last[j]) + 1,
			    last[j - 1] + (x != y));
			if (i > 1 && j > 1 && x != y &&
			    x == plain(b.ptr[j - 2]) &&
			    y == plain(a.ptr[i - 2]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
		memcpy(before, last, sizeof(before));
		memcpy(last, row, sizeof(last));
	}
	return last[b.len];
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
	size_t best = distance(typed, id);

	if (s->prop != NULL && str_is_nocase(typed, s->prop))
		return 1;
	if (typed.len > 2 && str_starts_nocase(id, typed))
		best = least(best, 2);
	return least(best, distance(typed, tail) + 1);
}

const struct setting *
setting_nearest(struct str id)
{
	size_t count, limit = id.len / 3 < 2 ? 2 : id.len / 3;
	const struct setting *const *all = setting_all(&count);
	const struct setting *found = NULL;

	if (id.len == 0 || id.len > NAME_MAX_LEN)
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
