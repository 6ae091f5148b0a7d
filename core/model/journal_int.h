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
 *	applied CHANGE TIME WHO UPTO [undo|rollback CHANGE]
 *	began GUARDS			the lines that follow are of one write
 *	ended [NUMBER,NUMBER...]	it is over; these were not stored
 *
 * A value is "=BYTES", "-" (nothing stored) or "*" (a secret). Tab, LF, other
 * control characters and the backslash are written \xNN. Lines with another
 * first word belong to a later version and are skipped.
 */
void journal_line_stored(struct buf *out, const struct journal_entry *entry);
void journal_line_applied(struct buf *out, const struct journal_apply *apply);
/* A writer begins; 'guards' as journal_guard_text makes them. */
void journal_line_began(struct buf *out, const char *guards);
/* 'took' of the n entries from 'first' on; NULL: all were stored. */
void journal_line_ended(
    struct buf *out, long first, const bool *took, size_t n);

/* What a line turned out to be. */
enum journal_line {
	JOURNAL_LINE_STORED,
	JOURNAL_LINE_APPLIED,
	JOURNAL_LINE_BEGAN, /* *text: the guards */
	JOURNAL_LINE_ENDED, /* *text: the numbers */
	JOURNAL_LINE_OTHER,
	JOURNAL_LINE_BAD,
};

/* Fill the one of the three that fits; texts go to the arena. */
enum journal_line journal_line_parse(struct str line, struct arena *a,
    struct journal_entry *entry, struct journal_apply *apply, struct str *text);

/* Does the piece of a line look like the beginning of one of ours? */
bool journal_line_is_ours(struct str piece);

/*
 * Which of the open entries were stored, by what the databases hold: took[i]
 * of entry open_from + i.
 */
MUST_USE bool journal_judge(const struct model_ctx *m, const struct journal *j,
    bool *took, struct err *e);
/* Fill in what the entries of one setting and target share. */
MUST_USE bool journal_share(struct journal *j, struct arena *a);
/* Drop those that were not. */
void journal_drop(struct journal *j, size_t from, const bool *took);
/* The guard of one database: "configuration:INODE:SECONDS:NANOSECONDS". */
void journal_guard_text(
    struct buf *out, const char *database, const char *real_path);

#endif
