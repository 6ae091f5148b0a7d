/*
 * What a search line means: plain text, or a pattern between slashes. A
 * capital letter makes it exact, else letter case does not count.
 */
#ifndef TUI_WIDGET_MATCH_H
#define TUI_WIDGET_MATCH_H

#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	MATCH_TEXT_MAX = 256,
	MATCH_LINE_MAX = 4096, /* of a line, for patterns */
};

struct match {
	char text[MATCH_TEXT_MAX];
	bool pattern; /* /.../ */
	bool exact;
	void *compiled; /* of a pattern that is well formed */
};

void match_init(struct match *m, struct str text);
void match_clear(struct match *m);
bool match_is_empty(const struct match *m);
/*
 * Is it in 'line' at or after 'from'? *at and *len tell where (bytes). An
 * empty text and a pattern that is not well formed match nothing.
 */
bool match_find(const struct match *m, struct str line, size_t from, size_t *at,
    size_t *len);

#endif
