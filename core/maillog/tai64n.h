/*
 * TAI64N labels: '@' and 24 lower-case hexadecimal digits at the start of a
 * log line, and local time without a leap-second table (rules LG-1 to LG-5).
 */
#ifndef CORE_MAILLOG_TAI64N_H
#define CORE_MAILLOG_TAI64N_H

#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
	TAI64N_SIZE = 25,      /* '@' and the digits */
	TAI64N_TEXT_SIZE = 64, /* room for any form of tai64n_time_text */
	TAI64N_DAY_S = 86400,
	TAI64N_NS_END = 1000000000,
	TAI64N_WRITERS_S = 10,
};

/* Labels count from here, with what every writer adds (LG-2). */
#define TAI64N_EPOCH (((int64_t)1 << 62) + TAI64N_WRITERS_S)

struct tai64n {
	int64_t unix_s;
	int32_t ns;
};

/*
 * The label at the start of 'line': 24 digits, then a space or the end
 * (LG-1). False leaves *out alone.
 */
bool tai64n_parse(struct str line, struct tai64n *out);
/* As tai64n_parse, whatever follows the 25 characters: names of old files. */
bool tai64n_parse_digits(struct str text, struct tai64n *out);
/* Unix time of the 64-bit number of a label; false when it is reserved. */
static inline bool
tai64n_label_second(uint64_t s, int64_t *unix_s)
{
	if (s > INT64_MAX)
		return false;
	*unix_s = (int64_t)s - TAI64N_EPOCH;
	return true;
}
/* Write the label of a time, terminated; returns 'out' (LG-4). */
char *tai64n_format(struct tai64n t, char out[TAI64N_SIZE + 1]);
/* <0, 0, >0 in time order. */
int tai64n_cmp(struct tai64n a, struct tai64n b);

enum tai64n_style {
	TAI64N_LOCAL, /* 2026-03-17 14:02:11.123456789, as tai64nlocal */
	TAI64N_ISO,   /* 2026-03-17T14:02:11.123456789+01:00 */
};

/*
 * Local dates, computed once for each stretch of time in which zone offset,
 * date and hour stay the same (a quarter of an hour at most). One per thread;
 * set to zeros before use. The zone is that of TZ when the stretch was met.
 */
struct tai64n_zone {
	int64_t from, until; /* [from, until) is described below; empty first */
	int64_t offset_s;    /* of local time from UTC */
	char text[TAI64N_TEXT_SIZE]; /* "2026-03-17 14:02:11" of the last one */
	size_t len;                  /* of text */
	char suffix[8];              /* "+01:00" */
};

/*
 * The second as "YYYY-MM-DD HH:MM:SS" in z->text, z->len bytes; the year is
 * not padded. False when the calendar has no year from 0 to 2^31 - 1 for it.
 */
bool tai64n_zone_second(struct tai64n_zone *z, int64_t unix_s);
/* The whole time in 'style' into 'out', not terminated; length, 0 if none. */
size_t tai64n_time_text(struct tai64n_zone *z, struct tai64n t,
    enum tai64n_style style, char out[TAI64N_TEXT_SIZE]);
/* The nine digits of nanoseconds, below 10^9. Here for the inner loop. */
static inline void
tai64n_ns_text(uint32_t ns, char out[9])
{
	static const char pairs[] = "00010203040506070809"
				    "10111213141516171819"
				    "20212223242526272829"
				    "30313233343536373839"
				    "40414243444546474849"
				    "50515253545556575859"
				    "60616263646566676869"
				    "70717273747576777879"
				    "80818283848586878889"
				    "90919293949596979899";
	uint32_t high = ns / 10000, low = ns % 10000; /* 5 and 4 digits */
	uint32_t middle = high % 10000;
	out[0] = (char)('0' + high / 10000);
	memcpy(out + 1, pairs + (size_t)(middle / 100) * 2, 2);
	memcpy(out + 3, pairs + (size_t)(middle % 100) * 2, 2);
	memcpy(out + 5, pairs + (size_t)(low / 100) * 2, 2);
	memcpy(out + 7, pairs + (size_t)(low % 100) * 2, 2);
}

