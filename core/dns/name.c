/* Domain names between text and wire form. */
#include "core/dns/name.h"

enum {
	LABEL_MAX = 63,
	ESCAPED_BYTE = 4 /* \DDD */
};

bool
dns_name_from_text(struct str text, struct dns_name *out)
{
	struct str label;
	out->len = 0;
	if (text.len > 0 && text.ptr[text.len - 1] == '.')
		text.len--;
	while (text.len > 0) {
		size_t dot = str_find(text, '.', 0);
		label = str_sub(text, 0, dot);
		if (label.len == 0 || label.len > LABEL_MAX ||
		    out->len + 1 + label.len + 1 > DNS_NAME_MAX ||
		    dot + 1 == text.len)
			return false;
		out->wire[out->len++] = (char)label.len;
		memcpy(out->wire + out->len, label.ptr, label.len);
		out->len += label.len;
		text = str_sub(text, dot + 1, text.len);
	}
	out->wire[out->len++] = '\0';
	return true;
}

size_t
dns_name_length(struct str bytes)
{
	size_t at = 0;
	while (at < bytes.len && at < DNS_NAME_MAX) {
		size_t label = (unsigned char)bytes.ptr[at++];
		if (label == 0)
			return at;
		if (label > LABEL_MAX)
			return 0;
		at += label;
	}
	return 0;
}

static bool
is_plain(char c)
{
	return c > ' ' && c < 0x7f && c != '.' && c != '\\';
}

static size_t
text_byte(char *out, char c)
{
	unsigned char b = (unsigned char)c;
	if (is_plain(c)) {
		*out = ascii_lower(c);
		return 1;
	}
	out[0] = '\\';
	out[1] = (char)('0' + b / 100);
	out[2] = (char)('0' + b / 10 % 10);
	out[3] = (char)('0' + b % 10);
	return ESCAPED_BYTE;
}

struct str
dns_name_text(struct arena *a, struct str wire)
{
	char text[DNS_NAME_TEXT_SIZE];
	size_t n = 0, at = 0;
	while (at < wire.len && wire.ptr[at] != '\0') {
		size_t end = at + 1 + (unsigned char)wire.ptr[at];
		if (n > 0)
			text[n++] = '.';
		for (at++; at < end && at < wire.len; at++) {
			if (n + ESCAPED_BYTE + 1 > sizeof(text))
				return arena_str(a, str_n(text, n));
			n += text_byte(text + n, wire.ptr[at]);
		}
	}
	return n == 0 ? STR(".") : arena_str(a, str_n(text, n));
}

/* A length octet is no letter (at most 63), so folding all bytes is right. */
bool
dns_name_eq(struct str a, struct str b)
{
	return str_eq_nocase(a, b);
}
