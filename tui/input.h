/*
 * Bytes of a terminal become keys. The decoder knows the sequences of xterm,
 * PuTTY, the Linux console, tmux and VT100 whatever TERM says, brackets of a
 * paste, and keys cut in two by a slow line. It reads nothing itself and
 * takes the time from its caller.
 */
#ifndef TUI_INPUT_H
#define TUI_INPUT_H

#include "core/base/buf.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum input_code {
	INPUT_NONE,
	INPUT_CHAR, /* 'cp' is a character */
	INPUT_CTRL, /* 'cp' is the letter pressed with Ctrl, lower case */
	INPUT_ENTER,
	INPUT_TAB,
	INPUT_BACKTAB,
	INPUT_BACKSPACE,
	INPUT_ESC,
	INPUT_UP,
	INPUT_DOWN,
	INPUT_LEFT,
	INPUT_RIGHT,
	INPUT_HOME,
	INPUT_END,
	INPUT_PAGE_UP,
	INPUT_PAGE_DOWN,
	INPUT_INSERT,
	INPUT_DELETE,
	INPUT_F1,
	INPUT_F2,
	INPUT_F3,
	INPUT_F4,
	INPUT_F5,
	INPUT_F6,
	INPUT_F7,
	INPUT_F8,
	INPUT_F9,
	INPUT_F10,
	INPUT_PASTE, /* the text is input_paste() */
	INPUT_OTHER, /* a key we have no name for */
};

struct input_key {
	enum input_code code;
	uint32_t cp; /* of INPUT_CHAR and INPUT_CTRL, else 0 */
};

enum {
	INPUT_BYTES_MAX = 4096,
	INPUT_PASTE_MAX = 64 * 1024,
	INPUT_ESC_DELAY_MS = 50,      /* wait for the rest of a key */
	INPUT_ESC_REMEMBER_MS = 1000, /* a late rest is swallowed */
};

struct input {
	char bytes[INPUT_BYTES_MAX]; /* read, not decoded yet */
	size_t len;
	int64_t last_ms;  /* when the last bytes came */
	int64_t lone_ms;  /* when a lone Esc was given out, or -1 */
	int64_t delay_ms; /* INPUT_ESC_DELAY_MS unless ESCDELAY says other */
	bool utf8;        /* the code set of the terminal */
	bool brackets;    /* it marks pastes itself */
	bool in_paste;
	struct buf paste;
};

void input_init(struct input *in, bool utf8, bool brackets, int64_t delay_ms);
void input_clear(struct input *in);
/* Room for the next read; *room is 0 when keys must be taken out first. */
char *input_room(struct input *in, size_t *room);
/* 'n' bytes were put there by one read. */
void input_fed(struct input *in, size_t n, int64_t now_ms);
/* The next whole key; false when there is none (yet). */
bool input_next(struct input *in, int64_t now_ms, struct input_key *key);
/* Was Ctrl-C typed? Keys that came before it are dropped. */
bool input_interrupted(struct input *in);
/* Milliseconds until a waiting beginning is decided, -1: nothing waits. */
int input_wait_ms(const struct input *in, int64_t now_ms);
/* The text of INPUT_PASTE, CR made LF; good until the next input_next. */
struct str input_paste(const struct input *in);

#endif
