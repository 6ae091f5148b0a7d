/* Message text on the way to another server. */
#include "core/queue/forward_int.h"

#include "core/smtp/wire.h"

enum {
	BLOCK = 32 * 1024
};

static bool
put_file(struct smtp_wire *w, const struct queue_message *m, struct err *e)
{
	char block[BLOCK];
	size_t n;
	for (off_t at = 0; at < m->body_length; at += (off_t)n) {
		off_t left = m->body_length - at;
		n = left < BLOCK ? (size_t)left : (size_t)BLOCK;
		if (!queue_body_read(m, at, block, n, e) ||
		    !smtp_wire_put(w, str_n(block, n), e))
			return false;
	}
	return true;
}

bool
forward_text(struct stream *s, const struct queue_message *m, struct err *e)
{
	struct smtp_wire w;
	smtp_wire_init(&w, s);
	bool ok = smtp_wire_put(&w, m->head, e) &&
		  (m->body_fd >= 0 ? put_file(&w, m, e)
				   : smtp_wire_put(&w, m->body, e)) &&
		  smtp_wire_end(&w, e);
	smtp_wire_clear(&w);
	return ok;
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
