/* Output of commands: lines, rows that stream, notes. */
#include "cmd/render_int.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/utf8.h"

#include <stdarg.h>
#include <unistd.h>

/* The last cell of a row that streams: cut on a terminal like the others. */
static void
stream_cut(struct app *app, struct str text, size_t room)
{
	const char *sign = app->ascii ? "..." : "…";
	room -= utf8_columns(str_of(sign));
	render_text_write(app, app->out, utf8_prefix(text, room));
	fputs(sign, app->out);
}

void
render_blanks(FILE *to, size_t n)
{
	fprintf(to, "%*s", (int)n, "");
}

/*
 * Where a line of at most 'most' bytes ends: at a blank, else behind a comma
 * of a list, else in the word.
 */
static size_t
break_at(struct str text, size_t most)
{
	size_t at = most;
	while (at > 0 && text.ptr[at] != ' ')
		at--;
	if (at > 0)
		return at;
	for (at = most; at > 0 && text.ptr[at - 1] != ',';)
		at--;
	return at > 0 ? at : most;
}

/* Going on in lines that are set in, broken at blanks; 'room' of the first. */
void
render_wrap(
    struct app *app, FILE *to, struct str text, size_t room, size_t indent)
{
	/* no more of it is looked at than a line: it may be a megabyte */
	for (struct str head;
	     (head = utf8_prefix(text, room)).len < text.len;) {
		size_t at = break_at(text, head.len);
		if (at == 0) /* no room for a wide letter */
			break;
		size_t end = at;
		while (end > 0 && text.ptr[end - 1] == ' ')
			end--;
		render_text_write(app, to, str_sub(text, 0, end));
		fputc('\n', to);
		render_blanks(to, indent);
		while (at < text.len && text.ptr[at] == ' ')
			at++;
		text = str_sub(text, at, text.len);
		room = (size_t)app->columns - indent;
	}
	render_text_write(app, to, text);
}

/*
 * The cells before the last, each in its column; one that does not fit begins a
 * line of its own. Returns the columns used of the line.
 */
static size_t
stream_front(struct app *app, const struct str *cells, const size_t *widths,
    size_t n, struct buf *safe)
{
	size_t used = 0, owed = 0, all = (size_t)app->columns;
	for (size_t i = 0; i + 1 < n; i++) {
		buf_reset(safe);
		escape_terminal(safe, cells[i]);
		struct str text = buf_str(safe);
		size_t n_columns = utf8_columns(text);
		if (app->columns > 0 && used > 0 &&
		    used + owed + n_columns > all) {
			fputc('\n', app->out);
			used = 0;
			owed = RENDER_GAP;
		}
		render_blanks(app->out, owed);
		render_cell_write(app, text);
		size_t wide = n_columns > widths[i] ? n_columns : widths[i];
		used += owed + n_columns;
		owed = wide - n_columns + RENDER_GAP;
	}
	/* the last one has to have room behind the gap */
	if (app->columns > 0 && used > 0 &&
	    used + owed + RENDER_LAST_MIN > all) {
		fputc('\n', app->out);
		used = 0;
		owed = RENDER_GAP;
	}
	render_blanks(app->out, n > 1 ? owed : 0);
	return n > 1 ? used + owed : 0;
}

void
render_tell(struct app *app, const struct str *cells, size_t n)
{
	struct buf safe = BUF_INIT(4 * (size_t)RENDER_LINE_MAX);
	size_t told = 0;
	for (size_t i = 0; i < n; i++) {
		if (cells[i].len == 0)
			continue;
		buf_add_cstr(&safe, told == 0 ? "" : told == 1 ? ": " : ", ");
		escape_terminal(&safe, cells[i]);
		told++;
	}
	render_text_write(app, app->out, buf_str(&safe));
	fputc('\n', app->out);
	buf_clear(&safe);
}

