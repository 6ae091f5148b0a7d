/* Output of commands: tables and lines. */
#include "cmd/render_int.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/base/utf8.h"

#include <stdarg.h>
#include <unistd.h>

enum {
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

/* One escaped cell and its width. */
struct cell {
	struct str text;
	size_t columns;
};

static struct cell
cell_make(struct app *app, struct str raw)
{
	struct buf out = BUF_INIT(RENDER_LINE_MAX);
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
	render_text_write(app, app->out, c.text);
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
	render_text_write(app, app->out, utf8_prefix(text, room));
	fputs(sign, app->out);
}

/* Going on in lines that are set in, broken at blanks; 'room' of the first. */
static void
wrap_write(
    struct app *app, FILE *to, struct str text, size_t room, size_t indent)
{
	/* no more of it is looked at than a line: it may be a megabyte */
	for (struct str head;
	     (head = utf8_prefix(text, room)).len < text.len;) {
		size_t at = head.len;
		while (at > 0 && text.ptr[at] != ' ')
			at--;
		if (at == 0) /* one long word */
			at = head.len;
		size_t end = at;
		while (end > 0 && text.ptr[end - 1] == ' ')
			end--;
		render_text_write(app, to, str_sub(text, 0, end));
		fputc('\n', to);
		blanks(to, indent);
		while (at < text.len && text.ptr[at] == ' ')
			at++;
		text = str_sub(text, at, text.len);
		room = (size_t)app->columns - indent;
	}
	render_text_write(app, to, text);
}

void
render_stream_row(struct app *app, const struct str *cells,
    const size_t *widths, size_t n, size_t wrap_indent)
{
	struct buf safe = BUF_INIT(4 * (size_t)RENDER_LINE_MAX);
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
		render_text_write(app, app->out, last);
	else if (wrap_indent == 0)
		stream_cut(app, last, all - used);
	else
		wrap_write(app, app->out, last, all - used, wrap_indent);
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
	    app, cells, widths, ARRAY_LEN(cells), width + COLUMN_GAP);
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
		wrap_write(app, app->err, buf_str(&safe), columns, 0);
	else
		render_text_write(app, app->err, buf_str(&safe));
	fputc('\n', app->err);
	buf_clear(&safe);
	buf_clear(&raw);
}

void
render_dry_run(struct app *app)
{
	render_note(app, "%s", _("dry run: nothing is changed"));
}
