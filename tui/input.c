/* Keys from bytes: sequences, lone Esc, pastes, characters. */
#include "tui/input.h"

#include "core/base/utf8.h"

#include <string.h>
#include <wchar.h>

enum {
	ESC = 0x1b,
	CTRL_C = 0x03
};

struct sequence {
	const char *bytes; /* after Esc */
	enum input_code code;
};

/* PASTE stands for the opening bracket here. */
static const struct sequence sequences[] = {
	{ "[A", INPUT_UP },
	{ "[B", INPUT_DOWN },
	{ "[C", INPUT_RIGHT },
	{ "[D", INPUT_LEFT },
	{ "OA", INPUT_UP },
	{ "OB", INPUT_DOWN },
	{ "OC", INPUT_RIGHT },
	{ "OD", INPUT_LEFT },
	{ "[H", INPUT_HOME },
	{ "[F", INPUT_END },
	{ "OH", INPUT_HOME },
	{ "OF", INPUT_END },
	{ "[1~", INPUT_HOME }, /* PuTTY, Linux console, screen */
	{ "[4~", INPUT_END },
	{ "[7~", INPUT_HOME }, /* rxvt */
	{ "[8~", INPUT_END },
	{ "[2~", INPUT_INSERT },
	{ "[3~", INPUT_DELETE },
	{ "[5~", INPUT_PAGE_UP },
	{ "[6~", INPUT_PAGE_DOWN },
	{ "[Z", INPUT_BACKTAB },
	{ "\t", INPUT_BACKTAB }, /* Linux console */
	{ "OM", INPUT_ENTER },   /* keypad */
	{ "OP", INPUT_F1 },
	{ "OQ", INPUT_F2 },
	{ "OR", INPUT_F3 },
	{ "OS", INPUT_F4 },
	{ "[11~", INPUT_F1 }, /* PuTTY */
	{ "[12~", INPUT_F2 },
	{ "[13~", INPUT_F3 },
	{ "[14~", INPUT_F4 },
	{ "[15~", INPUT_F5 },
	{ "[17~", INPUT_F6 },
	{ "[18~", INPUT_F7 },
	{ "[19~", INPUT_F8 },
	{ "[20~", INPUT_F9 },
	{ "[21~", INPUT_F10 },
	{ "[[A", INPUT_F1 }, /* Linux console */
	{ "[[B", INPUT_F2 },
	{ "[[C", INPUT_F3 },
	{ "[[D", INPUT_F4 },
	{ "[[E", INPUT_F5 },
	{ "[200~", INPUT_PASTE },
};

static const char paste_end[] = "\033[201~";

void
input_init(struct input *in, bool utf8, bool brackets, int64_t delay_ms)
{
	memset(in, 0, sizeof(*in));
	in->lone_ms = -1;
	in->utf8 = utf8;
	in->brackets = brackets;
	in->delay_ms = delay_ms;
	buf_init(&in->paste, INPUT_PASTE_MAX);
}

void
input_clear(struct input *in)
{
	buf_clear(&in->paste);
}

char *
input_room(struct input *in, size_t *room)
{
	*room = sizeof(in->bytes) - in->len;
	return in->bytes + in->len;
}

struct str
input_paste(const struct input *in)
{
	return buf_str(&in->paste);
}

static void
drop(struct input *in, size_t n)
{
	in->len -= n;
	memmove(in->bytes, in->bytes + n, in->len);
}

/* Keep what fits of a paste; CR is how terminals send its line ends. */
static void
paste_add(struct input *in, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n && in->paste.len < in->paste.max; i++)
		buf_add_char(&in->paste, bytes[i] == '\r' ? '\n' : bytes[i]);
}

/*
 * A terminal that does not mark pastes: several characters and a newline in
 * one read were not typed.
 */
static bool
looks_pasted(const char *bytes, size_t n)
{
	size_t chars = 0, newlines = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];
		if (c == '\r' || c == '\n')
			newlines++;
		else if (c >= 0x20 && c != 0x7f)
			chars++;
		else if (c != '\t')
			return false;
	}
	return newlines > 0 && chars > 3;
}

void
input_fed(struct input *in, size_t n, int64_t now_ms)
{
	const char *fresh = in->bytes + in->len;
	in->last_ms = now_ms;
	if (!in->brackets && in->len == 0 && looks_pasted(fresh, n)) {
		buf_reset(&in->paste);
		paste_add(in, fresh, n);
		/* read back by input_next as a paste already complete */
		in->in_paste = true;
		memcpy(in->bytes, paste_end, sizeof(paste_end) - 1);
		in->len = sizeof(paste_end) - 1;
		return;
	}
	in->len += n;
}

/*
 * Bytes of the control sequence at 's' (which begins with '[' or 'O'): 0 when
 * its end has not come yet.
 */
static size_t
sequence_length(const char *s, size_t n)
{
	if (n < 2)
		return 0;
	if (s[0] == 'O')
		return 2;
	if (s[1] == '[')
		return n < 3 ? 0 : 3;
	for (size_t i = 1; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c >= 0x40 && c <= 0x7e)
			return i + 1;
		if (c < 0x20 || c > 0x7e)
			return i; /* not a sequence: stop before it */
	}
	return 0;
}

