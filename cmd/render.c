/* Output of commands. */
#include "cmd/render.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum {
	LINE_MAX_BYTES = 1 << 20,
	DOCUMENT_MAX = 1 << 30,
	COLUMN_GAP = 2,
	LAST_COLUMN_MIN = 8
};

/* States are words; colour only repeats them. */
static const struct {
	const char *word;
	const char *sgr;
} state_colors[] = {
	{ "ok", "32" },
	{ "accepted", "32" },
	{ "queued", "32" },
	{ "WARN", "33" },
	{ "deferred", "33" },
	{ "pending", "33" },
	{ "FAIL", "31" },
	{ "refused", "31" },
	{ "warning", "33" },
	{ "error", "31" },
	{ "????", "36" },
};

static const char *
state_color(struct str cell)
{
	for (size_t i = 0; i < ARRAY_LEN(state_colors); i++) {
		if (str_is(cell, state_colors[i].word))
			return state_colors[i].sgr;
	}
	return NULL;
}

/* What stands for a letter outside ASCII where only ASCII can be shown. */
static const struct {
	uint32_t first, last;
	const char *ascii;
} ascii_forms[] = {
	{ 0x00a0, 0x00a0, " " },
	{ 0x00ab, 0x00ab, "\"" },
	{ 0x00bb, 0x00bb, "\"" },
	{ 0x00c0, 0x00c5, "A" },
	{ 0x00c6, 0x00c6, "AE" },
	{ 0x00c7, 0x00c7, "C" },
	{ 0x00c8, 0x00cb, "E" },
	{ 0x00cc, 0x00cf, "I" },
	{ 0x00d2, 0x00d6, "O" },
	{ 0x00d9, 0x00dc, "U" },
	{ 0x00e0, 0x00e5, "a" },
	{ 0x00e6, 0x00e6, "ae" },
	{ 0x00e7, 0x00e7, "c" },
	{ 0x00e8, 0x00eb, "e" },
	{ 0x00ec, 0x00ef, "i" },
	{ 0x00f1, 0x00f1, "n" },
	{ 0x00f2, 0x00f6, "o" },
	{ 0x00f9, 0x00fc, "u" },
	{ 0x0152, 0x0152, "OE" },
	{ 0x0153, 0x0153, "oe" },
	{ 0x2010, 0x2014, "-" },
	{ 0x2018, 0x2019, "'" },
	{ 0x201c, 0x201d, "\"" },
	{ 0x2026, 0x2026, "..." },
	{ 0x202f, 0x202f, " " },
};

static const char *
ascii_form(uint32_t cp)
{
	for (size_t i = 0; i < ARRAY_LEN(ascii_forms); i++) {
		if (cp >= ascii_forms[i].first && cp <= ascii_forms[i].last)
			return ascii_forms[i].ascii;
	}
	return "?";
}

