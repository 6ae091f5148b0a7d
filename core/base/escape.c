/* Escaping for terminals, JSON and shell words. */
#include "core/base/escape.h"

#include "core/base/utf8.h"

#include <stdint.h>
#include <stdio.h>

/* Characters that could steer a terminal or reorder its text. */
static bool
is_dangerous(uint32_t cp)
{
	if (cp < 0x20 || (cp >= 0x7f && cp <= 0x9f))
		return true;
	if (cp >= 0x202a && cp <= 0x202e) /* bidirectional embeddings */
		return true;
	if (cp >= 0x2066 && cp <= 0x2069) /* bidirectional isolates */
		return true;
	return cp == 0x2028 || cp == 0x2029 || cp == 0x200e || cp == 0x200f ||
	       cp == 0x061c;
}

/* Bytes of the next character if it may stand as it is, else 0. */
static size_t
safe_length(struct str s, size_t at)
{
	uint32_t cp;
	if (s.ptr[at] >= ' ' && s.ptr[at] <= '~')
		return 1;
	size_t n = utf8_decode(str_sub(s, at, s.len), &cp);
	return n > 0 && !is_dangerous(cp) ? n : 0;
}

static void
hex_escape(char text[5], char c)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char u = (unsigned char)c;
	text[0] = '\\';
	text[1] = 'x';
	text[2] = digits[u >> 4];
	text[3] = digits[u & 15];
	text[4] = '\0';
}

/* Characters that stand as they are; of too many those that fit, whole. */
static bool
add_run(struct buf *out, struct str run)
{
	if (out->len <= out->max && run.len <= out->max - out->len)
		return buf_add_str(out, run);
	for (size_t at = 0, n; at < run.len && !out->failed; at += n) {
		n = safe_length(run, at);
		buf_add(out, run.ptr + at, n);
	}
	return !out->failed;
}

bool
escape_terminal(struct buf *out, struct str s)
{
	char hex[5];
	size_t from = 0; /* of what may stand as it is */
	for (size_t at = 0; at < s.len;) {
		size_t n = safe_length(s, at);
		if (n > 0) {
			at += n;
			continue;
		}
		add_run(out, str_sub(s, from, at));
		hex_escape(hex, s.ptr[at++]);
		buf_add(out, hex, 4);
		from = at;
	}
	return add_run(out, str_sub(s, from, s.len));
}

bool
escape_terminal_into(char *dst, size_t size, const char *bytes, size_t len)
{
	struct str s = str_n(bytes, len);
	char hex[5];
	size_t used = 0, at = 0;
	while (at < s.len) {
		size_t n = safe_length(s, at), put = n > 0 ? n : 4;
		if (used + put + 1 > size)
			break;
		if (n > 0) {
			memcpy(dst + used, s.ptr + at, n);
			at += n;
		} else {
			hex_escape(hex, s.ptr[at++]);
			memcpy(dst + used, hex, 4);
		}
		used += put;
	}
	dst[used] = '\0';
	return at == s.len;
}

static void
json_char(struct buf *out, char c)
{
	switch (c) {
	case '"':
		buf_add_cstr(out, "\\\"");
		break;
	case '\\':
		buf_add_cstr(out, "\\\\");
		break;
	case '\n':
		buf_add_cstr(out, "\\n");
		break;
	case '\t':
		buf_add_cstr(out, "\\t");
		break;
	default:
		if ((unsigned char)c < 0x20 || c == 0x7f)
			buf_addf(out, "\\u%04x", (unsigned)(unsigned char)c);
		else
			buf_add_char(out, c);
		break;
	}
}

bool
escape_json(struct buf *out, struct str s)
{
	uint32_t cp;
	buf_add_char(out, '"');
	for (size_t at = 0; at < s.len;) {
		size_t n = utf8_decode(str_sub(s, at, s.len), &cp);
		if (n == 1) {
			json_char(out, s.ptr[at++]);
		} else if (n == 0) {
			unsigned char u = (unsigned char)s.ptr[at++];
			buf_addf(out, "\\\\x%02x", (unsigned)u);
		} else if (is_dangerous(cp)) {
			buf_addf(out, "\\u%04x", (unsigned)cp);
			at += n;
		} else {
			buf_add(out, s.ptr + at, n);
			at += n;
		}
	}
	return buf_add_char(out, '"');
}

static bool
is_plain_word(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (!ascii_is_alnum(c) && strchr("-_./:=@%+,", c) == NULL)
			return false;
		if (c == '\0')
			return false;
	}
	return s.len > 0;
}

bool
escape_html(struct buf *out, struct str s)
{
	static const struct {
		char c;
		const char *reference;
	} references[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" },
		{ '"', "&quot;" }, { '\'', "&#39;" } };
	struct buf safe = BUF_INIT(out->max);
	escape_terminal(&safe, s);
	for (size_t i = 0; i < safe.len; i++) {
		const char *with = NULL;
		for (size_t k = 0; k < ARRAY_LEN(references); k++)
			if (safe.data[i] == references[k].c)
				with = references[k].reference;
		if (with != NULL)
			buf_add_cstr(out, with);
		else
			buf_add_char(out, safe.data[i]);
	}
	bool ok = !safe.failed && !out->failed;
	buf_clear(&safe);
	return ok;
}

bool
escape_shell(struct buf *out, struct str s)
{
	if (is_plain_word(s))
		return buf_add_str(out, s);
	buf_add_char(out, '\'');
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\'')
			buf_add_cstr(out, "'\\''");
		else
			buf_add_char(out, s.ptr[i]);
	}
	return buf_add_char(out, '\'');
}

const char *
escape_shell_word(struct arena *a, struct str s)
{
	struct buf out = BUF_INIT(sizeof("'\\''") * (s.len + 1));
	const char *word =
	    escape_shell(&out, s) ? arena_cstr(a, buf_str(&out)) : NULL;
	buf_clear(&out);
	return word;
}
