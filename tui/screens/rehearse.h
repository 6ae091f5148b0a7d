/* Rehearsing a client and a message from other screens. */
#ifndef TUI_SCREENS_REHEARSE_H
#define TUI_SCREENS_REHEARSE_H

#include "core/base/i18n.h"
#include "core/base/str.h"

#include <stdint.h>
#include "tui/screens/screens.h"

#define REHEARSE_WORDS                                                         \
	N_("Client, sender, recipient, helo=NAME, port=587, user=NAME, a "     \
	   "file; blanks between")

struct why;
struct top_session;

/* Who sends what to whom; empty words are made up. */
struct rehearse_ask {
	struct str client, helo, sender, rcpt;
	struct str user;  /* logs in as; empty: does not */
	uint16_t port;    /* 25, 465 or 587; 0: 25 */
	const char *file; /* of the message; NULL: a small one is made up */
};

/* Over the screen that asks; says why not. Texts are copied. */
void rehearsal_open(struct tui *ui, const struct rehearse_ask *ask);
/*
 * "CLIENT SENDER RECIPIENT [helo=NAME] [port=N] [user=NAME] [FILE]" as it was
 * typed, asked for by REHEARSE_WORDS.
 */
void rehearsal_open_words(struct tui *ui, const char *words);
/* The same client and envelope as a message of the logs. */
void rehearsal_open_why(struct tui *ui, const struct why *w);
/* The same for the message that why_open would tell of. */
void rehearsal_open_logged(
    struct tui *ui, enum why_what what, const char *text, int64_t at_s);
void rehearsal_open_session(struct tui *ui, const struct top_session *s);

#endif
