/*
 * Private to tui/term*.c: what the terminal needs that curses does not do.
 */
#ifndef TUI_TERM_INT_H
#define TUI_TERM_INT_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/str.h"
#include "tui/term.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

enum {
	TERM_TEXT_MAX = 16384, /* bytes of one text, escaped */
	TERM_CELL_CHARS = 4,   /* a character and its combining marks */
	TERM_WATCHED = 4,      /* signals the loop hears of */
	TERM_FATAL = 6,        /* signals we die of */
};

/* What the locale and TERM say of the terminal. */
struct term_kind {
	bool utf8;     /* code set of the locale */
	bool ascii;    /* signs */
	bool tilde;    /* the console font lacks the ellipsis */
	bool brackets; /* it marks pastes */
};

struct term_kind term_kind_find(bool ascii_wanted);
/* The sign as this kind of terminal can show it; static text. */
struct str term_kind_sign(const struct term_kind *k, enum term_sign sign);

/*
 * Rewrite a text, already escaped, for a terminal that is not UTF-8: what its
 * code set lacks becomes a plain neighbour, or '?'. Cut at TERM_TEXT_MAX.
 */
void term_text_fold(struct buf *text);
/*
 * One character with its combining marks from the start of 's' into 'cell',
 * terminated; returns the bytes used, sets the columns it takes (at least 1).
 */
size_t term_text_cell(
    struct str s, wchar_t cell[TERM_CELL_CHARS + 1], int *width);

/* The handlers that were there before, and the pipe that wakes the loop. */
struct term_signals {
	int wake[2]; /* a signal writes, poll sees */
	struct sigaction old_watched[TERM_WATCHED], old_fatal[TERM_FATAL];
};

/* Opens the pipe; false with errno set. Undone by term_wake_close. */
MUST_USE bool term_wake_open(struct term_signals *s);
void term_wake_close(struct term_signals *s);
/* Between these two the signals are the terminal's; one terminal at a time. */
void term_signals_take(struct term_signals *s);
void term_signals_give_back(const struct term_signals *s);
/* TERM_... bits that came since the last call; empties the pipe. */
unsigned term_signals_came(const struct term_signals *s);
/* As if the signal had come: the line is lost; the window may have changed. */
void term_note_lost(void);
void term_note_resized(void);

/*
 * Put the terminal right before a fatal signal does its work. Defined by
 * term.c, called in a signal handler.
 */
void term_put_right(void);

#endif
