/* Checked parsing of numbers from outside. */
#ifndef CORE_BASE_NUM_H
#define CORE_BASE_NUM_H

#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The whole of 's' is a decimal number in [min, max]: optional sign, digits,
 * nothing else. On failure *out is untouched.
 */
MUST_USE bool num_parse_i64(
    struct str s, int64_t min, int64_t max, int64_t *out);
/* Digits only, no sign. */
MUST_USE bool num_parse_u64(struct str s, uint64_t max, uint64_t *out);
/* Octal digits only (file modes). */
MUST_USE bool num_parse_octal(struct str s, uint32_t max, uint32_t *out);
/* Value of a hexadecimal digit of either case, or -1. */
int num_hex_digit(char c);
/* Value of a character of base64 (RFC 4648 4), or -1: "=" too. */
static inline int
num_base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/*
 * The greatest sum of numbers from outside: what JSON shows of whole numbers. A
 * sum that would be larger stays at it, and one below -NUM_SUM_MAX at that, so
 * that no hostile number makes a sum small or negative.
 */
#define NUM_SUM_MAX INT64_MAX

static inline int64_t
num_sum(int64_t a, int64_t b)
{
	if (b > 0 && a > NUM_SUM_MAX - b)
		return NUM_SUM_MAX;
	if (b < 0 && a < -NUM_SUM_MAX - b)
		return -NUM_SUM_MAX;
	return a + b;
}

static inline uint64_t
num_sum_u64(uint64_t a, uint64_t b)
{
	const uint64_t most = NUM_SUM_MAX;
	return a > most || b > most - a ? most : a + b;
}

#endif
