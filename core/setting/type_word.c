/* Types of fixed words: switches and choices. */
#include "core/setting/type_int.h"

#include "core/base/compiler.h"
#include "core/base/i18n.h"

/* What a switch understands besides its own two words. */
static const char *const words_on[] = { "on", "yes", "1", "true", "enabled",
	"oui", "present", "installed", NULL };
static const char *const words_off[] = { "off", "no", "0", "false", "disabled",
	"non", "absent", NULL };

static bool
is_one_of(struct str word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (str_is_nocase(word, *words))
			return true;
	return false;
}

/* "verylow, low, medium": the choices as a list. */
static void
list_choices(const struct setting *s, struct buf *out, const char *between)
{
	for (const struct setting_choice *c = s->choices; c->word != NULL;
	     c++) {
		if (c != s->choices)
			(void)buf_add_cstr(out, between);
		(void)buf_add_cstr(out, c->word);
	}
}

static bool
refuse_word(const struct setting *s, struct str text, struct err *e)
{
	struct buf list = BUF_INIT(ERR_TEXT_MAX);

	list_choices(s, &list, ", ");
	if (s->type == &setting_type_enum_account)
		(void)buf_add_cstr(&list, _(", or an account"));
	if (s->choices[1].word == NULL)
		type_refuse(e, text, _("is not the word %s"), buf_cstr(&list));
	else
		type_refuse(e, text, _("is not one of %s"), buf_cstr(&list));
	buf_clear(&list);
	return false;
}

static bool
parse_bool(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	const struct setting_choice *own = type_choice(s, text, true);

	if (own != NULL)
		return buf_add_cstr(stored, own->word);
	for (const struct setting_choice *c = s->choices; c->word != NULL;
	     c++) {
		struct str word = str_of(c->word);
		if ((is_one_of(text, words_on) && is_one_of(word, words_on)) ||
		    (is_one_of(text, words_off) && is_one_of(word, words_off)))
			return buf_add_cstr(stored, c->word);
	}
	return refuse_word(s, text, e);
}

static void
describe_words(const struct setting *s, struct buf *words)
{
	list_choices(s, words,
	    s->choices[0].word != NULL && s->choices[1].word != NULL &&
		    s->choices[2].word == NULL
		? _(" or ")
		: ", ");
}

/* The choices that begin with 'text' into 'list'; returns how many. */
static size_t
beginnings(const struct setting *s, struct str text, struct buf *list,
    const char **last)
{
	size_t n = 0;

	for (const struct setting_choice *c = s->choices;
	     text.len > 0 && c->word != NULL; c++) {
		if (!str_starts_nocase(str_of(c->word), text))
			continue;
		if (n++ > 0)
			(void)buf_add_cstr(list, ", ");
		(void)buf_add_cstr(list, c->word);
		*last = c->word;
	}
	return n;
}

static bool
parse_enum(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	const struct setting_choice *own = type_choice(s, text, true);
	struct buf list = BUF_INIT(ERR_TEXT_MAX);
	const char *word = NULL;
	size_t n;

	if (own != NULL)
		return buf_add_cstr(stored, own->word);
	n = beginnings(s, text, &list, &word);
	if (n == 1) {
		type_refuse(
		    e, text, _("fits %s and no other; write it out"), word);
		err_next(e, "smemail set %s %s", s->id, word);
	} else if (n > 1) {
		type_refuse(
		    e, text, _("fits %s; write one out"), buf_cstr(&list));
	} else {
		refuse_word(s, text, e);
	}
	buf_clear(&list);
	return false;
}

/* A word, else the name of an account. */
static bool
parse_enum_account(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	const struct setting_choice *own = type_choice(s, text, true);

	if (own != NULL)
		return buf_add_cstr(stored, own->word);
	if (type_account_is(text))
		return buf_add_str(stored, text);
	return refuse_word(s, text, e);
}

static void
describe_enum_account(const struct setting *s, struct buf *words)
{
	list_choices(s, words, ", ");
	(void)buf_add_cstr(words, _(", or an account"));
}

const struct setting_type setting_type_bool = {
	.name = "bool",
	.editor = SETTING_EDIT_SWITCH,
	.parse = parse_bool,
	.format = type_format_plain,
	.describe = describe_words,
};

const struct setting_type setting_type_enum = {
	.name = "enum",
	.editor = SETTING_EDIT_CHOICE,
	.parse = parse_enum,
	.format = type_format_plain,
	.describe = describe_words,
};

const struct setting_type setting_type_enum_account = {
	.name = "enum",
	.editor = SETTING_EDIT_LINE,
	.parse = parse_enum_account,
	.format = type_format_plain,
	.describe = describe_enum_account,
};