void
render_stream_row(struct app *app, const struct str *cells,
    const size_t *widths, size_t n, size_t wrap_indent)
{
	struct buf safe = BUF_INIT(4 * (size_t)RENDER_LINE_MAX);
	size_t all = (size_t)app->columns;
	if (app->accessible) {
		render_tell(app, cells, n);
		return;
	}
	size_t used = stream_front(app, cells, widths, n, &safe);
	buf_reset(&safe);
	escape_terminal(&safe, cells[n - 1]);
	struct str last = buf_str(&safe);
	if (app->columns <= 0 || used + RENDER_LAST_MIN > all ||
	    used + utf8_columns(last) <= all)
		render_text_write(app, app->out, last);
	else if (wrap_indent == 0 && all >= RENDER_NARROW)
		stream_cut(app, last, all - used);
	else
		render_wrap(app, app->out, last, all - used,
		    used < wrap_indent || wrap_indent == 0 ? used
							   : wrap_indent);
	fputc('\n', app->out);
	buf_clear(&safe);
}

void
render_line_put(struct app *app, FILE *to, const char *front, struct str raw)
{
	struct buf safe = BUF_INIT(4 * (size_t)RENDER_LINE_MAX);
	buf_add_cstr(&safe, front);
	escape_terminal(&safe, raw);
	buf_add_char(&safe, '\n');
	render_text_write(app, to, buf_str(&safe));
	buf_clear(&safe);
}

static void line_write(struct app *app, FILE *to, const char *front,
    const char *fmt, va_list ap) PRINTF_LIKE(4, 0);

static void
line_write(
    struct app *app, FILE *to, const char *front, const char *fmt, va_list ap)
{
	struct buf raw = BUF_INIT(RENDER_LINE_MAX);
	buf_vaddf(&raw, fmt, ap);
	render_line_put(app, to, front, buf_str(&raw));
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
render_prose(struct app *app, size_t indent, const char *fmt, ...)
{
	struct buf raw = BUF_INIT(RENDER_LINE_MAX);
	struct buf safe = BUF_INIT(4 * (size_t)RENDER_LINE_MAX);
	size_t all = (size_t)app->columns;
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&raw, fmt, ap);
	va_end(ap);
	escape_terminal(&safe, buf_str(&raw));
	if (app->columns > 0 && all >= 2 * indent)
		render_wrap(app, app->out, buf_str(&safe), all, indent);
	else
		render_text_write(app, app->out, buf_str(&safe));
	fputc('\n', app->out);
	buf_clear(&safe);
	buf_clear(&raw);
}

struct str
render_or_dash(struct str s)
{
	return s.len > 0 ? s : STR("-");
}

struct str
render_number(struct app *app, int64_t n)
{
	return str_of(arena_printf(app->arena, "%lld", (long long)n));
}

void
render_raw(struct app *app, struct str bytes)
{
	if (bytes.len > 0) /* an empty view may be NULL */
		fwrite(bytes.ptr, 1, bytes.len, app->out);
}

void
render_fact(struct app *app, size_t width, const char *name, const char *value)
{
	const struct str cells[] = { str_of(name), str_of(value) };
	const size_t widths[] = { width };
	render_stream_row(
	    app, cells, widths, ARRAY_LEN(cells), width + RENDER_GAP);
}

/* Of the terminal, or window of the screen, that notes go to; 0: a file. */
static size_t
note_columns(const struct app *app)
{
	int fd = fileno(app->err);
	bool seen = !app->terminal || (fd >= 0 && isatty(fd) == 1);
	return seen && app->columns > 0 ? (size_t)app->columns : 0;
}

void
render_note(struct app *app, const char *fmt, ...)
{
	struct buf raw = BUF_INIT(RENDER_LINE_MAX);
	struct buf safe = BUF_INIT(4 * (size_t)RENDER_LINE_MAX);
	size_t columns = note_columns(app);
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&raw, fmt, ap);
	va_end(ap);
	escape_terminal(&safe, buf_str(&raw));
	if (columns > 0)
		render_wrap(app, app->err, buf_str(&safe), columns, 0);
	else
		render_text_write(app, app->err, buf_str(&safe));
	fputc('\n', app->err);
	buf_clear(&safe);
	buf_clear(&raw);
}

void
render_note_text(void *ctx, const char *text)
{
	render_note(ctx, "%s", text);
}

void
render_dry_run(struct app *app)
{
	render_note(app, "%s", _("dry run: nothing is changed"));
}
