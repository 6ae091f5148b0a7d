/*
 * The terminal through wide ncurses. Keys are read and decoded by ourselves
 * (tui/input.c): curses cannot tell pastes and cut sequences apart.
 */
#include "tui/term.h"

#include "core/base/buf.h"
#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/base/utf8.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>
#include <wchar.h>

/* curses.h and term.h name many things as macros */
#undef lines
#undef columns

static const int watched[] = { SIGWINCH, SIGHUP, SIGTERM, SIGINT };
static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT,
	SIGQUIT };

enum {
	N_WATCHED = sizeof(watched) / sizeof(watched[0]),
	N_FATAL = sizeof(fatal) / sizeof(fatal[0]),
	TEXT_MAX = 16384,
	CELL_CHARS = 4, /* a character and its combining marks */
};

static const char paste_on[] = "\033[?2004h";
static const char paste_off[] = "\033[?2004l";

struct terminal {
	SCREEN *screen;
	int wake[2]; /* a signal writes, poll sees */
	struct sigaction old_watched[N_WATCHED], old_fatal[N_FATAL];
	attr_t attributes[STYLE_COUNT];
	short pairs[STYLE_COUNT];
	struct buf text;
	int cursor_y, cursor_x;
	bool utf8;     /* code set of the locale */
	bool ascii;    /* signs */
	bool tilde;    /* the console font lacks the ellipsis */
	bool brackets; /* it marks pastes */
};

static volatile sig_atomic_t resized, hung_up, wake_fd = -1;

static void
on_watched(int sig)
{
	int saved = errno;
	if (sig == SIGWINCH)
		resized = 1;
	else if (sig != SIGINT)
		hung_up = 1;
	if (wake_fd >= 0 && write(wake_fd, "", 1) < 0)
		errno = 0; /* full: it is awake already */
	errno = saved;
}

/* The terminal is put right before we die; then the signal does its work. */
static void
on_fatal(int sig)
{
	ssize_t ignored =
	    write(STDOUT_FILENO, paste_off, sizeof(paste_off) - 1);
	(void)ignored;
	endwin();
	signal(sig, SIG_DFL);
	raise(sig);
}

bool
term_usable(struct err *e)
{
	const char *name = getenv("TERM");
	int result = 0;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		err_set(e, ERR_USAGE,
		    _("cannot open the screen: input or output is not a "
		      "terminal"));
		return err_next(e, "smemail shell");
	}
	if (name == NULL || *name == '\0')
		name = "unknown";
	if (setupterm(name, STDOUT_FILENO, &result) == ERR) {
		err_set(e, ERR_USAGE,
		    _("cannot open the screen: terminal type '%s' is not "
		      "known here"),
		    name);
		return err_next(e, "smemail shell");
	}
	bool moves = cursor_address != NULL && clear_screen != NULL;
	del_curterm(cur_term);
	if (!moves) {
		err_set(e, ERR_USAGE,
		    _("cannot open the screen: a terminal of type '%s' cannot "
		      "move its cursor"),
		    name);
		return err_next(e, "smemail shell");
	}
	return true;
}

static void
signals_take(struct terminal *t)
{
	struct sigaction sa = { 0 };
	resized = hung_up = 0;
	wake_fd = t->wake[1];
	sigfillset(&sa.sa_mask);
	sa.sa_handler = on_watched;
	sa.sa_flags = SA_RESTART;
	for (size_t i = 0; i < N_WATCHED; i++)
		sigaction(watched[i], &sa, &t->old_watched[i]);
	sa.sa_handler = on_fatal;
	for (size_t i = 0; i < N_FATAL; i++)
		sigaction(fatal[i], &sa, &t->old_fatal[i]);
}

void
term_child(void)
{
	wake_fd = -1;
	for (size_t i = 0; i < N_WATCHED; i++)
		signal(watched[i], SIG_DFL);
	for (size_t i = 0; i < N_FATAL; i++)
		signal(fatal[i], SIG_DFL);
	signal(SIGTSTP, SIG_DFL);
}

static void
signals_give_back(struct terminal *t)
{
	for (size_t i = 0; i < N_WATCHED; i++)
		sigaction(watched[i], &t->old_watched[i], NULL);
	for (size_t i = 0; i < N_FATAL; i++)
		sigaction(fatal[i], &t->old_fatal[i], NULL);
	wake_fd = -1;
}

