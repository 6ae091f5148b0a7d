/*
 * The journal of changes: an append-only file in the state folder
 * (/var/lib/smemail/journal). Each stored setting is one line; each apply is
 * one line that says up to which entry the stored values came into force.
 * A secret leaves nothing but the fact that it changed.
 */
#ifndef CORE_MODEL_JOURNAL_H
#define CORE_MODEL_JOURNAL_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/model/ctx.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOURNAL_DIR  "/var/lib/smemail"
#define JOURNAL_PATH "/var/lib/smemail/journal"

/* One value stored. Texts live in the context's arena; none is NULL. */
struct journal_entry {
	long number;          /* 1, 2, 3 ... without gaps */
	int64_t time_s;       /* Unix time */
	const char *who;      /* login name */
	const char *setting;  /* id */
	const char *target;   /* "" without target */
	bool old_stored;      /* was anything stored before? */
	struct str old_value; /* the bytes stored before, not the default */
	bool new_stored;      /* false: the stored value was removed */
	struct str new_value;
	bool secret;     /* both values are empty here */
	int64_t applied; /* number of the apply, 0 while pending */
};

/* One apply. */
struct journal_apply {
	long change; /* 1, 2, 3 ... */
	int64_t time_s;
	const char *who;
	long upto; /* the last entry it brought into force */
};

/* The whole journal, oldest first, in the arena of the context. */
struct journal {
	struct journal_entry *entries;
	size_t n_entries;
	struct journal_apply *applies;
	size_t n_applies;
	size_t bad_lines; /* not understood, left out (a torn write) */
};

/* A missing file is an empty journal. */
MUST_USE bool journal_read(
    const struct model_ctx *m, struct journal *out, struct err *e);

/*
 * What waits for the next apply: one entry per setting and target, with the
 * value before the first change since the last apply and the newest value;
 * what came back to its old value is left out. In order of first change.
 * Returns the count; the array is in the arena.
 */
size_t journal_pending(const struct journal *j, const struct model_ctx *m,
    struct journal_entry **out);
/* Does this setting wait? 'target' may be NULL. */
bool journal_is_pending(
    const struct journal *j, const char *setting, const char *target);
/* The newest entry of this setting and target, or NULL. */
const struct journal_entry *journal_last(
    const struct journal *j, const char *setting, const char *target);
/* The newest apply, or NULL. */
const struct journal_apply *journal_last_apply(const struct journal *j);
/* The number the next apply will have. */
long journal_next_change(const struct journal *j);

/*
 * Adding entries: begin takes the journal's lock (the folder is made when it
 * is missing), so that a journal which cannot be written is known before
 * anything else is changed; commit appends everything with one fsync.
 */
struct journal_writer;
MUST_USE bool journal_begin(
    const struct model_ctx *m, struct journal_writer **out, struct err *e);
/* Number, time and who are filled in; 'applied' is ignored. */
void journal_add(struct journal_writer *w, const struct journal_entry *entry);
/* *last is the number of the last entry written (NULL allowed). Frees 'w'. */
MUST_USE bool journal_commit(
    struct journal_writer *w, long *last, struct err *e);
void journal_abort(struct journal_writer *w); /* NULL allowed */

/*
 * Record an apply: every entry up to 'upto' (the last number that the apply
 * has read) is in force. *change is the number given to it (NULL allowed).
 */
MUST_USE bool journal_mark_applied(
    const struct model_ctx *m, long upto, long *change, struct err *e);

#endif
