/* The key table. */
#include "tui/keys.h"

#include "core/base/i18n.h"
#include "core/base/utf8.h"

#include <assert.h>
#include <stdio.h>

#define CHAR(c)                                                                \
	{                                                                      \
		INPUT_CHAR, (c)                                                \
	}
#define CTRL(c)                                                                \
	{                                                                      \
		INPUT_CTRL, (c)                                                \
	}
#define KEY(k)                                                                 \
	{                                                                      \
		INPUT_##k, 0                                                   \
	}

/* clang-format off */
static const struct key_entry table[] = {
	{ ACT_UP, "Up", "Up k", { KEY(UP), CHAR('k') },
	  N_("up"), N_("one row up") },
	{ ACT_DOWN, "Down", "Down j", { KEY(DOWN), CHAR('j') },
	  N_("down"), N_("one row down") },
	{ ACT_PAGE_UP, "PgUp", NULL, { KEY(PAGE_UP) },
	  N_("page up"), N_("one page up") },
	{ ACT_PAGE_DOWN, "PgDn", NULL, { KEY(PAGE_DOWN) },
	  N_("page down"), N_("one page down") },
	{ ACT_TEXT_UP, "b", NULL, { CHAR('b') },
	  N_("page up"), N_("one page up in a text") },
	{ ACT_FIRST, "Home", "Home g", { KEY(HOME), CHAR('g') },
	  N_("first"), N_("to the first row") },
	{ ACT_LAST, "End", "End G", { KEY(END), CHAR('G') },
	  N_("last"), N_("to the last row") },
	{ ACT_LEFT, "Left", NULL, { KEY(LEFT) },
	  N_("left"), N_("other choice; scroll sideways; fold a tree") },
	{ ACT_RIGHT, "Right", NULL, { KEY(RIGHT) },
	  N_("right"), N_("other choice; scroll sideways; unfold a tree") },
	{ ACT_NEXT, "Tab", NULL, { KEY(TAB) },
	  N_("next"), N_("next pane or block") },
	{ ACT_PREVIOUS, "Shift-Tab", NULL, { KEY(BACKTAB) },
	  N_("previous"), N_("previous pane or block") },
	{ ACT_OPEN, N_("Enter"), NULL, { KEY(ENTER) },
	  N_("open"), N_("open, edit, accept") },
	{ ACT_SPACE, N_("Space"), NULL, { CHAR(' ') },
	  N_("mark"), N_("switch, mark; one page down in a text") },
	{ ACT_BACK, "q", "Esc q F10", { CHAR('q'), KEY(ESC), KEY(F10) },
	  N_("back"), N_("back one level, cancel; leave from the dashboard") },
	{ ACT_QUIT, "Q", NULL, { CHAR('Q') },
	  N_("quit"), N_("leave from any depth; the draft is kept") },
	{ ACT_HELP, "?", "? F1", { CHAR('?'), KEY(F1) },
	  N_("help"), N_("the keys valid now; Enter runs one") },
	{ ACT_SCREENS, "o", "o F2", { CHAR('o'), KEY(F2) },
	  N_("screens"), N_("numbered list of screens") },
	{ ACT_DIGIT, "1-9", "1-9 0", { KEY(NONE) },
	  N_("choose"), N_("straight to that screen; in dialogs that choice") },
	{ ACT_COMMAND, ":", NULL, { CHAR(':') },
	  N_("command"), N_("command line, same words as the CLI") },
	{ ACT_SEARCH, "/", "/ F3", { CHAR('/'), KEY(F3) },
	  N_("find"), N_("search while typing") },
	{ ACT_SEARCH_NEXT, "n", NULL, { CHAR('n') },
	  N_("next hit"), N_("next hit of the search") },
	{ ACT_SEARCH_PREVIOUS, "N", NULL, { CHAR('N') },
	  N_("hit before"), N_("previous hit of the search") },
	{ ACT_FILTER, "&", "& F4", { CHAR('&'), KEY(F4) },
	  N_("filter"), N_("text keeps, !text drops, empty clears; they stack") },
	{ ACT_RELOAD, "r", "r F5", { CHAR('r'), KEY(F5) },
	  N_("read again"), N_("read again") },
	{ ACT_REDRAW, "Ctrl-L", NULL, { CTRL('l') },
	  N_("redraw"), N_("draw the screen again") },
	{ ACT_DESCRIBE, "d", NULL, { CHAR('d') },
	  N_("describe"), N_("describe the setting of the row") },
	{ ACT_TWIN, "=", NULL, { CHAR('=') },
	  N_("command"), N_("the command that shows or does the same") },
	{ ACT_PLAN, "p", "p F8", { CHAR('p'), KEY(F8) },
	  N_("plan"), N_("what applying would change") },
	{ ACT_APPLY, "a", "a F9", { CHAR('a'), KEY(F9) },
	  N_("apply"), N_("apply (in the plan; elsewhere opens the plan)") },
	{ ACT_STORE, "s", NULL, { CHAR('s') },
	  N_("store"), N_("store the draft in the databases, do not apply") },
	{ ACT_UNDO, "u", NULL, { CHAR('u') },
	  N_("undo"), N_("take back the last edit of the draft; none: the history") },
	{ ACT_DEFAULT, "x", "x Del", { CHAR('x'), KEY(DELETE) },
	  N_("default"), N_("default value; remove an entry; drop from draft") },
	{ ACT_ADD, "+", "+ Ins", { CHAR('+'), KEY(INSERT) },
	  N_("add"), N_("add an entry") },
	{ ACT_CURE, "c", NULL, { CHAR('c') },
	  N_("cure"), N_("take the cure into the draft, or to the ':' line") },
	{ ACT_TEST, "t", NULL, { CHAR('t') },
	  N_("test again"), N_("try now: test again") },
	{ ACT_FOLLOW, "f", NULL, { CHAR('f') },
	  N_("follow"), N_("follow on or off; any move up stops it") },
	{ ACT_PROBLEM, "e", NULL, { CHAR('e') },
	  N_("next problem"), N_("next problem or risk") },
	{ ACT_PROBLEM_BACK, "E", NULL, { CHAR('E') },
	  N_("problem before"), N_("previous problem or risk") },
	{ ACT_HISTOGRAM, "i", NULL, { CHAR('i') },
	  N_("hist"), N_("histogram on or off") },
	{ ACT_VIEW, "v", NULL, { CHAR('v') },
	  N_("view"), N_("other view: ids or summaries, decoded or raw") },
	{ ACT_WHY, "w", "w F7", { CHAR('w'), KEY(F7) },
	  N_("why"), N_("the story of this message, address or host") },
	{ ACT_REHEARSE, "R", NULL, { CHAR('R') },
	  N_("rehearse"), N_("rehearse this message or client") },
	{ ACT_TIME, "@", "@ T", { CHAR('@'), CHAR('T') },
	  N_("time"), N_("jump to a time: 14:08, yesterday, 2 hours ago") },
	{ ACT_YES, "y", NULL, { CHAR('y') },
	  N_("yes"), N_("yes to the question shown; any other key is no") },
	{ ACT_INTERRUPT, "Ctrl-C", NULL, { CTRL('c') },
	  N_("stop"), N_("stop what runs; else as Esc") },
	{ ACT_SUSPEND, "Ctrl-Z", NULL, { CTRL('z') },
	  N_("suspend"), N_("suspend; fg brings it back") },
};
/* clang-format on */

