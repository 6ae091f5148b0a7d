/* A client of a rehearsal that logs in: TLS first, then its name. */
#include "core/model/rehearse_int.h"

#include "core/auth/dkim_base64.h"

enum {
	LINE_MAX_BYTES = 4096,
	READY = 220,
	PORT_SMTPS = 465
};

static int
say_hello(struct rehearse_stage *s)
{
	struct buf line = BUF_INIT(LINE_MAX_BYTES);
	buf_addf(&line, "EHLO %.*s\r\n", STR_ARG(s->request->helo));
	int code = rehearse_say(s, buf_str(&line));
	buf_clear(&line);
	return code;
}

/* AUTH PLAIN; nobody judges a password here. */
static int
say_auth(struct rehearse_stage *s)
{
	struct buf plain = BUF_INIT(LINE_MAX_BYTES);
	struct buf line = BUF_INIT(2 * LINE_MAX_BYTES);
	buf_add_char(&plain, '\0');
	buf_add_str(&plain, s->request->user);
	buf_add_char(&plain, '\0');
	buf_add_cstr(&plain, "rehearsal");
	buf_add_cstr(&line, "AUTH PLAIN ");
	bool ok = dkim_base64_encode(&line, buf_str(&plain));
	buf_add_cstr(&line, "\r\n");
	int code = ok && !line.failed ? rehearse_say(s, buf_str(&line)) : 0;
	buf_clear(&plain);
	buf_clear(&line);
	return code;
}

int
rehearse_log_in(struct rehearse_stage *s)
{
	int code = READY;
	if (!s->filter.tls && s->request->port != PORT_SMTPS) {
		code = rehearse_say(s, STR("STARTTLS\r\n"));
		/* not offered: AUTH may be, in clear */
		if (code == READY)
			code = say_hello(s);
	}
	return code >= 500 && s->filter.tls ? code : say_auth(s);
}
