/* Quoting of the shell, and which lines hold secrets. */
#include "cmd/shell/words.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/setting/setting.h"

enum {
	WORD_MAX = 1 << 20
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Append the word at *at; returns the quote left open, or 0. */
static char
word_read(struct str line, size_t *at, struct buf *out)
{
	char quote = '\0';
	for (; *at < line.len; (*at)++) {
		char c = line.ptr[*at];
		char next = *at + 1 < line.len ? line.ptr[*at + 1] : '\0';
		if (quote == '\0' && is_blank(c))
			break;
		if (quote != '\0' ? c == quote : c == '\'' || c == '"') {
			quote = quote != '\0' ? '\0' : c;
			continue;
		}
		if (c == '\\' && next != '\0' &&
		    (quote == '\0' ||
			(quote == '"' && (next == '"' || next == '\\')))) {
			buf_add_char(out, next);
			(*at)++;
			continue;
		}
		buf_add_char(out, c);
	}
	return quote;
}

void
shell_split(struct arena *a, struct str line, struct shell_words *out)
{
	struct buf word = BUF_INIT(WORD_MAX);
	*out = (struct shell_words){ .blank_end = true };
	out->words = ARENA_ARRAY(a, line.len / 2 + 2, const char *);
	for (size_t at = 0;;) {
		while (at < line.len && is_blank(line.ptr[at]))
			at++;
		if (at >= line.len || line.ptr[at] == '#')
			break;
		buf_reset(&word);
		out->quote = word_read(line, &at, &word);
		out->words[out->n++] = arena_cstr(a, buf_str(&word));
		out->blank_end = at < line.len;
	}
	buf_clear(&word);
}

bool
shell_split_whole(
    struct arena *a, struct str line, struct shell_words *out, struct err *e)
{
	shell_split(a, line, out);
	if (out->quote == '\0')
		return true;
	return err_set(
	    e, ERR_USAGE, _("the quote %c is not closed"), out->quote);
}

static bool
names_secret(struct str word)
{
	static const char *const parts[] = { "passw", "secret", "privatekey" };
	for (size_t at = 0; at < word.len; at++) {
		struct str rest = str_sub(word, at, word.len);
		for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
			if (str_starts_nocase(rest, str_of(parts[i])))
				return true;
		}
	}
	return false;
}

bool
shell_words_are_secret(const struct shell_words *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct str value;
		struct str name = str_cut(str_of(w->words[i]), '=', &value);
		const struct setting *s = setting_find(name);
		bool secret = s != NULL ? (s->flags & SETTING_SECRET) != 0
					: names_secret(name);
		/* a name alone is no secret, something after it may be one */
		if (secret && (value.ptr != NULL || i + 1 < w->n))
			return true;
	}
	return false;
}
