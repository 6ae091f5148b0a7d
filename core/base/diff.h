/* The difference of two texts, line by line. */
#ifndef CORE_BASE_DIFF_H
#define CORE_BASE_DIFF_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct diff_count {
	size_t added, removed;
};

/*
 * Append the lines that turn 'before' into 'after', with '-', '+' or (up to
 * 'context' of those around a change) ' ' in front, LF at each end. The
 * fewest changes are found; texts that differ in very many places are shown
 * as one change. False when out of memory or the buffer is full.
 */
MUST_USE bool diff_lines(struct str before, struct str after, size_t context,
    struct buf *out, struct diff_count *count);

/*
 * The same as hunks that patch(1) takes: each with its "@@ -LINE,N +LINE,N @@"
 * and three lines around. A missing LF at the end of a text is not told.
 */
MUST_USE bool diff_hunks(struct str before, struct str after, struct buf *out,
    struct diff_count *count);

#endif
