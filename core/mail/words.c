/* Encoded words of header fields. */
#include "core/mail/words.h"

#include "core/mail/mime.h"

enum {
	WORD_MAX = 1024 /* RFC 2047 allows 75 */
};

/* Append a decoded word; "_" is the blank of the Q encoding. */
static void
add_word(struct buf *out, char encoding, struct str coded)
{
	char plain[WORD_MAX], decoded[WORD_MAX + 2];
	struct mime_decoder d;
	bool is_q = ascii_lower(encoding) == 'q';
	for (size_t i = 0; i < coded.len; i++)
		plain[i] = is_q && coded.ptr[i] == '_' ? ' ' : coded.ptr[i];
	mime_decoder_init(&d, is_q ? MIME_QUOTED_PRINTABLE : MIME_BASE64);
	buf_add(
	    out, decoded, mime_decode(&d, str_n(plain, coded.len), decoded));
}

/* "=?charset?B?text?=" at the front of 's'; its length, 0: there is none. */
static size_t
take_word(struct buf *out, struct str s)
{
	struct str rest = str_sub(s, 2, WORD_MAX), encoding;
	(void)str_cut(rest, '?', &rest);
	encoding = str_cut(rest, '?', &rest);
	if (encoding.len != 1 || strchr("bBqQ", encoding.ptr[0]) == NULL)
		return 0;
	size_t end = str_find_str(rest, STR("?="));
	if (end == rest.len)
		return 0;
	add_word(out, encoding.ptr[0], str_sub(rest, 0, end));
	return (size_t)(rest.ptr - s.ptr) + end + 2;
}

bool
mail_words_decode(struct buf *out, struct str text)
{
	static const struct str start = { "=?", 2 };
	bool after_word = false;
	while (text.len > 0) {
		size_t at = str_find_str(text, start);
		struct str before = str_sub(text, 0, at);
		text = str_sub(text, at, text.len);
		size_t taken = 0, blank = out->len;
		if (!after_word || str_trim(before).len > 0 || text.len == 0)
			buf_add_str(out, before);
		if (text.len > 0)
			taken = take_word(out, text);
		after_word = taken > 0;
		if (taken == 0 && text.len > 0) {
			if (out->len == blank)
				buf_add_str(out, before);
			buf_add_str(out, str_sub(text, 0, start.len));
			taken = start.len;
		}
		text = str_sub(text, taken, text.len);
	}
	return !out->failed;
}
