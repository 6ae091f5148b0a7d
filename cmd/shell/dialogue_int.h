/*
 * Numbered menus in place of the screen, for terminals that cannot move their
 * cursor and for readers of screens (screens.md 4.24): a line of text for each
 * fact, a question at the end. What they change, commands of the shell do.
 */
#ifndef CMD_SHELL_DIALOGUE_INT_H
#define CMD_SHELL_DIALOGUE_INT_H

#include "cmd/app.h"
#include "cmd/shell/shell_int.h"
#include "core/model/ctx.h"

#include <stdbool.h>
#include <stddef.h>

struct dialogue {
	struct shell shell;
	struct app app;
	struct model_ctx m; /* its arena is emptied at the first menu only */
	char *line;         /* typed last */
	size_t line_room;
	bool done;  /* the end of the input, or quit */
	bool again; /* the menu is to be made anew */
};

struct menu_choice {
	const char *label; /* translated; in the dialogue's arena */
	void (*take)(struct dialogue *d, const void *ctx);
	const void *ctx;
};

struct menu {
	const char *title; /* translated */
	const char *help;  /* what "?" says, translated */
	const struct menu_choice *choices;
	size_t n;
	bool is_live; /* an empty line makes it anew, with d->again */
};

/* --- dialogue.c --- */
/* A line on the output, escaped. */
void dialogue_say(struct dialogue *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
/*
 * Ask for a line of text: trimmed, good until the next question. NULL: an empty
 * one, "0", the end of the input or Ctrl-C.
 */
const char *dialogue_ask(struct dialogue *d, const char *prompt);
/* The same where "0" is an answer too. */
const char *dialogue_value(struct dialogue *d, const char *prompt);
/* Yes or no, in English or French; anything else is no. */
bool dialogue_yes(struct dialogue *d, const char *question);
/* Run a command, told before it runs; its exit status. */
int dialogue_run(struct dialogue *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Offer plan and apply after something was stored. */
void dialogue_apply(struct dialogue *d);
void dialogue_error(struct dialogue *d, const struct err *e);
/* Show the menu and do what is chosen until it is left. */
void dialogue_menu(struct dialogue *d, const struct menu *menu);
/* Something printed into the dialogue's arena. */
const char *dialogue_text(struct dialogue *d, const char *fmt, ...)
    PRINTF_LIKE(2, 3);
/* The same as a word of a command line, quoted where it has to be. */
const char *dialogue_word(struct dialogue *d, const char *text);

/* --- the menus behind the first one --- */
void dialogue_settings(struct dialogue *d, const void *ctx);
void dialogue_why(struct dialogue *d, const void *ctx);
void dialogue_lists(struct dialogue *d, const void *ctx);
void dialogue_people(struct dialogue *d, const void *ctx);
void dialogue_log(struct dialogue *d, const void *ctx);
void dialogue_queue(struct dialogue *d, const void *ctx);
void dialogue_services(struct dialogue *d, const void *ctx);
void dialogue_findings(struct dialogue *d, const void *ctx);
void dialogue_changes(struct dialogue *d, const void *ctx);

#endif
