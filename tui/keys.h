/*
 * The one key table: dispatch, the key bar, the help screen and the manual
 * read it. A letter means one thing on every screen, or nothing.
 */
#ifndef TUI_KEYS_H
#define TUI_KEYS_H

#include "tui/input.h"

#include <stddef.h>

enum action {
	ACT_NONE,
	ACT_UP,
	ACT_DOWN,
	ACT_PAGE_UP,
	ACT_PAGE_DOWN,
	ACT_TEXT_UP, /* b */
	ACT_FIRST,
	ACT_LAST,
	ACT_LEFT,
	ACT_RIGHT,
	ACT_NEXT, /* Tab */
	ACT_PREVIOUS,
	ACT_OPEN,
	ACT_SPACE,
	ACT_BACK,
	ACT_QUIT,
	ACT_HELP,
	ACT_SCREENS,
	ACT_DIGIT,
	ACT_COMMAND,
	ACT_SEARCH,
	ACT_SEARCH_NEXT,
	ACT_SEARCH_PREVIOUS,
	ACT_FILTER,
	ACT_RELOAD,
	ACT_REDRAW,
	ACT_DESCRIBE,
	ACT_TWIN,
	ACT_PLAN,
	ACT_APPLY,
	ACT_STORE,
	ACT_UNDO,
	ACT_DEFAULT,
	ACT_ADD,
	ACT_CURE,
	ACT_TEST,
	ACT_FOLLOW,
	ACT_PROBLEM,
	ACT_PROBLEM_BACK,
	ACT_HISTOGRAM,
	ACT_VIEW,
	ACT_WHY,
	ACT_REHEARSE,
	ACT_TIME,
	ACT_YES,
	ACT_INTERRUPT,
	ACT_SUSPEND,
	ACT_COUNT,
};

enum {
	KEYS_PER_ACTION = 5
};

struct key_entry {
	enum action action;
	const char *shown; /* "Enter", "p": in the key bar; N_() for words */
	const char *twins; /* "Up, k": in the help; NULL: as 'shown' */
	struct input_key keys[KEYS_PER_ACTION]; /* ends with INPUT_NONE */
	const char *label;                      /* of the key bar, N_() */
	const char *help;                       /* one line, N_() */
};

/* In the order of the help screen. */
const struct key_entry *keys_all(size_t *count);
const struct key_entry *keys_of(enum action action);
/* What a key does; digits give ACT_DIGIT. */
enum action keys_lookup(const struct input_key *key);
/* "z", "Ctrl-X", "F5": for messages. */
void keys_name(const struct input_key *key, char *out, size_t size);

#endif
