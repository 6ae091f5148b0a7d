/* Sources of candidates, one for each kind of word. */
#ifndef CMD_COMPLETE_WORDS_H
#define CMD_COMPLETE_WORDS_H

#include "cmd/command.h"
#include "cmd/complete.h"

#include <stddef.h>

/* Where on the line a word stands. */
struct complete_place {
	const struct command *command;
	enum arg_kind kind;
	const char *const *choices; /* of ARG_WORD_OF */
	const char *const *before;  /* words of the command so far */
	size_t n_before;
	const char *option; /* the word is a value of this one, or NULL */
};

void complete_word(struct complete *c, const struct complete_place *place);

#endif
