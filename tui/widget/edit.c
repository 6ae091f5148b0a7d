/* Line editing. */
#include "tui/widget/edit.h"

#include "core/base/utf8.h"

#include <string.h>

void
edit_init(struct edit *e, bool secret)
{
	memset(e, 0, sizeof(*e));
	buf_init(&e->text, EDIT_TEXT_MAX);
	e->secret = secret;
}

void
edit_clear(struct edit *e)
{
	buf_wipe(&e->text);
	e->at = e->scroll = 0;
}

void
edit_set(struct edit *e, struct str text)
{
	buf_reset(&e->text);
	buf_add_str(&e->text, text);
	e->at = e->text.len;
	e->scroll = 0;
}

struct str
edit_text(const struct edit *e)
{
	return buf_str(&e->text);
}

/* Bytes of the character that begins at 'at'. */
static size_t
char_at(const struct edit *e, size_t at)
{
	uint32_t cp;
	struct str rest = str_sub(buf_str(&e->text), at, e->text.len);
	size_t n = rest.len > 0 ? utf8_decode(rest, &cp) : 0;
	return n > 0 ? n : (rest.len > 0 ? 1 : 0);
}

static size_t
char_before(const struct edit *e, size_t at)
{
	size_t n = 0;
	do
		n++;
	while (n < 4 && n < at &&
	       ((unsigned char)e->text.data[at - n] & 0xc0) == 0x80);
	return at > 0 ? n : 0;
}

static void
cut(struct edit *e, size_t from, size_t to)
{
	memmove(e->text.data + from, e->text.data + to, e->text.len - to);
	buf_truncate(&e->text, e->text.len - (to - from));
	e->at = from;
}

static bool
insert(struct edit *e, const char *bytes, size_t n)
{
	struct buf tail = BUF_INIT(EDIT_TEXT_MAX);
	if (e->text.len + n > EDIT_TEXT_MAX)
		return false;
	buf_add_str(&tail, str_sub(buf_str(&e->text), e->at, e->text.len));
	buf_truncate(&e->text, e->at);
	buf_add(&e->text, bytes, n);
	e->at = e->text.len;
	buf_add_str(&e->text, buf_str(&tail));
	buf_clear(&tail);
	return true;
}

/* The beginning of the word before the cursor. */
static size_t
word_before(const struct edit *e)
{
	size_t at = e->at;
	while (at > 0 && ascii_is_space(e->text.data[at - 1]))
		at--;
	while (at > 0 && !ascii_is_space(e->text.data[at - 1]))
		at--;
	return at;
}

static enum edit_result
control(struct edit *e, uint32_t letter)
{
	switch (letter) {
	case 'e':
		e->at = e->text.len;
		return EDIT_MOVED;
	case 'u':
		if (e->text.len > 0)
			cut(e, 0, e->text.len);
		return EDIT_CHANGED;
	case 'w':
		if (e->at > 0)
			cut(e, word_before(e), e->at);
		return EDIT_CHANGED;
	default:
		return EDIT_IGNORED;
	}
}

static enum edit_result
type_char(struct edit *e, uint32_t cp)
{
	char bytes[4];
	size_t n = utf8_encode(cp, bytes);
	return insert(e, bytes, n) ? EDIT_CHANGED : EDIT_MOVED;
}

enum edit_result
edit_key(struct edit *e, const struct input_key *key)
{
	if (key->code == INPUT_CHAR)
		return type_char(e, key->cp);
	if (key->code == INPUT_CTRL)
		return control(e, key->cp);
	if (key->code == INPUT_LEFT)
		e->at -= char_before(e, e->at);
	else if (key->code == INPUT_RIGHT)
		e->at += char_at(e, e->at);
	else if (key->code == INPUT_HOME)
		e->at = 0;
	else if (key->code == INPUT_END)
		e->at = e->text.len;
	else if (key->code == INPUT_BACKSPACE) {
		if (e->at > 0)
			cut(e, e->at - char_before(e, e->at), e->at);
		return EDIT_CHANGED;
	} else if (key->code == INPUT_DELETE) {
		if (e->at < e->text.len)
			cut(e, e->at, e->at + char_at(e, e->at));
		return EDIT_CHANGED;
	} else
		return EDIT_IGNORED;
	return EDIT_MOVED;
}

void
edit_insert(struct edit *e, struct str text)
{
	if (text.len > 0)
		(void)insert(e, text.ptr, text.len);
}

void
edit_paste(struct edit *e, struct str text)
{
	struct str body = str_trim(text);
	for (size_t i = 0; i < body.len; i++) {
		char c = body.ptr[i];
		if (ascii_is_space(c))
			c = ' ';
		else if ((unsigned char)c < 0x20 || c == 0x7f)
			continue;
		if (!insert(e, &c, 1))
			return;
	}
}

void
edit_draw(struct edit *e, struct terminal *t, int y, int x, size_t width,
    enum term_style style)
{
	struct str all = buf_str(&e->text);
	if (width == 0)
		return;
	if (e->secret) {
		size_t stars = utf8_columns(all), i;
		for (i = 0; i < width; i++)
			term_put(t, y, x + (int)i, 1, style,
			    i < stars ? STR("*") : STR(" "));
		stars = utf8_columns(str_sub(all, 0, e->at));
		term_cursor(t, y, x + (int)(stars < width ? stars : width - 1));
		return;
	}
	if (e->scroll > e->at)
		e->scroll = e->at;
	while (utf8_columns(str_sub(all, e->scroll, e->at)) >= width)
		e->scroll += char_at(e, e->scroll);
	struct str seen = str_sub(all, e->scroll, all.len);
	term_put_fill(t, y, x, width, style, seen);
	size_t before = utf8_columns(str_sub(all, e->scroll, e->at));
	term_cursor(t, y, x + (int)before);
}
