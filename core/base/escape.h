/*
 * The one place where foreign bytes become safe text. Control characters
 * (C0, DEL, C1), bidirectional overrides and bytes that are not UTF-8 are
 * shown as \xNN, byte by byte; everything else is kept.
 */
#ifndef CORE_BASE_ESCAPE_H
#define CORE_BASE_ESCAPE_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/str.h"

#include <stdbool.h>

/* Append 's' fit for a terminal. LF and tab are escaped too. */
bool escape_terminal(struct buf *out, struct str s);
/*
 * The same into a fixed array, always terminated; false when it had to be
 * cut (never within a character).
 */
bool escape_terminal_into(
    char *dst, size_t size, const char *bytes, size_t len);
/*
 * Append 's' as a JSON string with its quotes: valid UTF-8 kept, controls as
 * \u00NN, and each byte that is not UTF-8 as the text \xNN (backslash
 * doubled), so that the output is always valid JSON.
 */
bool escape_json(struct buf *out, struct str s);
/*
 * Append 's' as text of an HTML page, in an element or a quoted attribute:
 * what escape_terminal would show, with & < > " ' as references.
 */
bool escape_html(struct buf *out, struct str s);
/*
 * Append 's' as one shell word: bare when it needs no quotes, else in single
 * quotes. For commands shown to be pasted, never for running one.
 */
bool escape_shell(struct buf *out, struct str s);
/* The same in the arena; never NULL but without memory. */
const char *escape_shell_word(struct arena *a, struct str s);

#endif
