/* Errors, what to do next, and the head of a JSON document. */
#include "cmd/render_int.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"

#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

enum {
	DOCUMENT_MAX = 1 << 30,
};

/*
 * Where the root was named on the command line, a command to be pasted must
 * name it too. In the shell it is known already.
 */
static void
name_root(const struct app *app, struct buf *text)
{
	const struct str program = STR("smemail ");
	struct str line = buf_str(text);
	if (app->root_option == NULL || app->in_shell ||
	    !str_starts(line, program) ||
	    str_find_str(line, STR("--root")) < line.len)
		return;
	struct buf named = BUF_INIT(RENDER_LINE_MAX);
	buf_add_str(&named, program);
	buf_add_cstr(&named, "--root ");
	escape_shell(&named, str_of(app->root_option));
	buf_add_char(&named, ' ');
	buf_add_str(&named, str_sub(line, program.len, line.len));
	if (!named.failed) {
		buf_reset(text);
		buf_add_str(text, buf_str(&named));
	}
	buf_clear(&named);
}

void
render_next(struct app *app, const char *fmt, ...)
{
	struct buf text = BUF_INIT(RENDER_LINE_MAX);
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	name_root(app, &text);
	fflush(app->out);
	render_line_put(app, app->err, _("next: "), buf_str(&text));
	buf_clear(&text);
}

static void
document_head(struct app *app, struct json *j, const char *schema)
{
	char time[CLOCK_RFC3339_SIZE];
	json_object_begin(j);
	json_key(j, "schema");
	json_cstr(j, schema);
	json_key(j, "time");
	json_cstr(j, clock_rfc3339(clock_wall_s(app->clock), time));
	json_key(j, "host");
	json_cstr(j, app_host(app));
}

/* Word of an error code for programs; never translated. */
static const char *
code_word(enum err_code code)
{
	switch (code) {
	case ERR_NONE:
		return "none";
	case ERR_NO:
		return "no";
	case ERR_USAGE:
		return "usage";
	case ERR_PENDING:
		return "pending";
	case ERR_PERMANENT:
		return "permanent";
	case ERR_TEMPORARY:
		return "temporary";
	}
	return "permanent";
}

static void
error_json(struct app *app, const struct err *e)
{
	struct buf buf = BUF_INIT(RENDER_LINE_MAX);
	struct json j;
	json_init(&j, &buf);
	document_head(app, &j, "smemail.error/1");
	json_key(&j, "code");
	json_cstr(&j, code_word(e->code));
	json_key(&j, "exit");
	json_int(&j, err_exit_status(e->code));
	json_key(&j, "text");
	json_cstr(&j, e->text);
	json_key(&j, "next");
	json_cstr(&j, e->next[0] != '\0' ? e->next : NULL);
	json_object_end(&j);
	fprintf(app->err, "%s\n", buf_cstr(&buf));
	buf_clear(&buf);
}

/* What helps against a refusal of the system, where nobody said it yet. */
static void
advise(struct err *e)
{
	if (e->next[0] != '\0')
		return;
	if ((e->sys_errno == EACCES || e->sys_errno == EPERM) && geteuid() != 0)
		err_next(e, _("run it as root, or with --root DIR"));
	else if (e->sys_errno == ENOSPC || e->sys_errno == EDQUOT)
		err_next(e, _("make room on that disk, then repeat"));
	else if (e->sys_errno == EROFS)
		err_next(e, _("mount that disk for writing, then repeat"));
}

void
render_error(struct app *app, const struct err *error)
{
	struct err e = *error;
	advise(&e);
	render_flush(app);
	if (app->json || app->jsonl) {
		error_json(app, &e);
		return;
	}
	render_note(app, "smemail: %s", e.text);
	if (e.next[0] != '\0')
		render_next(app, "%s", e.next);
}

void
render_json_begin(
    struct app *app, struct json *j, struct buf *buf, const char *schema)
{
	buf_init(buf, DOCUMENT_MAX);
	json_init(j, buf);
	document_head(app, j, schema);
}

void
render_json_end(struct app *app, struct json *j, struct buf *buf)
{
	json_object_end(j);
	buf_add_char(buf, '\n');
	render_raw(app, buf_str(buf));
	buf_clear(buf);
}
