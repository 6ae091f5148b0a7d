/* The lines of the journal, shared by its reader and its writer. */
#ifndef CORE_MODEL_JOURNAL_INT_H
#define CORE_MODEL_JOURNAL_INT_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/str.h"
#include "core/model/journal.h"

#include <stdbool.h>

/*
 * Fields are parted by tabs; the first says what the line is:
 *
 *	stored NUMBER TIME WHO SETTING TARGET OLD NEW
 *	applied CHANGE TIME WHO UPTO
 *
 * A value is "=BYTES", "-" (nothing stored) or "*" (a secret). Tab, LF, other
 * control characters and the backslash are written \xNN. Lines with another
 * first word belong to a later version and are skipped.
 */
void journal_line_stored(struct buf *out, const struct journal_entry *entry);
void journal_line_applied(struct buf *out, const struct journal_apply *apply);

/* What a line turned out to be. */
enum journal_line {
	JOURNAL_LINE_STORED,
	JOURNAL_LINE_APPLIED,
	JOURNAL_LINE_OTHER,
	JOURNAL_LINE_BAD,
};

/* Fill the one of the two that fits; texts go to the arena. */
enum journal_line journal_line_parse(struct str line, struct arena *a,
    struct journal_entry *entry, struct journal_apply *apply);

#endif
