/* Views of bytes: comparison, search, cutting. ASCII only, no locale. */
#include "core/base/str.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool
bytes_eq_nocase(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (a[i] != b[i] && ascii_lower(a[i]) != ascii_lower(b[i]))
			return false;
	}
	return true;
}

bool
str_eq_secret(struct str a, struct str b)
{
	unsigned char differs = a.len != b.len;
	for (size_t i = 0; i < a.len && i < b.len; i++)
		differs |= (unsigned char)(a.ptr[i] ^ b.ptr[i]);
	return differs == 0;
}

bool
str_is(struct str a, const char *c)
{
	return str_eq(a, str_of(c));
}

bool
str_eq_nocase(struct str a, struct str b)
{
	return a.len == b.len && bytes_eq_nocase(a.ptr, b.ptr, a.len);
}

bool
str_is_nocase(struct str a, const char *c)
{
	return str_eq_nocase(a, str_of(c));
}

int
str_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int d = n > 0 ? memcmp(a.ptr, b.ptr, n) : 0;
	if (d != 0)
		return d;
	return a.len < b.len ? -1 : a.len > b.len;
}

int
str_cstr_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool
str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_eq(str_n(s.ptr, prefix.len), prefix);
}

bool
str_starts_nocase(struct str s, struct str prefix)
{
	return s.len >= prefix.len &&
	       str_eq_nocase(str_n(s.ptr, prefix.len), prefix);
}

bool
str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len &&
	       str_eq(str_sub(s, s.len - suffix.len, s.len), suffix);
}

size_t
str_find(struct str s, char c, size_t from)
{
	if (from >= s.len)
		return s.len;
	const char *hit = memchr(s.ptr + from, c, s.len - from);
	return hit != NULL ? (size_t)(hit - s.ptr) : s.len;
}

size_t
str_find_str(struct str s, struct str needle)
{
	if (needle.len == 0)
		return 0;
	size_t at = 0;
	while (at + needle.len <= s.len) {
		at = str_find(s, needle.ptr[0], at);
		if (at + needle.len > s.len)
			break;
		if (memcmp(s.ptr + at, needle.ptr, needle.len) == 0)
			return at;
		at++;
	}
	return s.len;
}

struct str
str_trim(struct str s)
{
	while (s.len > 0 && ascii_is_space(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	while (s.len > 0 && ascii_is_space(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

struct str
str_cut(struct str s, char sep, struct str *rest)
{
	size_t at = str_find(s, sep, 0);
	if (at == s.len) {
		*rest = (struct str)STR_EMPTY;
		return s;
	}
	*rest = str_sub(s, at + 1, s.len);
	return str_sub(s, 0, at);
}

bool
str_next_line(struct str *text, struct str *line)
{
	if (text->len == 0)
		return false;
	size_t at = str_find(*text, '\n', 0);
	*line = str_n(text->ptr, at);
	size_t used = at < text->len ? at + 1 : at;
	text->ptr += used;
	text->len -= used;
	return true;
}

bool
str_next_word(struct str *text, struct str *word)
{
	size_t i = 0;
	while (i < text->len && ascii_is_space(text->ptr[i]))
		i++;
	size_t start = i;
	while (i < text->len && !ascii_is_space(text->ptr[i]))
		i++;
	*word = str_sub(*text, start, i);
	*text = str_sub(*text, i, text->len);
	return word->len > 0;
}

void
str_copy(char *to, size_t size, struct str s)
{
	size_t n = s.len < size ? s.len : size - 1;
	if (n > 0)
		memcpy(to, s.ptr, n);
	to[n] = '\0';
}

char *
str_dup(struct str s)
{
	char *copy = malloc(s.len + 1);
	if (copy != NULL)
		str_copy(copy, s.len + 1, s);
	return copy;
}

size_t
str_find_sorted(const void *items, size_t n, size_t size, struct str key)
{
	const char *first = items;
	size_t from = 0, to = n;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		const struct str *s = (const void *)(first + middle * size);
		if (str_cmp(*s, key) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == n)
		return SIZE_MAX;
	const struct str *found = (const void *)(first + from * size);
	return str_eq(*found, key) ? from : SIZE_MAX;
}