/* Last column of the role table: attributes that need no colour. */
static void
styles_mono(struct terminal *t)
{
	t->attributes[STYLE_BAR] = A_REVERSE;
	t->attributes[STYLE_CURSOR] = A_REVERSE;
	t->attributes[STYLE_WARN] = A_BOLD;
	t->attributes[STYLE_FAIL] = A_BOLD | A_REVERSE;
	t->attributes[STYLE_UNKNOWN] = A_UNDERLINE;
	t->attributes[STYLE_DRAFT] = A_BOLD;
	t->attributes[STYLE_HIT] = A_UNDERLINE;
	t->attributes[STYLE_EDIT] = A_REVERSE;
	t->attributes[STYLE_HEAD] = A_BOLD;
}

/* Blocks behind words: white or black on a colour, never coloured letters. */
static void
styles_color(struct terminal *t)
{
	static const struct {
		enum term_style style;
		short front, back;
	} blocks[] = {
		{ STYLE_BAR, COLOR_WHITE, COLOR_BLUE },
		{ STYLE_WARN, COLOR_BLACK, COLOR_YELLOW },
		{ STYLE_FAIL, COLOR_WHITE, COLOR_RED },
		{ STYLE_UNKNOWN, COLOR_BLACK, COLOR_CYAN },
		{ STYLE_HIT, COLOR_BLACK, COLOR_YELLOW },
	};
	start_color();
	use_default_colors();
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		short pair = (short)(i + 1);
		init_pair(pair, blocks[i].front, blocks[i].back);
		t->pairs[blocks[i].style] = pair;
		t->attributes[blocks[i].style] = A_NORMAL;
	}
}

static bool
starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static void
recognise(struct terminal *t, const struct term_options *o)
{
	const char *name = getenv("TERM");
	if (name == NULL)
		name = "";
	bool old = starts(name, "vt") || starts(name, "ansi");
	t->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	t->ascii = o->ascii || !t->utf8 || old;
	t->tilde = starts(name, "linux");
	t->brackets = !old && !t->tilde;
}

static void
paste_brackets(const struct terminal *t, bool on)
{
	const char *text = on ? paste_on : paste_off;
	if (!t->brackets)
		return;
	fflush(stdout);
	if (write(STDOUT_FILENO, text, strlen(text)) < 0)
		hung_up = 1;
}

static void
modes_set(const struct terminal *t)
{
	raw();
	noecho();
	nonl();
	curs_set(0);
	paste_brackets(t, true);
}

bool
term_start(const struct term_options *o, struct terminal **out, struct err *e)
{
	struct terminal *t = calloc(1, sizeof(*t));
	if (t == NULL || pipe2(t->wake, O_CLOEXEC | O_NONBLOCK) != 0) {
		free(t);
		return err_set_errno(
		    e, errno, "%s", _("cannot open the screen"));
	}
	recognise(t, o);
	buf_init(&t->text, TEXT_MAX);
	t->cursor_y = -1;
	t->screen = newterm(NULL, stdout, stdin);
	if (t->screen == NULL) {
		close(t->wake[0]);
		close(t->wake[1]);
		free(t);
		return err_set(e, ERR_PERMANENT, "%s",
		    _("cannot open the screen: the terminal refuses"));
	}
	signals_take(t);
	typeahead(-1); /* the loop itself lets keys come first */
	styles_mono(t);
	if (o->color && has_colors())
		styles_color(t);
	modes_set(t);
	*out = t;
	return true;
}

void
term_stop(struct terminal *t)
{
	if (t == NULL)
		return;
	paste_brackets(t, false);
	endwin();
	signals_give_back(t);
	delscreen(t->screen);
	close(t->wake[0]);
	close(t->wake[1]);
	buf_clear(&t->text);
	free(t);
}

void
term_leave(struct terminal *t)
{
	paste_brackets(t, false);
	endwin();
	fflush(stdout);
}

void
term_return(struct terminal *t)
{
	paste_brackets(t, true);
	refresh();   /* after endwin it sets the modes again */
	resized = 1; /* the window may have changed meanwhile */
	term_redraw(t);
}

void
term_suspend(struct terminal *t)
{
	struct sigaction normal = { 0 }, old;
	term_leave(t);
	normal.sa_handler = SIG_DFL;
	sigaction(SIGTSTP, &normal, &old);
	kill(0, SIGTSTP); /* the whole job, as the terminal would do */
	sigaction(SIGTSTP, &old, NULL);
	term_return(t);
}

int
term_lines(const struct terminal *t)
{
	(void)t;
	return LINES;
}

