/* Line ends and dots of a text that is sent. */
#include "core/smtp/wire.h"

enum {
	BLOCK = 32 * 1024,       /* of the text, written at once */
	WIRE_MAX = 2 * BLOCK + 2 /* when each byte of it becomes two */
};

void
smtp_wire_init(struct smtp_wire *w, struct stream *stream)
{
	*w = (struct smtp_wire){ .stream = stream, .at_start = true };
	buf_init(&w->out, WIRE_MAX);
}

/* At most BLOCK bytes. */
static bool
put_block(struct smtp_wire *w, struct str text, struct err *e)
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
		return err_no_memory(e);
	return stream_write(w->stream, buf_str(&w->out), e);
}

bool
smtp_wire_put(struct smtp_wire *w, struct str text, struct err *e)
{
	while (text.len > 0) {
		struct str block = str_sub(text, 0, BLOCK);
		if (!put_block(w, block, e))
			return false;
		text = str_sub(text, block.len, text.len);
	}
	return true;
}

bool
smtp_wire_end(struct smtp_wire *w, struct err *e)
{
	return stream_write(
	    w->stream, w->at_start ? STR(".\r\n") : STR("\r\n.\r\n"), e);
}

void
smtp_wire_clear(struct smtp_wire *w)
{
	buf_clear(&w->out);
}
