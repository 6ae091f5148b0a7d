/*
 * Completion: what may stand where the cursor is. The scripts for bash, zsh
 * and fish, the shell and the screen's command line all show this.
 */
#ifndef CMD_COMPLETE_H
#define CMD_COMPLETE_H

#include "cmd/app.h"
#include "cmd/command.h"
#include "core/base/compiler.h"
#include "core/setting/setting.h"

#include <stdbool.h>
#include <stddef.h>

enum complete_end {
	COMPLETE_END,
	COMPLETE_NOSPACE, /* more follows, as after "NAME=" */
	COMPLETE_FILES,   /* file names, looked up by the shell */
	COMPLETE_DIRS,
	COMPLETE_NONE, /* nothing fits; 'why' says why */
};

struct complete_item {
	const char *word;
	const char *description; /* "" when there is none */
	const char *kind;        /* "command", "option", "setting" ... */
};

/* Candidates in the order to show them; all memory is of the app's arena. */
struct complete {
	struct app *app;
	struct str wanted; /* the beginning they must have */
	const char *front; /* put before each word: "--option=", or "" */
	struct complete_item *items;
	size_t n, cap;
	enum setting_target target; /* settings of these only, or NONE */
	enum complete_end end;
	const char *why;
};

enum {
	COMPLETE_MAX = 2000 /* more candidates help nobody */
};

/*
 * Complete the last of 'words' (may be empty), the others being the command
 * line before it without the program's name. Reads local files only.
 */
void complete_line(
    struct app *app, const char *const *words, size_t n, struct complete *out);

/*
 * Offer one word if it begins as wanted. Words with control characters are
 * left out.
 */
void complete_add(struct complete *c, const char *word, const char *description,
    const char *kind);

#endif
