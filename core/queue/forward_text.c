/* Message text on the way to another server. */
#include "core/queue/forward_int.h"

enum {
	BLOCK = 32 * 1024,
	WIRE_MAX = 2 * BLOCK + 16
};

/* What was last written, since text comes in pieces. */
struct wire_text {
	struct stream *s;
	struct buf out;
	bool at_start; /* of a line */
};

/* At most BLOCK bytes. */
static bool
put(struct wire_text *w, struct str text, struct err *e)
{
	buf_reset(&w->out);
	while (text.len > 0) {
		size_t end = str_find(text, '\n', 0);
		if (w->at_start && text.ptr[0] == '.')
			buf_add_char(&w->out, '.');
		buf_add_str(&w->out, str_sub(text, 0, end));
		w->at_start = end < text.len;
		if (w->at_start)
			buf_add_cstr(&w->out, "\r\n");
		text = str_sub(text, end + 1, text.len);
	}
	if (w->out.failed)
		return err_set(e, ERR_TEMPORARY, "out of memory");
	return stream_write(w->s, buf_str(&w->out), e);
}

static bool
put_all(struct wire_text *w, struct str text, struct err *e)
{
	while (text.len > 0) {
		size_t n = text.len < BLOCK ? text.len : (size_t)BLOCK;
		if (!put(w, str_sub(text, 0, n), e))
			return false;
		text = str_sub(text, n, text.len);
	}
	return true;
}

static bool
put_file(struct wire_text *w, const struct queue_message *m, struct err *e)
{
	char block[BLOCK];
	size_t n;
	for (off_t at = 0; at < m->body_length; at += (off_t)n) {
		off_t left = m->body_length - at;
		n = left < BLOCK ? (size_t)left : (size_t)BLOCK;
		if (!queue_body_read(m, at, block, n, e) ||
		    !put(w, str_n(block, n), e))
			return false;
	}
	return true;
}

bool
forward_text(struct stream *s, const struct queue_message *m, struct err *e)
{
	struct wire_text w = { .s = s, .at_start = true };
	buf_init(&w.out, WIRE_MAX);
	bool ok =
	    put_all(&w, m->head, e) &&
	    (m->body_fd >= 0 ? put_file(&w, m, e) : put_all(&w, m->body, e)) &&
	    (w.at_start || stream_write(s, STR("\r\n"), e));
	buf_clear(&w.out);
	/* only a whole text gets its end */
	return ok && stream_write(s, STR(".\r\n"), e);
}

void
forward_xtext(struct buf *out, struct str value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];
		if (c > ' ' && c < 0x7f && c != '+' && c != '=')
			buf_add_char(out, (char)c);
		else
			buf_addf(out, "+%02X", c);
	}
}
