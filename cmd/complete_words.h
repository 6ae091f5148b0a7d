/* Sources of candidates, one for each kind of word. */
#ifndef CMD_COMPLETE_WORDS_H
#define CMD_COMPLETE_WORDS_H

#include "cmd/command.h"
#include "cmd/complete.h"
#include "core/setting/setting.h"

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

/* Of complete_settings.c: ids, NAME=VALUE, values, areas. */
void complete_setting(struct complete *c, const struct complete_place *p);
void complete_assignment(struct complete *c, const struct complete_place *p);
void complete_value(struct complete *c, const struct complete_place *p);
void complete_area(struct complete *c, const struct complete_place *p);
/* Of complete_tasks.c: entries of lists, pairs, rules, patterns. */
void complete_task(struct complete *c, const struct complete_place *p);
/* What "user", "domain" ... commands are about; NONE for all others. */
enum setting_target complete_target_of(const struct command *c);
/* The setting named by the words before, the nearest first; or NULL. */
const struct setting *complete_setting_before(const struct complete_place *p);

#endif
