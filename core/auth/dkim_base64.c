/* Base64 with blanks anywhere (RFC 6376 2.10). */
#include "core/auth/dkim_base64.h"

#include "core/auth/dkim_int.h"

#include "core/base/block.h"

/*
 * Each letter's six bits at its place in a group of four, with a bit below that
 * says that it is a letter: four look-ups joined are the 24 bits of a group. By
 * tables, as signatures are read for each message.
 */
/* clang-format off */
#define LETTERS(V) \
	['A'] = V(0), ['B'] = V(1), ['C'] = V(2), ['D'] = V(3), \
	['E'] = V(4), ['F'] = V(5), ['G'] = V(6), ['H'] = V(7), \
	['I'] = V(8), ['J'] = V(9), ['K'] = V(10), ['L'] = V(11), \
	['M'] = V(12), ['N'] = V(13), ['O'] = V(14), ['P'] = V(15), \
	['Q'] = V(16), ['R'] = V(17), ['S'] = V(18), ['T'] = V(19), \
	['U'] = V(20), ['V'] = V(21), ['W'] = V(22), ['X'] = V(23), \
	['Y'] = V(24), ['Z'] = V(25), ['a'] = V(26), ['b'] = V(27), \
	['c'] = V(28), ['d'] = V(29), ['e'] = V(30), ['f'] = V(31), \
	['g'] = V(32), ['h'] = V(33), ['i'] = V(34), ['j'] = V(35), \
	['k'] = V(36), ['l'] = V(37), ['m'] = V(38), ['n'] = V(39), \
	['o'] = V(40), ['p'] = V(41), ['q'] = V(42), ['r'] = V(43), \
	['s'] = V(44), ['t'] = V(45), ['u'] = V(46), ['v'] = V(47), \
	['w'] = V(48), ['x'] = V(49), ['y'] = V(50), ['z'] = V(51), \
	['0'] = V(52), ['1'] = V(53), ['2'] = V(54), ['3'] = V(55), \
	['4'] = V(56), ['5'] = V(57), ['6'] = V(58), ['7'] = V(59), \
	['8'] = V(60), ['9'] = V(61), ['+'] = V(62), ['/'] = V(63)
/* clang-format on */
#define FIRST(v)  ((uint32_t)(v) << 26 | 1)
#define SECOND(v) ((uint32_t)(v) << 20 | 2)
#define THIRD(v)  ((uint32_t)(v) << 14 | 4)
#define FOURTH(v) ((uint32_t)(v) << 8 | 8)

static const uint32_t values[4][256] = { { LETTERS(FIRST) },
	{ LETTERS(SECOND) }, { LETTERS(THIRD) }, { LETTERS(FOURTH) } };

enum {
	GROUP_SHIFT = 8, /* the bits below say which letters were letters */
	GROUP_WHOLE = 15
};

static uint32_t
group_value(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;
	return values[0][u[0]] | values[1][u[1]] | values[2][u[2]] |
	       values[3][u[3]];
}

#ifdef BLOCK_SSE2
enum {
	WIDE_LETTERS = 16, /* four groups */
	WIDE_BYTES = 12
};

/* All bits of the bytes that are more than 'c'. */
static inline __m128i
more_than(__m128i x, char c)
{
	return _mm_cmpgt_epi8(x, _mm_set1_epi8(c));
}

/* Six bits each of sixteen letters; false when one of them is none. */
static inline bool
letter_values(__m128i x, __m128i *out)
{
	__m128i plus = _mm_cmpeq_epi8(x, _mm_set1_epi8('+'));
	__m128i slash_on = more_than(x, '/' - 1), digit_on = more_than(x, '/');
	__m128i upper_on = more_than(x, '9'), lower_on = more_than(x, 'Z');
	/* letters of either case, and what is from '/' to '9' */
	__m128i folded = _mm_or_si128(x, _mm_set1_epi8('a' - 'A'));
	__m128i word = _mm_andnot_si128(
	    more_than(folded, 'z'), more_than(folded, 'a' - 1));
	__m128i good = _mm_or_si128(
	    _mm_or_si128(plus, word), _mm_andnot_si128(upper_on, slash_on));
	/* what to add to a letter: each range differs from the one below */
	__m128i add = _mm_add_epi8(_mm_set1_epi8(63 - '/'),
	    _mm_and_si128(plus, _mm_set1_epi8(62 - '+' - (63 - '/'))));
	add = _mm_add_epi8(
	    add, _mm_and_si128(digit_on, _mm_set1_epi8(52 - '0' - (63 - '/'))));
	add = _mm_add_epi8(
	    add, _mm_and_si128(upper_on, _mm_set1_epi8(-'A' - (52 - '0'))));
	add = _mm_add_epi8(
	    add, _mm_and_si128(lower_on, _mm_set1_epi8(26 - 'a' + 'A')));
	*out = _mm_add_epi8(x, add);
	return _mm_movemask_epi8(good) == 0xffff;
}