static void
ascii_write(FILE *to, struct str s)
{
	for (size_t at = 0; at < s.len;) {
		uint32_t cp;
		size_t n = utf8_decode(str_sub(s, at, s.len), &cp);
		if (n > 1)
			fputs(ascii_form(cp), to);
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

/* Results come before the words about them where both go to one file. */
static void
text_write(struct app *app, FILE *to, struct str s)
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

/* One escaped cell and its width. */
struct cell {
	struct str text;
	size_t columns;
};

static struct cell
cell_make(struct app *app, struct str raw)
{
	struct buf out = BUF_INIT(LINE_MAX_BYTES);
	escape_terminal(&out, raw);
	struct cell c = { arena_str(app->arena, buf_str(&out)), 0 };
	c.columns = utf8_columns(c.text);
	buf_clear(&out);
	return c;
}

static void
blanks(FILE *to, size_t n)
{
	fprintf(to, "%*s", (int)n, "");
}

/* The last cell, cut to what the terminal has left. */
static struct cell
cell_cut(struct app *app, struct cell c, size_t used)
{
	size_t all = (size_t)app->columns;
	if (app->columns <= 0 || used + c.columns <= all ||
	    used + LAST_COLUMN_MIN > all)
		return c;
	const char *sign = app->ascii ? "..." : "…";
	size_t room = all - used - utf8_columns(str_of(sign));
	struct str head = utf8_prefix(c.text, room);
	c.text =
	    str_of(arena_printf(app->arena, "%.*s%s", STR_ARG(head), sign));
	c.columns = utf8_columns(c.text);
	return c;
}

static void
cell_write(struct app *app, struct cell c)
{
	const char *sgr = app->color ? state_color(c.text) : NULL;
	if (sgr != NULL)
		fprintf(app->out, "\033[%sm", sgr);
	text_write(app, app->out, c.text);
	if (sgr != NULL)
		fputs("\033[0m", app->out);
}

static void
row_write(struct app *app, const struct render_column *columns, size_t n,
    const struct cell *cells, const size_t *widths)
{
	size_t used = 0, owed = 0; /* blanks owed before the next cell */
	for (size_t i = 0; i < n; i++) {
		struct cell c = cells[i];
		size_t pad = widths[i] - c.columns;
		if (columns[i].right)
			owed += pad;
		if (i + 1 == n && !columns[i].right)
			c = cell_cut(app, c, used + owed);
		if (c.columns > 0) { /* no blanks at the end of a line */
			blanks(app->out, owed);
			cell_write(app, c);
			used += owed + c.columns;
			owed = 0;
		}
		owed += COLUMN_GAP + (columns[i].right ? 0 : pad);
	}
	fputc('\n', app->out);
}

/* gettext has its own text for the empty one. */
static const char *
head_text(const struct render_column *c)
{
	return c->head != NULL && c->head[0] != '\0' ? _(c->head) : "";
}

void
render_table(struct app *app, const struct render_column *columns,
    size_t n_columns, const struct str *cells, size_t n_rows)
{
	bool heads = n_columns > 0 && columns[0].head != NULL;
	size_t n = (n_rows + (heads ? 1 : 0)) * n_columns, at = 0;
	struct cell *made = ARENA_ARRAY(app->arena, n, struct cell);
	size_t *widths = ARENA_ARRAY(app->arena, n_columns, size_t);
	for (size_t i = 0; heads && i < n_columns; i++)
		made[at++] = cell_make(app, str_of(head_text(&columns[i])));
	for (size_t i = 0; i < n_rows * n_columns; i++)
		made[at++] = cell_make(app, cells[i]);
	for (size_t i = 0; i < n; i++) {
		size_t *w = &widths[i % n_columns];
		*w = made[i].columns > *w ? made[i].columns : *w;
	}
	for (size_t i = 0; i < n; i += n_columns)
		row_write(app, columns, n_columns, made + i, widths);
}

/* The last cell of a row that streams: cut on a terminal like the others. */
static void
stream_cut(struct app *app, struct str text, size_t room)
{
	const char *sign = app->ascii ? "..." : "…";
	room -= utf8_columns(str_of(sign));
	text_write(app, app->out, utf8_prefix(text, room));
	fputs(sign, app->out);
}

/* The same, going on in lines that are set in. */
static void
stream_wrap(struct app *app, struct str text, size_t room, size_t indent)
{
	while (utf8_columns(text) > room) {
		struct str head = utf8_prefix(text, room);
		size_t at = head.len;
		while (at > 0 && text.ptr[at] != ' ')
			at--;
		if (at == 0) /* one long word */
			at = head.len;
		size_t end = at;
		while (end > 0 && text.ptr[end - 1] == ' ')
			end--;
		text_write(app, app->out, str_sub(text, 0, end));
		fputc('\n', app->out);
		blanks(app->out, indent);
		while (at < text.len && text.ptr[at] == ' ')
			at++;
		text = str_sub(text, at, text.len);
		room = (size_t)app->columns - indent;
	}
	text_write(app, app->out, text);
}

void
render_stream_row(struct app *app, const struct str *cells,
    const size_t *widths, size_t n, size_t wrap_indent)
{
	struct buf safe = BUF_INIT(4 * (size_t)LINE_MAX_BYTES);
	size_t used = 0, all = (size_t)app->columns;
	for (size_t i = 0; i + 1 < n; i++) {
		buf_reset(&safe);
		escape_terminal(&safe, cells[i]);
		struct cell c = { buf_str(&safe), 0 };
		c.columns = utf8_columns(c.text);
		cell_write(app, c);
		size_t wide = c.columns > widths[i] ? c.columns : widths[i];
		blanks(app->out, wide - c.columns + COLUMN_GAP);
		used += wide + COLUMN_GAP;
	}
	buf_reset(&safe);
	escape_terminal(&safe, cells[n - 1]);
	struct str last = buf_str(&safe);
	if (app->columns <= 0 || used + LAST_COLUMN_MIN > all ||
	    used + utf8_columns(last) <= all)
		text_write(app, app->out, last);
	else if (wrap_indent == 0)
		stream_cut(app, last, all - used);
	else
		stream_wrap(app, last, all - used, wrap_indent);
	fputc('\n', app->out);
	buf_clear(&safe);
}

static void
line_put(struct app *app, FILE *to, const char *front, struct str raw)
{
	struct buf safe = BUF_INIT(4 * (size_t)LINE_MAX_BYTES);
	buf_add_cstr(&safe, front);
	escape_terminal(&safe, raw);
	buf_add_char(&safe, '\n');
	text_write(app, to, buf_str(&safe));
	buf_clear(&safe);
}

static void line_write(struct app *app, FILE *to, const char *front,
    const char *fmt, va_list ap) PRINTF_LIKE(4, 0);

static void
line_write(
    struct app *app, FILE *to, const char *front, const char *fmt, va_list ap)
{
	struct buf raw = BUF_INIT(LINE_MAX_BYTES);
	buf_vaddf(&raw, fmt, ap);
	line_put(app, to, front, buf_str(&raw));
	buf_clear(&raw);
}

void
render_line(struct app *app, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	line_write(app, app->out, "", fmt, ap);
	va_end(ap);
}

void
render_raw(struct app *app, struct str bytes)
{
	if (bytes.len > 0) /* an empty view may be NULL */
		fwrite(bytes.ptr, 1, bytes.len, app->out);
}

void
render_note(struct app *app, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	/* keep the order of both streams where they are one terminal */
	fflush(app->out);
	line_write(app, app->err, "", fmt, ap);
	va_end(ap);
}

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
	struct buf named = BUF_INIT(LINE_MAX_BYTES);
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
	struct buf text = BUF_INIT(LINE_MAX_BYTES);
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	name_root(app, &text);
	fflush(app->out);
	line_put(app, app->err, _("next: "), buf_str(&text));
	buf_clear(&text);
}

void
render_dry_run(struct app *app)
{
	render_note(app, "%s", _("dry run: nothing is changed"));
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
	struct buf buf = BUF_INIT(LINE_MAX_BYTES);
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
