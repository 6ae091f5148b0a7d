/* The last step of all output: the form for ASCII, and what did not arrive. */
#include "cmd/render_int.h"

#include "core/base/utf8.h"

#include <errno.h>
#include <stdint.h>

static void
ascii_write(FILE *to, struct str s)
{
	for (size_t at = 0; at < s.len;) {
		uint32_t cp;
		size_t n = utf8_decode(str_sub(s, at, s.len), &cp);
		if (n > 1)
			fputs(utf8_ascii_form(cp), to);
		else
			fputc(s.ptr[at], to);
		at += n > 0 ? n : 1;
	}
}

/* stdio forgets why a write failed; the reader is told later. */
static void
failure_note(struct app *app)
{
	if (app->out_errno == 0 && ferror(app->out) != 0)
		app->out_errno = errno != 0 ? errno : EIO;
}

bool
render_flush(struct app *app)
{
	failure_note(app); /* of a write that nobody looked after */
	errno = 0;
	bool ok = fflush(app->out) == 0;
	failure_note(app);
	return ok && app->out_errno == 0;
}

void
render_text_write(struct app *app, FILE *to, struct str s)
{
	if (to == app->err)
		render_flush(app);
	failure_note(app);
	errno = 0;
	if (app->ascii)
		ascii_write(to, s);
	else if (s.len > 0)
		fwrite(s.ptr, 1, s.len, to);
	if (to == app->out)
		failure_note(app);
}
