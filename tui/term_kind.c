/* The kind of terminal we are on, and the signs it can show. */
#include "tui/term_int.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

static bool
starts(const char *text, const char *prefix)
{
	return text != NULL && strncmp(text, prefix, strlen(prefix)) == 0;
}

struct term_kind
term_kind_find(bool ascii_wanted)
{
	struct term_kind k = { 0 };
	const char *name = getenv("TERM");
	bool old = starts(name, "vt") || starts(name, "ansi");
	k.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	k.ascii = ascii_wanted || !k.utf8 || old;
	k.tilde = starts(name, "linux");
	k.brackets = !old && !k.tilde;
	return k;
}

struct str
term_kind_sign(const struct term_kind *k, enum term_sign sign)
{
	static const char *const pairs[SIGN_COUNT][2] = {
		[SIGN_RULE] = { "─", "-" },
		[SIGN_DIVIDER] = { "│", "|" },
		[SIGN_TOP_LEFT] = { "┌", "+" },
		[SIGN_TOP_RIGHT] = { "┐", "+" },
		[SIGN_BOTTOM_LEFT] = { "└", "+" },
		[SIGN_BOTTOM_RIGHT] = { "┘", "+" },
		[SIGN_CUT] = { "…", "~" },
		[SIGN_DOT] = { "·", "," },
		[SIGN_SHADE_1] = { "░", "." },
		[SIGN_SHADE_2] = { "▒", ":" },
		[SIGN_SHADE_3] = { "▓", "+" },
		[SIGN_SHADE_4] = { "█", "#" },
	};
	bool plain = k->ascii || (k->tilde && sign == SIGN_CUT);
	return str_of(pairs[sign][plain ? 1 : 0]);
}
