/* Private to the reader of logs: plans, and where bytes come from. */
#ifndef CORE_MAILLOG_LOGREAD_INT_H
#define CORE_MAILLOG_LOGREAD_INT_H

#include "core/base/buf.h"
#include "core/base/vec.h"
#include "core/maillog/logdir.h"
#include "core/maillog/logread.h"

#include <sys/types.h>

enum logpack {
	LOGPACK_NONE,
	LOGPACK_GZIP,
	LOGPACK_XZ,
	LOGPACK_JOURNAL, /* bytes of journalctl -o export */
};

struct logindex_file;

/* Do the times of [from, to) of a file rise from line to line? */
struct logtimes {
	enum logtimes_order {
		LOGTIMES_UNKNOWN, /* not looked at yet */
		LOGTIMES_UNSURE,  /* too much to look at */
		LOGTIMES_RISE,
		LOGTIMES_STEP, /* the clock went back */
	} order;
	uint64_t from, to;
};

/* What the parts that share an open file share. */
struct logheld {
	size_t parts; /* their number: more than a process can open */
	struct logtimes times;
};

/* A stretch of one file. */
struct logpart {
	int fd; /* open; -1: journalctl is started */
	struct logheld *held;
	enum logpack pack;
	bool was_killed;
	bool has_label; /* its name tells when it ended */
	int64_t label_ns;
	bool is_open_end;  /* nothing of the log follows it */
	bool at_start;     /* from == 0 */
	bool at_end;       /* to is the end of the file */
	uint64_t from, to; /* offsets; packed and streams: to is a guess */
	uint64_t size;     /* of the file when it was opened */
	bool is_dated, has_first; /* the first time was looked for; is known */
	int64_t first_ns;
	const struct logindex_file *known; /* to the plan's index, or NULL */
	uint64_t before;                   /* sizes of the parts before it */
	char name[LOGDIR_NAME_SIZE * 3];
};

struct logplan {
	struct vec parts;             /* struct logpart */
	const struct logindex *index; /* borrowed, or NULL */
	char *shown;
	struct logrange range;
	const struct clock *clock;
	int64_t now_s;
	bool has_oldest;
	int64_t oldest_ns;
	size_t killed;
	uint64_t size;
};

/*
 * Append what the range needs of a part, which is taken over: its file is
 * closed when nothing is needed. *end: nor of those behind it.
 */
MUST_USE bool logplan_add_part(
    struct logplan *p, struct logpart *part, bool is_last, bool *end);
void logplan_drop_parts(struct logplan *p);
/* The file of a part is this part's as well. False: out of memory. */
MUST_USE bool logpart_hold(struct logpart *part);
void logpart_drop(struct logpart *part); /* and not any more */
/* An empty plan for the same range of the same log; NULL with 'e' set. */
struct logplan *logplan_like(const struct logplan *p, struct err *e);
/* Append [from, to) of a part: whole lines of it. */
MUST_USE bool logplan_add_stretch(struct logplan *to,
    const struct logpart *part, uint64_t from, uint64_t end);

/* Bytes of one part, unpacked. */
struct logbytes {
	const struct logpart *part;
	const struct logplan *plan;
	int fd;    /* what is read */
	pid_t pid; /* the program that unpacks, 0: none */
	uint64_t offset;
	struct logjournal *journal;
};

MUST_USE bool logbytes_open(struct logbytes *b, const struct logplan *p,
    const struct logpart *part, uint64_t offset, struct err *e);
/* Up to 'n' bytes; 0 at the end, -1 on failure. */
ssize_t logbytes_read(struct logbytes *b, char *to, size_t n, struct err *e);
void logbytes_close(struct logbytes *b);

enum {
	LOGREAD_FIRST = 16 * 1024, /* read first: who wants few lines reads
				      little; then more and more */
};

struct logread {
	const struct logplan *plan;
	int64_t from, to; /* lines that begin outside are another reader's */
	size_t part;      /* index of the one open */
	bool open;        /* bytes */
	bool done;        /* all parts are read */
	bool ending;      /* only the rest of a line is still wanted */
	struct logbytes bytes;
	char *buffer;
	size_t size;     /* of buffer */
	size_t step;     /* bytes asked for next */
	size_t at, len;  /* of the bytes not given yet; behind them */
	size_t plain;    /* lines that begin before it: see plain_line */
	int64_t end_pos; /* position in the plan of buffer[len] */
	bool in_long;    /* a piece was given, its line goes on */
	bool cut;        /* what is left is a line: its file was cut short */
	bool skip_line;  /* the first bytes are the rest of a line */
	bool dropping;   /* pieces of a line outside */
	bool in_range;   /* the stamped line before was */
	int64_t key_ns;
	struct str needle; /* len 0: every line is wanted */
	bool nocase;
	bool found; /* the needle stands in the line that comes next */
	struct logcount count;
};

/* More bytes behind those in the buffer; false at the end or on failure. */
bool logread_fill(struct logread *r, struct err *e);
/*
 * What follows belongs to the last line with a stamp in [begin, at), whole
 * lines.
 */
void logread_look_back(struct logread *r, const char *begin, const char *at);
/* Open the part that holds position 'from'. */
bool logread_open_at(struct logread *r, uint64_t from, struct err *e);

/* Time of a stamp in 64 bits. */
int64_t logread_key(struct tai64n t);

/*
 * Cut [*from, *to) of a plain file, whole lines, down to the lines of the
 * range, if times rise there (LG-12, LG-13); 'known' is told whether they do.
 * They are left as they are where it is not so, or hardly worth it. Of a very
 * long file only samples are looked at, and what is around the ends.
 */
void logread_bisect(int fd, const struct logrange *range, int64_t now_s,
    struct logtimes *known, uint64_t *from, uint64_t *to);
/* Key of the first stamp in a file; false when its first bytes have none. */
bool logread_first_key(
    const struct logplan *p, const struct logpart *part, int64_t *key_ns);
/* Is the first line of a file one with a stamp, and so no rest (LG-14)? */
bool logread_starts(const struct logplan *p, const struct logpart *part);

/* Entries of "journalctl -o export" as labelled lines. */
struct logjournal;
struct logjournal *logjournal_new(int fd);
void logjournal_free(struct logjournal *j);
ssize_t logjournal_read(struct logjournal *j, char *to, size_t n);

#endif