static enum input_code
sequence_code(const char *s, size_t n)
{
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
		if (strlen(sequences[i].bytes) == n &&
		    memcmp(sequences[i].bytes, s, n) == 0)
			return sequences[i].code;
	return INPUT_OTHER;
}

/* Take text up to the closing bracket; true when the paste is whole. */
static bool
paste_take(struct input *in)
{
	size_t end = sizeof(paste_end) - 1;
	for (size_t i = 0; i + end <= in->len; i++) {
		if (memcmp(in->bytes + i, paste_end, end) != 0)
			continue;
		paste_add(in, in->bytes, i);
		drop(in, i + end);
		in->in_paste = false;
		return true;
	}
	/* all but what may be the beginning of the bracket */
	size_t keep = in->len < end - 1 ? in->len : end - 1;
	paste_add(in, in->bytes, in->len - keep);
	drop(in, in->len - keep);
	return false;
}

/* The key after an Esc byte. False: wait for more. */
static bool
escape_take(struct input *in, int64_t now_ms, struct input_key *key)
{
	bool late = now_ms - in->last_ms >= in->delay_ms;
	const char *rest = in->bytes + 1;
	size_t n = in->len - 1, used = 0;
	if (n == 0 && !late)
		return false;
	if (n > 0 && (rest[0] == '[' || rest[0] == 'O')) {
		used = sequence_length(rest, n);
		if (used == 0 && !late)
			return false;
	} else if (n > 0 && rest[0] == '\t') {
		used = 1;
	}
	if (used == 0) { /* Esc alone, or before another key */
		drop(in, 1);
		in->lone_ms = now_ms;
		key->code = INPUT_ESC;
		return true;
	}
	key->code = sequence_code(rest, used);
	drop(in, 1 + used);
	if (key->code == INPUT_PASTE) {
		in->in_paste = true;
		buf_reset(&in->paste);
		return paste_take(in);
	}
	return true;
}

/*
 * The rest of a key that a slow line cut after its Esc. True when something
 * was swallowed; *wait when its end is missing.
 */
static bool
late_rest_swallow(struct input *in, int64_t now_ms, bool *wait)
{
	char c = in->bytes[0];
	if (in->lone_ms < 0 || (c != '[' && c != 'O'))
		return false;
	if (now_ms - in->lone_ms >= INPUT_ESC_REMEMBER_MS)
		return false;
	size_t n = sequence_length(in->bytes, in->len);
	if (n == 0) {
		*wait = true;
		return false;
	}
	in->lone_ms = -1;
	drop(in, n);
	return true;
}

static bool
control_take(struct input *in, struct input_key *key)
{
	unsigned char c = (unsigned char)in->bytes[0];
	if (c == '\r' || c == '\n')
		key->code = INPUT_ENTER;
	else if (c == '\t')
		key->code = INPUT_TAB;
	else if (c == 0x7f || c == 0x08)
		key->code = INPUT_BACKSPACE;
	else if (c < 0x20) {
		key->code = INPUT_CTRL;
		key->cp = c >= 1 && c <= 26 ? (uint32_t)('a' + c - 1) : c;
	} else
		return false;
	drop(in, 1);
	return true;
}

/* A character of the terminal's code set. False: its end is missing. */
static bool
char_take(struct input *in, int64_t now_ms, struct input_key *key)
{
	uint32_t cp = 0;
	size_t n;
	if (in->utf8) {
		n = utf8_decode(str_n(in->bytes, in->len), &cp);
	} else {
		mbstate_t state;
		wchar_t wide;
		memset(&state, 0, sizeof(state));
		n = mbrtowc(&wide, in->bytes, in->len, &state);
		if (n == (size_t)-1 || n == (size_t)-2)
			n = 0;
		else
			cp = (uint32_t)wide;
	}
	if (n == 0 && in->len < 4 && now_ms - in->last_ms < in->delay_ms)
		return false;
	drop(in, n > 0 ? n : 1);
	key->code = n > 0 ? INPUT_CHAR : INPUT_OTHER;
	key->cp = cp;
	return true;
}

bool
input_next(struct input *in, int64_t now_ms, struct input_key *key)
{
	bool wait = false;
	key->code = INPUT_NONE;
	key->cp = 0;
	if (in->in_paste) {
		key->code = INPUT_PASTE;
		return in->len > 0 && paste_take(in);
	}
	while (in->len > 0 && late_rest_swallow(in, now_ms, &wait))
		continue;
	if (in->len == 0 || wait)
		return false;
	if (in->bytes[0] == ESC)
		return escape_take(in, now_ms, key);
	in->lone_ms = -1;
	return control_take(in, key) || char_take(in, now_ms, key);
}

bool
input_interrupted(struct input *in)
{
	for (size_t i = in->len; i > 0; i--) {
		if (in->bytes[i - 1] == CTRL_C) {
			drop(in, i);
			return true;
		}
	}
	return false;
}

int
input_wait_ms(const struct input *in, int64_t now_ms)
{
	if (in->len == 0 || in->in_paste)
		return -1;
	int64_t until = in->last_ms + in->delay_ms;
	if (in->lone_ms >= 0 && (in->bytes[0] == '[' || in->bytes[0] == 'O'))
		until = in->lone_ms + INPUT_ESC_REMEMBER_MS;
	return until > now_ms ? (int)(until - now_ms) : 0;
}
