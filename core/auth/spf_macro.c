/* Macros of SPF records (RFC 7208, section 7). */
#include "core/auth/spf_record.h"

#include "core/auth/facts.h"

#include <stdio.h>

static const char delimiters[] = ".-+,/_=";

static bool
has_char(const char *set, char c)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* "%{" letter [digits] [r] delimiters "}", taken apart. */
struct macro {
	char letter;   /* as written: upper case asks for URL escapes */
	uint64_t keep; /* rightmost parts kept; 0: all */
	bool reversed;
	struct str splits; /* delimiters; empty: the dot */
};

enum {
	KEEP_MAX = 1000 /* more parts than any value has */
};

/* Parse what stands behind "%{"; *at is left behind the brace. */
static bool
macro_parse(struct str s, size_t *at, bool is_exp, struct macro *out)
{
	size_t i = *at;
	*out = (struct macro){ 0 };
	if (i >= s.len || !has_char(is_exp ? "slodiphvcrt" : "slodiphv",
			      ascii_lower(s.ptr[i])))
		return false;
	out->letter = s.ptr[i++];
	bool digits = false;
	for (; i < s.len && ascii_is_digit(s.ptr[i]); i++) {
		digits = true;
		if (out->keep < KEEP_MAX)
			out->keep = out->keep * 10 + (uint64_t)(s.ptr[i] - '0');
	}
	if (digits && out->keep == 0)
		return false;
	if (i < s.len && ascii_lower(s.ptr[i]) == 'r') {
		out->reversed = true;
		i++;
	}
	size_t first = i;
	while (i < s.len && has_char(delimiters, s.ptr[i]))
		i++;
	out->splits = str_sub(s, first, i);
	if (i >= s.len || s.ptr[i] != '}')
		return false;
	*at = i + 1;
	return true;
}

/* One step of a macro-string. */
enum piece {
	PIECE_LITERAL, /* one byte */
	PIECE_PERCENT, /* %% */
	PIECE_SPACE,   /* %_ */
	PIECE_URL,     /* %- */
	PIECE_MACRO,
	PIECE_BAD
};

static enum piece
next_piece(struct str s, size_t *at, bool is_exp, struct macro *m)
{
	char c = s.ptr[*at];
	if (c != '%') {
		(*at)++;
		/* an explanation may hold spaces between its macros */
		bool visible = c >= 0x21 && c <= 0x7e;
		return visible || (is_exp && c == ' ') ? PIECE_LITERAL
						       : PIECE_BAD;
	}
	if (*at + 1 >= s.len)
		return PIECE_BAD;
	char kind = s.ptr[*at + 1];
	*at += 2;
	switch (kind) {
	case '%':
		return PIECE_PERCENT;
	case '_':
		return PIECE_SPACE;
	case '-':
		return PIECE_URL;
	case '{':
		return macro_parse(s, at, is_exp, m) ? PIECE_MACRO : PIECE_BAD;
	default:
		return PIECE_BAD;
	}
}

bool
spf_macro_is_valid(struct str text, bool is_exp)
{
	struct macro m;
	for (size_t at = 0; at < text.len;)
		if (next_piece(text, &at, is_exp, &m) == PIECE_BAD)
			return false;
	return true;
}

/* Letters, digits, inner hyphens, not digits alone. */
static bool
is_toplabel(struct str s)
{
	bool other = false;
	if (s.len == 0 || s.ptr[0] == '-' || s.ptr[s.len - 1] == '-')
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!ascii_is_alnum(s.ptr[i]) && s.ptr[i] != '-')
			return false;
		other = other || !ascii_is_digit(s.ptr[i]);
	}
	return other;
}

bool
spf_domain_spec_is_valid(struct str text)
{
	struct macro m;
	enum piece last = PIECE_BAD;
	for (size_t at = 0; at < text.len;) {
		last = next_piece(text, &at, false, &m);
		if (last == PIECE_BAD)
			return false;
	}
	if (last != PIECE_LITERAL)
		return last != PIECE_BAD; /* empty text stays bad */
	if (text.ptr[text.len - 1] == '.')
		text.len--;
	size_t dot = text.len;
	while (dot > 0 && text.ptr[dot - 1] != '.')
		dot--;
	return dot > 0 && is_toplabel(str_sub(text, dot, text.len));
}

bool
spf_macro_uses(struct str text, const char *letters)
{
	struct macro m;
	for (size_t at = 0; at < text.len;) {
		enum piece p = next_piece(text, &at, true, &m);
		if (p == PIECE_BAD)
			return false;
		if (p == PIECE_MACRO &&
		    has_char(letters, ascii_lower(m.letter)))
			return true;
	}
	return false;
}

/* The i macro: dotted quad, or 32 nibbles parted by dots (7.3). */
static void
add_ip_dotted(struct buf *out, const struct net_addr *ip)
{
	char text[NET_ADDR_TEXT_SIZE];
	if (!ip->is_ipv6) {
		buf_add_cstr(out, net_addr_format(ip, text));
		return;
	}
	for (size_t i = 0; i < 16; i++)
		buf_addf(out, "%s%X.%X", i > 0 ? "." : "", ip->bytes[i] >> 4,
		    ip->bytes[i] & 15U);
}

