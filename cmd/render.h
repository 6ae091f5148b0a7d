/*
 * Output of commands: tables for people, JSON for programs, cells escaped in
 * one place. Every result of a command goes through here.
 */
#ifndef CMD_RENDER_H
#define CMD_RENDER_H

#include "cmd/app.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/base/str.h"

#include <stddef.h>
#include <stdint.h>

/* One column of a table. */
struct render_column {
	const char *head; /* "SETTING" (N_()), NULL: no heads at all */
	bool right;       /* aligned to the right */
};

/*
 * A table of rows * columns cells, row by row. Cells are escaped and padded.
 * Off a terminal nothing is cut; on one columns are made to fit, and in a
 * narrow one nothing is cut either: what finds no room stands below, with its
 * head.
 */
void render_table(struct app *app, const struct render_column *columns,
    size_t n_columns, const struct str *cells, size_t n_rows);

/*
 * One row of a table without end: its columns are as wide as given, but for
 * the last, which is cut on a terminal or, with 'wrap_indent', goes on in lines
 * set in so far. Nothing is taken from the arena.
 */
void render_stream_row(struct app *app, const struct str *cells,
    const size_t *widths, size_t n, size_t wrap_indent);

/* One line of text on stdout, escaped, LF added. */
void render_line(struct app *app, const char *fmt, ...) PRINTF_LIKE(2, 3);
/*
 * The same for prose: on a terminal too narrow for it no word is broken, and
 * it goes on 'indent' columns further in.
 */
void render_prose(struct app *app, size_t indent, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
/*
 * "NAME  VALUE", the names 'width' columns wide; on a terminal what is long
 * goes on behind the name.
 */
void render_fact(
    struct app *app, size_t width, const char *name, const char *value);
/* Bytes as they are (decoded logs into pipes). */
void render_raw(struct app *app, struct str bytes);
/* A note on stderr: counts, warnings; no word is broken on a terminal. */
void render_note(struct app *app, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same as what others are given to tell notes to: 'ctx' is the app. */
void render_note_text(void *ctx, const char *text);
/* What a command with --dry-run ends with. */
void render_dry_run(struct app *app);
void render_next(struct app *app, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* "smemail: TEXT" and "next: ..." on stderr; JSON error object with --json. */
void render_error(struct app *app, const struct err *error);

/* For a cell: the text, "-" where there is none. */
struct str render_or_dash(struct str s);
/* For a cell: a number, in the arena. */
struct str render_number(struct app *app, int64_t n);

/* Send on what was printed; false when some of it did not arrive. */
bool render_flush(struct app *app);

/*
 * A JSON document of a view: begins the object with schema ("smemail.get/1"),
 * time and host; the handler adds rows; end prints it. Begin initialises 'buf'
 * and end clears it; a handler that fails between them calls buf_clear.
 */
void render_json_begin(
    struct app *app, struct json *j, struct buf *buf, const char *schema);
void render_json_end(struct app *app, struct json *j, struct buf *buf);

#endif
