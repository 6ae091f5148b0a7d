/*
 * Blocks of bytes looked at together: bit k of a mask is about byte k. By SSE2,
 * which every 64-bit x86 has; elsewhere byte by byte.
 */
#ifndef CORE_BASE_BLOCK_H
#define CORE_BASE_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#if defined(__SSE2__) && !defined(BLOCK_PLAIN)
#define BLOCK_SSE2
#include <emmintrin.h>
#endif

enum {
	BLOCK_BYTES = 16,
	BLOCK_ALL = 0xffff, /* the mask of a whole block */
	BLOCK_WIDE = 64
};

/* The bytes of p[0..15] that are 'c'. */
static inline uint64_t
block_equal(const char *p, char c)
{
#ifdef BLOCK_SSE2
	return (unsigned)_mm_movemask_epi8(
	    _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)p),
		_mm_set1_epi8(c)));
#else
	uint64_t mask = 0;
	for (unsigned k = 0; k < BLOCK_BYTES; k++)
		mask |= (uint64_t)(p[k] == c) << k;
	return mask;
#endif
}

/* The bytes of p[0..15] that are 'c' or less, as unsigned numbers. */
static inline uint64_t
block_upto(const char *p, char c)
{
#ifdef BLOCK_SSE2
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
	return (unsigned)_mm_movemask_epi8(
	    _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(c)), x));
#else
	uint64_t mask = 0;
	for (unsigned k = 0; k < BLOCK_BYTES; k++)
		mask |= (uint64_t)((unsigned char)p[k] <= (unsigned char)c)
			<< k;
	return mask;
#endif
}

/* The same for p[0..63]. */
static inline uint64_t
block_wide_equal(const char *p, char c)
{
	return block_equal(p, c) | block_equal(p + 16, c) << 16 |
	       block_equal(p + 32, c) << 32 | block_equal(p + 48, c) << 48;
}

static inline uint64_t
block_wide_upto(const char *p, char c)
{
	return block_upto(p, c) | block_upto(p + 16, c) << 16 |
	       block_upto(p + 32, c) << 32 | block_upto(p + 48, c) << 48;
}

/* p[0..15] to 'to', ASCII letters in lower case. */
static inline void
block_lower(char *to, const char *p)
{
#ifdef BLOCK_SSE2
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i from_a = _mm_sub_epi8(x, _mm_set1_epi8('A'));
	__m128i upper = _mm_cmpeq_epi8(
	    _mm_min_epu8(from_a, _mm_set1_epi8('Z' - 'A')), from_a);
	x = _mm_or_si128(x, _mm_and_si128(upper, _mm_set1_epi8('a' - 'A')));
	_mm_storeu_si128((__m128i *)(void *)to, x);
#else
	for (unsigned k = 0; k < BLOCK_BYTES; k++)
		to[k] = p[k] >= 'A' && p[k] <= 'Z' ? (char)(p[k] + ('a' - 'A'))
						   : p[k];
#endif
}

/* The place of the lowest bit; the mask is not 0. */
static inline unsigned
block_first(uint64_t mask)
{
#ifdef BLOCK_SSE2
	return (unsigned)__builtin_ctzll(mask);
#else
	unsigned k = 0;
	while ((mask >> k & 1) == 0)
		k++;
	return k;
#endif
}

#endif
