/* From words to a command's record: exact, or by unambiguous beginnings. */
#ifndef CMD_MATCH_H
#define CMD_MATCH_H

#include "cmd/app.h"
#include "cmd/command.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* The commands that the words seen so far may still mean. */
struct match {
	const struct command **candidates; /* in the arena */
	size_t n;
	size_t depth; /* words matched */
	bool exact;   /* no beginning was completed */
};

/* The i-th word of "log follow"; empty past the end. */
struct str command_word(const struct command *c, size_t i);
size_t command_word_count(const struct command *c);

void match_begin(struct match *m, struct arena *a);
/*
 * Narrow by one more word. False, and nothing changed, when none fits; then
 * the word is an argument if match_complete gives a command, else unknown.
 */
bool match_word(struct match *m, struct str word);
/* The command whose words are all matched, or NULL. */
const struct command *match_complete(const struct match *m);
/* May more words follow the matched ones? */
bool match_continues(const struct match *m);
/* Explain a word that fits nothing, with the nearest name. */
bool match_unknown(
    const struct match *m, struct arena *a, const char *word, struct err *e);
/* The next words that may follow, "decode, follow", in the arena. */
const char *match_choices(const struct match *m, struct arena *a);
/* The matched words themselves: "log". */
const char *match_words(const struct match *m, struct arena *a);

#endif
