/*
 * Two bytes of the needle are looked for at once in 16 places; where both fit
 * the rest is compared. As fast as memory on text, whatever the letter case.
 */
#include "core/base/find.h"

#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static bool
is_here(const char *p, struct str needle, bool nocase)
{
	if (!nocase)
		return memcmp(p, needle.ptr, needle.len) == 0;
	for (size_t i = 0; i < needle.len; i++)
		if (ascii_lower(p[i]) != ascii_lower(needle.ptr[i]))
			return false;
	return true;
}

static const char *
find_slowly(const char *p, const char *last, struct str needle, bool nocase)
{
	for (; p <= last; p++)
		if (is_here(p, needle, nocase))
			return p;
	return NULL;
}

#ifdef __SSE2__

/* How common a byte is in logs: the rarest two are looked for. */
static int
commonness(char c)
{
	if (c >= 'A' && c <= 'Z')
		return 1;
	if (c == 'j' || c == 'q' || c == 'x' || c == 'z' || c == 'k' ||
	    c == 'v' || c == 'w')
		return 2;
	if (c == '@' || c == '<' || c == '>' || c == '_' || c == '-')
		return 3;
	if (ascii_is_alpha(c))
		return c == 'e' || c == 'a' || c == 'n' || c == 't' ? 7 : 5;
	if (ascii_is_digit(c))
		return 8;
	return c == ' ' || c == '.' ? 9 : 4;
}

static void
rarest(struct str needle, size_t *one, size_t *two)
{
	*one = 0;
	for (size_t i = 1; i < needle.len; i++)
		if (commonness(needle.ptr[i]) < commonness(needle.ptr[*one]))
			*one = i;
	*two = *one == 0 ? 1 : 0;
	for (size_t i = 0; i < needle.len; i++)
		if (i != *one &&
		    commonness(needle.ptr[i]) < commonness(needle.ptr[*two]))
			*two = i;
}

/* Bytes equal to 'c', or to either case of it with the bit 0x20 in 'fold'. */
static __m128i
equals(const char *p, char fold, char c)
{
	__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
	return _mm_cmpeq_epi8(
	    _mm_or_si128(bytes, _mm_set1_epi8(fold)), _mm_set1_epi8(c));
}

static const char *
find_fast(const char *p, const char *last, struct str needle, bool nocase)
{
	size_t one, two;
	rarest(needle, &one, &two);
	char c1 = needle.ptr[one], c2 = needle.ptr[two];
	char f1 = nocase && ascii_is_alpha(c1) ? 0x20 : 0;
	char f2 = nocase && ascii_is_alpha(c2) ? 0x20 : 0;
	c1 = (char)(c1 | f1);
	c2 = (char)(c2 | f2);
	while (last - p >= 15) {
		unsigned hits = (unsigned)_mm_movemask_epi8(_mm_and_si128(
		    equals(p + one, f1, c1), equals(p + two, f2, c2)));
		while (hits != 0) {
			const char *at = p + __builtin_ctz(hits);
			if (is_here(at, needle, nocase))
				return at;
			hits &= hits - 1;
		}
		p += 16;
	}
	return find_slowly(p, last, needle, nocase);
}

#endif

const char *
find_bytes(const char *p, size_t n, struct str needle, bool nocase)
{
	if (needle.len == 0)
		return p;
	if (n < needle.len)
		return NULL;
	const char *last = p + (n - needle.len);
#ifdef __SSE2__
	if (needle.len > 1)
		return find_fast(p, last, needle, nocase);
#endif
	return find_slowly(p, last, needle, nocase);
}
