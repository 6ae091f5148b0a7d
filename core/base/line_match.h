/*
 * What a search line means: plain text, or a pattern between slashes. A
 * capital letter makes it exact, else letter case does not count.
 */
#ifndef CORE_BASE_LINE_MATCH_H
#define CORE_BASE_LINE_MATCH_H

#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	LINE_MATCH_TEXT_MAX = 256,
	LINE_MATCH_BYTES_MAX = 4096, /* of a line, for patterns */
};

struct line_match {
	char text[LINE_MATCH_TEXT_MAX];
	bool pattern; /* /.../ */
	bool exact;
	void *compiled; /* of a pattern that is well formed */
};

/* 'text' is copied, cut to what fits; clear frees a pattern. */
void line_match_init(struct line_match *m, struct str text);
void line_match_clear(struct line_match *m);
bool line_match_is_empty(const struct line_match *m);
/*
 * Is it in 'line' at or after 'from'? *at and *len tell where (bytes). An
 * empty text and a pattern that is not well formed match nothing.
 */
bool line_match_find(const struct line_match *m, struct str line, size_t from,
    size_t *at, size_t *len);

#endif