const struct key_entry *
keys_all(size_t *count)
{
	*count = sizeof(table) / sizeof(table[0]);
	return table;
}

const struct key_entry *
keys_of(enum action action)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].action == action)
			return &table[i];
	assert(!"an action without a key");
	return &table[0];
}

enum action
keys_lookup(const struct input_key *key)
{
	if (key->code == INPUT_CHAR && key->cp >= '0' && key->cp <= '9')
		return ACT_DIGIT;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct input_key *k = table[i].keys;
		for (; k->code != INPUT_NONE; k++)
			if (k->code == key->code && k->cp == key->cp)
				return table[i].action;
	}
	return ACT_NONE;
}

void
keys_name(const struct input_key *key, char *out, size_t size)
{
	static const char *const names[] = {
		[INPUT_ENTER] = "Enter",
		[INPUT_TAB] = "Tab",
		[INPUT_BACKTAB] = "Shift-Tab",
		[INPUT_BACKSPACE] = "Backspace",
		[INPUT_ESC] = "Esc",
		[INPUT_UP] = "Up",
		[INPUT_DOWN] = "Down",
		[INPUT_LEFT] = "Left",
		[INPUT_RIGHT] = "Right",
		[INPUT_HOME] = "Home",
		[INPUT_END] = "End",
		[INPUT_PAGE_UP] = "PgUp",
		[INPUT_PAGE_DOWN] = "PgDn",
		[INPUT_INSERT] = "Ins",
		[INPUT_DELETE] = "Del",
		[INPUT_OTHER] = "?",
	};
	char text[4];
	if (key->code == INPUT_CHAR) {
		size_t n = utf8_encode(key->cp, text);
		snprintf(out, size, "%.*s", (int)n, text);
	} else if (key->code == INPUT_CTRL) {
		snprintf(out, size, "Ctrl-%c",
		    key->cp >= 'a' && key->cp <= 'z' ? (int)key->cp - 32 : '?');
	} else if (key->code >= INPUT_F1 && key->code <= INPUT_F10) {
		snprintf(out, size, "F%d", (int)(key->code - INPUT_F1) + 1);
	} else if ((size_t)key->code < sizeof(names) / sizeof(names[0]) &&
		   names[key->code] != NULL) {
		snprintf(out, size, "%s", names[key->code]);
	} else {
		snprintf(out, size, "?");
	}
}
