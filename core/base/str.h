/* A borrowed view of bytes: pointer and length, may hold NULs, never owns. */
#ifndef CORE_BASE_STR_H
#define CORE_BASE_STR_H

#include "core/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
	const char *ptr; /* NULL only with len 0 */
	size_t len;
};

#define STR_EMPTY                                                              \
	{                                                                      \
		NULL, 0                                                        \
	}
#define STR(lit) ((struct str){ "" lit, sizeof(lit) - 1 })
/* for printf: "%.*s", STR_ARG(s) */
#define STR_ARG(s) (int)(s).len, ((s).ptr != NULL ? (s).ptr : "")

/* View of a C string; NULL gives the empty view. */
static inline struct str
str_of(const char *c)
{
	return (struct str){ c, c != NULL ? strlen(c) : 0 };
}

static inline struct str
str_n(const char *p, size_t n)
{
	return (struct str){ p, n };
}

static inline bool
str_eq(struct str a, struct str b)
{
	return a.len == b.len &&
	       (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* The same for secrets: takes as long wherever they differ. */
bool str_eq_secret(struct str a, struct str b);
/* Equal to a C string. */
bool str_is(struct str a, const char *c);
/* ASCII letter case aside; locale-free. */
bool str_eq_nocase(struct str a, struct str b);
bool str_is_nocase(struct str a, const char *c);
/* Byte order, as memcmp; a prefix sorts first. <0, 0, >0. */
int str_cmp(struct str a, struct str b);
/* The same for vec_sort, qsort and bsearch, of elements 'const char *'. */
int str_cstr_order(const void *a, const void *b);
bool str_starts(struct str s, struct str prefix);
bool str_starts_nocase(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Index of the first byte 'c' at or after 'from', or s.len if none. */
size_t str_find(struct str s, char c, size_t from);
/* Index of the first occurrence of 'needle', or s.len if none. */
size_t str_find_str(struct str s, struct str needle);
/* Bytes [from, to), bounds clamped. */
static inline struct str
str_sub(struct str s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	if (from >= to)
		return str_n(s.ptr != NULL ? s.ptr + to : NULL, 0);
	return str_n(s.ptr + from, to - from);
}

/* Without blanks (space, tab, LF, VT, FF, CR) at both ends. */
struct str str_trim(struct str s);
/*
 * Cut at the first 'sep': returns what stands before it and leaves the rest
 * in *rest; without 'sep' all is returned and *rest is empty with ptr NULL.
 */
struct str str_cut(struct str s, char sep, struct str *rest);
/*
 * Next line of *text without its LF; false at the end. A last line without LF
 * counts. CR is data.
 */
bool str_next_line(struct str *text, struct str *line);
/* Next run of non-blanks of *text; false when only blanks are left. */
bool str_next_word(struct str *text, struct str *word);

/* As much of it as 'to' has room for, always terminated; 'size' > 0. */
void str_copy(char *to, size_t size, struct str s);
/* A terminated copy of its own; NULL without memory. */
char *str_dup(struct str s);

/*
 * Of 'n' items of 'size' bytes, each beginning with a struct str and sorted by
 * it (str_cmp): the index of the first that is 'key'; SIZE_MAX: none is.
 */
size_t str_find_sorted(
    const void *items, size_t n, size_t size, struct str key);

/* Locale-free ASCII tests and folding for single bytes. */
static inline bool
ascii_is_space(char c) /* space, tab, LF, VT, FF, CR */
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool
ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
ascii_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
ascii_is_alnum(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c);
}

static inline char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

#endif
