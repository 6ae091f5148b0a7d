/* Entries of a setting that is a list, as it is stored. */
#include "core/setting/setting.h"

#include <string.h>

/* Does 'c' stand between the entries of this list? */
static bool
setting_list_separates(const struct setting *s, char c)
{
	if (ascii_is_space(c) || c == ',')
		return true;
	/* 'separator' may be said in words: ", or :" */
	return c != '\0' && !ascii_is_alnum(c) && s->separator != NULL &&
	       strchr(s->separator, c) != NULL;
}

char
setting_joint(const struct setting *s)
{
	return s->separator != NULL ? s->separator[0] : ',';
}

bool
setting_list_next(const struct setting *s, struct str *rest, struct str *entry)
{
	size_t from = 0, to;
	while (from < rest->len && setting_list_separates(s, rest->ptr[from]))
		from++;
	to = from;
	while (to < rest->len && !setting_list_separates(s, rest->ptr[to]))
		to++;
	*entry = str_sub(*rest, from, to);
	*rest = str_sub(*rest, to, rest->len);
	return entry->len > 0;
}
