/* What hides a name from those who look at the bytes alone. */
#include "core/mail/links_int.h"

#include "core/base/compiler.h"
#include "core/base/num.h"
#include "core/base/utf8.h"

/* ---- pairs of hexadecimal digits ---- */

static int
pair_at(const char *at, const char *end)
{
	if (end - at < 3)
		return -1;
	int high = num_hex_digit(at[1]);
	int low = high >= 0 ? num_hex_digit(at[2]) : -1;
	return low >= 0 ? high * 16 + low : -1;
}

/* 'mark' and two digits; "=" at the end of a line joins it with the next. */
static size_t
undo_pairs(char *text, size_t n, char mark)
{
	char *from = memchr(text, mark, n);
	if (from == NULL)
		return n;
	const char *end = text + n;
	char *to = from;
	while (from < end) {
		int pair = *from == mark ? pair_at(from, end) : -1;
		if (pair >= 0) {
			*to++ = (char)pair;
			from += 3;
		} else if (*from == '=' && mark == '=' && end - from > 1 &&
			   from[1] == '\n') {
			from += 2;
		} else {
			*to++ = *from++;
		}
	}
	return (size_t)(to - text);
}

/* ---- entities of HTML ---- */

enum {
	ENTITY_MAX = 12 /* bytes looked at behind "&" */
};

/* Those that can be part of a link, and the blank. */
static const struct {
	const char *name;
	char c;
} entities[] = {
	{ "amp", '&' },
	{ "lt", '<' },
	{ "gt", '>' },
	{ "quot", '"' },
	{ "apos", '\'' },
	{ "nbsp", ' ' },
	{ "period", '.' },
	{ "colon", ':' },
	{ "sol", '/' },
	{ "bsol", '\\' },
	{ "commat", '@' },
	{ "num", '#' },
	{ "percnt", '%' },
	{ "equals", '=' },
	{ "quest", '?' },
	{ "semi", ';' },
	{ "lowbar", '_' },
	{ "NewLine", '\n' },
	{ "Tab", '\t' },
};

/* "#46;", "#x2e": the final semicolon may be missing. */
static size_t
number_entity(struct str s, uint32_t *cp)
{
	bool hex = s.len > 1 && (s.ptr[1] == 'x' || s.ptr[1] == 'X');
	size_t first = hex ? 2 : 1, i = first;
	uint32_t v = 0;
	for (; i < s.len && i < ENTITY_MAX; i++) {
		int digit = num_hex_digit(s.ptr[i]);
		if (digit < 0 || (!hex && digit > 9))
			break;
		v = v * (hex ? 16 : 10) + (uint32_t)digit;
		if (v > 0x10ffff)
			return 0;
	}
	if (i == first || v == 0)
		return 0;
	*cp = v;
	return i < s.len && s.ptr[i] == ';' ? i + 1 : i;
}

/* How many bytes behind "&" it takes; 0: it is none. */
static size_t
entity(struct str s, uint32_t *cp)
{
	if (s.len > 0 && s.ptr[0] == '#')
		return number_entity(s, cp);
	size_t end = str_find(str_sub(s, 0, ENTITY_MAX), ';', 0);
	struct str name = str_sub(s, 0, end);
	if (end == s.len || end == ENTITY_MAX)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(entities); i++) {
		*cp = (unsigned char)entities[i].c;
		if (str_is(name, entities[i].name))
			return end + 1;
	}
	return 0;
}

static size_t
undo_entities(char *text, size_t n)
{
	char *from = memchr(text, '&', n);
	if (from == NULL)
		return n;
	const char *end = text + n;
	char *to = from;
	while (from < end) {
		uint32_t cp = 0;
		size_t taken = 0;
		if (*from == '&')
			taken = entity(
			    str_n(from + 1, (size_t)(end - from - 1)), &cp);
		if (taken == 0) {
			*to++ = *from++;
			continue;
		}
		from += taken + 1;
		/* the shortest number of so many bytes is longer than that */
		to += utf8_encode(cp, to);
	}
	return (size_t)(to - text);
}

/* ---- characters ---- */

/* Not seen, and dropped by browsers and IDNA alike. */
static bool
is_ignored(uint32_t cp)
{
	return cp == 0xad || cp == 0x34f || (cp >= 0x200b && cp <= 0x200f) ||
	       (cp >= 0x202a && cp <= 0x202e) ||
	       (cp >= 0x2060 && cp <= 0x2064) || cp == 0xfeff ||
	       (cp >= 0xfe00 && cp <= 0xfe0f);
}

/* Other forms of ASCII characters (full width), other dots. */
static uint32_t
plain_form(uint32_t cp)
{
	if (cp == 0x3002 || cp == 0xff61)
		return '.';
	return cp >= 0xff01 && cp <= 0xff5e ? cp - 0xfee0 : cp;
}

/* A NUL goes too: what is left of UTF-16 is ASCII. */
static size_t
undo_characters(char *text, size_t n)
{
	size_t from = 0, to = 0;
	while (from < n) {
		unsigned char c = (unsigned char)text[from];
		uint32_t cp = 0;
		size_t len = 0;
		if (c >= 0x80)
			len = utf8_decode(str_n(text + from, n - from), &cp);
		if (len == 0) {
			if (c != 0)
				text[to++] = text[from];
			from++;
			continue;
		}
		from += len;
		if (!is_ignored(cp))
			to += utf8_encode(plain_form(cp), text + to);
	}
	return to;
}

size_t
links_undo(char *text, size_t n, bool is_decoded)
{
	if (!is_decoded)
		n = undo_pairs(text, n, '=');
	/* an entity may stand for the sign of a pair, and the other way */
	n = undo_pairs(text, n, '%');
	n = undo_entities(text, n);
	n = undo_pairs(text, n, '%');
	return undo_characters(text, n);
}
