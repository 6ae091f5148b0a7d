/* Scanner of a message's text: only CRLF "." CRLF ends it. */
#include "core/smtp/text.h"

#include <string.h>

enum {
	SCAN_MAX = 512
};

bool
smtp_text_is_refused(const struct smtp_text *t)
{
	return t->has_bare_lf || t->has_bare_cr || t->has_nul ||
	       (t->limit > 0 && t->size > t->limit);
}

static void
emit(struct smtp_text *t, const char *bytes, size_t n, struct buf *out)
{
	t->size += n;
	if (!smtp_text_is_refused(t))
		buf_add(out, bytes, n);
}

/*
 * Content of a line up to a CR, LF or NUL; returns its length. It looks at so
 * much at a time only, as one of the three may be near and another far away,
 * again and again.
 */
static size_t
plain_length(struct str in)
{
	in = str_sub(in, 0, SCAN_MAX);
	const char *lf = memchr(in.ptr, '\n', in.len);
	size_t n = lf != NULL ? (size_t)(lf - in.ptr) : in.len;
	const char *cr = memchr(in.ptr, '\r', n);
	if (cr != NULL)
		n = (size_t)(cr - in.ptr);
	const char *nul = memchr(in.ptr, '\0', n);
	return nul != NULL ? (size_t)(nul - in.ptr) : n;
}

/* An LF that no CR stands before. */
static void
bare_lf(struct smtp_text *t, struct buf *out)
{
	if (!t->lf_ends_line)
		t->has_bare_lf = true;
	emit(t, "\n", 1, out);
	t->state = SMTP_TEXT_LINE_START_BARE;
}

/* A byte within a line, after any leading dot was dealt with. */
static void
in_line(struct smtp_text *t, char c, struct buf *out)
{
	t->state = SMTP_TEXT_IN_LINE;
	if (c == '\r') {
		t->state = SMTP_TEXT_CR;
	} else if (c == '\n') {
		bare_lf(t, out);
	} else if (c == '\0') {
		t->has_nul = true;
	} else {
		emit(t, &c, 1, out);
	}
}

static void
line_start(struct smtp_text *t, char c, struct buf *out)
{
	bool bare = t->state == SMTP_TEXT_LINE_START_BARE;
	if (c == '.')
		t->state = bare ? SMTP_TEXT_DOT_BARE : SMTP_TEXT_DOT;
	else
		in_line(t, c, out);
}

/* Behind a dot at a line start: the dot goes unless it stands alone. */
static void
after_dot(struct smtp_text *t, char c, struct buf *out)
{
	if (c == '\r') {
		t->state = t->state == SMTP_TEXT_DOT ? SMTP_TEXT_DOT_CR
						     : SMTP_TEXT_DOT_BARE_CR;
		return;
	}
	if (c == '\n')
		emit(t, ".", 1, out);
	in_line(t, c, out);
}

/* Behind a CR; true when this is the end of the text. */
static bool
after_cr(struct smtp_text *t, char c, struct buf *out)
{
	if (c == '\n') {
		if (t->state == SMTP_TEXT_DOT_CR)
			return true;
		if (t->state == SMTP_TEXT_DOT_BARE_CR)
			emit(t, ".", 1, out);
		emit(t, "\n", 1, out);
		t->state = SMTP_TEXT_LINE_START;
		return false;
	}
	t->has_bare_cr = true;
	in_line(t, c, out);
	return false;
}

/* One byte; true when it ends the text. */
static bool
step(struct smtp_text *t, char c, struct buf *out)
{
	switch (t->state) {
	case SMTP_TEXT_LINE_START:
	case SMTP_TEXT_LINE_START_BARE:
		line_start(t, c, out);
		return false;
	case SMTP_TEXT_DOT:
	case SMTP_TEXT_DOT_BARE:
		after_dot(t, c, out);
		return false;
	case SMTP_TEXT_CR:
	case SMTP_TEXT_DOT_CR:
	case SMTP_TEXT_DOT_BARE_CR:
		return after_cr(t, c, out);
	case SMTP_TEXT_IN_LINE:
		in_line(t, c, out);
		return false;
	}
	return false;
}

size_t
smtp_text_feed(struct smtp_text *t, struct str in, struct buf *out, bool *ended)
{
	size_t at = 0;
	*ended = false;
	while (at < in.len && !*ended) {
		if (t->state == SMTP_TEXT_IN_LINE) {
			size_t n = plain_length(str_sub(in, at, in.len));
			if (n > 0)
				emit(t, in.ptr + at, n, out);
			at += n;
			if (at == in.len)
				break;
		}
		*ended = step(t, in.ptr[at], out);
		at++;
	}
	return at;
}
