/* Checked parsing of numbers. */
#include "core/base/num.h"

bool
num_parse_u64(struct str s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!ascii_is_digit(s.ptr[i]))
			return false;
		uint64_t d = (uint64_t)(s.ptr[i] - '0');
		if (v > (UINT64_MAX - d) / 10)
			return false;
		v = v * 10 + d;
	}
	if (v > max)
		return false;
	*out = v;
	return true;
}

bool
num_parse_i64(struct str s, int64_t min, int64_t max, int64_t *out)
{
	bool minus = s.len > 0 && s.ptr[0] == '-';
	if (minus || (s.len > 0 && s.ptr[0] == '+'))
		s = str_sub(s, 1, s.len);
	uint64_t u;
	if (!num_parse_u64(s, INT64_MAX, &u))
		return false;
	int64_t v = minus ? -(int64_t)u : (int64_t)u;
	if (v < min || v > max)
		return false;
	*out = v;
	return true;
}

bool
num_parse_octal(struct str s, uint32_t max, uint32_t *out)
{
	uint32_t v = 0;
	if (s.len == 0 || s.len > 10)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '7')
			return false;
		v = v * 8 + (uint32_t)(s.ptr[i] - '0');
	}
	if (v > max)
		return false;
	*out = v;
	return true;
}

int
num_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
