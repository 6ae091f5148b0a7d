/* A line editor that is opened on a row of a list, and left again. */
#ifndef TUI_WIDGET_FIELD_H
#define TUI_WIDGET_FIELD_H

#include "core/base/str.h"
#include "tui/input.h"
#include "tui/widget/edit.h"

#include <stdbool.h>

struct field {
	struct edit edit;
	bool open;
};

void field_init(struct field *f);
/* Opened with a text, the cursor behind it. */
void field_open(struct field *f, struct str text);
/* Closed; the text is wiped. Also for one that is closed already. */
void field_close(struct field *f);
struct str field_text(const struct field *f);
/*
 * True when the key was for the field: all are while it is open, but those
 * that suspend or redraw. Esc and Ctrl-C close it. 'entered' tells of Enter,
 * which leaves it open until the caller has taken the text.
 */
bool field_key(struct field *f, const struct input_key *key, bool *entered);
/* False when it is closed. */
bool field_paste(struct field *f, struct str text);

#endif