/* Six bytes, and two behind them that do not count. */
static inline void
store_six(char *to, __m128i low)
{
	uint64_t bytes =
	    __builtin_bswap64((uint64_t)_mm_cvtsi128_si64(low) << 16);
	memcpy(to, &bytes, sizeof(bytes));
}

/*
 * Sixteen letters at once; false when one is none. Two bytes behind the twelve
 * are written too. 'to' may be 'p' or before it.
 */
static inline bool
decode_wide(const char *p, char *to)
{
	__m128i x;
	if (!letter_values(
		_mm_loadu_si128((const __m128i *)(const void *)p), &x))
		return false;
	/* two letters to 12 bits, then two of these to 24, then to 48 */
	x = _mm_or_si128(
	    _mm_slli_epi16(_mm_and_si128(x, _mm_set1_epi16(0xff)), 6),
	    _mm_srli_epi16(x, 8));
	x = _mm_madd_epi16(x, _mm_set1_epi32(1 << 16 | 1 << 12));
	x = _mm_or_si128(
	    _mm_srli_epi64(_mm_slli_epi64(x, 32), 8), _mm_srli_epi64(x, 32));
	store_six(to, x);
	store_six(to + WIDE_BYTES / 2, _mm_unpackhi_epi64(x, x));
	return true;
}
#endif

/* Copy all but what folding put in between; the length. */
static size_t
unfold(struct str text, char *to)
{
	const char *p = text.len > 0 ? text.ptr : "", *end = p + text.len;
	char *const from = to;
	while (end - p >= BLOCK_BYTES) {
		uint64_t low = block_upto(p, ' ');
		memcpy(to, p, BLOCK_BYTES);
		if (low == 0) {
			p += BLOCK_BYTES;
			to += BLOCK_BYTES;
			continue;
		}
		size_t before = block_first(low);
		to += before + !dkim_is_fold(p[before]);
		p += before + 1;
	}
	for (; p < end; p++) {
		if (!dkim_is_fold(*p))
			*to++ = *p;
	}
	return (size_t)(to - from);
}

/*
 * Whole groups of four letters up to the first other byte, into their own
 * place; *at is behind them. Bytes behind the result are written too, as it
 * takes fewer instructions: those were read. Bytes of the result.
 */
static size_t
decode_groups(char *text, size_t n, size_t *at)
{
	const char *p = text, *end = p + n;
	char *to = text;
#ifdef BLOCK_SSE2
	while (end - p >= WIDE_LETTERS && decode_wide(p, to)) {
		p += WIDE_LETTERS;
		to += WIDE_BYTES;
	}
#endif
	for (; end - p >= 4; p += 4, to += 3) {
		uint32_t word = group_value(p);
		if ((word & GROUP_WHOLE) != GROUP_WHOLE)
			break;
		to[0] = (char)(word >> 24 & 0xff);
		to[1] = (char)(word >> 16 & 0xff);
		to[2] = (char)(word >> 8 & 0xff);
		to[3] = (char)(word & 0xff);
	}
	*at = (size_t)(p - text);
	return (size_t)(to - text);
}

/* The last group, which has padding; bytes written, 0 when it is none. */
static size_t
decode_last(const char *p, char *to)
{
	size_t pads = p[3] != '=' ? 0 : p[2] != '=' ? 1 : 2;
	uint32_t word = group_value(p);
	uint32_t wanted = GROUP_WHOLE >> pads;
	if (pads == 0 || (word & GROUP_WHOLE) != wanted)
		return 0;
	to[0] = (char)(word >> 24 & 0xff);
	if (pads == 1)
		to[1] = (char)(word >> 16 & 0xff);
	return 3 - pads;
}

/*
 * Padding is asked for, and nothing may follow it: a text cut short must not
 * pass for a shorter one.
 */
bool
dkim_base64_decode(struct str text, struct arena *a, struct str *out)
{
	char *to = arena_alloc(a, text.len + 1);
	if (to == NULL)
		return false;
	size_t letters = unfold(text, to), at;
	size_t n = decode_groups(to, letters, &at);
	if (at < letters) {
		size_t last =
		    letters - at == 4 ? decode_last(to + at, to + n) : 0;
		if (last == 0)
			return false;
		n += last;
	}
	*out = str_n(to, n);
	return true;
}

bool
dkim_base64_encode(struct buf *out, struct str bytes)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t left = bytes.len - i < 3 ? bytes.len - i : 3;
		unsigned word = 0;
		for (size_t k = 0; k < 3; k++)
			word = word << 8 |
			       (k < left ? (unsigned char)bytes.ptr[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			buf_add_char(
			    out, k <= left ? letters[word >> (18 - 6 * k) & 63]
					   : '=');
	}
	return !out->failed;
}
