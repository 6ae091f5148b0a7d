/*
 * Which codes of a list count: masks ("8-16-64") and patterns as Postfix's
 * postscreen has them ("127.0.0.[2..9]", "127.0.0.[10;11]").
 */
#include "core/auth/rbl.h"

#include "core/base/num.h"

enum {
	OCTETS = 4,
	OCTET_MAX = 255,
	MASK_MAX = 255
};

bool
rbl_mask_parse(struct str s, unsigned *mask)
{
	uint64_t n;
	*mask = 0;
	while (s.ptr != NULL) {
		if (!num_parse_u64(str_cut(s, '-', &s), MASK_MAX, &n) || n == 0)
			return false;
		*mask |= (unsigned)n;
	}
	return *mask != 0;
}

/* "7" or "2..9" */
static bool
range_read(struct str s, uint64_t *from, uint64_t *to)
{
	size_t dots = str_find_str(s, STR(".."));
	struct str first = str_sub(s, 0, dots);
	struct str last = dots < s.len ? str_sub(s, dots + 2, s.len) : first;
	return num_parse_u64(first, OCTET_MAX, from) &&
	       num_parse_u64(last, OCTET_MAX, to) && *from <= *to;
}

/* The next part of a pattern, whose brackets may hold dots. */
static bool
part_cut(struct str *rest, struct str *part)
{
	if (rest->len > 0 && rest->ptr[0] == '[') {
		size_t end = str_find(*rest, ']', 0);
		if (end == rest->len)
			return false;
		*part = str_sub(*rest, 1, end);
		*rest = str_sub(*rest, end + 1, rest->len);
		if (rest->len == 0)
			return true;
		if (rest->ptr[0] != '.')
			return false;
		*rest = str_sub(*rest, 1, rest->len);
		return true;
	}
	*part = str_cut(*rest, '.', rest);
	return part->len > 0 && str_find(*part, ';', 0) == part->len;
}

/* False when the part is malformed; *fits: it holds 'octet'. */
static bool
part_read(struct str part, uint8_t octet, bool *fits)
{
	uint64_t from, to;
	*fits = false;
	while (part.ptr != NULL) {
		if (!range_read(str_cut(part, ';', &part), &from, &to))
			return false;
		*fits = *fits || (octet >= from && octet <= to);
	}
	return true;
}

static bool
pattern_read(struct str pattern, const uint8_t *octets, bool *fits)
{
	*fits = true;
	for (size_t i = 0; i < OCTETS; i++) {
		struct str part;
		bool here;
		if (!part_cut(&pattern, &part) ||
		    !part_read(part, octets[i], &here))
			return false;
		*fits = *fits && here;
	}
	return pattern.len == 0;
}

bool
rbl_pattern_check(struct str pattern)
{
	static const uint8_t any[OCTETS];
	bool fits;
	return pattern_read(pattern, any, &fits);
}

bool
rbl_pattern_fits(struct str pattern, const struct net_addr *code)
{
	bool fits;
	return pattern_read(pattern, code->bytes, &fits) && fits;
}
