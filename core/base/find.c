/*
 * Two bytes of the needle are looked for at once in 16 places, or in 32 where
 * the processor has AVX2; where both fit the rest is compared. As fast as
 * memory on text, whatever the letter case.
 */
#include "core/base/find.h"

#include <stdint.h>

#ifdef __SSE2__
#include <immintrin.h>
#endif

enum {
	WIDE_LEAST = 256 /* below it the wider registers do not pay */
};

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
	static const uint8_t of_letters[] = "75557555522557552557522252";
	static const uint8_t of_others[] = {
		[' '] = 9,
		['.'] = 9,
		['@'] = 3,
		['<'] = 3,
		['>'] = 3,
		['_'] = 3,
		['-'] = 3,
	};
	if (c >= 'a' && c <= 'z')
		return of_letters[c - 'a'] - '0';
	if (c >= 'A' && c <= 'Z')
		return 1;
	if (ascii_is_digit(c))
		return 8;
	int known = (unsigned char)c < sizeof(of_others)
			? of_others[(unsigned char)c]
			: 0;
	return known != 0 ? known : 4;
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

/* What is looked for: two bytes, each with 0x20 set in 'fold' if any case. */
struct pair {
	size_t one, two; /* offsets in the needle */
	char c1, c2, fold1, fold2;
};

static struct pair
pair_of(struct str needle, bool nocase)
{
	struct pair w;
	rarest(needle, &w.one, &w.two);
	w.c1 = needle.ptr[w.one];
	w.c2 = needle.ptr[w.two];
	w.fold1 = nocase && ascii_is_alpha(w.c1) ? 0x20 : 0;
	w.fold2 = nocase && ascii_is_alpha(w.c2) ? 0x20 : 0;
	w.c1 = (char)(w.c1 | w.fold1);
	w.c2 = (char)(w.c2 | w.fold2);
	return w;
}

static __m128i
equals(const char *p, char fold, char c)
{
	__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
	return _mm_cmpeq_epi8(
	    _mm_or_si128(bytes, _mm_set1_epi8(fold)), _mm_set1_epi8(c));
}

/* In a set bit of 'hits' both bytes fit; the first one where all does. */
static const char *
first_of(const char *p, unsigned hits, struct str needle, bool nocase)
{
	for (; hits != 0; hits &= hits - 1) {
		const char *at = p + __builtin_ctz(hits);
		if (is_here(at, needle, nocase))
			return at;
	}
	return NULL;
}

static const char *
find_fast(const char *p, const char *last, struct str needle, bool nocase)
{
	struct pair w = pair_of(needle, nocase);
	for (; last - p >= 15; p += 16) {
		unsigned hits = (unsigned)_mm_movemask_epi8(
		    _mm_and_si128(equals(p + w.one, w.fold1, w.c1),
			equals(p + w.two, w.fold2, w.c2)));
		const char *at = first_of(p, hits, needle, nocase);
		if (at != NULL)
			return at;
	}
	return find_slowly(p, last, needle, nocase);
}

#define AVX2 __attribute__((target("avx2")))

AVX2 static __m256i
equals_wide(const char *p, __m256i fold, __m256i c)
{
	__m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)p);
	return _mm256_cmpeq_epi8(_mm256_or_si256(bytes, fold), c);
}

AVX2 static const char *
find_wide(const char *p, const char *last, struct str needle, bool nocase)
{
	struct pair w = pair_of(needle, nocase);
	const __m256i c1 = _mm256_set1_epi8(w.c1), c2 = _mm256_set1_epi8(w.c2);
	const __m256i f1 = _mm256_set1_epi8(w.fold1);
	const __m256i f2 = _mm256_set1_epi8(w.fold2);
	for (; last - p >= 63; p += 64) {
		__m256i a = _mm256_and_si256(equals_wide(p + w.one, f1, c1),
		    equals_wide(p + w.two, f2, c2));
		__m256i b =
		    _mm256_and_si256(equals_wide(p + 32 + w.one, f1, c1),
			equals_wide(p + 32 + w.two, f2, c2));
		if (_mm256_testz_si256(a, a) && _mm256_testz_si256(b, b))
			continue;
		const char *at = first_of(
		    p, (unsigned)_mm256_movemask_epi8(a), needle, nocase);
		if (at == NULL)
			at = first_of(p + 32, (unsigned)_mm256_movemask_epi8(b),
			    needle, nocase);
		if (at != NULL)
			return at;
	}
	return find_fast(p, last, needle, nocase);
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
	if (needle.len > 1 && last - p >= WIDE_LEAST &&
	    __builtin_cpu_supports("avx2"))
		return find_wide(p, last, needle, nocase);
	if (needle.len > 1)
		return find_fast(p, last, needle, nocase);
#endif
	return find_slowly(p, last, needle, nocase);
}
