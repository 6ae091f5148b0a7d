/*
 * A line of the shell as words. Blanks separate words; '...' keeps everything,
 * "..." keeps all but \" and \\, a backslash outside quotes keeps the next
 * character; # at the beginning of a word starts a comment. Nothing else is
 * special: no variables, no patterns, no pipes.
 */
#ifndef CMD_SHELL_WORDS_H
#define CMD_SHELL_WORDS_H

#include "core/base/arena.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct shell_words {
	const char **words; /* NULL-terminated, in the arena */
	size_t n;
	char quote;     /* the quote left open at the end, or 0 */
	bool blank_end; /* a new word begins at the end of the line */
};

/* Split what there is; an open quote is left to the caller to judge. */
void shell_split(struct arena *a, struct str line, struct shell_words *out);
/* Split a whole line; an open quote is an error. */
MUST_USE bool shell_split_whole(
    struct arena *a, struct str line, struct shell_words *out, struct err *e);
/* May the line be written to a file? Not when it gives a secret a value. */
bool shell_words_are_secret(const struct shell_words *w);

#endif
