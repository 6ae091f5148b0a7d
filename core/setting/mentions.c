/* Does a setting tell of a word? For those who know no name of it. */
#include "core/setting/setting.h"

static bool
one_mentions(const char *text, const struct line_match *word)
{
	size_t at, len;
	return text != NULL &&
	       line_match_find(word, str_of(text), 0, &at, &len);
}

static bool
any_mentions(const char *const *texts, const struct line_match *word)
{
	for (size_t i = 0; texts != NULL && texts[i] != NULL; i++)
		if (one_mentions(texts[i], word))
			return true;
	return false;
}

bool
setting_mentions(const struct setting *s, const struct line_match *word)
{
	return one_mentions(s->id, word) || one_mentions(s->key, word) ||
	       one_mentions(s->prop, word) || one_mentions(s->help, word) ||
	       one_mentions(s->help_fr, word) || any_mentions(s->files, word) ||
	       any_mentions(s->fragments, word);
}
