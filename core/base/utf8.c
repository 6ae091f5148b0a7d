/* UTF-8 decoding and display widths. */
#include "core/base/utf8.h"

#include "core/base/compiler.h"

#include <stdbool.h>

static size_t
sequence_length(unsigned char first, uint32_t *bits)
{
	if (first < 0x80) {
		*bits = first;
		return 1;
	}
	if (first >= 0xc2 && first <= 0xdf) {
		*bits = first & 0x1fu;
		return 2;
	}
	if (first >= 0xe0 && first <= 0xef) {
		*bits = first & 0x0fu;
		return 3;
	}
	if (first >= 0xf0 && first <= 0xf4) {
		*bits = first & 0x07u;
		return 4;
	}
	return 0;
}

size_t
utf8_decode(struct str s, uint32_t *cp)
{
	uint32_t v;
	size_t n = sequence_length((unsigned char)s.ptr[0], &v);
	if (n == 0 || n > s.len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if ((c & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (c & 0x3fu);
	}
	bool overlong = (n == 3 && v < 0x800) || (n == 4 && v < 0x10000);
	bool surrogate = v >= 0xd800 && v <= 0xdfff;
	if (overlong || surrogate || v > 0x10ffff)
		return 0;
	*cp = v;
	return n;
}

struct range {
	uint32_t first, last;
};

/* Combining marks and zero-width characters met in mail and logs. */
static const struct range zero_width[] = {
	{ 0x0300, 0x036f },
	{ 0x0483, 0x0489 },
	{ 0x0591, 0x05bd },
	{ 0x0610, 0x061a },
	{ 0x064b, 0x065f },
	{ 0x0900, 0x0902 },
	{ 0x093c, 0x093c },
	{ 0x0941, 0x0948 },
	{ 0x0e31, 0x0e31 },
	{ 0x0e34, 0x0e3a },
	{ 0x1ab0, 0x1aff },
	{ 0x1dc0, 0x1dff },
	{ 0x200b, 0x200f },
	{ 0x20d0, 0x20ff },
	{ 0xfe00, 0xfe0f },
	{ 0xfe20, 0xfe2f },
	{ 0xfeff, 0xfeff },
	{ 0xe0100, 0xe01ef },
};

/* East Asian wide and full-width blocks, and emoji. */
static const struct range double_width[] = {
	{ 0x1100, 0x115f },
	{ 0x2e80, 0x303e },
	{ 0x3041, 0x33ff },
	{ 0x3400, 0x4dbf },
	{ 0x4e00, 0x9fff },
	{ 0xa000, 0xa4cf },
	{ 0xac00, 0xd7a3 },
	{ 0xf900, 0xfaff },
	{ 0xfe30, 0xfe6f },
	{ 0xff00, 0xff60 },
	{ 0xffe0, 0xffe6 },
	{ 0x1f300, 0x1f64f },
	{ 0x1f900, 0x1f9ff },
	{ 0x20000, 0x3fffd },
};

static bool
in_ranges(const struct range *r, size_t n, uint32_t cp)
{
	for (size_t i = 0; i < n && cp >= r[i].first; i++) {
		if (cp <= r[i].last)
			return true;
	}
	return false;
}

int
utf8_width(uint32_t cp)
{
	if (cp < 0x300)
		return 1;
	if (in_ranges(zero_width, ARRAY_LEN(zero_width), cp))
		return 0;
	return in_ranges(double_width, ARRAY_LEN(double_width), cp) ? 2 : 1;
}

/* Length and columns of the next character; a bad byte is 1 and 1. */
static size_t
step(struct str s, size_t at, size_t *columns)
{
	uint32_t cp;
	size_t n = utf8_decode(str_sub(s, at, s.len), &cp);
	*columns = n > 0 ? (size_t)utf8_width(cp) : 1;
	return n > 0 ? n : 1;
}

size_t
utf8_columns(struct str s)
{
	size_t total = 0, columns;
	for (size_t at = 0; at < s.len; total += columns)
		at += step(s, at, &columns);
	return total;
}

struct str
utf8_prefix(struct str s, size_t columns)
{
	size_t at = 0, used = 0, more;
	while (at < s.len) {
		size_t n = step(s, at, &more);
		if (used + more > columns)
			break;
		used += more;
		at += n;
	}
	return str_n(s.ptr, at);
}

void
utf8_copy(char *to, size_t size, struct str s)
{
	size_t at = 0, columns;
	while (at < s.len) {
		size_t n = step(s, at, &columns);
		if (at + n >= size)
			break;
		at += n;
	}
	str_copy(to, at + 1, s);
}

bool
utf8_is_valid(struct str s)
{
	uint32_t cp;
	for (size_t at = 0, n; at < s.len; at += n) {
		n = utf8_decode(str_sub(s, at, s.len), &cp);
		if (n == 0)
			return false;
	}
	return true;
}

size_t
utf8_encode(uint32_t cp, char out[4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	for (size_t i = n - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (cp & 0x3f));
		cp >>= 6;
	}
	out[0] = (char)(lead[n] | cp);
	return n;
}
