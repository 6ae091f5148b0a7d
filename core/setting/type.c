/* What the parsers of all types share. */
#include "core/setting/type_int.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"

#include <stdarg.h>

enum {
	SHOWN_MAX = 96 /* bytes of a refused value in a message */
};

bool
type_refuse(struct err *e, struct str text, const char *fmt, ...)
{
	char shown[SHOWN_MAX];
	char reason[ERR_TEXT_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	if (n < 0)
		reason[0] = '\0';
	if (escape_terminal_into(shown, sizeof(shown), text.ptr, text.len))
		return err_set(e, ERR_USAGE, "'%s' %s", shown, reason);
	return err_set(e, ERR_USAGE, "'%s...' %s", shown, reason);
}

bool
type_storable(struct str text, struct err *e)
{
	if (text.len > SETTING_VALUE_MAX)
		return type_refuse(e, text, _("is longer than %d bytes"),
		    (int)SETTING_VALUE_MAX);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if (c == '|')
			return type_refuse(e, text,
			    _("holds '|', which the database cannot keep"));
		if (c < 0x20 || c == 0x7f)
			return type_refuse(
			    e, text, _("holds a control character"));
		if (c != '\\')
			continue;
		if (i + 1 == text.len)
			return type_refuse(e, text,
			    _("ends in '\\', which the database cannot keep"));
		if (text.ptr[i + 1] == 'n')
			return type_refuse(e, text,
			    _("holds '\\n', which the database reads as a new "
			      "line"));
	}
	return true;
}

void
type_format_plain(const struct setting *s, struct str stored, struct buf *shown)
{
	(void)s;
	(void)buf_add_str(shown, stored);
}

void
type_describe_choices(const struct setting *s, struct buf *words)
{
	if (s->choices == NULL)
		return;
	for (const struct setting_choice *c = s->choices; c->word != NULL; c++)
		if (c->meaning != NULL)
			(void)buf_addf(
			    words, _("; %s = %s"), c->word, _(c->meaning));
}

const struct setting_choice *
type_choice(const struct setting *s, struct str word, bool nocase)
{
	if (s->choices == NULL)
		return NULL;
	for (const struct setting_choice *c = s->choices; c->word != NULL; c++)
		if (nocase ? str_is_nocase(word, c->word)
			   : str_is(word, c->word))
			return c;
	return NULL;
}
