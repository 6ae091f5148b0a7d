/* Tables of tests/data: one row a line, fields parted by tabs. */
#ifndef TESTS_UNIT_AUTH_TABLE_H
#define TESTS_UNIT_AUTH_TABLE_H

#include "core/base/arena.h"
#include "core/base/num.h"
#include "core/base/str.h"

/* A field with its \xNN made bytes, in the arena. */
static inline struct str
table_field(struct arena *a, struct str s)
{
	char *out = arena_cstr(a, s);
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++, n++) {
		out[n] = s.ptr[i];
		if (s.ptr[i] != '\\')
			continue;
		out[n] = (char)(num_hex_digit(s.ptr[i + 2]) * 16 +
				num_hex_digit(s.ptr[i + 3]));
		i += 3;
	}
	out[n] = '\0';
	return str_n(out, n);
}

/* Is the word one of a list parted by commas? */
static inline bool
table_is_among(const char *word, struct str list)
{
	while (list.ptr != NULL)
		if (str_is(str_cut(list, ',', &list), word))
			return true;
	return false;
}

#endif
