/* Words that are domains, hosts or addresses: as typed, and as the DNS has
 * them. */
#ifndef CMD_TYPED_H
#define CMD_TYPED_H

#include "cmd/app.h"
#include "cmd/command.h"

/* Has the command words or options of this kind? */
bool typed_has_names(const struct command *c);

/*
 * Give each of them with letters beyond ASCII its A-labels, and say so once on
 * stderr. What is no name stays: the handler refuses it.
 */
void typed_settle(struct app *app, struct call *call);
/* The same for a word of a text in which a domain or address may stand. */
const char *typed_word(struct app *app, const char *typed);

#endif
