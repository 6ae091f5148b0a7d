/*
 * The terminal through wide ncurses. Keys are read and decoded by ourselves
 * (tui/input.c): curses cannot tell pastes and cut sequences apart.
 */
#include "tui/term_int.h"

#include "core/base/buf.h"
#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/base/utf8.h"

#include <curses.h>
#include <errno.h>
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

static const char paste_on[] = "\033[?2004h";
static const char paste_off[] = "\033[?2004l";

struct terminal {
	SCREEN *screen;
	struct term_signals signals;
	struct term_kind kind;
	attr_t attributes[STYLE_COUNT];
	short pairs[STYLE_COUNT];
	struct buf text;
	int cursor_y, cursor_x;
};

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

static void
paste_brackets(const struct terminal *t, bool on)
{
	const char *text = on ? paste_on : paste_off;
	if (!t->kind.brackets)
		return;
	fflush(stdout);
	if (write(STDOUT_FILENO, text, strlen(text)) < 0)
		term_note_lost();
}

void
term_put_right(void)
{
	ssize_t ignored =
	    write(STDOUT_FILENO, paste_off, sizeof(paste_off) - 1);
	(void)ignored;
	endwin();
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
	if (t == NULL || !term_wake_open(&t->signals)) {
		free(t);
		return err_set_errno(
		    e, errno, "%s", _("cannot open the screen"));
	}
	t->kind = term_kind_find(o->ascii);
	buf_init(&t->text, TERM_TEXT_MAX);
	t->cursor_y = -1;
	t->screen = newterm(NULL, stdout, stdin);
	if (t->screen == NULL) {
		term_wake_close(&t->signals);
		free(t);
		return err_set(e, ERR_PERMANENT, "%s",
		    _("cannot open the screen: the terminal refuses"));
	}
	term_signals_take(&t->signals);
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
	term_signals_give_back(&t->signals);
	delscreen(t->screen);
	term_wake_close(&t->signals);
	buf_clear(&t->text);
	free(t);
}

/* Give the terminal up for another program, and take it back. */
static void
term_leave(struct terminal *t)
{
	paste_brackets(t, false);
	endwin();
	fflush(stdout);
}

static void
term_return(struct terminal *t)
{
	paste_brackets(t, true);
	refresh();           /* after endwin it sets the modes again */
	term_note_resized(); /* it may have changed meanwhile */
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
	return t->kind.ascii;
}

void
term_set_ascii(struct terminal *t, bool ascii)
{
	t->kind.ascii = ascii || !t->kind.utf8;
}

struct str
term_sign(const struct terminal *t, enum term_sign sign)
{
	return term_kind_sign(&t->kind, sign);
}

void
term_erase(struct terminal *t)
{
	erase();
	t->cursor_y = -1;
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
	escape_terminal(&t->text, str_sub(text, 0, TERM_TEXT_MAX / 4));
	if (!t->kind.utf8)
		term_text_fold(&t->text);
	attr_set(t->attributes[style], t->pairs[style], NULL);
	for (struct str s = buf_str(&t->text); s.len > 0 && at < width;) {
		wchar_t cell[TERM_CELL_CHARS + 1];
		int w;
		size_t used = term_text_cell(s, cell, &w);
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
	return t->signals.wake[0];
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
	input_init(in, t->kind.utf8, t->kind.brackets, delay);
}

unsigned
term_signals(struct terminal *t)
{
	unsigned bits = term_signals_came(&t->signals);
	struct winsize ws;
	if ((bits & TERM_RESIZED) != 0 &&
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_row > 0 &&
	    ws.ws_col > 0)
		resizeterm(ws.ws_row, ws.ws_col);
	return bits;
}