int
term_columns(const struct terminal *t)
{
	(void)t;
	return COLS;
}

bool
term_is_ascii(const struct terminal *t)
{
	return t->ascii;
}

void
term_set_ascii(struct terminal *t, bool ascii)
{
	t->ascii = ascii || !t->utf8;
}

struct str
term_sign(const struct terminal *t, enum term_sign sign)
{
	static const char *const pairs[SIGN_COUNT][2] = {
		[SIGN_RULE] = { "─", "-" },
		[SIGN_DIVIDER] = { "│", "|" },
		[SIGN_TOP_LEFT] = { "┌", "+" },
		[SIGN_TOP_RIGHT] = { "┐", "+" },
		[SIGN_BOTTOM_LEFT] = { "└", "+" },
		[SIGN_BOTTOM_RIGHT] = { "┘", "+" },
		[SIGN_CUT] = { "…", "~" },
		[SIGN_DOT] = { "·", "," },
		[SIGN_SHADE_1] = { "░", "." },
		[SIGN_SHADE_2] = { "▒", ":" },
		[SIGN_SHADE_3] = { "▓", "+" },
		[SIGN_SHADE_4] = { "█", "#" },
	};
	bool plain = t->ascii || (t->tilde && sign == SIGN_CUT);
	return str_of(pairs[sign][plain ? 1 : 0]);
}

void
term_erase(struct terminal *t)
{
	erase();
	t->cursor_y = -1;
}

/*
 * What a code set without the character shows instead; 0: it has it. Letters
 * of French have plain neighbours, everything else becomes '?'.
 */
static const char *
replacement(uint32_t cp)
{
	static const struct {
		uint32_t cp;
		const char *text;
	} table[] = {
		{ 0x00a0, " " },
		{ 0x00ab, "\"" },
		{ 0x00b7, "," },
		{ 0x00bb, "\"" },
		{ 0x00c9, "E" },
		{ 0x00e0, "a" },
		{ 0x00e2, "a" },
		{ 0x00e7, "c" },
		{ 0x00e8, "e" },
		{ 0x00e9, "e" },
		{ 0x00ea, "e" },
		{ 0x00ee, "i" },
		{ 0x00ef, "i" },
		{ 0x00f4, "o" },
		{ 0x00f9, "u" },
		{ 0x00fb, "u" },
		{ 0x0153, "oe" },
		{ 0x2018, "'" },
		{ 0x2019, "'" },
		{ 0x2026, "~" },
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].cp == cp)
			return table[i].text;
	return "?";
}

/* Rewrite t->text, already escaped, for a terminal that is not UTF-8. */
static void
fold(struct terminal *t)
{
	struct buf out = BUF_INIT(TEXT_MAX);
	struct str s = buf_str(&t->text);
	while (s.len > 0) {
		uint32_t cp;
		size_t n = utf8_decode(s, &cp);
		mbstate_t state;
		char bytes[16];
		if (n == 0)
			n = 1;
		memset(&state, 0, sizeof(state));
		if (n == 1 || wcrtomb(bytes, (wchar_t)cp, &state) != (size_t)-1)
			buf_add(&out, s.ptr, n);
		else
			buf_add_cstr(&out, replacement(cp));
		s = str_sub(s, n, s.len);
	}
	buf_reset(&t->text);
	buf_add_str(&t->text, buf_str(&out));
	buf_clear(&out);
}

/* One character with its combining marks from 's' into 'cell'. */
static size_t
cell_take(struct str s, wchar_t cell[CELL_CHARS + 1], int *width)
{
	size_t used = 0, n = 0;
	*width = 0;
	while (used < s.len && n < CELL_CHARS) {
		uint32_t cp;
		size_t bytes = utf8_decode(str_sub(s, used, s.len), &cp);
		if (bytes == 0) {
			bytes = 1;
			cp = '?';
		}
		int w = utf8_width(cp);
		if (n > 0 && w > 0)
			break;
		if (n == 0) {
			if (w <= 0 || wcwidth((wchar_t)cp) != w) {
				cp = '?'; /* libc would draw it otherwise */
				w = 1;
			}
			*width = w;
		}
		cell[n++] = (wchar_t)cp;
		used += bytes;
	}
	cell[n] = L'\0';
	return used;
}

