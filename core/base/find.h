/* Searching large blocks for a short text, letter case aside if wished. */
#ifndef CORE_BASE_FIND_H
#define CORE_BASE_FIND_H

#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/*
 * The first place of 'needle' in 'n' bytes, or NULL. 'nocase' folds ASCII
 * letters. An empty needle is at the start.
 */
const char *find_bytes(const char *p, size_t n, struct str needle, bool nocase);

/*
 * memchr without a call, for what is mostly near: ends of lines and fields.
 * NULL when 'c' is not in [p, end).
 */
static inline const char *
find_near(const char *p, const char *end, char c)
{
#ifdef __SSE2__
	const __m128i wanted = _mm_set1_epi8(c);
	for (; end - p >= 16; p += 16) {
		unsigned hits = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(
		    _mm_loadu_si128((const __m128i *)(const void *)p), wanted));
		if (hits != 0)
			return p + __builtin_ctz(hits);
	}
	for (; p < end; p++)
		if (*p == c)
			return p;
	return NULL;
#else
	return p < end ? memchr(p, c, (size_t)(end - p)) : NULL;
#endif
}

/* The first byte in [p, end) that is no digit, or 'end'. */
static inline const char *
find_past_digits(const char *p, const char *end)
{
#ifdef __SSE2__
	if (end - p >= 16) {
		__m128i c = _mm_sub_epi8(
		    _mm_loadu_si128((const __m128i *)(const void *)p),
		    _mm_set1_epi8('0'));
		unsigned digits = (unsigned)_mm_movemask_epi8(
		    _mm_cmpeq_epi8(_mm_min_epu8(c, _mm_set1_epi8(9)), c));
		if (digits != 0xffff)
			return p + __builtin_ctz(~digits);
	}
#endif
	while (p < end && ascii_is_digit(*p))
		p++;
	return p;
}

#endif
