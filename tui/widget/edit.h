/* A line editor: UTF-8 text, a cursor, the keys of a field. */
#ifndef TUI_WIDGET_EDIT_H
#define TUI_WIDGET_EDIT_H

#include "core/base/buf.h"
#include "core/base/str.h"
#include "tui/input.h"
#include "tui/term.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	EDIT_TEXT_MAX = 8192
};

struct edit {
	struct buf text;
	size_t at;     /* byte of the cursor, on a character's beginning */
	size_t scroll; /* first byte shown */
	bool secret;   /* shown as stars */
};

enum edit_result {
	EDIT_IGNORED, /* not a key of an editor */
	EDIT_MOVED,
	EDIT_CHANGED,
};

void edit_init(struct edit *e, bool secret);
/* Wipes the text. */
void edit_clear(struct edit *e);
/* The cursor goes to the end. */
void edit_set(struct edit *e, struct str text);
enum edit_result edit_key(struct edit *e, const struct input_key *key);
/* Text of ours at the cursor, as it is. */
void edit_insert(struct edit *e, struct str text);
/* Pasted text: line ends and tabs become blanks, other controls are left out.
 */
void edit_paste(struct edit *e, struct str text);
struct str edit_text(const struct edit *e);
/* Draw into 'width' columns, scrolled so that the cursor is seen. */
void edit_draw(struct edit *e, struct terminal *t, int y, int x, size_t width,
    enum term_style style);

#endif
