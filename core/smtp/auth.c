/* Mechanisms of AUTH and what they send. */
#include "core/smtp/auth.h"

#include "core/base/num.h"

static const char *const names[] = {
	[SMTP_PLAIN] = "PLAIN",
	[SMTP_LOGIN] = "LOGIN",
};

bool
smtp_mechanism_of(struct str word, enum smtp_mechanism *out)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (str_is_nocase(word, names[i])) {
			*out = (enum smtp_mechanism)i;
			return true;
		}
	}
	return false;
}

const char *
smtp_mechanism_name(enum smtp_mechanism m)
{
	return names[m];
}

/* Four characters, the last 'padding' of them equals signs. */
static bool
decode_group(const char *in, size_t padding, struct buf *out)
{
	unsigned bits = 0;
	for (size_t i = 0; i < 4 - padding; i++) {
		int value = num_base64_digit(in[i]);
		if (value < 0)
			return false;
		bits |= (unsigned)value << (18 - 6 * i);
	}
	if (bits & ((1U << 8 * padding) - 1))
		return false;
	for (size_t i = 0; i < 3 - padding; i++)
		buf_add_char(out, (char)(bits >> (16 - 8 * i) & 0xff));
	return !out->failed;
}

bool
smtp_base64_decode(struct str text, struct buf *out)
{
	size_t padding = 0;
	if (text.len % 4 != 0)
		return false;
	while (padding < 2 && padding < text.len &&
	       text.ptr[text.len - 1 - padding] == '=')
		padding++;
	for (size_t i = 0; i < text.len; i += 4) {
		bool is_last = i + 4 == text.len;
		if (!decode_group(text.ptr + i, is_last ? padding : 0, out))
			return false;
	}
	return true;
}

bool
smtp_plain_split(struct str message, struct smtp_plain *out)
{
	struct str rest;
	out->identity = str_cut(message, '\0', &rest);
	if (rest.ptr == NULL)
		return false;
	out->user = str_cut(rest, '\0', &rest);
	out->password = rest;
	return rest.ptr != NULL && str_find(rest, '\0', 0) == rest.len;
}
