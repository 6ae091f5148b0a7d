/*
 * Reading logs whatever they are kept in: directories of multilog and svlogd
 * with their old, killed and compressed files, plain files, standard input,
 * the journal. A plan lists what has to be read for a range of time; readers
 * of the plan, or of a share of it in a thread of their own, give lines.
 * Files are read in blocks, never mapped: one cut short must not kill the
 * reader.
 */
#ifndef CORE_MAILLOG_LOGREAD_H
#define CORE_MAILLOG_LOGREAD_H

#include "core/base/clock.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/maillog/stamp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LOGREAD_LINE_MAX = 1 << 20, /* longer lines come in pieces (LG-26) */
};

/* Times from <= t < to, in nanoseconds since 1970. */
struct logrange {
	int64_t from_ns, to_ns;
};
#define LOGRANGE_ALL                                                           \
	{                                                                      \
		INT64_MIN, INT64_MAX                                           \
	}

/* A line, or a piece of one too long. Views are good until the next one. */
struct logline {
	struct str raw;     /* without LF */
	struct stamp stamp; /* STAMP_NONE for a line that has none */
	struct str text;    /* behind the stamp */
	/*
	 * Its time, cut to what 64 bits hold; that of the line before where it
	 * has none, as it belongs to that one (LG-12). INT64_MIN before the
	 * first time.
	 */
	int64_t key_ns;
	bool continued;  /* a piece: goes on where the one before ended */
	bool more;       /* a piece: another one follows */
	bool unfinished; /* the log ends here, without LF (LG-19) */
};

/* The parts of a log to be read. Shared by readers; const once made. */
struct logplan;

enum logplan_kind {
	LOGPLAN_PATH,    /* 'path': a directory, or a file, packed or not */
	LOGPLAN_FD,      /* 'fd', read once, to its end; it stays open */
	LOGPLAN_JOURNAL, /* journalctl of the system, all mail programs */
};

struct logindex;

struct logplan_options {
	enum logplan_kind kind;
	const char *path;  /* real path */
	const char *shown; /* for messages */
	int fd;
	bool rotated; /* with PATH.1, PATH-20260314.gz and so on before it */
	struct logrange range;
	const struct clock *clock;
	/* borrowed, or NULL: knows the times of lines, as far as it has them,
	   so that they need not be looked for */
	const struct logindex *index;
};

/* NULL with 'e' set; e->sys_errno ENOENT: there is no such log. */
struct logplan *logplan_open(const struct logplan_options *o, struct err *e);
void logplan_free(struct logplan *p); /* NULL allowed; after its readers */
/* Can it be read only once: a pipe, the journal? */
bool logplan_is_stream(const struct logplan *p);
/*
 * A plan of the same files for a narrower range; not of a stream. The caller
 * frees both.
 */
struct logplan *logplan_narrow(
    const struct logplan *p, struct logrange range, struct err *e);
/* Bytes that will be read, packed ones as packed; for progress. */
uint64_t logplan_size(const struct logplan *p);
/* Of the whole log, whatever the range: its first time; false if unknown. */
bool logplan_oldest(const struct logplan *p, int64_t *key_ns);
/* Files that a killed writer left (LG-15). */
size_t logplan_killed(const struct logplan *p);
/* One part of it, in the order of reading: a file, or what of it is read. */
struct logfile {
	const char *name; /* "current", "@...s"; as long as the plan */
	uint64_t at;      /* offset in the plan, for logread_open */
	uint64_t bytes;
	bool packed; /* has one reader: it can only be read from its start */
};
/* False past the last. */
bool logplan_file(const struct logplan *p, size_t i, struct logfile *out);
/*
 * Where the last 'lines' lines of the plan begin, or a place before it where
 * that cannot be told at once.
 */
uint64_t logplan_back(const struct logplan *p, uint64_t lines);

struct logread;

/*
 * Lines that begin in [from, to) of the plan; 0 and UINT64_MAX for all. Readers
 * side by side share a plan so: every line has one. Neither bound may be inside
 * a packed file.
 */
struct logread *logread_open(
    const struct logplan *p, uint64_t from, uint64_t to, struct err *e);
void logread_close(struct logread *r); /* NULL allowed */
/*
 * From now on give only lines in which 'needle' stands (borrowed), letter case
 * aside if wished; the rest is passed at the speed of memory and not counted.
 * Pieces of long lines are searched one by one.
 */
void logread_need(struct logread *r, struct str needle, bool nocase);
/*
 * The next line of the range, in the order of the files, never sorted
 * (LG-13). False at the end, and on failure with 'e' set: a file that cannot
 * be read any more. What was given before stays true.
 */
bool logread_next(struct logread *r, struct logline *line, struct err *e);
/* Bytes of the plan behind the reader; for progress. */
uint64_t logread_at(const struct logread *r);

struct logcount {
	uint64_t lines, labelled, unlabelled; /* unlabelled: no stamp (LG-6) */
	uint64_t bytes;
};
/* Of the lines given so far. */
const struct logcount *logread_count(const struct logread *r);

#endif