static void
macro_value(char letter, const struct spf_macros *m, struct buf *out)
{
	char text[NET_ADDR_TEXT_SIZE];
	switch (letter) {
	case 's':
		buf_add_str(out, m->local);
		buf_add_char(out, '@');
		buf_add_str(out, m->sender_domain);
		break;
	case 'l':
		buf_add_str(out, m->local);
		break;
	case 'o':
		buf_add_str(out, m->sender_domain);
		break;
	case 'd':
		buf_add_str(out, m->domain);
		break;
	case 'h':
		buf_add_str(out, m->helo);
		break;
	case 'i':
		if (m->ip != NULL)
			add_ip_dotted(out, m->ip);
		break;
	case 'c':
		if (m->ip != NULL)
			buf_add_cstr(out, net_addr_format(m->ip, text));
		break;
	case 'v':
		buf_add_cstr(
		    out, m->ip != NULL && m->ip->is_ipv6 ? "ip6" : "in-addr");
		break;
	case 'p':
		buf_add_str(
		    out, m->ptr_name.len > 0 ? m->ptr_name : STR("unknown"));
		break;
	case 'r':
		buf_add_str(
		    out, m->receiver.len > 0 ? m->receiver : STR("unknown"));
		break;
	default: /* t */
		buf_addf(out, "%lld", (long long)m->now_s);
		break;
	}
}

/* RFC 3986: all but unreserved characters as %XX. */
static void
add_url(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (ascii_is_alnum(c) || has_char("-._~", c))
			buf_add_char(out, c);
		else
			buf_addf(out, "%%%02X", (unsigned)(unsigned char)c);
	}
}

enum {
	VALUE_MAX = 2048, /* l of 64, o and d of 255; h whatever was said */
	PARTS_MAX = VALUE_MAX
};

/* Split, reverse, keep the last ones, join by dots. */
static void
add_transformed(struct buf *out, const struct macro *m, struct str value)
{
	struct buf joined = BUF_INIT(VALUE_MAX);
	struct str parts[PARTS_MAX];
	size_t n = 0, first = 0;
	for (size_t i = 0; i <= value.len && n < PARTS_MAX; i++) {
		bool cut =
		    i == value.len ||
		    (m->splits.len == 0 ? value.ptr[i] == '.'
					: str_find(m->splits, value.ptr[i], 0) <
					      m->splits.len);
		if (!cut)
			continue;
		parts[n++] = str_sub(value, first, i);
		first = i + 1;
	}
	size_t kept = m->keep > 0 && m->keep < n ? (size_t)m->keep : n;
	for (size_t i = n - kept; i < n; i++) {
		if (i > n - kept)
			buf_add_char(&joined, '.');
		/* the last ones of the reversed order are the first ones */
		buf_add_str(&joined, m->reversed ? parts[n - 1 - i] : parts[i]);
	}
	if (m->letter >= 'A' && m->letter <= 'Z')
		add_url(out, buf_str(&joined));
	else
		buf_add_str(out, buf_str(&joined));
	buf_clear(&joined);
}

static void
macro_expand(struct buf *out, const struct macro *m, const struct spf_macros *v)
{
	struct buf value = BUF_INIT(VALUE_MAX);
	macro_value(ascii_lower(m->letter), v, &value);
	if (value.failed)
		out->failed = true;
	else
		add_transformed(out, m, buf_str(&value));
	buf_clear(&value);
}

bool
spf_macro_expand(
    struct str text, const struct spf_macros *v, bool is_exp, struct buf *out)
{
	struct macro m;
	for (size_t at = 0; at < text.len;) {
		switch (next_piece(text, &at, is_exp, &m)) {
		case PIECE_LITERAL:
			buf_add_char(out, text.ptr[at - 1]);
			break;
		case PIECE_PERCENT:
			buf_add_char(out, '%');
			break;
		case PIECE_SPACE:
			buf_add_char(out, ' ');
			break;
		case PIECE_URL:
			buf_add_cstr(out, "%20");
			break;
		case PIECE_MACRO:
			macro_expand(out, &m, v);
			break;
		case PIECE_BAD:
		default:
			return false;
		}
	}
	return !out->failed;
}

bool
spf_domain_expand(struct str spec, const struct spf_macros *m, struct buf *out)
{
	if (!spf_macro_expand(spec, m, false, out))
		return false;
	if (out->len > 0 && out->data[out->len - 1] == '.')
		buf_truncate(out, out->len - 1);
	while (out->len > FACT_NAME_MAX) {
		size_t dot = str_find(buf_str(out), '.', 0);
		if (dot == out->len)
			break; /* one label: no name, which the caller sees */
		buf_consume(out, dot + 1);
	}
	return true;
}