size_t
term_put(struct terminal *t, int y, int x, size_t width, enum term_style style,
    struct str text)
{
	size_t at = 0;
	if (y < 0 || y >= LINES || x < 0 || x >= COLS)
		return 0;
	if (width > (size_t)(COLS - x))
		width = (size_t)(COLS - x);
	buf_reset(&t->text);
	escape_terminal(&t->text, str_sub(text, 0, TEXT_MAX / 4));
	if (!t->utf8)
		fold(t);
	attr_set(t->attributes[style], t->pairs[style], NULL);
	for (struct str s = buf_str(&t->text); s.len > 0 && at < width;) {
		wchar_t cell[CELL_CHARS + 1];
		int w;
		size_t used = cell_take(s, cell, &w);
		if (at + (size_t)w > width)
			break;
		mvaddnwstr(y, x + (int)at, cell, -1);
		at += (size_t)w;
		s = str_sub(s, used, s.len);
	}
	return at;
}

void
term_put_fill(struct terminal *t, int y, int x, size_t width,
    enum term_style style, struct str text)
{
	size_t used = term_put(t, y, x, width, style, text);
	if (y < 0 || y >= LINES || x < 0 || x >= COLS)
		return;
	attr_set(t->attributes[style], t->pairs[style], NULL);
	for (; used < width && x + (int)used < COLS; used++)
		mvaddnwstr(y, x + (int)used, L" ", 1);
}

void
term_repeat(struct terminal *t, int y, int x, size_t width,
    enum term_style style, enum term_sign sign)
{
	struct str s = term_sign(t, sign);
	for (size_t i = 0; i < width; i++)
		term_put(t, y, x + (int)i, 1, style, s);
}

void
term_read_line(const struct terminal *t, int y, struct buf *out)
{
	size_t from = out->len;
	(void)t;
	for (int x = 0; x < COLS && y < LINES; x++) {
		cchar_t cell;
		wchar_t wide[CCHARW_MAX + 1];
		char bytes[4];
		attr_t attributes;
		short pair;
		if (mvin_wch(y, x, &cell) == ERR ||
		    getcchar(&cell, wide, &attributes, &pair, NULL) == ERR)
			continue;
		for (const wchar_t *w = wide; *w != L'\0'; w++)
			buf_add(out, bytes, utf8_encode((uint32_t)*w, bytes));
		if (wide[0] != L'\0' && utf8_width((uint32_t)wide[0]) == 2)
			x++; /* the second cell of a wide character */
	}
	while (out->len > from && out->data[out->len - 1] == ' ')
		buf_truncate(out, out->len - 1);
}

void
term_cursor(struct terminal *t, int y, int x)
{
	t->cursor_y = y;
	t->cursor_x = x;
}

void
term_flush(struct terminal *t)
{
	bool shown = t->cursor_y >= 0 && t->cursor_y < LINES &&
		     t->cursor_x >= 0 && t->cursor_x < COLS;
	curs_set(shown ? 1 : 0);
	if (shown)
		move(t->cursor_y, t->cursor_x);
	refresh();
}

void
term_redraw(struct terminal *t)
{
	(void)t;
	clearok(curscr, TRUE);
}

int
term_key_fd(const struct terminal *t)
{
	(void)t;
	return STDIN_FILENO;
}

int
term_signal_fd(const struct terminal *t)
{
	return t->wake[0];
}

bool
term_read(struct terminal *t, struct input *in, int64_t now_ms)
{
	size_t room;
	char *at = input_room(in, &room);
	(void)t;
	if (room == 0)
		return true;
	ssize_t n = read(STDIN_FILENO, at, room);
	if (n > 0)
		input_fed(in, (size_t)n, now_ms);
	return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

void
term_input_init(const struct terminal *t, struct input *in)
{
	int64_t delay = INPUT_ESC_DELAY_MS;
	const char *wish = getenv("ESCDELAY");
	if (wish != NULL && !num_parse_i64(str_of(wish), 0, 5000, &delay))
		delay = INPUT_ESC_DELAY_MS;
	input_init(in, t->utf8, t->brackets, delay);
}

unsigned
term_signals(struct terminal *t)
{
	char drain[64];
	unsigned bits = 0;
	while (read(t->wake[0], drain, sizeof(drain)) > 0)
		continue;
	if (hung_up) {
		hung_up = 0;
		bits |= TERM_HUNG_UP;
	}
	if (resized) {
		struct winsize ws;
		resized = 0;
		if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 &&
		    ws.ws_row > 0 && ws.ws_col > 0)
			resizeterm(ws.ws_row, ws.ws_col);
		bits |= TERM_RESIZED;
	}
	return bits;
}