/*
 * Eight lower-case hexadecimal digits at once; false when one is none. Each
 * byte gives a nibble, the digits are written back from it to compare, and
 * the nibbles are pushed together. Here for the inner loops.
 */
static inline bool
tai64n_hex8(const char *p, uint32_t *out)
{
	static const uint64_t ones = 0x0101010101010101u;
	uint64_t x, v;
	memcpy(&x, p, sizeof(x));
	v = (x & 0x0f * ones) + 9 * (x >> 6 & ones);
	uint64_t letters = (v + 6 * ones) >> 4 & ones;
	/* 'g' to 'o' would be sixteen and more */
	if ((v & 0xf0 * ones) != 0 ||
	    v + '0' * ones + ('a' - '0' - 10) * letters != x)
		return false;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	v = (v | v >> 4) & 0x00ff00ff00ff00ffu;
	v = (v | v >> 8) & 0x0000ffff0000ffffu;
	*out = (uint32_t)(v | v >> 16);
	return true;
}

/* Sixteen of them. */
static inline bool
tai64n_hex16(const char *p, uint64_t *out)
{
#ifdef __SSE2__
	__m128i c = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i digit = _mm_sub_epi8(c, _mm_set1_epi8('0'));
	__m128i letter = _mm_sub_epi8(c, _mm_set1_epi8('a'));
	__m128i is_digit =
	    _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
	__m128i is_letter =
	    _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter);
	__m128i v = _mm_or_si128(_mm_and_si128(is_digit, digit),
	    _mm_and_si128(is_letter, _mm_add_epi8(letter, _mm_set1_epi8(10))));
	/* two digits a 16-bit lane, the low byte is the high digit */
	__m128i pairs = _mm_and_si128(
	    _mm_or_si128(_mm_slli_epi16(v, 4), _mm_srli_epi16(v, 8)),
	    _mm_set1_epi16(0xff));
	uint64_t x;
	_mm_storel_epi64((__m128i *)(void *)&x, _mm_packus_epi16(pairs, pairs));
	*out = __builtin_bswap64(x);
	return _mm_movemask_epi8(_mm_or_si128(is_digit, is_letter)) == 0xffff;
#else
	uint32_t high, low;
	if (!tai64n_hex8(p, &high) || !tai64n_hex8(p + 8, &low))
		return false;
	*out = (uint64_t)high << 32 | low;
	return true;
#endif
}

/*
 * The label in the TAI64N_SIZE bytes at 'p', whatever is behind it. False
 * leaves *out alone.
 */
static inline bool
tai64n_read(const char *p, struct tai64n *out)
{
	uint64_t s;
	uint32_t ns;
	int64_t unix_s;
	if (p[0] != '@' || !tai64n_hex16(p + 1, &s) ||
	    !tai64n_hex8(p + 17, &ns) || ns >= TAI64N_NS_END ||
	    !tai64n_label_second(s, &unix_s))
		return false;
	out->unix_s = unix_s;
	out->ns = (int32_t)ns;
	return true;
}

/* As tai64n_read, for the years that logs are from, 1970 to 2106. */
static inline bool
tai64n_read_recent(const char *p, struct tai64n *out)
{
	uint64_t digits;
	if (memcmp(p, "@40000000", 9) != 0 || !tai64n_hex16(p + 9, &digits))
		return false;
	uint32_t ns = (uint32_t)digits;
	if (ns >= TAI64N_NS_END)
		return false;
	out->unix_s = (int64_t)(digits >> 32) - TAI64N_WRITERS_S;
	out->ns = (int32_t)ns;
	return true;
}

/*
 * Seconds since 1970 of a date in UTC (proleptic Gregorian); the fields must
 * be in their ranges.
 */
int64_t tai64n_utc_seconds(
    int64_t year, int month, int day, int hour, int minute, int second);

#endif
