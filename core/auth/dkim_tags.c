/* Tag lists, base64 and DKIM-quoted-printable (RFC 6376 2.11, 3.2). */
#include "core/auth/dkim_int.h"

#include "core/base/num.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct str
trim(struct str s)
{
	while (s.len > 0 && is_blank(s.ptr[0]))
		s = str_sub(s, 1, s.len);
	while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

static bool
is_tag_name(struct str s)
{
	if (s.len == 0 || !ascii_is_alpha(s.ptr[0]))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!ascii_is_alnum(s.ptr[i]) && s.ptr[i] != '_')
			return false;
	}
	return true;
}

static bool
is_control(unsigned char c)
{
	return ((c < 0x20) & (c != '\t') & (c != '\r') & (c != '\n')) |
	       (c == 0x7f);
}

/*
 * Printable, or above ASCII (RFC 8616). In steps of a fixed length, of which a
 * compiler makes vector instructions: a key or signature is long.
 */
static bool
is_printable(struct str s)
{
	enum {
		STEP = 16
	};
	size_t i = 0;
	for (; i + STEP <= s.len; i += STEP) {
		unsigned char bad = 0;
		for (size_t k = 0; k < STEP; k++)
			bad |= is_control((unsigned char)s.ptr[i + k]);
		if (bad != 0)
			return false;
	}
	for (; i < s.len; i++) {
		if (is_control((unsigned char)s.ptr[i]))
			return false;
	}
	return true;
}

/* 'clean': no control character stands in the list. */
static bool
tag_split(struct str piece, bool clean, struct dkim_tag *out)
{
	size_t equal = str_find(piece, '=', 0);
	if (equal == piece.len)
		return false;
	out->name = trim(str_sub(piece, 0, equal));
	out->raw = str_sub(piece, equal + 1, piece.len);
	out->value = trim(out->raw);
	return is_tag_name(out->name) && (clean || is_printable(out->value));
}

enum dkim_tags_status
dkim_tags_parse(struct str text, struct dkim_tags *out, struct str *at)
{
	enum dkim_tags_status status = DKIM_TAGS_OK;
	struct str rest = text, unused;
	bool clean = is_printable(text);
	at = at != NULL ? at : &unused;
	*at = (struct str)STR_EMPTY;
	out->n = 0;
	do {
		struct str piece = str_cut(rest, ';', &rest);
		/* one final semicolon is allowed, an empty tag is not */
		if (rest.ptr == NULL && trim(piece).len == 0 && out->n > 0)
			break;
		struct dkim_tag *t = &out->tags[out->n];
		*at = trim(piece);
		if (out->n == DKIM_TAGS_MAX || !tag_split(piece, clean, t))
			return DKIM_TAGS_SYNTAX;
		for (size_t i = 0; i < out->n; i++) {
			if (str_eq(out->tags[i].name, t->name))
				status = DKIM_TAGS_DOUBLE;
		}
		if (status == DKIM_TAGS_DOUBLE)
			*at = t->name;
		out->n++;
	} while (rest.ptr != NULL);
	return status;
}

const struct dkim_tag *
dkim_tags_find(const struct dkim_tags *t, const char *name)
{
	size_t len = strlen(name);
	for (size_t i = 0; i < t->n; i++) {
		struct str is = t->tags[i].name;
		if (is.len == len && is.ptr[0] == name[0] &&
		    memcmp(is.ptr, name, len) == 0)
			return &t->tags[i];
	}
	return NULL;
}

bool
dkim_list_next(struct str *rest, struct str *word)
{
	if (rest->ptr == NULL)
		return false;
	*word = trim(str_cut(*rest, ':', rest));
	return true;
}

/* Value of a base64 letter; 64 for all else in ASCII. By a table: signatures
   and keys are read for each message. */
/* clang-format off */
static const unsigned char base64_values[128] = {
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 62, 64, 64, 64, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 64, 64, 64,
	64, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 64, 64, 64, 64, 64,
	64, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 64, 64, 64, 64, 64,
};
/* clang-format on */

enum {
	NOT_BASE64 = 0xc0 /* bits that no value has */
};

static unsigned
base64_value(char c)
{
	unsigned char at = (unsigned char)c;
	return base64_values[at & 127] | (at & 128U);
}

/* Whole groups of four letters up to the first other byte; bytes written. */
static size_t
decode_groups(struct str text, size_t *at, char *to)
{
	size_t n = 0, i = *at;
	for (; i + 4 <= text.len; i += 4) {
		unsigned a = base64_value(text.ptr[i]);
		unsigned b = base64_value(text.ptr[i + 1]);
		unsigned c = base64_value(text.ptr[i + 2]);
		unsigned d = base64_value(text.ptr[i + 3]);
		if (((a | b | c | d) & NOT_BASE64) != 0)
			break;
		to[n++] = (char)(a << 2 | b >> 4);
		to[n++] = (char)((b << 4 | c >> 2) & 0xff);
		to[n++] = (char)((c << 6 | d) & 0xff);
	}
	*at = i;
	return n;
}

/*
 * Padding is asked for, and nothing may follow it: a text cut short must not
 * pass for a shorter one.
 */
bool
dkim_base64_decode(struct str text, struct arena *a, struct str *out)
{
	char *to = arena_alloc(a, text.len / 4 * 3 + 4);
	size_t n = 0, letters = 0, pads = 0;
	unsigned word = 0;
	if (to == NULL)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (letters % 4 == 0 && pads == 0)
			n += decode_groups(text, &i, to + n);
		if (i == text.len)
			break;
		char c = text.ptr[i];
		unsigned value = base64_value(c);
		if ((value & NOT_BASE64) != 0 || pads > 0) {
			if (is_blank(c))
				continue;
			if (c != '=')
				return false;
			pads++;
		}
		word = word << 6 | (value & 63);
		if (++letters % 4 != 0)
			continue;
		to[n++] = (char)(word >> 16 & 0xff);
		to[n++] = (char)(word >> 8 & 0xff);
		to[n++] = (char)(word & 0xff);
	}
	if (letters % 4 != 0 || pads > 2)
		return false;
	*out = str_n(to, n - pads);
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

bool
dkim_qp_decode(struct str text, struct arena *a, struct str *out)
{
	char *to = arena_alloc(a, text.len + 1);
	size_t n = 0;
	if (to == NULL)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (is_blank(c))
			continue;
		if (c == '=') {
			int high = i + 2 < text.len
				       ? num_hex_digit(text.ptr[i + 1])
				       : -1;
			int low =
			    high >= 0 ? num_hex_digit(text.ptr[i + 2]) : -1;
			if (low < 0)
				return false;
			c = (char)(high * 16 + low);
			i += 2;
		}
		to[n++] = c;
	}
	*out = str_n(to, n);
	return true;
}
