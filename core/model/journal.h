/*
 * The journal of changes: an append-only file in the state folder
 * (/var/lib/smemail/journal). Each stored setting is one line; each apply is
 * one line that says up to which entry the stored values came into force.
 * A secret leaves nothing but the fact that it changed.
 *
 * Entries are written before the databases are (so that no stored value is
 * missing here) and ended after them. When a writer was killed in between, the
 * entries are judged by what the databases hold: each reader does so in
 * memory, the next writer writes it down.
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
	size_t same;     /* index of what all of one setting and target share */
};

/* Why an apply was made. */
enum journal_kind {
	JOURNAL_APPLY,
	JOURNAL_UNDO,     /* asked for */
	JOURNAL_ROLLBACK, /* nobody confirmed the change in time */
};

/* One apply. */
struct journal_apply {
	long change; /* 1, 2, 3 ... */
	int64_t time_s;
	const char *who;
	long upto; /* the last entry it brought into force */
	enum journal_kind kind;
	long of; /* the change that was taken back, 0: none */
};

/* The whole journal, oldest first, in the arena of the context. */
struct journal {
	struct journal_entry *entries;
	size_t n_entries;
	struct journal_apply *applies;
	size_t n_applies;
	long last_number;    /* ever given to an entry, 0: none */
	size_t bad_lines;    /* not understood, left out */
	bool unreadable;     /* there is a file, and no line is understood */
	const char *problem; /* what is wrong with it, for people; or NULL */
	/* of the writer that did not end, should there be one */
	size_t open_from, n_open; /* its entries, as they were written */
	const bool *took;         /* which of them were stored */
	const char *guards;
	/* by journal_entry.same: the last entry; room for joining, all zero */
	const struct journal_entry **last;
	size_t *slots;
	const char **settings; /* each id that occurs, once */
	size_t n_settings;
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
/*
 * One entry per setting and target among those after entry 'from', with the
 * value before the first and after the last. Of the change 'applied' (0: not
 * applied yet), or of any with 'applied' -1. Returns the count (arena).
 */
size_t journal_join(const struct journal *j, const struct model_ctx *m,
    long from, int64_t applied, struct journal_entry **out);
/* The change that took this one back, 0: none. */
long journal_taken_back(const struct journal *j, long change);
/* Does this setting wait? 'target' may be NULL. */
bool journal_is_pending(
    const struct journal *j, const char *setting, const char *target);
/* Does it for any target? */
bool journal_any_pending(const struct journal *j, const char *setting);
/* The newest entry of this setting and target, or NULL. */
const struct journal_entry *journal_last(
    const struct journal *j, const char *setting, const char *target);
/* The same of the setting and target of one of its entries; never NULL. */
const struct journal_entry *journal_last_same(
    const struct journal *j, const struct journal_entry *entry);
/* The newest apply, or NULL. */
const struct journal_apply *journal_last_apply(const struct journal *j);
/* That apply, or NULL. */
const struct journal_apply *journal_change(
    const struct journal *j, long change);

/*
 * Adding entries. begin takes the journal's lock (the folder is made when it
 * is missing), so that a journal which cannot be written is known before
 * anything else is changed; it is refused where no line can be understood.
 */
struct journal_writer;
MUST_USE bool journal_begin(
    const struct model_ctx *m, struct journal_writer **out, struct err *e);
/* Number, time and who are filled in; 'applied' is ignored. */
void journal_add(struct journal_writer *w, const struct journal_entry *entry);
/*
 * The database that the entries are about, as it stands before it is written:
 * tells what became of a secret, whose values cannot be compared.
 */
void journal_guard(
    struct journal_writer *w, const char *database, const char *real_path);
/* Append what was added with one fsync. On failure nothing stays. */
MUST_USE bool journal_write(struct journal_writer *w, struct err *e);
/*
 * The databases are written. 'took' tells of each entry added whether it was
 * stored; NULL: all were. Never fails: what cannot be written is found out by
 * the next reader.
 */
void journal_end(struct journal_writer *w, const bool *took);
void journal_close(struct journal_writer *w); /* frees; NULL allowed */

/*
 * Record an apply; its number (given to apply->change), time and who are
 * filled in. Every entry up to apply->upto (the last number that the apply
 * has read) is in force.
 */
MUST_USE bool journal_mark_applied(
    const struct model_ctx *m, struct journal_apply *apply, struct err *e);

#endif
