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

#endif
