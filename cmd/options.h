/* Words and options of one call, parsed by the command's record. */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include "cmd/app.h"
#include "cmd/command.h"
#include "core/base/compiler.h"
#include "core/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* What stands on one command line. Words are borrowed. */
struct parse {
	const char *const *words;
	size_t n;
	size_t at; /* next word to look at */
	bool help;
	bool version;
	const struct command *command; /* NULL: none named */
	const char *group; /* words of an incomplete command ("log"), or NULL */
	struct call call;
};

/* The options every command knows, ending with name NULL. */
const struct option_spec *option_globals(void);
/* The one called so, by either name, or NULL. */
const struct option_spec *option_find(
    const struct option_spec *specs, struct str name);
const struct option_spec *option_find_letter(
    const struct option_spec *specs, char letter);

/*
 * Take the global option at p->at and carry it out on 'app'. False with an
 * error when it is none, or its value is missing or wrong.
 */
MUST_USE bool option_global_take(
    struct app *app, struct parse *p, struct err *e);
/* Does the word look like an option (and is not "-" or a number)? */
bool option_looks_like(const char *word);

/* Parse what follows the command's words into p->call. */
MUST_USE bool call_parse(struct app *app, struct parse *p, struct err *e);

#endif
