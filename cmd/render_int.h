/* What the files of rendering share. */
#ifndef CMD_RENDER_INT_H
#define CMD_RENDER_INT_H

#include "cmd/app.h"
#include "cmd/render.h"
#include "core/base/buf.h"
#include "core/base/str.h"

#include <stdio.h>

enum {
	RENDER_LINE_MAX = 1 << 20, /* bytes of a line */
	RENDER_GAP = 2,            /* blanks between columns */
	RENDER_LAST_MIN = 8,       /* a last column is not cut to less */
	/* terminals of less: nothing is cut, texts go on in lines below */
	RENDER_NARROW = 60,
};

/*
 * Text as it is, but for letters outside ASCII where app->ascii; to app->out
 * or app->err. Results come before the words about them where both go to one
 * file.
 */
void render_text_write(struct app *app, FILE *to, struct str s);
/* 'front', the text escaped, LF. */
void render_line_put(
    struct app *app, FILE *to, const char *front, struct str raw);
/* Cells as "first: second, third" for a screen reader; empty ones are not. */
void render_tell(struct app *app, const struct str *cells, size_t n);
void render_blanks(FILE *to, size_t n);
/* A cell, escaped already; words of states have colours. */
void render_cell_write(struct app *app, struct str text);
/*
 * An escaped text in lines that are broken at blanks: 'room' columns for the
 * first, the others set in by 'indent'. No LF at its end.
 */
void render_wrap(
    struct app *app, FILE *to, struct str text, size_t room, size_t indent);

#endif
