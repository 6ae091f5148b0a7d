/* Where a setting tells of a word: for those who know no name of it. */
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

unsigned
setting_mentions(const struct setting *s, const struct line_match *word)
{
	unsigned places = 0;
	if (one_mentions(s->id, word))
		places |= SETTING_IN_ID;
	if (one_mentions(s->key, word) || one_mentions(s->prop, word))
		places |= SETTING_IN_STORE;
	if (one_mentions(s->help, word) || one_mentions(s->help_fr, word))
		places |= SETTING_IN_HELP;
	if (any_mentions(s->files, word) || any_mentions(s->fragments, word))
		places |= SETTING_IN_FILES;
	return places;
}
